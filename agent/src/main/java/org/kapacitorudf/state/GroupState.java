package org.kapacitorudf.state;

import java.util.Optional;
import java.util.function.BiConsumer;
import org.kapacitorudf.OnExpire;

/**
 * A state with one value for each group. Kapacitor does not report when a group ceases to exist, so values stay until
 * they are removed explicitly or by an {@link Expiry}.
 *
 * <p>Snapshots are taken while the handler keeps running. Ask for a value in each call that changes it, and do not keep
 * the value in a field: {@code of}, {@code find}, {@code put} and {@code forEach} make sure that a snapshot in progress
 * contains the value from before the change.
 *
 * <p>Threading: for use only within the handler's calls.
 */
public interface GroupState<T> {
    /**
     * Returns the group's value, which is created on first use. The value may be changed until the call to the handler
     * returns.
     */
    T of(String group);

    /**
     * Returns the group's value, if there is one. The value may be changed until the call to the handler returns. This
     * method does not create a value, and is not counted as a use by an {@link Expiry}. A timer can call it to check
     * whether the group still exists.
     */
    Optional<T> find(String group);

    /** Replaces the group's value. Use this for immutable values. */
    void put(String group, T value);

    /** Removes the group. {@link OnExpire} is not called, because the group has not expired. */
    void remove(String group);

    /** The number of groups. */
    int size();

    /**
     * Visits every group, in no particular order. A visit does not count as a use. The visitor may change values, but
     * must not add or remove groups.
     */
    void forEach(BiConsumer<? super String, ? super T> visitor);
}
