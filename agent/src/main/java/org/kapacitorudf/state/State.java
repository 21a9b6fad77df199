package org.kapacitorudf.state;

/**
 * One value of a handler, part of its snapshot.
 *
 * <p>Threading: the handler's calls only.
 */
public interface State<T> {
    /** The value, made on first use. It may be changed until the call ends: ask again in the next one. */
    T get();

    /** Replaces the value: for values that are immutable. */
    void set(T value);
}
