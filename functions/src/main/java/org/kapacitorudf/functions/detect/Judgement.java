package org.kapacitorudf.functions.detect;

/**
 * What a detector says of one value. A handler has one of them, which each point overwrites.
 *
 * <p>A {@link Method} sets the band with {@link #band} and, if there is evidence that no band shows, {@link #suspect}. {@link Policy} makes score and alert of it.
 *
 * <p>Threading: one thread at a time.
 */
public final class Judgement {
    /** What scores are capped at, so that they stay finite. */
    static final double HIGHEST_SCORE = 1e6;

    double expected;
    double lower;
    double upper;
    double evidence;
    boolean known;

    double score;
    int anomaly;
    boolean ready;

    void clear() {
        band(0, 0, 0);
        evidence = 0;
        known = false;
        score = 0;
        anomaly = 0;
        ready = false;
    }

    /** Values from {@code lower} to {@code upper} are usual. {@code expected} is between the two. All three are finite. */
    public void band(double expected, double lower, double upper) {
        this.expected = expected;
        this.lower = lower;
        this.upper = upper;
        known = true;
    }

    /** Says that the value is unusual, or nearly so, for another reason than its place in the band: 1 or more is unusual. */
    public void suspect(double evidence) {
        this.evidence = Math.max(this.evidence, evidence);
    }

    /** The score by the band alone: 1 at its upper end, -1 at its lower end, 0 at what is expected. */
    public double bandScore(double value) {
        if (value == expected) {
            return 0;
        }
        double width = value > expected ? upper - expected : expected - lower;
        double score = width > 0 ? (value - expected) / width : Math.signum(value - expected) * HIGHEST_SCORE;
        return Math.max(-HIGHEST_SCORE, Math.min(HIGHEST_SCORE, score));
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

    /** At 1 and above, and at -1 and below, the value is unusual. */
    public double score() {
        return score;
    }

    /** 1 for an alert because the value is too high, -1 for one because it is too low, else 0. */
    public int anomaly() {
        return anomaly;
    }

    /** Whether enough has been learnt for alerts. */
    public boolean ready() {
        return ready;
    }
}
