package org.kapacitorudf;

/**
 * A pending call that was set by {@link Context#after}, {@link Context#every} or {@link Context#at}.
 *
 * <p>Threading: the handler's calls and {@link Udf#create} only; other threads get an {@link IllegalStateException}.
 */
public interface Timer {
    /**
     * Cancels the call, or all further calls of a repeating timer. May be called at any time and more than once, also
     * within the call itself.
     */
    void cancel();

    /** Whether a call is still to come. */
    boolean isPending();
}
