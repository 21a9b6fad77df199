package org.kapacitorudf.functions;

import static org.kapacitorudf.functions.SharedOptions.AS;
import static org.kapacitorudf.functions.SharedOptions.EXPIRE;
import static org.kapacitorudf.functions.SharedOptions.FIELD;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.kapacitorudf.Context;
import org.kapacitorudf.Description;
import org.kapacitorudf.EdgeType;
import org.kapacitorudf.Fields;
import org.kapacitorudf.Point;
import org.kapacitorudf.Udf;
import org.kapacitorudf.errors.UdfException;
import org.kapacitorudf.functions.forecast.ForecastSeries;
import org.kapacitorudf.functions.forecast.Forecaster;
import org.kapacitorudf.functions.forecast.Gains;
import org.kapacitorudf.functions.series.Order;
import org.kapacitorudf.option.Option;

/**
 * Forecasts the next values of a series, with a band. Base class of {@link Forecast} and {@link ForecastBatch}. See
 * {@link Forecaster}.
 *
 * <p>Threading: as for {@link Udf}.
 *
 * <p>Errors: a point without a finite number in the field is skipped (see {@link NumberField}), and so is a late point.
 */
abstract class HorizonForecast implements Udf {
    private static final Option<Duration> EVERY = Option.duration("every")
            .orElse(Duration.ofHours(1))
            .atLeast(Duration.ofSeconds(1))
            .atMost(Duration.ofDays(1))
            .help("length of the intervals: the mean of each is learnt, and the means of the next ones are forecast");
    private static final Option<Duration> SEASON = Option.duration("season")
            .orElse(Duration.ofDays(1))
            .atLeast(Duration.ZERO)
            .atMost(Duration.ofDays(365))
            .help("length of the season, such as a day; 0s for none");
    private static final Option<Duration> LONG_SEASON = Option.duration("longSeason")
            .orElse(Duration.ofDays(7))
            .atLeast(Duration.ZERO)
            .atMost(Duration.ofDays(365))
            .help("length of a longer season, such as a week; 0s for none");
    private static final Option<Duration> HORIZON = Option.duration("horizon")
            .orElse(Duration.ofDays(1))
            .moreThan(Duration.ZERO)
            .atMost(Duration.ofDays(365))
            .help("how far ahead the forecast reaches; at most " + Forecaster.MOST_LEADS + " x every");
    private static final Option<Double> COVERAGE = Option.number("coverage")
            .orElse(0.8)
            .atLeast(0.5)
            .atMost(0.98)
            .help("share of the values that should lie within the band");
    private static final Option<Boolean> GRID = Option.bool("grid")
            .orElse(true)
            .help("TRUE: the best of 16 models is used; FALSE: one model, in a tenth of the memory");
    private static final Option<Optional<Double>> MIN = Option.number("min").help("lowest possible value");
    private static final Option<Optional<Double>> MAX = Option.number("max").help("highest possible value");

    /** Returns the description of a variant, with its own options and the options that both variants have. */
    static Description description(
            String name, String summary, EdgeType provides, String given, List<Option<?>> ownOptions) {
        List<Option<?>> options = new ArrayList<>(
                List.of(FIELD, AS, EVERY, SEASON, LONG_SEASON, HORIZON, COVERAGE, GRID, MIN, MAX, EXPIRE));
        options.addAll(options.size() - 1, ownOptions);
        return Description.of(name, summary, EdgeType.STREAM, provides)
                .options(options.toArray(Option<?>[]::new))
                .notes(given + "\n" + """
                        They are emitted when an interval is complete: when the first point at or after its end arrives. Intervals end at
                        multiples of <every> in UTC and have the time of their end. An emitted point has the name and the group's
                        tags, and four fields: forecast, lower, upper (the band), and step (1 for the next interval).
                        Forecasts start after one season, the horizon and 20 more intervals. The band is derived from the errors of
                        past forecasts for the same step.
                        Ints and doubles are accepted. A late point, and a point without the field or with a string, a bool, a NaN or an
                        infinity in it, is skipped, counted and logged. A duplicate changes nothing.""");
    }

