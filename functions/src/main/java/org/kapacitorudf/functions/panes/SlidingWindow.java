package org.kapacitorudf.functions.panes;

/**
 * A sliding window divided into panes of equal length. It moves by one pane at a time, so one sketch per pane is
 * enough; a result merges the sketches of all panes.
 *
 * <pre>
 *   pane     | 0 | 1 | 2 | 3 | 4 | 5 |      whole multiples of paneNanos since the epoch
 *   window       |-----------|              3 panes; its result is given at the first point in pane 4 or later
 *   then             |-----------|
 * </pre>
 *
 * <p>Points may arrive in any order while their pane is in the window. A point before the window is late. After
 * {@value #MOST_LATE} consecutive late points the window starts again at the next one: the clock of the source was set
 * back, or one point had a time far in the future.
 *
 * <p>A point is a duplicate if the last point had the same time, value and source.
 *
 * <p>Threading: safe for use by any thread, but by one at a time for each series.
 */
public final class SlidingWindow {
    /** The result of {@link #slotOf} for a point before the window. */
    public static final int LATE = -1;

    /** The result of {@link #slotOf} if the last point is repeated. */
    public static final int DUPLICATE = -2;

    /** The maximum number of consecutive late points; the next one restarts the window. */
    public static final int MOST_LATE = 20;

    private static final long SHORTEST_NANOS = 1_000_000;

    private final long paneNanos;
    private final int panes;

    /** Called when the newest pane of a series is complete, before the window moves. */
    public interface Closing {
        /** @param endNanos the exclusive end of the pane and of the window, in nanoseconds since the epoch */
        void closed(long endNanos);
    }

    /** @param paneNanos at least a millisecond */
    public SlidingWindow(long paneNanos, int panes) {
        if (paneNanos < SHORTEST_NANOS) {
            throw new IllegalArgumentException("paneNanos: " + paneNanos + " (expected: >= " + SHORTEST_NANOS + ")");
        }
        if (panes < 1) {
            throw new IllegalArgumentException("panes: " + panes + " (expected: >= 1)");
        }
        this.paneNanos = paneNanos;
        this.panes = panes;
    }

    /** The number of slots of a series. */
    public int panes() {
        return panes;
    }

    /**
     * Finds the slot of a point, and moves the window forward if necessary.
     *
     * @param time in nanoseconds since the epoch
     * @param value the value of the point, or a hash of it
     * @param source a hash of the tags, to distinguish points with the same time and value
     * @param closing called if this point completes the newest pane
     * @return the slot for the point, or {@link #LATE} or {@link #DUPLICATE} if it must not be added
     */
    public int slotOf(PaneSeries series, long time, long value, int source, Closing closing) {
        long pane = Math.floorDiv(time, paneNanos);
        if (series.newest == PaneSeries.NONE) {
            series.newest = pane;
        } else if (time == series.time && value == series.value && source == series.source) {
            return DUPLICATE;
        } else if (pane > series.newest) {
            closing.closed(endOf(series.newest));
            series.close(slot(series.newest));
            moveTo(series, pane);
        } else if (pane <= series.newest - panes) {
            if (series.late < MOST_LATE) {
                series.late++;
                return LATE;
            }
            forgetAll(series);
            series.newest = pane;
        }
        series.late = 0;
        series.time = time;
        series.value = value;
        series.source = source;
        return slot(pane);
    }

    private void moveTo(PaneSeries series, long pane) {
        if (pane - series.newest >= panes) {
            forgetAll(series);
        } else {
            for (long passed = series.newest + 1; passed <= pane; passed++) {
                series.forget(slot(passed));
            }
        }
        series.newest = pane;
    }

    private void forgetAll(PaneSeries series) {
        for (int slot = 0; slot < panes; slot++) {
            series.forget(slot);
        }
    }

    private int slot(long pane) {
        return (int) Math.floorMod(pane, (long) panes);
    }

    /**
     * The start of the window in nanoseconds since the epoch; not before the earliest possible time. The series must
     * have points.
     */
    public long startOf(PaneSeries series) {
        long first = series.newest - panes + 1;
        return first < Math.floorDiv(Long.MIN_VALUE, paneNanos) + 1 ? Long.MIN_VALUE : first * paneNanos;
    }

    /** The end of a pane; not after the latest possible time. */
    private long endOf(long pane) {
        long end = (pane + 1) * paneNanos;
        return pane >= 0 && end < 0 ? Long.MAX_VALUE : end;
    }
}
