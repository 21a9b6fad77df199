package org.kapacitorudf;

/**
 * Counts something of a function's own: see {@link Context#counter}.
 *
 * <p>Threading: safe for any thread.
 */
public interface Counter {
    /** Adds one. */
    default void increment() {
        add(1);
    }

    /**
     * Adds some.
     *
     * @throws IllegalArgumentException for a negative count
     */
    void add(long count);
}
