package org.kapacitorudf;

/**
 * A call that is to come: set by {@link Context#after}, {@link Context#every} or {@link Context#at}.
 *
 * <p>Threading: the handler's calls and {@link Udf#create} only; for any other thread an {@link IllegalStateException}.
 */
public interface Timer {
    /** Sees that the call does not come, or not again. Does no harm at any time: within the call itself, after it, twice. */
    void cancel();

    /** Whether the call is still to come; of a timer that repeats: whether it goes on. */
    boolean isPending();
}
