package org.kapacitorudf.state;

/**
 * All groups of a state, linked in an order: that in which they were made, or used. To list them takes no time, however many there are.
 *
 * <p>Threading: the handler's calls only.
 */
final class Ring<T> {
    /** Before the first and after the last. */
    private final Group<T> end = new Group<>("", null, 0);

    Ring() {
        end.before = end;
        end.after = end;
    }

    /** The first group; null if there is none. */
    Group<T> first() {
        return after(end);
    }

    /** The last group; null if there is none. */
    Group<T> last() {
        return before(end);
    }

    /** The group after this one; null if it is the last. */
    Group<T> after(Group<T> group) {
        return group.after == end ? null : group.after;
    }

    /** The group before this one; null if it is the first. */
    Group<T> before(Group<T> group) {
        return group.before == end ? null : group.before;
    }

    void addLast(Group<T> group) {
        group.before = end.before;
        group.after = end;
        end.before.after = group;
        end.before = group;
    }

    void remove(Group<T> group) {
        group.before.after = group.after;
        group.after.before = group.before;
    }
}
