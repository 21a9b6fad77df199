package org.kapacitorudf;

/**
 * A counter defined by a function; see {@link Context#counter}.
 *
 * <p>Threading: safe for use by any thread.
 */
public interface Counter {
    /** Adds 1. */
    default void increment() {
        add(1);
    }

    /**
     * Adds {@code count}.
     *
     * @throws IllegalArgumentException if {@code count} is negative
     */
    void add(long count);
}
