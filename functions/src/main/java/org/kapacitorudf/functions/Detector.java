package org.kapacitorudf.functions;

import static org.kapacitorudf.functions.SharedOptions.AS;
import static org.kapacitorudf.functions.SharedOptions.EXPIRE;
import static org.kapacitorudf.functions.SharedOptions.FIELD;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.kapacitorudf.Context;
import org.kapacitorudf.Description;
import org.kapacitorudf.Fields;
import org.kapacitorudf.Handler;
import org.kapacitorudf.Output;
import org.kapacitorudf.Point;
import org.kapacitorudf.Udf;
import org.kapacitorudf.errors.UdfException;
import org.kapacitorudf.functions.detect.Alerts;
import org.kapacitorudf.functions.detect.Direction;
import org.kapacitorudf.functions.detect.Judgement;
import org.kapacitorudf.functions.detect.Method;
import org.kapacitorudf.functions.detect.Policy;
import org.kapacitorudf.functions.detect.Watched;
import org.kapacitorudf.option.Option;

/**
 * Base class of detectors, which decide whether a value is unusual. It has the options and the result that all
 * detectors share; a detector adds its own options and a {@link Method}.
 *
 * <p>Each point keeps its fields, tags, time and group, and gets {@code expected}, {@code lower}, {@code upper},
 * {@code score}, {@code anomaly} and {@code ready}. All six are always present, and the numbers are finite.
 *
 * <p>Threading: as for {@link Udf}.
 *
 * <p>Errors: a point without a finite number in the field is skipped; see {@link NumberField}.
 *
 * @param <S> the state of one series
 */
abstract class Detector<S extends Watched> implements Udf {
    static final Option<String> DIRECTION = Option.string("direction")
            .orElse("both")
            .oneOf("up", "down", "both")
            .help("which side alerts: values that are too high, too low, or both");
    static final Option<String> EMIT = Option.string("emit")
            .orElse("all")
            .oneOf("all", "changes", "anomalies")
            .help("which points are emitted: all, those at which anomaly changes, or those at which it is not 0");
    static final Option<Optional<Double>> MIN =
            Option.number("min").help("lowest possible value: the band ends there, and a value below is an anomaly");
    static final Option<Optional<Double>> MAX =
            Option.number("max").help("highest possible value: the band ends there, and a value above is an anomaly");
    static final Option<Double> MIN_DEVIATION = Option.number("minDeviation")
            .orElse(0)
            .atLeast(0)
            .help("a value within this distance of the expected one is not an anomaly");

    private static final Duration LONGEST = Duration.ofDays(365);

    private final Class<S> stateType;
    private final Option<Duration> warmUp;
    private final Option<Duration> quiet;

    /**
     * Creates a detector with these defaults.
     *
     * @param warmUp how long a group is observed before its first alert
     * @param quiet how long further alerts are suppressed after an alert
     */
    Detector(Class<S> stateType, Duration warmUp, Duration quiet) {
        this.stateType = stateType;
        this.warmUp = warmUp(warmUp);
        this.quiet = quiet(quiet);
    }

    static Option<Duration> warmUp(Duration otherwise) {
        return Option.duration("warmUp")
                .orElse(otherwise)
                .atLeast(Duration.ZERO)
                .atMost(LONGEST)
                .help("how long a group is observed before its first alert");
    }

    static Option<Duration> quiet(Duration otherwise) {
        return Option.duration("quiet")
                .orElse(otherwise)
                .atLeast(Duration.ZERO)
                .help("no other alert for this long after an alert, unless the score more than doubles; 0s to disable");
    }

    /** The policy set by the shared options. */
    static Policy policy(Context context, Duration warmUp, Duration quiet) {
        double min = context.option(MIN).orElse(Double.NEGATIVE_INFINITY);
        double max = context.option(MAX).orElse(Double.POSITIVE_INFINITY);
        if (min >= max) {
            throw new UdfException("max: " + max + " (expected: > min, " + min + ")");
        }
        return new Policy(
                warmUp.toSeconds(),
                Direction.valueOf(context.option(DIRECTION).toUpperCase(Locale.ROOT)),
                quiet.toSeconds(),
                min,
                max,
                context.option(MIN_DEVIATION));
    }

    /** The name, summary and notes, and the options that only this detector has. */
    abstract Description detector();

    /**
     * Returns advice for log messages on how to reduce the size of a series in the snapshot, such as
     * {@code set fewer .buckets()}; empty if no option of the detector does that.
     */
    String lessState(Context context) {
        return "";
    }

