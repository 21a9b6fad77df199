package org.kapacitorudf.functions.detect;

import org.kapacitorudf.functions.series.Order;

/**
 * Makes score and alert of what a {@link Method} says: the options that all detectors share.
 *
 * @param warmUp points before the first alert of a series
 * @param quietNanos after an alert, for how long there is no other one on the same side unless it is {@link #WORSE}; 0 for not at all
 * @param min the lowest value that is possible, or negative infinity
 * @param max the highest value that is possible, or infinity
 * @param minDeviation what is not further than this from what is expected is never unusual
 */
public record Policy(int warmUp, Direction direction, long quietNanos, double min, double max, double minDeviation) {
    /** A score this many times that of the last alert ends its quiet time. */
    public static final double WORSE = 2;

    /**
     * Judges a value, and learns from it unless it is late or a duplicate.
     *
     * @param time in nanoseconds since the epoch
     * @return whether {@code anomaly} is another than for the point before
     */
    public <S extends Watched> boolean take(Method<S> method, S series, long time, double value, Judgement judgement) {
        Order order = series.order(time, value);
        judgement.clear();
        boolean known = method.judge(series, time, value, judgement);
        judgement.ready = known && series.points >= warmUp;
        score(value, judgement);
        boolean changed = alert(series, time, order != Order.DUPLICATE, judgement);
        if (order == Order.NEXT) {
            if (value >= min && value <= max) {
                method.learn(series, time, value, judgement);
                series.points += series.points < Integer.MAX_VALUE ? 1 : 0;
            }
            series.moveTo(time, value);
        }
        return changed;
    }

    private void score(double value, Judgement judgement) {
        if (!judgement.known) {
            judgement.band(value, value, value);
            judgement.known = false;
        }
        judgement.lower = Math.min(judgement.lower, judgement.expected - minDeviation);
        judgement.upper = Math.max(judgement.upper, judgement.expected + minDeviation);
        double score = judgement.bandScore(value);
        if (judgement.evidence > Math.abs(score) && Math.abs(value - judgement.expected) > minDeviation) {
            double evidence = Math.min(judgement.evidence, Judgement.HIGHEST_SCORE);
            score = value < judgement.expected ? -evidence : evidence;
        }
        if (value > max) {
            score = Math.max(score, 1);
        } else if (value < min) {
            score = Math.min(score, -1);
        }
        judgement.score = score;
        judgement.expected = possible(judgement.expected);
        judgement.lower = possible(judgement.lower);
        judgement.upper = possible(judgement.upper);
    }

    private double possible(double value) {
        return Math.max(min, Math.min(max, value));
    }

    private boolean alert(Watched series, long time, boolean remember, Judgement judgement) {
        double score = Math.abs(judgement.score);
        int side = judgement.score > 0 ? 1 : -1;
        boolean alerts = judgement.ready
                && score >= 1
                && direction.includes(judgement.score)
                && !isQuiet(series, time, side, score);
        judgement.anomaly = alerts ? side : 0;
        boolean changed = judgement.anomaly != series.anomaly;
        if (remember) {
            series.anomaly = judgement.anomaly;
            if (alerts) {
                series.side = side;
                series.alertTime = time;
                series.alertScore = (float) score;
            }
        }
        return changed;
    }

    private boolean isQuiet(Watched series, long time, int side, double score) {
        if (quietNanos == 0 || series.side != side || score > WORSE * series.alertScore) {
            return false;
        }
        long since = time - series.alertTime;
        return Math.abs((double) since) < quietNanos;
    }
}
