package org.kapacitorudf.functions.panes;

/**
 * The state of one series in a {@link SlidingWindow}: where the window is, and what the last point was. What a pane
 * holds is in the subclass, one slot for each pane.
 *
 * <p>Threading: one thread at a time. The fields are the state in the snapshot.
 */
public abstract class PaneSeries {
    static final long NONE = Long.MIN_VALUE;

    /** The number of the newest pane, counted from the epoch. */
    long newest = NONE;

    long time;
    long value;
    int source;
    byte late;

    /** The newest pane is over: its slot may take less memory from now on. */
    public abstract void close(int slot);

    /** The pane in this slot is no longer in the window: the slot becomes empty. */
    public abstract void forget(int slot);
}