    /** Upgrades the fields of a series that was saved by version 1. */
    void migrate(Map<String, Object> series) {
        Alerts.migrate(series);
    }

    /** The method of detection. */
    abstract Method<S> method(Context context);

    @Override
    public final Description describe() {
        Description own = detector();
        List<Option<?>> options = new ArrayList<>(List.of(FIELD, AS));
        options.addAll(own.options());
        options.addAll(List.of(warmUp, DIRECTION, EMIT, quiet, MIN, MAX, MIN_DEVIATION, EXPIRE));
        return own.options(options.toArray(Option<?>[]::new))
                .version(2, saved -> migrate(saved.fields()))
                .notes(own.notes() + "\n" + """
                The point is emitted with its own fields and six more: expected, lower, upper (the band), score, anomaly, ready. |score| >= 1
                is outside the band. anomaly is 1 (too high) or -1 (too low) at a point that alerts, else 0: it honours warmUp, direction
                and quiet, which score does not.
                Ints and doubles are accepted. A point without the field, or with a string, a bool, a NaN or an infinity in it, is skipped,
                counted and logged, and never learnt. A late point is judged but not learnt; a duplicate changes nothing.""");
    }

    @Override
    public final Handler create(Context context) {
        Policy policy = policy(context, context.option(warmUp), context.option(quiet));
        Method<S> method = method(context);
        return new Watch<>(
                new NumberField(context.option(FIELD)),
                Emit.of(context),
                policy,
                method,
                new Groups<>(
                        context,
                        "series",
                        stateType,
                        method::fresh,
                        new SnapshotBudget(context, method.snapshotBytes(), lessState(context))),
                new Result(context.option(AS)));
    }

    /** Which points are emitted. */
    enum Emit {
        ALL,
        CHANGES,
        ANOMALIES;

        static Emit of(Context context) {
            return valueOf(context.option(EMIT).toUpperCase(Locale.ROOT));
        }

        /** @param changed whether {@code anomaly} differs from that of the previous point */
        boolean emits(Judgement judgement, boolean changed) {
            return switch (this) {
                case ALL -> true;
                case CHANGES -> changed;
                case ANOMALIES -> judgement.anomaly() != 0;
            };
        }
    }

    /** The fields that a judgement adds to a point. */
    static final class Result {
        private final String prefix;
        private final String expected;
        private final String lower;
        private final String upper;
        private final String score;
        private final String anomaly;
        private final String ready;

        Result(String prefix) {
            this.prefix = prefix;
            expected = prefix + "expected";
            lower = prefix + "lower";
            upper = prefix + "upper";
            score = prefix + "score";
            anomaly = prefix + "anomaly";
            ready = prefix + "ready";
        }

        Point of(Point point, Judgement judgement) {
            Fields result = Fields.of(expected, judgement.expected())
                    .and(lower, judgement.lower())
                    .and(upper, judgement.upper())
                    .and(score, judgement.score())
                    .and(anomaly, judgement.anomaly())
                    .and(ready, judgement.isReady());
            return point.withAddedFields(judgement.anomaly() == 0 ? result : withDetails(result, judgement));
        }

        private Fields withDetails(Fields fields, Judgement judgement) {
            Fields detailed = fields;
            for (Map.Entry<String, Object> detail : judgement.details().entrySet()) {
                String name = prefix + detail.getKey();
                detailed = detail.getValue() instanceof Double number
                        ? detailed.and(name, number)
                        : detailed.and(name, detail.getValue().toString());
            }
            return detailed;
        }
    }

    /** The handler of every detector. */
    private static final class Watch<S extends Watched> implements Handler {
        private final NumberField field;
        private final Emit emit;
        private final Policy policy;
        private final Method<S> method;
        private final Groups<S> groups;
        private final Result result;
        private final Judgement judgement = new Judgement();

        Watch(NumberField field, Emit emit, Policy policy, Method<S> method, Groups<S> groups, Result result) {
            this.field = field;
            this.emit = emit;
            this.policy = policy;
            this.method = method;
            this.groups = groups;
            this.result = result;
        }

        @Override
        public void point(Point point, Output output) {
            double value = field.of(point);
            boolean changed = policy.take(method, groups.of(point.group()), point.timeNanos(), value, judgement);
            if (emit.emits(judgement, changed)) {
                output.point(result.of(point, judgement));
            }
        }
    }
}
