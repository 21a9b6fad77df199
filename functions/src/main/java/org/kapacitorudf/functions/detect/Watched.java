package org.kapacitorudf.functions.detect;

import org.kapacitorudf.functions.series.Series;

/**
 * The state of one series that a detector watches. The state of a detector extends it.
 *
 * <p>Times are seconds since the epoch in 32 bits, which wrap around: only differences are used.
 *
 * <p>Threading: one thread at a time. The fields are the state in the snapshot.
 */
public abstract class Watched extends Series {
    private int born;
    private int alertAt;
    private float alertScore;
    private byte anomaly;

    /** A point has been learnt. */
    final void learnt(long time, double value) {
        if (isNew() || time < lastTime()) {
            born = seconds(time);
        }
        moveTo(time, value);
    }

    /** How long the series has been watched, in seconds. */
    final long ageSeconds(long time) {
        return isNew() ? 0 : seconds(time) - born;
    }

    /** What the last point was called, 1, 0 or -1. */
    final int anomaly() {
        return anomaly;
    }

    final void setAnomaly(int anomaly) {
        this.anomaly = (byte) anomaly;
    }

    final void alerted(long time, double score) {
        alertAt = seconds(time);
        alertScore = (float) score;
    }

    /** The score of the last alert, without its sign; 0 before the first. */
    final double alertScore() {
        return alertScore;
    }

    /** The time between the last alert and this one, in seconds, without its sign. */
    final long secondsFromAlert(long time) {
        return Math.abs((long) (seconds(time) - alertAt));
    }

    private static int seconds(long time) {
        return (int) Math.floorDiv(time, 1_000_000_000L);
    }
}
