package org.kapacitorudf.functions.detect;

/**
 * What a detector says of one value. A handler has one of them, which each point overwrites.
 *
 * <p>A {@link Method} sets the band. {@link Policy} makes score and alert of it.
 *
 * <p>Threading: one thread at a time.
 */
public final class Judgement {
    /** What scores are capped at, so that they stay finite. */
    public static final double HIGHEST_SCORE = 1e6;

    double expected;
    double lower;
    double upper;
    double score;
    int anomaly;
    boolean ready;

    /** A judgement by someone who knows nothing: the value itself is expected. */
    void begin(double value) {
        band(value, value, value);
        score = 0;
        anomaly = 0;
        ready = false;
    }

    /** Values between {@code lower} and {@code upper} are usual. {@code expected} is one of them. All three are finite. */
    public void band(double expected, double lower, double upper) {
        this.expected = expected;
        this.lower = lower;
        this.upper = upper;
    }

    public double expected() {
        return expected;
    }

    public double lower() {
        return lower;
    }

    public double upper() {
        return upper;
    }

    /** 0 at what is expected, 1 at the upper end of the band, -1 at its lower end, more beyond. */
    public double score() {
        return score;
    }

    /** Whether the value is outside of the band. */
    public boolean isUnusual() {
        return Math.abs(score) >= 1;
    }

    /** 1 for an alert because the value is too high, -1 for one because it is too low, else 0. */
    public int anomaly() {
        return anomaly;
    }

    /** Whether enough has been learnt for alerts. */
    public boolean isReady() {
        return ready;
    }
}
