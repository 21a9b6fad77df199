package org.kapacitorudf.functions.deviation;

import static org.kapacitorudf.functions.deviation.RecordSeries.Statistic.CHANGE;
import static org.kapacitorudf.functions.deviation.RecordSeries.Statistic.LEVEL;
import static org.kapacitorudf.functions.deviation.RecordSeries.Statistic.VALUE;

import org.kapacitorudf.functions.detect.Judgement;
import org.kapacitorudf.functions.detect.Method;
import org.kapacitorudf.functions.deviation.RecordSeries.Statistic;

/**
 * A value is unusual if it sets a record: if the value, its level (an exponentially weighted mean), or its change since
 * the previous point is lower or higher than everything remembered, by more than {@code tolerance} of the remembered
 * range.
 *
 * <p>The memory covers one complete span of time and the elapsed part of the next. Spans are counted from the epoch, so
 * their ends need not be stored.
 *
 * <pre>
 *   upper  the lowest of    highest value + tolerance x (highest value - lowest value)
 *                           the value that takes the level to its own limit: level + (limit - level) / weight
 *                           value before + limit of the change
 *   lower  likewise
 * </pre>
 *
 * <p>All three ranges contain the level, so a value that returns to it is never unusual.
 *
 * <p>One point extends the range by at most its width on each side, so a single extreme value does not make the
 * detector blind.
 */
public final class RecordBand implements Method<RecordSeries> {
    /** After a gap of this length, the previous value and the level are no longer used. */
    public static final long GAP_NANOS = 3 * 3_600_000_000_000L;

    /**
     * With a longer half-life, the weight of a point would become constant only after more points than the byte
     * {@code sinceGap} of a series can count.
     */
    public static final int LONGEST_HALF_LIFE = 80;

    /** The number of points before the first alert. */
    public static final int FEWEST_POINTS = 30;

    /** A range of less than this share of the level is a rounding error. */
    private static final double ROUNDING = 1e-6;

    private final double tolerance;
    private final double weight;

    /**
     * The number of points after which the weight of a point is constant; before that, it is the weight in a plain
     * mean.
     */
    private final int mature;

    private final int settled;
    private final long spanNanos;

    /** The start of the span that contains a recent point. Cached, because most points are in the same span. */
    private long spanStart;

    /**
     * @param tolerance the share of the range by which a record must exceed the previous record
     * @param halfLife the number of points after which the weight of a point in the level is halved, at most
     *     {@link #LONGEST_HALF_LIFE}
     * @param spanNanos the minimum time that is remembered; the maximum is twice as long
     */
    public RecordBand(double tolerance, int halfLife, long spanNanos) {
        this.tolerance = tolerance;
        this.weight = 1 - Math.pow(0.5, 1.0 / halfLife);
        this.mature = (int) (1 / weight);
        this.settled = halfLife;
        this.spanNanos = spanNanos;
    }

    @Override
    public RecordSeries fresh() {
        return new RecordSeries();
    }

    @Override
    public long snapshotBytes() {
        return 320;
    }

    @Override
    public boolean judge(RecordSeries series, long time, double value, Judgement judgement) {
        if (series.isNew() || spansSince(series, time) > 1) {
            return false;
        }
        boolean follows = follows(series, time);
        double level = follows ? series.level : value;
        double lower = limit(series, VALUE, level, -1);
        double upper = limit(series, VALUE, level, 1);
        level = Math.max(lower, Math.min(upper, level));
        if (follows && series.sinceGap > settled && series.low(LEVEL) <= series.high(LEVEL)) {
            double stretch = 1 / weight(series);
            lower = Math.max(lower, Math.min(level, level + (limit(series, LEVEL, level, -1) - level) * stretch));
            upper = Math.min(upper, Math.max(level, level + (limit(series, LEVEL, level, 1) - level) * stretch));
        }
        if (follows && series.low(CHANGE) <= series.high(CHANGE)) {
            double last = lastValue(series);
            lower = Math.max(lower, Math.min(level, last + limit(series, CHANGE, level, -1)));
            upper = Math.min(upper, Math.max(level, last + limit(series, CHANGE, level, 1)));
        }
        judgement.band(level, lower, upper);
        return series.points >= FEWEST_POINTS;
    }

    /** The limit of a statistic: the upper one if {@code side} is 1, the lower one if it is -1. */
    private double limit(RecordSeries series, Statistic statistic, double level, int side) {
        double low = series.low(statistic);
        double high = series.high(statistic);
        double margin = tolerance * Math.max(high - low, ROUNDING * Math.abs(level));
        return side > 0 ? high + margin : low - margin;
    }

    @Override
    public void learn(RecordSeries series, long time, double value, Judgement judgement) {
        if (!series.isNew()) {
            long spans = Math.min(2, spansSince(series, time));
            for (long i = 0; i < spans; i++) {
                series.beginSpan();
            }
            if (spans > 1) {
                series.points = 0;
            }
        }
        if (!follows(series, time)) {
            series.sinceGap = 0;
        }
        double kept = add(series, VALUE, value);
        if (series.sinceGap == 0) {
            series.level = (float) kept;
        } else {
            add(series, CHANGE, kept - lastValue(series));
            series.level += (float) (weight(series) * (kept - series.level));
        }
        if (series.sinceGap < Byte.MAX_VALUE) {
            series.sinceGap++;
        }
        if (series.points < Byte.MAX_VALUE) {
            series.points++;
        }
        if (series.sinceGap > settled) {
            add(series, LEVEL, series.level);
        }
    }

    /**
     * Adds a number to the memory. The number is limited so that the range grows by at most its own width on each side.
     * Returns the number that was added.
     */
    private double add(RecordSeries series, Statistic statistic, double number) {
        double low = series.low(statistic);
        double high = series.high(statistic);
        double kept = number;
        if (low <= high) {
            double range = high - low;
            double reach = range > ROUNDING * Math.abs(series.level) ? range : Math.abs(series.level);
            if (reach > 0) {
                kept = Math.max(low - reach, Math.min(high + reach, number));
            }
        }
        series.add(statistic, kept);
        return kept;
    }

    /** The last value, limited to the remembered range. */
    private static double lastValue(RecordSeries series) {
        return Math.max(series.low(VALUE), Math.min(series.high(VALUE), series.lastValue()));
    }

    private double weight(RecordSeries series) {
        return series.sinceGap >= mature ? weight : 1.0 / (series.sinceGap + 1);
    }

    private static boolean follows(RecordSeries series, long time) {
        return !series.isNew() && series.elapsedNanos(time) <= GAP_NANOS;
    }

    /** The number of spans that have begun since the last point. */
    private long spansSince(RecordSeries series, long time) {
        if (isInSpan(time) && isInSpan(series.lastTime())) {
            return 0;
        }
        long span = Math.floorDiv(time, spanNanos);
        spanStart = span * spanNanos;
        return Math.max(0, span - Math.floorDiv(series.lastTime(), spanNanos));
    }

    private boolean isInSpan(long time) {
        long since = time - spanStart;
        return since >= 0 && since < spanNanos && time >= spanStart;
    }
}
