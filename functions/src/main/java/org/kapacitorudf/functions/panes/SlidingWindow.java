package org.kapacitorudf.functions.panes;

/**
 * A sliding window that is cut into panes of equal length. It moves by one pane at a time: a sketch for each pane is
 * enough, and the sketches of all panes are merged for a result.
 *
 * <pre>
 *   pane     | 0 | 1 | 2 | 3 | 4 | 5 |      whole multiples of paneNanos since the epoch
 *   window       |-----------|              3 panes; its result is given at the first point in pane 4 or after it
 *   then             |-----------|
 * </pre>
 *
 * <p>A point may come in any order while its pane is in the window. A point before the window is late. After
 * {@value #MOST_LATE} late points in a row the window begins again at the next one: the clock of the source was set
 * back, or one point had a time far in the future.
 *
 * <p>A point is a duplicate if the last one had the same time, value and source.
 *
 * <p>Threading: any thread; a series is used by one at a time.
 */
public final class SlidingWindow {
    /** {@link #slotOf} gives it for a point before the window. */
    public static final int LATE = -1;

    /** {@link #slotOf} gives it for the last point again. */
    public static final int DUPLICATE = -2;

    /** How many late points in a row are late; the one after them begins the window again. */
    public static final int MOST_LATE = 20;

    private static final long SHORTEST_NANOS = 1_000_000;

    private final long paneNanos;
    private final int panes;

    /** Is told when the newest pane of a series is over, before the window moves. */
    public interface Closing {
        /** @param endNanos the end of the pane and of the window, in nanoseconds since the epoch; not part of either */
        void closed(long endNanos);
    }

    /**
     * A window of this many panes.
     *
     * @param paneNanos at least a millisecond
     */
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

    /** How many slots a series has. */
    public int panes() {
        return panes;
    }

    /**
     * Finds the slot of a point, and moves the window there.
     *
     * @param time in nanoseconds since the epoch
     * @param value of the point, or a hash of it
     * @param source tells points of different origin apart that have the same time and value: a hash of their tags
     * @param closing is called if the newest pane is over with this point
     * @return the slot to which the point is to be added; or {@link #LATE} or {@link #DUPLICATE}: it is not to be added
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
     * The start of the window of a series that has had a point, in nanoseconds since the epoch; the first time there is
     * if it is before that.
     */
    public long startOf(PaneSeries series) {
        long first = series.newest - panes + 1;
        return first < Math.floorDiv(Long.MIN_VALUE, paneNanos) + 1 ? Long.MIN_VALUE : first * paneNanos;
    }

    /** The end of a pane, or the last time there is if that is before it. */
    private long endOf(long pane) {
        long end = (pane + 1) * paneNanos;
        return pane >= 0 && end < 0 ? Long.MAX_VALUE : end;
    }
}
