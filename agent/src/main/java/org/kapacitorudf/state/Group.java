package org.kapacitorudf.state;

/** A group and its value, one of a {@link Ring}. Threading: the handler's calls only. */
class Group<T> {
    final String name;
    T value;

    /** The number of the last snapshot that does not need the group any more: it has been written, or was made later. */
    int writtenIn;

    Group<T> before;
    Group<T> after;

    Group(String name, T value, int writtenIn) {
        this.name = name;
        this.value = value;
        this.writtenIn = writtenIn;
    }

    /** A group that knows when it was used last. */
    static final class Used<T> extends Group<T> {
        /** By the state's {@link UseClock}. */
        long lastUse;

        Used(String name, T value, int writtenIn, long lastUse) {
            super(name, value, writtenIn);
            this.lastUse = lastUse;
        }
    }
}
