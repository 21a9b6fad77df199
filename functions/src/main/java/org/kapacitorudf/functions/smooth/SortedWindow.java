package org.kapacitorudf.functions.smooth;

import java.util.Arrays;
import org.kapacitorudf.functions.series.Order;
import org.kapacitorudf.functions.series.Series;

/**
 * The last values of a series, in order of arrival and sorted. Computes their median, and the Hampel filter (Hampel
 * 1974), which replaces a value far from the median.
 *
 * <p>Late points and duplicates change nothing.
 *
 * <p>Threading: one thread at a time. The fields are saved in the snapshot.
 */
public final class SortedWindow extends Series {
    /** Converts the median absolute deviation to the standard deviation of Gaussian noise. */
    private static final double SIGMA = 1.4826;

    /** A ring buffer: {@code next} is the position of the next value. */
    private double[] values = {};

    private double[] sorted = {};
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
     * @param size the number of values; if it changes, the window starts again
     * @return the median of the values
     */
    public double median(long time, double value, int size) {
        add(time, value, size);
        return median();
    }

    /**
     * Adds a point.
     *
     * @param time in nanoseconds since the epoch
     * @param size the number of values; if it changes, the window starts again
     * @param sigmas how many standard deviations a value may be away from the median; the standard deviation is
     *     estimated by the median absolute deviation
     * @return the value of the last point, or the median if the value is further away than that
     */
    public double hampel(long time, double value, int size, double sigmas) {
        add(time, value, size);
        double median = median();
        double distance = Math.abs(lastValue() - median);
        return distance > sigmas * SIGMA * medianDistance(median) ? median : lastValue();
    }

    private void add(long time, double value, int size) {
        if (order(time, value) != Order.NEXT) {
            return;
        }
        if (values.length != size) {
            values = new double[size];
            sorted = new double[size];
            next = 0;
            count = 0;
        }
        if (count == size) {
            remove(values[next]);
        }
        insert(value);
        values[next] = value;
        next = (short) ((next + 1) % size);
        moveTo(time, value);
    }

    private void remove(double value) {
        int at = Arrays.binarySearch(sorted, 0, count, value);
        count--;
        System.arraycopy(sorted, at + 1, sorted, at, count - at);
    }

    private void insert(double value) {
        int found = Arrays.binarySearch(sorted, 0, count, value);
        int at = found < 0 ? -found - 1 : found;
        System.arraycopy(sorted, at, sorted, at + 1, count - at);
        sorted[at] = value;
        count++;
    }

    private double median() {
        int middle = count / 2;
        return count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }

    /**
     * The median of the distances of the values from their median. The search starts at the median, because the nearest
     * values are next to it on both sides.
     */
    private double medianDistance(double median) {
        int above = count / 2;
        int below = above - 1;
        double distance = 0;
        double before = 0;
        for (int i = 0; i <= count / 2; i++) {
            double up = above < count ? sorted[above] - median : Double.POSITIVE_INFINITY;
            double down = below >= 0 ? median - sorted[below] : Double.POSITIVE_INFINITY;
            before = distance;
            distance = Math.min(up, down);
            if (up <= down) {
                above++;
            } else {
                below--;
            }
        }
        return count % 2 == 1 ? distance : (before + distance) / 2;
    }
}
