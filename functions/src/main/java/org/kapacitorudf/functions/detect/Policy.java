package org.kapacitorudf.functions.detect;

import org.kapacitorudf.functions.series.Order;

/**
 * Computes score and alert from the band of a {@link Method}. It holds the options that all detectors share.
 *
 * @param warmUpSeconds how long a series is observed before its first alert
 * @param quietSeconds how long further alerts are suppressed after an alert, unless the score is higher than that of
 *     the last alert by the factor {@link #WORSE}; 0 to disable
 * @param min the lowest possible value, or negative infinity
 * @param max the highest possible value, or infinity
 * @param minDeviation values within this distance of the expected one are never unusual
 */
public record Policy(
        long warmUpSeconds, Direction direction, long quietSeconds, double min, double max, double minDeviation) {
    /** A score higher than this multiple of the last alert's score ends the quiet time. */
    public static final double WORSE = 2;

    /**
     * Judges a value, and learns from it unless it is late, a duplicate, or impossible.
     *
     * @param time in nanoseconds since the epoch
     * @return whether {@code anomaly} differs from that of the previous point
     */
    public <S extends Watched> boolean take(Method<S> method, S series, long time, double value, Judgement judgement) {
        Order order = series.order(time, value);
        judgement.begin(value, order == Order.NEXT && value >= min && value <= max);
        boolean known = method.judge(series, time, value, judgement);
        judgement.ready = known && series.ageSeconds(time) >= warmUpSeconds;
        score(value, judgement);
        boolean changed = alert(series, time, order != Order.DUPLICATE, judgement);
        if (judgement.isLearnt()) {
            method.learn(series, time, value, judgement);
            series.learnt(time, value);
        }
        series.settle(time, warmUpSeconds, quietSeconds);
        return changed;
    }

    private void score(double value, Judgement judgement) {
        double lower = Math.min(judgement.lower, judgement.expected - minDeviation);
        double upper = Math.max(judgement.upper, judgement.expected + minDeviation);
        double score = judgement.scored ? capped(judgement.score) : score(value, judgement.expected, lower, upper);
        if (value > max) {
            score = Math.max(score, 1);
        } else if (value < min) {
            score = Math.min(score, -1);
        }
        judgement.score = score;
        judgement.band(possible(judgement.expected), possible(lower), possible(upper));
    }

    private static double score(double value, double expected, double lower, double upper) {
        if (value == expected) {
            return 0;
        }
        double width = value > expected ? upper - expected : expected - lower;
        double score = width > 0 ? (value - expected) / width : Math.signum(value - expected) * Judgement.HIGHEST_SCORE;
        return capped(score);
    }

    private static double capped(double score) {
        return Math.max(-Judgement.HIGHEST_SCORE, Math.min(Judgement.HIGHEST_SCORE, score));
    }

    private double possible(double value) {
        return Math.max(min, Math.min(max, value));
    }

    private boolean alert(Watched series, long time, boolean remember, Judgement judgement) {
        double score = Math.abs(judgement.score);
        boolean alerts = judgement.ready
                && score >= 1
                && direction.includes(judgement.score)
                && !series.isQuiet(time, score, WORSE, quietSeconds);
        judgement.anomaly = alerts ? (int) Math.signum(judgement.score) : 0;
        boolean changed = judgement.anomaly != series.anomaly();
        if (remember) {
            series.setAnomaly(time, judgement.anomaly);
            if (alerts) {
                series.alerted(time, score);
            }
        }
        return changed;
    }
}
