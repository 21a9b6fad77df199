package org.kapacitorudf.state;

/**
 * A state with one value for the whole handler. The value is saved in the snapshot.
 *
 * <p>Threading: for use only within the handler's calls.
 */
public interface State<T> {
    /**
     * Returns the value, which is created on first use. The value may be changed until the handler's call ends. Ask for
     * it again in the next call.
     */
    T get();

    /** Replaces the value. Use this for immutable values. */
    void set(T value);
}
