package org.kapacitorudf.functions.changepoint;

import org.kapacitorudf.functions.detect.Watched;

/**
 * The state of {@link Cusum} for one series since its last shift, and the sums that detect the next one.
 *
 * <p>Threading: one thread at a time. The fields are saved in the snapshot.
 */
public final class RegimeSeries extends Watched {
    static final double[] NOTHING = {};

    /** The mean of the values. */
    double level;

    /** The standard deviation of the values. */
    float deviation;

    /** The correlation of a value with the previous one. */
    float lag;

    /** Mean and standard deviation of the square root of the distance of a value from its prediction. */
    float rootMean;

    float rootDeviation;

    /** The cumulative sums, in standard deviations. */
    float levelUp;

    float levelDown;
    float spreadUp;
    float spreadDown;

    /**
     * The number of values in the estimates, at most {@link Cusum#MOST_POINTS}. 0 while the first ones are collected.
     */
    short points;

    /** The first values of a series, or the values after a sum has reached the threshold. */
    double[] gathered = NOTHING;

    byte count;

    /** The {@link Shift} that the values in {@link #gathered} must confirm; 0 for none. */
    byte candidate;

    /**
     * The number of gathered values beyond the drift, above and below the level; and the sum of the spread scores of
     * all gathered values, negated to confirm a smaller spread.
     */
    byte above;

    byte below;
    float spreadSum;

    Shift candidate() {
        return Shift.ALL[candidate];
    }

    /** Resets the sums to 0. */
    void resetSums() {
        levelUp = 0;
        levelDown = 0;
        spreadUp = 0;
        spreadDown = 0;
    }

    /**
     * Starts to collect values, at most {@code most}, to confirm a shift; with {@link Shift#NONE} and 0, only discards
     * the values that have been collected.
     */
    void gather(Shift shift, int most) {
        candidate = (byte) shift.ordinal();
        gathered = most == 0 ? NOTHING : new double[most];
        count = 0;
        above = 0;
        below = 0;
        spreadSum = 0;
    }
}
