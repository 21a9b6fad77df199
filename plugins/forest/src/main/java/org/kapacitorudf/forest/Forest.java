package org.kapacitorudf.forest;

import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import org.kapacitorudf.Context;
import org.kapacitorudf.Counter;
import org.kapacitorudf.Description;
import org.kapacitorudf.Fields;
import org.kapacitorudf.Handler;
import org.kapacitorudf.Output;
import org.kapacitorudf.Point;
import org.kapacitorudf.Udf;
import org.kapacitorudf.errors.FieldException;
import org.kapacitorudf.errors.UdfException;
import org.kapacitorudf.option.Option;
import org.kapacitorudf.state.Expiry;
import org.kapacitorudf.state.GroupState;

/**
 * Detects unusual combinations of fields, with a Random Cut Forest (Guha, Mishra, Roy, Schrijvers 2016) as published by
 * AWS.
 *
 * <p>Each point keeps its fields, tags, time and group, and gets {@code score}, {@code anomaly} and {@code ready}.
 *
 * <p>Threading: as for {@link Udf}.
 *
 * <p>Errors: a point without a finite number in each of the fields is skipped, because a single NaN would permanently
 * corrupt a forest.
 */
public final class Forest implements Udf {
    /** Values with a larger magnitude are skipped: no sensor measures them. */
    private static final double LARGEST = 1e30;

    private static final int MOST_FIELDS = 16;
    private static final Duration LONGEST = Duration.ofDays(365);

    private static final Option<List<String>> FIELD = Option.string("field")
            .check("not empty, no line break", name -> !name.isEmpty() && name.indexOf('\n') < 0)
            .required()
            .repeated()
            .help("field to read, double or int; set it once for each field to examine");
    private static final Option<String> AS = Option.string("as")
            .orElse("")
            .check("no line break", name -> name.indexOf('\n') < 0)
            .help("prefix of the name of each field of the result, such as 'cpu_'");
    private static final Option<Double> THRESHOLD = Option.number("threshold")
            .orElse(2.5)
            .moreThan(0)
            .atMost(100)
            .help("how unusual a point must be for the forest: usual points have about 1, less detects more");
    private static final Option<Long> SHINGLE = Option.integer("shingle")
            .orElse(1)
            .atLeast(1)
            .atMost(Shape.MOST_DIMENSIONS)
            .help("number of consecutive points that are examined together");
    private static final Option<Long> TREES =
            Option.integer("trees").orElse(30).atLeast(10).atMost(200).help("number of trees");
    private static final Option<Long> SAMPLE =
            Option.integer("sample").orElse(256).atLeast(32).atMost(2048).help("number of points in each tree");
    private static final Option<Duration> WARM_UP = Option.duration("warmUp")
            .orElse(Duration.ofDays(1))
            .atLeast(Duration.ZERO)
            .atMost(LONGEST)
            .help("how long a group is observed before its first alert");
    private static final Option<String> EMIT = Option.string("emit")
            .orElse("all")
            .oneOf("all", "changes", "anomalies")
            .help("which points are emitted: all, those at which anomaly changes, or those at which it is not 0");
    private static final Option<Duration> QUIET = Option.duration("quiet")
            .orElse(Duration.ofHours(12))
            .atLeast(Duration.ZERO)
            .help("no other alert for this long after an alert, unless the score more than doubles; 0s to disable");
    private static final Option<Long> AT_MOST = Option.integer("atMost")
            .orElse(200)
            .atLeast(1)
            .atMost(1_000_000)
            .help("maximum number of groups; the group without points for longest is removed if there are more");
    private static final Option<Duration> EXPIRE = Option.duration("expire")
            .orElse(Duration.ofDays(30))
            .moreThan(Duration.ZERO)
            .atMost(LONGEST)
            .help("removes a group that had no point for this long, by the time of the points");

    @Override
    public Description describe() {
        return Description.stream(
                        "forest", "whether the fields of a point are unusual together, by a random cut forest")
                .version(2, saved -> ForestSeries.migrate(saved.fields()))
                .options(FIELD, AS, THRESHOLD, SHINGLE, TREES, SAMPLE, WARM_UP, EMIT, QUIET, AT_MOST, EXPIRE)
                .notes("""
                        A point is unusual if few random cuts set it apart from a sample of earlier points of its group.
                        The point is emitted with its own fields and three more: score (how unusual it is; 1 and more is unusual), anomaly (1 at a
                        point that alerts, else 0: it honours warmUp and quiet, which score does not), and ready. A point that alerts has one
                        more: cause, the name of the field that sets it apart most.
                        There is no score until a quarter of <sample> has arrived, 64 points by default. Until then score is 0.
                        Ints and doubles are accepted. A point without one of the fields, or with a string, a bool, a NaN or an infinity in it, is
                        skipped, counted and logged, and never learnt. A late point is judged but not learnt; a duplicate changes nothing.
                        A group takes much memory, and much of the snapshot; the log shows how much when the task starts.""");
    }

    @Override
    public Handler create(Context context) {
        Shape shape = new Shape(
                List.copyOf(context.option(FIELD)),
                Math.toIntExact(context.option(SHINGLE)),
                Math.toIntExact(context.option(TREES)),
                Math.toIntExact(context.option(SAMPLE)));
        check(shape);
        int most = Math.toIntExact(context.option(AT_MOST));
        return new Watch(context, shape, new Groups(context, shape, most));
    }

