package org.kapacitorudf.functions;

import static org.kapacitorudf.functions.SharedOptions.AS;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.kapacitorudf.Context;
import org.kapacitorudf.Description;
import org.kapacitorudf.Fields;
import org.kapacitorudf.Handler;
import org.kapacitorudf.Output;
import org.kapacitorudf.Point;
import org.kapacitorudf.Udf;
import org.kapacitorudf.errors.FieldException;
import org.kapacitorudf.errors.UdfException;
import org.kapacitorudf.functions.series.Order;
import org.kapacitorudf.functions.sessions.Session;
import org.kapacitorudf.functions.sessions.Session.Mark;
import org.kapacitorudf.option.Option;
import org.kapacitorudf.state.Expiry;
import org.kapacitorudf.state.GroupState;

/**
 * Measures how long something lasts, from start to stop or until there is a gap. See {@link Session}.
 *
 * <p>Threading: as for {@link Udf}.
 *
 * <p>Errors: a late point is skipped, and so is a point without the field if a field is set.
 */
public final class Sessions implements Udf {
    private static final Duration GAP_ALONE = Duration.ofMinutes(30);
    private static final Duration GAP_OF_PAIRS = Duration.ofDays(1);

    private static final Option<Optional<String>> FIELD = Option.string("field")
            .check(SharedOptions.A_NAME, SharedOptions::isName)
            .help("only points with this field count; with start and stop, the field that has these values");
    private static final Option<Optional<String>> START =
            Option.string("start").help("value of the field that begins a session, such as 'running', '1' or 'true'");
    private static final Option<Optional<String>> STOP =
            Option.string("stop").help("value of the field that ends a session");
    private static final Option<Optional<Duration>> GAP = Option.duration("gap")
            .moreThan(Duration.ZERO)
            .atMost(Duration.ofDays(365))
            .help("a session ends if its group has no point for longer; default: 30m, with start and stop 1d");
    private static final Option<String> EMIT = Option.string("emit")
            .orElse("ends")
            .oneOf("ends", "points")
            .help("output: a point for each ended session, or every point with the state of its session so far");
    private static final Option<Optional<Duration>> EXPIRE = Option.duration("expire")
            .moreThan(Duration.ZERO)
            .atMost(Duration.ofDays(365))
            .help(
                    "a group without points for this long, by the time of all groups' points, is removed, and its session "
                            + "ends; at least gap; default: 2 x gap");

    @Override
    public Description describe() {
        return Description.stream("sessions", "how long something lasts: until there is a gap, or from start to stop")
                .options(FIELD, START, STOP, GAP, EMIT, AS, EXPIRE)
                .notes("""
                        A session is a run of points of a group without a gap. With <start> and <stop> it begins at the first point
                        with the first value in <field>, and ends at the first point with the second. Values are strings, bools, ints or
                        doubles.
                        With .emit('ends') a point is emitted when a session has ended, with the time of its last point, the group's tags, and
                        four fields: seconds (how long it lasted), points (how many), begin (the time of the first one in nanoseconds) and
                        ended ('gap' or 'stop'). A gap is seen when the group's next point arrives, or after <expire>.
                        With .emit('points') every point is emitted with its own fields and two more: seconds and points so far, 0 outside
                        of a session.
                        Points of one group at one time count once. A late point, and one without the field, is skipped, counted and
                        logged.""");
    }

