package org.kapacitorudf.functions;

import static org.kapacitorudf.functions.SharedOptions.EXPIRE;
import static org.kapacitorudf.functions.SharedOptions.FIELD;

import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import org.kapacitorudf.Context;
import org.kapacitorudf.Description;
import org.kapacitorudf.Fields;
import org.kapacitorudf.Handler;
import org.kapacitorudf.Output;
import org.kapacitorudf.Point;
import org.kapacitorudf.Udf;
import org.kapacitorudf.errors.UdfException;
import org.kapacitorudf.functions.resample.Grid;
import org.kapacitorudf.functions.resample.GridSeries;
import org.kapacitorudf.functions.series.Order;
import org.kapacitorudf.option.Option;

/**
 * Resamples a series on a regular time grid, or computes its mean, integral or increase in each interval. See
 * {@link Grid}.
 *
 * <p>Threading: as for {@link Udf}.
 *
 * <p>Errors: a point without a finite number in the field is skipped (see {@link NumberField}), and so is a late point.
 */
public final class Resample implements Udf {
    private static final int DEFAULT_GAP = 10;

    private static final Option<Duration> EVERY = Option.duration("every")
            .orElse(Duration.ofMinutes(1))
            .atLeast(Duration.ofMillis(1))
            .atMost(Duration.ofDays(1))
            .help("distance of the emitted points, which are at multiples of it in UTC");
    private static final Option<String> METHOD = Option.string("method")
            .orElse("value")
            .oneOf("value", "mean", "integral", "increase")
            .help("result: the value at that time, or the mean, integral or increase of the interval that ends there");
    private static final Option<String> FILL = Option.string("fill")
            .orElse("linear")
            .oneOf("linear", "previous", "none")
            .help(
                    "value between points: a straight line, the previous point, or the previous point but nothing for an empty interval");
    private static final Option<Optional<Duration>> MAX_GAP = Option.duration("maxGap")
            .moreThan(Duration.ZERO)
            .atMost(Duration.ofDays(365))
            .help("points further apart are not connected; default: " + DEFAULT_GAP + " x every");
    private static final Option<Optional<String>> AS = Option.string("as")
            .check(SharedOptions.A_NAME, SharedOptions::isName)
            .help("name of the field that holds the result; default: the name of the input field");

    @Override
    public Description describe() {
        return Description.stream("resample", "a field on a regular time grid, or its mean, integral or increase")
                .options(FIELD, EVERY, METHOD, FILL, MAX_GAP, AS, EXPIRE)
                .notes("""
                        A point is emitted for each multiple of <every>, once a point at or after that time has arrived. It has the
                        name and the group's tags, and the result as its only field, a double.
                        The mean is weighted by time. The integral is in value times seconds. The increase is for counters: when the value
                        falls, the counter has restarted from 0. An interval that is not fully covered by data has no mean,
                        integral or increase.
                        Ints and doubles are accepted. A late point, and a point without the field or with a string, a bool, a NaN or an
                        infinity in it, is skipped, counted and logged. A duplicate changes nothing.""");
    }

    @Override
    public Handler create(Context context) {
        Duration every = context.option(EVERY);
        Duration maxGap = context.option(MAX_GAP).orElse(every.multipliedBy(DEFAULT_GAP));
        if (maxGap.compareTo(every.multipliedBy(Grid.MOST_TIMES)) > 0) {
            throw new UdfException(
                    "maxGap: " + maxGap.toSeconds() + "s (expected: <= " + Grid.MOST_TIMES + " x every)");
        }
        String field = context.option(FIELD);
        String method = context.option(METHOD);
        String fill = context.option(FILL);
        // Partial intervals are valid for these options only: with other options the series starts again.
        String state = method + " " + fill + " " + every;
        return new Regular(
                new NumberField(field),
                context.option(AS).orElse(field),
                new Grid(
                        every.toNanos(),
                        Grid.Method.valueOf(method.toUpperCase(Locale.ROOT)),
                        Grid.Fill.valueOf(fill.toUpperCase(Locale.ROOT)),
                        maxGap.toNanos()),
                new Groups<>(
                        context,
                        state,
                        GridSeries.class,
                        GridSeries::new,
                        new SnapshotBudget(context, GridSeries.SNAPSHOT_BYTES, "")));
    }

    private static final class Regular implements Handler {
        private final NumberField field;
        private final String as;
        private final Grid grid;
        private final Groups<GridSeries> groups;

        Regular(NumberField field, String as, Grid grid, Groups<GridSeries> groups) {
            this.field = field;
            this.as = as;
            this.grid = grid;
            this.groups = groups;
        }

        @Override
        public void point(Point point, Output output) {
            double value = field.of(point);
            GridSeries series = groups.of(point.group());
            Order order = grid.take(
                    series, point.timeNanos(), value, (time, result) -> output.point(result(point, time, result)));
            if (order == Order.LATE) {
                throw Groups.late(point, series);
            }
        }

        private Point result(Point point, long time, double result) {
            return Sliding.result(point, time).withFields(Fields.of(as, result));
        }
    }
}