    private static void check(Shape shape) {
        HashSet<String> names = new HashSet<>();
        for (String field : shape.fields()) {
            if (!names.add(field)) {
                throw new UdfException("field: \"" + field + "\" (expected: each field once)");
            }
        }
        if (names.size() > MOST_FIELDS) {
            throw new UdfException("field: " + names.size() + " fields (expected: <= " + MOST_FIELDS + ")");
        }
        if (shape.dimensions() > Shape.MOST_DIMENSIONS) {
            throw new UdfException("shingle: " + shape.shingle() + " (expected: <= "
                    + Shape.MOST_DIMENSIONS / names.size() + ", " + Shape.MOST_DIMENSIONS + " / number of fields)");
        }
    }

    /**
     * The groups, and log messages about them: their size at the start, a warning when the maximum number is nearly
     * reached, and a warning when the first group is removed because there are too many.
     */
    private static final class Groups {
        private final Context context;
        private final Shape shape;
        private final int most;
        private final Counter forgotten;
        private final GroupState<ForestSeries> state;
        private boolean toldNear;
        private boolean toldForgotten;

        /** @throws UdfException if this many groups do not fit into a snapshot */
        Groups(Context context, Shape shape, int most) {
            this.context = context;
            this.shape = shape;
            this.most = most;
            forgotten = context.counter("forgotten_groups");
            long bytes = shape.snapshotBytes();
            long limit = context.maxSnapshotBytes();
            if (bytes * most > limit) {
                throw new UdfException(
                        "atMost: " + most + " (expected: <= " + limit / bytes + ", because a group takes up to "
                                + bytes + " bytes in a snapshot, and maxSnapshotBytes is " + limit
                                + "; use fewer .trees(), a smaller .sample() or a shorter .shingle())");
            }
            context.logger()
                    .info(
                            "groups: up to {} bytes each in a snapshot, at most {} groups, so up to {} of maxSnapshotBytes, {}",
                            bytes,
                            most,
                            bytes * most,
                            limit);
            state = context.groupState(
                    "series",
                    ForestSeries.class,
                    ForestSeries::new,
                    Expiry.afterEventTime(context.option(EXPIRE)).andAtMost(most),
                    (group, series, output) -> expired());
        }

        ForestSeries of(String group) {
            ForestSeries series = state.of(group);
            series.fit(shape);
            int size = state.size();
            if (!toldNear && size < most && size >= 0.8 * most) {
                toldNear = true;
                context.logger()
                        .warn(
                                "groups: {} (expected: less than 80 % of atMost, {}). With more than {} groups, the one without points for longest"
                                        + " is removed: group by fewer tags, let groups expire sooner, or raise .atMost()",
                                size, most, most);
            }
            return series;
        }

        void expired() {
            // A group that expires because of its age leaves room for another group.
            if (state.size() < most) {
                return;
            }
            forgotten.increment();
            if (!toldForgotten) {
                toldForgotten = true;
                context.logger()
                        .warn(
                                "groups: more than {} (expected: <= atMost). The one without points for longest is removed, and starts again"
                                        + " with its next point: group by fewer tags, or raise .atMost(). The counter forgotten_groups has the number",
                                most);
            }
        }
    }

    private static final class Watch implements Handler {
        /** A score higher than this multiple of the last alert's score ends the quiet time. */
        private static final double WORSE = 2;

        private final Shape shape;
        private final Groups groups;
        private final double threshold;
        private final long warmUpNanos;
        private final long quietNanos;
        private final String emit;
        private final String score;
        private final String anomaly;
        private final String ready;
        private final String cause;

        Watch(Context context, Shape shape, Groups groups) {
            this.shape = shape;
            this.groups = groups;
            threshold = context.option(THRESHOLD);
            warmUpNanos = context.option(WARM_UP).toNanos();
            quietNanos = context.option(QUIET).toNanos();
            emit = context.option(EMIT);
            String prefix = context.option(AS);
            score = prefix + "score";
            anomaly = prefix + "anomaly";
            ready = prefix + "ready";
            cause = prefix + "cause";
        }

        @Override
        public void point(Point point, Output output) {
            float[] values = values(point);
            long time = point.timeNanos();
            ForestSeries series = groups.of(point.group());
            ForestSeries.Order order = series.order(time, values);
            double judged = series.score(values) / threshold;
            boolean isReady = series.isKnown() && series.ageNanos(time) >= warmUpNanos;
            boolean alerts = isReady && judged >= 1 && !isQuiet(series, time, judged);
            Optional<Point> result = Optional.empty();
            if (emits(alerts, alerts != series.hasAlerted())) {
                Fields fields =
                        Fields.of(score, judged).and(anomaly, alerts ? 1 : 0).and(ready, isReady);
                if (alerts) {
                    fields = fields.and(cause, shape.fields().get(series.cause(values)));
                }
                result = Optional.of(point.withAddedFields(fields));
            }
            if (order != ForestSeries.Order.DUPLICATE) {
                series.judged(time, alerts, judged);
            }
            if (order == ForestSeries.Order.NEXT) {
                series.learn(shape, time, values);
            }
            result.ifPresent(output::point);
        }

        private float[] values(Point point) {
            float[] values = new float[shape.fields().size()];
            for (int i = 0; i < values.length; i++) {
                String field = shape.fields().get(i);
                double value = point.doubleField(field);
                if (!(Math.abs(value) <= LARGEST)) {
                    throw new FieldException("field \"" + field + "\": " + value + " (expected: a finite number from -"
                            + LARGEST + " to " + LARGEST + ")");
                }
                values[i] = (float) value + 0.0f;
            }
            return values;
        }

        private boolean isQuiet(ForestSeries series, long time, double judged) {
            return judged <= WORSE * series.alertScore() && series.nanosFromAlert(time) < quietNanos;
        }

        private boolean emits(boolean alerts, boolean changed) {
            return switch (emit) {
                case "changes" -> changed;
                case "anomalies" -> alerts;
                default -> true;
            };
        }
    }
}
