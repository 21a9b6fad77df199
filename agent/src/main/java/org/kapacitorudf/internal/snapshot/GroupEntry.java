package org.kapacitorudf.internal.snapshot;

import org.jspecify.annotations.Nullable;

/** A group and its value, an element of a {@link GroupRing}. Threading: for use only within the handler's calls. */
class GroupEntry<T> {
    final String name;
    T value;

    /**
     * The number of the last snapshot into which the group need not be written, because it has already been written, or
     * was created after the snapshot began.
     */
    int writtenIn;

    @Nullable
    GroupEntry<T> before; // null for the first

    @Nullable
    GroupEntry<T> after; // null for the last

    GroupEntry(String name, T value, int writtenIn) {
        this.name = name;
        this.value = value;
        this.writtenIn = writtenIn;
    }

    /** A group with its last use. */
    static final class Used<T> extends GroupEntry<T> {
        /** The time or the number of the last use, by the state's {@link UseClock}. */
        long lastUse;

        Used(String name, T value, int writtenIn, long lastUse) {
            super(name, value, writtenIn);
            this.lastUse = lastUse;
        }
    }
}
