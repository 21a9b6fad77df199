package org.kapacitorudf.functions.series;

/**
 * The state of one series: when its last point was, and what its value was. The state of a function extends it.
 *
 * <p>A series goes forward in time. A point before the last one is late and is not learnt. After {@link #MOST_LATE} late points in a row the next one is taken as
 * the next point of the series, whatever its time: the clock of the source was set back, or one point had a time far in the future.
 *
 * <p>Threading: one thread at a time. The fields are the state in the snapshot.
 */
public abstract class Series {
    /** How many late points in a row are late; the one after them is the next point. */
    public static final int MOST_LATE = 20;

    private long time = Long.MIN_VALUE;
    private double value;
    private byte late;

    /**
     * Tells how a point stands to those before it, and counts late ones. Call it once for each point.
     *
     * @param time in nanoseconds since the epoch
     */
    public final Order order(long time, double value) {
        if (time < this.time && late < MOST_LATE) {
            late++;
            return Order.LATE;
        }
        late = 0;
        return time == this.time && Double.compare(value, this.value) == 0 ? Order.DUPLICATE : Order.NEXT;
    }

    /** A point with {@link Order#NEXT} has been learnt: it is the last one from now on. */
    public final void moveTo(long time, double value) {
        this.time = time;
        this.value = value;
    }

    /** Whether no point has been learnt yet. */
    public final boolean isNew() {
        return time == Long.MIN_VALUE;
    }

    /** The time of the last point in nanoseconds since the epoch. Without meaning while the series {@linkplain #isNew is new}. */
    public final long lastTime() {
        return time;
    }

    /** The value of the last point. Without meaning while the series {@linkplain #isNew is new}. */
    public final double lastValue() {
        return value;
    }

    /**
     * The time from the last point to this one in nanoseconds: at least 0, also after the clock was set back, and 0 while the series is new.
     */
    public final long elapsedNanos(long time) {
        if (isNew() || time <= this.time) {
            return 0;
        }
        long elapsed = time - this.time;
        return elapsed < 0 ? Long.MAX_VALUE : elapsed;
    }
}
