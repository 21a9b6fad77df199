package org.kapacitorudf.internal.snapshot;

import org.jspecify.annotations.Nullable;

/**
 * All groups of a state, in the order of creation or use. A doubly linked list, so that groups can be listed without a
 * copy.
 *
 * <p>Threading: for use only within the handler's calls.
 */
final class GroupRing<T> {
    private @Nullable GroupEntry<T> first;
    private @Nullable GroupEntry<T> last;

    /** The first group; null if there is none. */
    @Nullable
    GroupEntry<T> first() {
        return first;
    }

    /** The last group; null if there is none. */
    @Nullable
    GroupEntry<T> last() {
        return last;
    }

    /** The group after the given one; null if the given group is the last. */
    @Nullable
    GroupEntry<T> after(GroupEntry<T> group) {
        return group.after;
    }

    /** The group before the given one; null if the given group is the first. */
    @Nullable
    GroupEntry<T> before(GroupEntry<T> group) {
        return group.before;
    }

    void addLast(GroupEntry<T> group) {
        GroupEntry<T> before = last;
        group.before = before;
        group.after = null;
        if (before == null) {
            first = group;
        } else {
            before.after = group;
        }
        last = group;
    }

    void remove(GroupEntry<T> group) {
        GroupEntry<T> before = group.before;
        GroupEntry<T> after = group.after;
        if (before == null) {
            first = after;
        } else {
            before.after = after;
        }
        if (after == null) {
            last = before;
        } else {
            after.before = before;
        }
    }
}
