package org.kapacitorudf;

import java.util.function.BiConsumer;

/**
 * One value for each group. Kapacitor never tells that a group is gone: values stay until they are removed.
 *
 * <p>Threading: the handler's calls only.
 */
public interface GroupState<T> {
    /** The group's value, made on first use. */
    T of(String group);

    /** Replaces the group's value: for values that are immutable. */
    void put(String group, T value);

    /** Forgets the group. */
    void remove(String group);

    /** How many groups there are. */
    int size();

    /** Visits every group, in no particular order. */
    void forEach(BiConsumer<? super String, ? super T> visitor);
}
