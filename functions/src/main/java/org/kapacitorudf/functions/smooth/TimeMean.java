package org.kapacitorudf.functions.smooth;

import org.kapacitorudf.functions.series.Order;
import org.kapacitorudf.functions.series.Series;

/**
 * The mean of the most recent points of a series, weighted by time: the area below the line through the points,
 * divided by the time from the first to the last (the trapezoidal rule; Eckner, "Algorithms for unevenly spaced time
 * series", the linear variant).
 *
 * <p>Late points and duplicates change nothing. The mean is computed from all points each time, so a large value
 * leaves no trace after it has left the window.
 *
 * <p>Threading: one thread at a time. The fields are saved in the snapshot.
 */
public final class TimeMean extends Series {
    /** Ring buffers: {@code next} is the position of the next point. */
    private double[] values = {};

    private long[] times = {};
    private short next;
    private short count;

    /** Returns the size, in bytes, of a series in an uncompressed snapshot. */
    public static long snapshotBytes(int size) {
        return 90 + 18L * size;
    }

    /**
     * Adds a point.
     *
     * @param time in nanoseconds since the epoch
     * @param size the number of points; if it changes, or after the clock was set back, the window starts again
     * @return the mean, or the last value if no time has passed between the points
     */
    public double add(long time, double value, int size) {
        if (order(time, value) == Order.NEXT) {
            if (values.length != size) {
                values = new double[size];
                times = new long[size];
                next = 0;
                count = 0;
            } else if (time < lastTime()) {
                count = 0;
            }
            values[next] = value;
            times[next] = time;
            next = (short) ((next + 1) % size);
            count = (short) Math.min(count + 1, size);
            moveTo(time, value);
        }
        return mean();
    }

    private double mean() {
        int size = values.length;
        double area = 0;
        double elapsed = 0;
        int before = (next - count + size) % size;
        for (int i = 1; i < count; i++) {
            int at = before + 1 == size ? 0 : before + 1;
            double width = nanos(times[before], times[at]);
            area += width * (values[before] + values[at]) / 2;
            elapsed += width;
            before = at;
        }
        return elapsed > 0 ? area / elapsed : lastValue();
    }

    private static double nanos(long from, long to) {
        return to - from < 0 ? Long.MAX_VALUE : to - from;
    }
}
