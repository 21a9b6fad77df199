package org.kapacitorudf.functions.series;

/**
 * Base class of the state of one series: the time and the value of its last point.
 *
 * <p>A series advances in time. A point before the last one is late and is not learnt. After {@link #MOST_LATE}
 * consecutive late points the next one is accepted regardless of its time: the clock of the source was set back, or one
 * point had a time far in the future.
 *
 * <p>Threading: one thread at a time. The fields are saved in the snapshot.
 */
public abstract class Series {
    /** The maximum number of consecutive late points; the one after them is accepted. */
    public static final int MOST_LATE = 20;

    private long time = Long.MIN_VALUE;
    private double value;
    private byte late;

    /**
     * Returns the position of a point relative to the previous points, and counts late points. Call this method once
     * for each point.
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

    /** Records that a point with {@link Order#NEXT} has been learnt; it becomes the last point. */
    public final void moveTo(long time, double value) {
        this.time = time;
        this.value = value;
    }

    /** Whether no point has been learnt yet. */
    public final boolean isNew() {
        return time == Long.MIN_VALUE;
    }

    /**
     * The time of the last point in nanoseconds since the epoch. Undefined while the series {@linkplain #isNew is new}.
     */
    public final long lastTime() {
        return time;
    }

    /** The value of the last point. Undefined while the series {@linkplain #isNew is new}. */
    public final double lastValue() {
        return value;
    }

    /**
     * The time from the last point to this one in nanoseconds: at least 0, even if the clock was set back; 0 while the
     * series is new.
     */
    public final long elapsedNanos(long time) {
        if (isNew() || time <= this.time) {
            return 0;
        }
        long elapsed = time - this.time;
        return elapsed < 0 ? Long.MAX_VALUE : elapsed;
    }
}
