package org.kapacitorudf.functions.changepoint;

import org.kapacitorudf.functions.detect.Watched;

/**
 * What {@link Cusum} has learnt of one series since its last shift, and the sums that look for the next one.
 *
 * <p>Threading: one thread at a time. The fields are the state in the snapshot.
 */
public final class RegimeSeries extends Watched {
    static final double[] NOTHING = {};

    /** The mean of the values. */
    double level;

    /** The standard deviation of the values. */
    float deviation;

    /** The correlation of a value with the one before. */
    float lag;

    /** Mean and standard deviation of the square root of what a value is away from its prediction. */
    float rootMean;

    float rootDeviation;

    /** The cumulative sums, in standard deviations. */
    float levelUp;

    float levelDown;
    float spreadUp;
    float spreadDown;

    /** Values in the estimates; stops at {@link Cusum#MOST_POINTS}. 0 while the first ones are gathered. */
    short points;

    /** The first values of a series, or those after a sum has reached the threshold. */
    double[] gathered = NOTHING;

    byte count;

    /** What the values in {@link #gathered} have to confirm: a {@link Shift}, 0 for none. */
    byte candidate;

    /** How many of them are beyond the drift, above the level and below it; and the sum of their scores in the direction of the spread that is to be confirmed. */
    byte above;

    byte below;
    float spreadSum;

    Shift candidate() {
        return Shift.ALL[candidate];
    }

    /** The sums begin again at 0. */
    void resetSums() {
        levelUp = 0;
        levelDown = 0;
        spreadUp = 0;
        spreadDown = 0;
    }

    /** Begins to gather values, at most {@code most}, to confirm a shift; or to begin a series with {@link Shift#NONE}. */
    void gather(Shift shift, int most) {
        candidate = (byte) shift.ordinal();
        gathered = most == 0 ? NOTHING : new double[most];
        count = 0;
        above = 0;
        below = 0;
        spreadSum = 0;
    }
}
