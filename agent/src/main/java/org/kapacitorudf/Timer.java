package org.kapacitorudf;

/**
 * A pending call that was set by {@link Context#after}, {@link Context#every} or {@link Context#at}.
 *
 * <p>Threading: for use only in {@link Udf#create} and in the handler's calls; other threads get an
 * {@link IllegalStateException}.
 */
public interface Timer {
    /**
     * Cancels the call, or all further calls of a repeating timer. May be called more than once, and also while the
     * call runs.
     */
    void cancel();

    /** Whether a call is still to come. */
    boolean isPending();
}
