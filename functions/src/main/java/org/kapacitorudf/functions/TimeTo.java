package org.kapacitorudf.functions;

import static org.kapacitorudf.functions.SharedOptions.AS;
import static org.kapacitorudf.functions.SharedOptions.EXPIRE;
import static org.kapacitorudf.functions.SharedOptions.FIELD;

import java.time.Duration;
import org.kapacitorudf.Context;
import org.kapacitorudf.Description;
import org.kapacitorudf.Fields;
import org.kapacitorudf.Handler;
import org.kapacitorudf.Udf;
import org.kapacitorudf.functions.series.Order;
import org.kapacitorudf.functions.timeto.FillSeries;
import org.kapacitorudf.functions.timeto.Trend;
import org.kapacitorudf.option.Option;

/**
 * Predicts when a value reaches its limit. See {@link Trend}.
 *
 * <p>Threading: as for {@link Udf}.
 *
 * <p>Errors: a point without a finite number in the field is skipped; see {@link NumberField}.
 */
public final class TimeTo implements Udf {
    private static final Option<Double> THRESHOLD =
            Option.number("threshold").required().help("the limit, such as 100.0 for a full disk");
    private static final Option<String> DIRECTION = Option.string("direction")
            .orElse("up")
            .oneOf("up", "down")
            .help("whether the value reaches the limit from below or from above");
    private static final Option<Duration> WINDOW = Option.duration("window")
            .orElse(Duration.ofHours(6))
            .atLeast(Duration.ofMinutes(1))
            .atMost(Duration.ofDays(90))
            .help("length of the window in which the trend is searched");
    private static final Option<Long> BUCKETS =
            Option.integer("buckets").orElse(60).atLeast(10).atMost(200).help("number of buckets of the window");
    private static final Option<Duration> HORIZON = Option.duration("horizon")
            .orElse(Duration.ofDays(30))
            .atLeast(Duration.ofMinutes(1))
            .atMost(Duration.ofDays(3650))
            .help("a limit further away than this is not reported");
    private static final Option<Double> FALL = Option.number("fall")
            .orElse(0.2)
            .moreThan(0)
            .atMost(1)
            .help("a sudden drop by this share of the range, such as a disk cleanup, starts a new trend");

    @Override
    public Description describe() {
        return Description.stream("timeTo", "time until a rising or falling value reaches its limit")
                .options(FIELD, THRESHOLD, AS, DIRECTION, WINDOW, BUCKETS, HORIZON, FALL, EXPIRE)
                .notes("""
                        The point is emitted with its own fields and three more: seconds until the limit is reached (0 if it is; the whole
                        horizon if it is further away), perHour (the change of the value per hour; 0.0 without a trend) and
                        rising (whether there is a trend towards the limit).
                        There is no trend until a tenth of the window has data, or while the rise is not significant.
                        Ints and doubles are accepted. A point without the field, or with a string, a bool, a NaN or an infinity in it, is
                        skipped, counted and logged, and never learnt. A late point gets a result but is not learnt; a duplicate changes
                        nothing.""");
    }

    @Override
    public Handler create(Context context) {
        NumberField field = new NumberField(context.option(FIELD));
        double sign = context.option(DIRECTION).equals("up") ? 1 : -1;
        Trend trend = new Trend(
                sign * context.option(THRESHOLD),
                context.option(WINDOW).toNanos(),
                Math.toIntExact(context.option(BUCKETS)),
                context.option(FALL),
                context.option(HORIZON).toSeconds());
        Groups<FillSeries> groups = new Groups<>(
                context,
                "series",
                FillSeries.class,
                FillSeries::new,
                new SnapshotBudget(context, trend.snapshotBytes(), "set fewer .buckets()"));
        String prefix = context.option(AS);
        String seconds = prefix + "seconds";
        String perHour = prefix + "perHour";
        String rising = prefix + "rising";
        return (point, output) -> {
            double value = sign * field.of(point);
            long time = point.timeNanos();
            FillSeries series = groups.of(point.group());
            if (series.order(time, value) == Order.NEXT) {
                trend.learn(series, time, value);
                series.moveTo(time, value);
            }
            output.point(point.withAddedFields(Fields.of(seconds, trend.secondsFrom(series, time, value))
                    .and(perHour, sign * 3600 * trend.slope(series) + 0.0)
                    .and(rising, trend.isRising(series))));
        };
    }
}
