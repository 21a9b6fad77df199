package org.kapacitorudf.state;

import java.util.Optional;
import java.util.function.BiConsumer;
import org.kapacitorudf.OnExpire;

/**
 * A value for each group. Kapacitor does not report when a group ceases to exist, so values stay until they are removed
 * explicitly or by an {@link Expiry}.
 *
 * <p>Snapshots are taken while the handler keeps running. Ask for a value in each call that changes it and do not keep
 * it in a field: {@code of} and {@code put} make sure that a snapshot in progress gets the value from before the
 * change.
 *
 * <p>Threading: the handler's calls only.
 */
public interface GroupState<T> {
    /** The group's value, created on first use. It may be changed until the call ends. */
    T of(String group);

    /**
     * The group's value, if there is one. It may be changed until the call ends. This method does not create a value
     * and does not count as use for an {@link Expiry}; a timer can use it to check whether the group still exists.
     */
    Optional<T> find(String group);

    /** Replaces the group's value. Use this for immutable values. */
    void put(String group, T value);

    /** Removes the group. {@link OnExpire} is not called; it is for expired groups only. */
    void remove(String group);

    /** The number of groups. */
    int size();

    /**
     * Visits every group, in no particular order. This does not count as use. Values may be changed, but groups must
     * not be added or removed.
     */
    void forEach(BiConsumer<? super String, ? super T> visitor);
}
