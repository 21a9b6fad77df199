package org.kapacitorudf.internal.snapshot;

/**
 * All groups of a state as a linked list, in the order of creation or use. Listing them needs no copy.
 *
 * <p>Threading: the handler's calls only.
 */
final class GroupRing<T> {
    /** Before the first and after the last. */
    private final GroupEntry<T> end = new GroupEntry<>("", null, 0);

    GroupRing() {
        end.before = end;
        end.after = end;
    }

    /** The first group; null if there is none. */
    GroupEntry<T> first() {
        return after(end);
    }

    /** The last group; null if there is none. */
    GroupEntry<T> last() {
        return before(end);
    }

    /** The group after this one; null if it is the last. */
    GroupEntry<T> after(GroupEntry<T> group) {
        return group.after == end ? null : group.after;
    }

    /** The group before this one; null if it is the first. */
    GroupEntry<T> before(GroupEntry<T> group) {
        return group.before == end ? null : group.before;
    }

    void addLast(GroupEntry<T> group) {
        group.before = end.before;
        group.after = end;
        end.before.after = group;
        end.before = group;
    }

    void remove(GroupEntry<T> group) {
        group.before.after = group.after;
        group.after.before = group.before;
    }
}
