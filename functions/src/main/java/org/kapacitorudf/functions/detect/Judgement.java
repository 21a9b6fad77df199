package org.kapacitorudf.functions.detect;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The result of a detector for one value. Each handler has a single instance, which every point overwrites.
 *
 * <p>A {@link Method} sets the band. {@link Policy} computes the score from the band, unless the method has set its own
 * score, and decides whether to alert.
 *
 * <p>Threading: one thread at a time.
 */
public final class Judgement {
    /** The maximum score, which keeps scores finite. */
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
     * Resets the judgement. Until a method sets the band, the expected value is the value itself.
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

    /**
     * Sets the band: values between {@code lower} and {@code upper} are usual, including {@code expected}. All three
     * are finite.
     */
    public void band(double expected, double lower, double upper) {
        this.expected = expected;
        this.lower = lower;
        this.upper = upper;
    }

    /** Sets the score, for a method that does not measure the distance from the band. */
    public void score(double score) {
        this.score = score;
        scored = true;
    }

    /**
     * Adds a field to the alert.
     *
     * @param value a {@link Double} or a {@link String}
     */
    public void detail(String name, Object value) {
        details.put(name, value);
    }

    /** The additional fields of an alert. */
    public Map<String, Object> details() {
        return Collections.unmodifiableMap(details);
    }

    /** Whether {@link Method#learn} will be called: the value is possible, and neither late nor a duplicate. */
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

    /**
     * The score: 0 at the expected value, 1 at the upper end of the band, -1 at the lower end; above 1 or below -1
     * outside the band.
     */
    public double score() {
        return score;
    }

    /** Whether the value is outside the band. */
    public boolean isUnusual() {
        return Math.abs(score) >= 1;
    }

    /**
     * Returns 1 for an alert because the value is too high, -1 for an alert because it is too low, and 0 without an
     * alert.
     */
    public int anomaly() {
        return anomaly;
    }

    /** Whether there is enough data for alerts. */
    public boolean isReady() {
        return ready;
    }
}
