package org.kapacitorudf.functions.smooth;

import org.kapacitorudf.functions.series.Order;
import org.kapacitorudf.functions.series.Series;

/**
 * The 1-euro filter (Casiez, Roussel, Vogel 2012): a low-pass filter that smooths less while the signal moves fast.
 *
 * <pre>
 *   speed    low-pass of (value - result) / elapsed, with the cutoff of a signal at rest
 *   cutoff   1 / (2 pi tau) + beta |speed|
 *   result   low-pass of value with this cutoff
 *            a low-pass weighs the new value with elapsed / (elapsed + 1 / (2 pi cutoff))
 * </pre>
 *
 * <p>Late points and duplicates change nothing.
 *
 * <p>Threading: one thread at a time. The fields are saved in the snapshot.
 */
public final class OneEuro extends Series {
    /** The size, in bytes, of a series in an uncompressed snapshot. */
    public static final long SNAPSHOT_BYTES = 92;

    private double result;

    /** The speed: the change of the value per second. */
    private double speed;

    /**
     * Adds a point.
     *
     * @param time in nanoseconds since the epoch
     * @param tauSeconds the time constant of a signal at rest, greater than 0
     * @param beta the increase of the cutoff in Hertz for each unit of speed, at least 0
     * @return the new result
     */
    public double add(long time, double value, double tauSeconds, double beta) {
        if (order(time, value) == Order.NEXT) {
            double elapsed = elapsedNanos(time) / 1e9;
            if (isNew()) {
                result = value;
            } else if (elapsed > 0) {
                speed += weight(elapsed, tauSeconds) * ((value - result) / elapsed - speed);
                double cutoff = 1 / (2 * Math.PI * tauSeconds) + beta * Math.abs(speed);
                result += weight(elapsed, 1 / (2 * Math.PI * cutoff)) * (value - result);
            }
            moveTo(time, value);
        }
        return result;
    }

    private static double weight(double elapsed, double tau) {
        return elapsed / (elapsed + tau);
    }
}