    @Override
    public Handler create(Context context) {
        Optional<String> field = context.option(FIELD);
        Optional<String> start = context.option(START);
        Optional<String> stop = context.option(STOP);
        if (start.isPresent() != stop.isPresent()) {
            throw new UdfException((start.isPresent() ? "stop" : "start") + ": missing (expected: both, or neither)");
        }
        if (start.isPresent() && field.isEmpty()) {
            throw new UdfException("field: missing (expected: the field with the values of start and stop)");
        }
        if (start.isPresent() && start.equals(stop)) {
            throw new UdfException("stop: '" + stop.get() + "' (expected: another value than start)");
        }
        Duration gap = context.option(GAP).orElse(start.isPresent() ? GAP_OF_PAIRS : GAP_ALONE);
        Duration expire = context.option(EXPIRE).orElse(gap.multipliedBy(2));
        if (expire.compareTo(gap) < 0) {
            throw new UdfException("expire: " + expire.toSeconds() + "s (expected: >= gap, " + gap.toSeconds() + "s)");
        }
        Result result = new Result(context.option(AS), context.option(EMIT).equals("ends"));
        return new Watch(
                field,
                start.map(Value::new),
                stop.map(Value::new),
                gap.toNanos(),
                result,
                context.groupState(
                        "session",
                        Session.class,
                        Session::new,
                        Expiry.afterEventTime(expire),
                        (group, session, output) -> result.ended(session, "gap", output)),
                new SnapshotBudget(context, Session.SNAPSHOT_BYTES, ""));
    }

    /** A value of an option. Numbers are compared numerically. */
    private record Value(String text) {
        boolean is(Object value) {
            return value instanceof Number number ? isNumber(number) : text.equals(value.toString());
        }

        private boolean isNumber(Number number) {
            try {
                return number instanceof Long integer && !text.contains(".")
                        ? Long.parseLong(text) == integer
                        : Double.parseDouble(text) == number.doubleValue();
            } catch (NumberFormatException e) {
                return false;
            }
        }
    }

    /** The points that are emitted. */
    private static final class Result {
        private final boolean ofEnds;
        private final String seconds;
        private final String points;
        private final String begin;
        private final String ended;

        Result(String prefix, boolean ofEnds) {
            this.ofEnds = ofEnds;
            seconds = prefix + "seconds";
            points = prefix + "points";
            begin = prefix + "begin";
            ended = prefix + "ended";
        }

        void ended(Session session, String by, Output output) {
            if (ofEnds && session.isOpen()) {
                output.point(Point.of(session.name(), session.lastTime())
                        .withTags(session.tags())
                        .withDimensions(session.byName(), session.dimensions())
                        .withFields(Fields.of(seconds, session.seconds())
                                .and(points, session.points())
                                .and(begin, session.beginTime())
                                .and(ended, by)));
            }
        }

        void point(Point point, Session session, Output output) {
            if (!ofEnds) {
                output.point(point.withAddedFields(
                        Fields.of(seconds, session.seconds()).and(points, session.points())));
            }
        }
    }

    private record Watch(
            Optional<String> field,
            Optional<Value> start,
            Optional<Value> stop,
            long gapNanos,
            Result result,
            GroupState<Session> groups,
            SnapshotBudget budget)
            implements Handler {
        @Override
        public void point(Point point, Output output) {
            Mark mark = field.isPresent() ? mark(point, field.get()) : Mark.NONE;
            Session session = groups.of(point.group());
            budget.check(groups.size());
            long time = point.timeNanos();
            Order order = session.order(time, mark);
            if (order == Order.LATE) {
                throw Groups.late(point, session);
            }
            if (order == Order.NEXT) {
                add(session, point, mark, output);
            }
            result.point(point, session, output);
            if (mark == Mark.STOP) {
                result.ended(session, "stop", output);
                session.end();
            }
        }

        private void add(Session session, Point point, Mark mark, Output output) {
            if (session.endsBefore(point.timeNanos(), gapNanos)) {
                result.ended(session, "gap", output);
                session.end();
            }
            if (!session.isOpen() && (start.isEmpty() || mark == Mark.START)) {
                Map<String, String> tags = Groups.tags(point);
                session.begin(point.timeNanos(), point.name(), tags, List.copyOf(point.dimensions()), point.byName());
            }
            session.add(point.timeNanos(), mark);
        }

        private Mark mark(Point point, String name) {
            Object value = point.field(name)
                    .orElseThrow(() -> new FieldException("field \"" + name + "\": missing (expected: a value)"));
            if (start.isPresent() && start.get().is(value)) {
                return Mark.START;
            }
            return stop.isPresent() && stop.get().is(value) ? Mark.STOP : Mark.NONE;
        }
    }
}
