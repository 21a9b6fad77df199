package org.kapacitorudf.examples;

import java.util.Arrays;

/**
 * The last values of one group, and their mean.
 *
 * <p>The values are stored in a ring buffer. The sum of the window is the sum of the values written in the current
 * round plus the sum of the values of the previous round that are still present; the sums of the previous round's
 * values are computed from the newest value backwards when a round begins. Nothing is ever subtracted, so there is no
 * drift, and a very large number leaves no trace once it has left the window. If a sum exceeds the range of a double,
 * the mean is computed from partial sums.
 *
 * <pre>
 *   size 4, after 1 2 3 4 | 5 6        values       5  6  3  4
 *                                      older              7  4     (3 + 4, 4)
 *                                      newer       11
 *                                      mean        (11 + 7) / 4
 * </pre>
 *
 * <p>Threading: one thread at a time. The non-transient fields are saved in the snapshot.
 */
final class Window {
    private static final int FIRST_CAPACITY = 16;

    private double[] values = {};
    private int next;
    private int count;

    private transient boolean isSummedUp;
    private transient double[] older = {};
    private transient double newer;

    /**
     * Adds a value.
     *
     * @param value a finite number
     * @param size how many values the window holds, at least 1; if it changes, the newest values are kept
     * @return the mean of the last {@code size} values, or of all values if there are fewer
     */
    double add(double value, int size) {
        if (!isSummedUp) {
            sumUp(inOrder());
        }
        if (count > size || (next < count && count < size)) {
            double[] kept = inOrder();
            sumUp(Arrays.copyOfRange(kept, Math.max(0, kept.length - size), kept.length));
        }
        if (next == size) {
            beginRound();
        } else if (next == values.length) {
            values = Arrays.copyOf(values, (int) Math.min(size, Math.max(FIRST_CAPACITY, 2L * next)));
        }
        values[next++] = value;
        newer += value;
        count = Math.max(count, next);
        double sum = next < count ? newer + older[next] : newer;
        return Double.isFinite(sum) ? sum / count : meanOfParts();
    }

    /**
     * Computes the mean of the finite values without the sum. Used if the sum overflows a double, or if an older
     * snapshot contains a NaN or an infinity.
     */
    private double meanOfParts() {
        int finite = 0;
        for (int i = 0; i < count; i++) {
            finite += Double.isFinite(values[i]) ? 1 : 0;
        }
        double mean = 0;
        for (int i = 0; i < count; i++) {
            mean += Double.isFinite(values[i]) ? values[i] / finite : 0;
        }
        return Math.max(-Double.MAX_VALUE, Math.min(Double.MAX_VALUE, mean));
    }

    /** The values, oldest first. */
    private double[] inOrder() {
        double[] ordered = new double[count];
        System.arraycopy(values, next, ordered, 0, count - next);
        System.arraycopy(values, 0, ordered, count - next, next);
        return ordered;
    }

    /** Initialises the sums from the given values, oldest first, as if they had just been added. */
    private void sumUp(double[] ordered) {
        values = ordered;
        count = ordered.length;
        next = count;
        isSummedUp = true;
        older = new double[0];
        newer = 0;
        for (double value : ordered) {
            newer += value;
        }
    }

    private void beginRound() {
        if (older.length != count) {
            older = new double[count];
        }
        double sum = 0;
        for (int i = count - 1; i >= 0; i--) {
            sum += values[i];
            older[i] = sum;
        }
        next = 0;
        newer = 0;
    }
}
