package org.kapacitorudf.functions.forecast;

import java.util.List;
import org.kapacitorudf.functions.series.Order;

/**
 * Forecasts the mean of each of the next intervals of a series, with a band.
 *
 * <pre>
 *   points        a b  c    d  e      f
 *   intervals   |       |       |       |       |       |
 *   time                T      T+1     T+2
 *   given                       1..n    1..n                when the first point at or after an interval's end arrives
 * </pre>
 *
 * <p>Intervals end at the whole multiples of {@code everyNanos} since the epoch. The time of an interval is its end,
 * which belongs to the interval. The mean of the points of each interval is learnt; see {@link HoltWinters}. An
 * interval without points is skipped. After a gap of {@link #MOST_GAP} seasons the series starts again.
 *
 * <p>Threading: one thread at a time, because it has working memory.
 */
public final class Forecaster {
    /** The minimum number of intervals of a season. */
    public static final int FEWEST_SLOTS = 2;

    /** The maximum number of intervals of a season: a week of five-minute intervals. */
    public static final int MOST_SLOTS = 2016;

    /** The maximum number of intervals of a forecast: a day of five-minute intervals. */
    public static final int MOST_LEADS = 288;

    /**
     * A gap longer than this many times the longest season starts the series again. Without seasons, it is this many
     * times the number of values before the models start.
     */
    public static final int MOST_GAP = 4;

    private final long everyNanos;
    private final int leads;
    private final long mostMissing;
    private final double min;
    private final double max;
    private final HoltWinters models;
    private final Band band;

    /** Receives a forecast. */
    public interface Sink {
        /**
         * @param lead the number of intervals after the last complete one, from 1
         * @param time the end of the interval in nanoseconds since the epoch
         */
        void give(int lead, long time, double value, double lower, double upper);
    }

    /**
     * @param models one model, or several, the best of which is used
     * @param everyNanos the length of an interval
     * @param season the number of intervals of the short season; 0 for none
     * @param longSeason the number of intervals of the long season; 0 for none
     * @param leads the number of intervals to forecast
     * @param coverage the share of values that should lie within the band
     * @param min the lowest possible value, or negative infinity
     * @param max the highest possible value, or infinity
     */
    public Forecaster(
            List<Gains> models,
            long everyNanos,
            int season,
            int longSeason,
            int leads,
            double coverage,
            double min,
            double max) {
        this.everyNanos = check("everyNanos", everyNanos, 1, Long.MAX_VALUE);
        check("season", season, season == 0 ? 0 : FEWEST_SLOTS, MOST_SLOTS);
        check("longSeason", longSeason, 0, MOST_SLOTS);
        this.leads = (int) check("leads", leads, 1, MOST_LEADS);
        this.min = min;
        this.max = max;
        band = new Band((1 - coverage) / 2);
        this.models = new HoltWinters(models, season, longSeason, leads, band);
        mostMissing = (long) MOST_GAP * Math.max(this.models.firstLength(), longSeason);
    }

    private static long check(String name, long value, long least, long most) {
        if (value < least || value > most) {
            throw new IllegalArgumentException(
                    name + ": " + value + " (expected: >= " + least + " and <= " + most + ")");
        }
        return value;
    }

    /** The size, in bytes, of a series with complete state in an uncompressed snapshot. */
    public long snapshotBytes() {
        return models.snapshotBytes();
    }

    /**
     * Adds a point, and produces forecasts if it completes an interval. Late points and duplicates change nothing.
     *
     * @param time in nanoseconds since the epoch
     */
    public Order take(ForecastSeries series, long time, double value, Sink sink) {
        Order order = series.order(time, value);
        if (order == Order.NEXT) {
            if (series.isNew() || time < series.lastTime() || series.everyNanos != everyNanos) {
                begin(series);
            }
            boolean isEnd = Math.floorMod(time, everyNanos) == 0;
            long index = Math.floorDiv(time, everyNanos) + (isEnd ? 0 : 1);
            if (series.points > 0 && index != series.open) {
                close(series, sink);
            }
            if (isEmpty(series) || index > series.last) {
                add(series, index, value);
                if (isEnd) {
                    close(series, sink);
                }
            }
            series.moveTo(time, value);
        }
        return order;
    }

    private void begin(ForecastSeries series) {
        series.everyNanos = everyNanos;
        series.points = 0;
        series.first = new double[0];
        series.filled = 0;
        series.levels = new double[0];
    }

    /** Whether no interval has been learnt. */
    private static boolean isEmpty(ForecastSeries series) {
        return series.levels.length == 0 && series.filled == 0;
    }

    private static void add(ForecastSeries series, long index, double value) {
        if (series.points == 0) {
            series.open = index;
            series.mean = 0;
        }
        series.points = Math.min(series.points + 1, Integer.MAX_VALUE - 1);
        series.mean += (value - series.mean) / series.points;
    }

    private void close(ForecastSeries series, Sink sink) {
        series.points = 0;
        learn(series, series.open, series.mean);
        if (models.fits(series) && band.isKnown(series)) {
            give(series, sink);
        }
    }

    private void learn(ForecastSeries series, long index, double value) {
        boolean goesOn = models.fits(series) || series.filled > 0 && series.first.length == models.firstLength();
        if (!goesOn || index - series.last > mostMissing) {
            begin(series);
            series.first = new double[models.firstLength()];
        }
        if (series.first.length > 0) {
            fillTo(series, index);
        }
        if (series.first.length > 0) {
            learnFirst(series, index, value);
            return;
        }
        while (series.last < index - 1) {
            models.miss(series);
        }
        models.learn(series, value);
    }

    /** Fills a gap in the first season with the previous value. */
    private void fillTo(ForecastSeries series, long index) {
        while (series.filled > 0 && series.last < index - 1) {
            learnFirst(series, series.last + 1, series.first[series.filled - 1]);
        }
    }

    private void learnFirst(ForecastSeries series, long index, double value) {
        series.first[series.filled++] = value;
        series.last = index;
        if (series.filled == series.first.length) {
            models.begin(series);
        }
    }

    private void give(ForecastSeries series, Sink sink) {
        int best = HoltWinters.best(series);
        for (int lead = 1; lead <= leads && series.last + lead <= Long.MAX_VALUE / everyNanos; lead++) {
            double value = models.forecast(series, best, lead);
            sink.give(
                    lead,
                    (series.last + lead) * everyNanos,
                    possible(value),
                    possible(value + band.lower(series, lead - 1)),
                    possible(value + band.upper(series, lead - 1)));
        }
    }

    private double possible(double value) {
        return Math.max(min, Math.min(max, value));
    }
}
