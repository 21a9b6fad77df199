package org.kapacitorudf.functions.detect;

import org.kapacitorudf.functions.series.Series;

/**
 * The state of one series that a detector watches. The state of a detector extends it.
 *
 * <p>Threading: one thread at a time. The fields are the state in the snapshot.
 */
public abstract class Watched extends Series {
    /** How many points have been learnt; stops at the highest int. */
    int points;

    /** The last alert, 0 before the first. */
    int side;

    /** When the last alert was, in nanoseconds since the epoch. */
    long alertTime;

    /** How high the score of the last alert was, without its sign. */
    float alertScore;

    /** What was emitted as {@code anomaly} for the last point. */
    int anomaly;

    /** How many points have been learnt. */
    public final int points() {
        return points;
    }
}
