package org.kapacitorudf.state;

import java.util.Optional;
import java.util.function.BiConsumer;
import org.kapacitorudf.OnExpire;

/**
 * One value for each group. Kapacitor never tells that a group is gone: values stay until they are removed, or as long as an {@link Expiry} lets them.
 *
 * <p>A snapshot is made while the handler goes on. So ask for a value in each call that changes it, rather than keeping it in a field: {@code of} and {@code put}
 * see that the snapshot gets it as it was.
 *
 * <p>Threading: the handler's calls only.
 */
public interface GroupState<T> {
    /** The group's value, made on first use. It may be changed until the call ends. */
    T of(String group);

    /**
     * The group's value, if it has one; it may be changed until the call ends. This does not count as a use for an {@link Expiry}, and makes no value: for a timer
     * that looks whether the group is still there.
     */
    Optional<T> find(String group);

    /** Replaces the group's value: for values that are immutable. */
    void put(String group, T value);

    /** Forgets the group. Nobody is told: an {@link OnExpire} is for what goes by itself. */
    void remove(String group);

    /** How many groups there are. */
    int size();

    /** Visits every group, in no particular order; that is no use of it. The values may be changed, groups not added or removed. */
    void forEach(BiConsumer<? super String, ? super T> visitor);
}