    /** Returns an object that computes forecasts, as points, whenever an interval of a group is complete. */
    static Horizons horizons(Context context) {
        long everyNanos = context.option(EVERY).toNanos();
        double min = context.option(MIN).orElse(Double.NEGATIVE_INFINITY);
        double max = context.option(MAX).orElse(Double.POSITIVE_INFINITY);
        if (min >= max) {
            throw new UdfException("max: " + max + " (expected: > min, " + min + ")");
        }
        int season = intervals(SEASON, context, Forecaster.MOST_SLOTS);
        int longSeason = intervals(LONG_SEASON, context, Forecaster.MOST_SLOTS);
        if (longSeason != 0 && longSeason <= season) {
            throw new UdfException("longSeason: " + seconds(context.option(LONG_SEASON))
                    + " (expected: 0s, or > season, " + seconds(context.option(SEASON)) + ")");
        }
        Forecaster forecaster = new Forecaster(
                context.option(GRID) ? Gains.GRID : Gains.FIXED,
                everyNanos,
                season,
                longSeason,
                intervals(HORIZON, context, Forecaster.MOST_LEADS),
                context.option(COVERAGE),
                min,
                max);
        String help = context.option(GRID) ? "set .grid(FALSE)" : "set a larger .every() or a shorter .longSeason()";
        return new Horizons(
                new NumberField(context.option(FIELD)),
                context.option(AS),
                forecaster,
                new Groups<>(
                        context,
                        "series",
                        ForecastSeries.class,
                        ForecastSeries::new,
                        new SnapshotBudget(context, forecaster.snapshotBytes(), help)));
    }

    /** The number of intervals in the duration that an option sets. */
    private static int intervals(Option<Duration> option, Context context, int most) {
        Duration value = context.option(option);
        Duration every = context.option(EVERY);
        long count = value.toNanos() / every.toNanos();
        boolean isWhole = value.toNanos() % every.toNanos() == 0;
        boolean isSeason = option != HORIZON;
        if (!isWhole || count > most || isSeason && count == 1) {
            throw new UdfException(option.name() + ": " + seconds(value) + " (expected: a multiple of every, "
                    + seconds(every) + (isSeason ? ", 0 or at least " + Forecaster.FEWEST_SLOTS : ",") + " and at most "
                    + most + " times)");
        }
        return (int) count;
    }

    private static String seconds(Duration duration) {
        return duration.toSeconds() + "s";
    }

    /** Computes the forecasts that are due when a point completes an interval. */
    static final class Horizons {
        private final NumberField field;
        private final Forecaster forecaster;
        private final Groups<ForecastSeries> groups;

        private final String forecast;
        private final String lower;
        private final String upper;
        private final String step;

        Horizons(NumberField field, String prefix, Forecaster forecaster, Groups<ForecastSeries> groups) {
            this.field = field;
            this.forecaster = forecaster;
            this.groups = groups;
            forecast = prefix + "forecast";
            lower = prefix + "lower";
            upper = prefix + "upper";
            step = prefix + "step";
        }

        /** Returns the forecasts for the next intervals, in order; empty if the point completes no interval. */
        List<Point> after(Point point) {
            double value = field.of(point);
            ForecastSeries series = groups.of(point.group());
            List<Point> next = new ArrayList<>();
            Order order = forecaster.take(
                    series,
                    point.timeNanos(),
                    value,
                    (lead, time, expected, least, most) -> next.add(point.withTimeNanos(time)
                            .withFields(Fields.of(forecast, expected)
                                    .and(lower, least)
                                    .and(upper, most)
                                    .and(step, (long) lead))));
            if (order == Order.LATE) {
                throw Groups.late(point, series);
            }
            if (next.isEmpty()) {
                return next;
            }
            Map<String, String> tags = Groups.tags(point);
            next.replaceAll(each -> each.withTags(tags));
            return next;
        }
    }
}
