package org.kapacitorudf.internal.snapshot;

/** Is told what happens to the groups of a state: a snapshot that is being made, or a backend. Threading: the handler's calls only. */
interface GroupWatcher<T> {
    /** A group whose number is not that of the state's snapshots may be changed, or is removed. */
    void touched(GroupEntry<T> group);

    /** A group is about to lose its place among the others. */
    void unlinked(GroupEntry<T> group);

    /** Called when a group has been added. */
    void made(GroupEntry<T> group);
}
