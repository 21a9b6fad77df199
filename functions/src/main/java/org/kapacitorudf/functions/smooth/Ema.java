package org.kapacitorudf.functions.smooth;

import org.kapacitorudf.functions.series.Order;
import org.kapacitorudf.functions.series.Series;

/**
 * The exponential moving average of a series with irregular times (Eckner, "Algorithms for unevenly spaced time
 * series", the variant in which the next value applies between two points): the weight of a value that is {@code tau}
 * old is 1/e.
 *
 * <p>Threading: one thread at a time. The fields are saved in the snapshot.
 */
public final class Ema extends Series {
    /** The size, in bytes, of a series in an uncompressed snapshot. */
    public static final long SNAPSHOT_BYTES = 80;

    private double average;

    /**
     * Adds a point. Late points and duplicates change nothing.
     *
     * @param time in nanoseconds since the epoch
     * @param tauNanos greater than 0
     * @return the new average
     */
    public double add(long time, double value, double tauNanos) {
        if (order(time, value) == Order.NEXT) {
            if (isNew()) {
                average = value;
            } else {
                double old = Math.exp(-elapsedNanos(time) / tauNanos);
                average = old * average + (1 - old) * value;
            }
            moveTo(time, value);
        }
        return average;
    }
}
