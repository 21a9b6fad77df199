package org.kapacitorudf.state;

/**
 * A value of a handler that is saved in the snapshot.
 *
 * <p>Threading: the handler's calls only.
 */
public interface State<T> {
    /**
     * The value, created on first use. It may be changed until the call ends. Call this method again in the next call.
     */
    T get();

    /** Replaces the value. Use this for immutable values. */
    void set(T value);
}
