package org.kapacitorudf.functions.panes;

/**
 * Base class of the state of one series in a {@link SlidingWindow}: the position of the window, and the last point. The
 * subclass holds the panes, one slot for each.
 *
 * <p>Threading: one thread at a time. The fields are saved in the snapshot.
 */
public abstract class PaneSeries {
    static final long NONE = Long.MIN_VALUE;

    /** The number of the newest pane, counted from the epoch. */
    long newest = NONE;

    long time;
    long value;
    int source;
    byte late;

    /** Called when the newest pane is complete: its slot may now release unused memory. */
    public abstract void close(int slot);

    /** Clears the slot of a pane that has left the window. */
    public abstract void forget(int slot);
}
