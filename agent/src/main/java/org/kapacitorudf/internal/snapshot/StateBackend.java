package org.kapacitorudf.internal.snapshot;

/**
 * Keeps the values of a handler's states beside the heap, one by one: a store of the host.
 *
 * <p>A value is known by the name of its state and by its group, which is empty for a state with one value. What the bytes
 * are is said at {@link BackendValue}.
 *
 * <p>Threading: among the handler's calls.
 *
 * <p>Errors: whatever a method throws ends the task.
 */
public interface StateBackend {
    /** Gives all values, in any order. */
    void readAll(ValueTaker taker);

    /** Keeps a value, in the place of the one that is there. The array is the backend's from now on. */
    void put(String state, String group, byte[] value);

    /** Forgets a value. It may not be there. */
    void remove(String state, String group);

    /** Takes values one by one. */
    interface ValueTaker {
        void take(String state, String group, byte[] value);
    }
}
