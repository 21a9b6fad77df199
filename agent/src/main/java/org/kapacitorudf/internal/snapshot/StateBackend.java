package org.kapacitorudf.internal.snapshot;

/**
 * Stores the values of a handler's states outside the heap, one by one. The host provides the backend.
 *
 * <p>A value is identified by the name of its state and by its group, which is empty for a state with one value.
 * {@link BackendValue} documents the bytes.
 *
 * <p>Threading: called by the thread that makes the handler's calls.
 *
 * <p>Errors: any exception ends the task.
 */
public interface StateBackend {
    /** Reads all values, in any order. */
    void readAll(ValueTaker taker);

    /** Stores a value, and replaces an existing one. The backend owns the array. */
    void put(String state, String group, byte[] value);

    /** Removes a value, if it exists. */
    void remove(String state, String group);

    /** Receives values one at a time. */
    interface ValueTaker {
        void take(String state, String group, byte[] value);
    }
}
