package org.kapacitorudf.functions.detect;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What a detector says of one value. A handler has one of them, which each point overwrites.
 *
 * <p>A {@link Method} sets the band. {@link Policy} computes the score from the band, unless the method has set a score of its own, and decides whether to alert.
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
    boolean learnt;
    boolean scored;
    private final Map<String, Object> details = new LinkedHashMap<>();

    /**
     * A judgement by someone who knows nothing: the value itself is expected.
     *
     * @param learnt whether the value will be learnt
     */
    void begin(double value, boolean learnt) {
        band(value, value, value);
        score = 0;
        anomaly = 0;
        ready = false;
        scored = false;
        this.learnt = learnt;
        details.clear();
    }

    /** Values between {@code lower} and {@code upper} are usual. {@code expected} is one of them. All three are finite. */
    public void band(double expected, double lower, double upper) {
        this.expected = expected;
        this.lower = lower;
        this.upper = upper;
    }

    /** Sets the score: for a method that does not measure the distance of the value from the band. */
    public void score(double score) {
        this.score = score;
        scored = true;
    }

    /**
     * Adds a field that goes with the alert.
     *
     * @param value a {@link Double} or a {@link String}
     */
    public void detail(String name, Object value) {
        details.put(name, value);
    }

    /** The fields that go with an alert. */
    public Map<String, Object> details() {
        return Collections.unmodifiableMap(details);
    }

    /** Whether {@link Method#learn} will be called: the value is not late, no duplicate, and possible. */
    public boolean isLearnt() {
        return learnt;
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
