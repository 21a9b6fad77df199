package org.kapacitorudf.internal.snapshot;

/**
 * Receives the changes of a state's groups, on behalf of a snapshot in progress or a backend. Threading: for use only
 * within the handler's calls.
 */
interface GroupWatcher<T> {
    /**
     * Called before a group that has not been written yet is accessed or removed, because its value may then change.
     */
    void touched(GroupEntry<T> group);

    /** Called when a group is about to be moved or removed. */
    void unlinked(GroupEntry<T> group);

    /** Called when a group has been added. */
    void made(GroupEntry<T> group);
}
