package org.kapacitorudf.functions.detect;

import org.kapacitorudf.functions.series.Series;

/**
 * Base class of the state of one series of a detector.
 *
 * <p>Times are seconds since the epoch in 32 bits, which wrap around: only differences are used.
 *
 * <p>Threading: one thread at a time. The fields are saved in the snapshot.
 */
public abstract class Watched extends Series {
    private int born;
    private int alertAt;
    private float alertScore;
    private byte anomaly;

    /** Records that a point has been learnt. */
    final void learnt(long time, double value) {
        if (isNew() || time < lastTime()) {
            born = seconds(time);
        }
        moveTo(time, value);
    }

    /** How long the series has been observed, in seconds. */
    final long ageSeconds(long time) {
        return isNew() ? 0 : seconds(time) - born;
    }

    /** The anomaly value of the last point: 1, 0 or -1. */
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

    /** The absolute score of the last alert; 0 before the first. */
    final double alertScore() {
        return alertScore;
    }

    /** The absolute time between the last alert and this time, in seconds. */
    final long secondsFromAlert(long time) {
        return Math.abs((long) (seconds(time) - alertAt));
    }

    private static int seconds(long time) {
        return (int) Math.floorDiv(time, 1_000_000_000L);
    }
}
