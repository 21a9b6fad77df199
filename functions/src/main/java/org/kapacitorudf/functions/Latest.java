package org.kapacitorudf.functions;

import static org.kapacitorudf.functions.SharedOptions.AS;
import static org.kapacitorudf.functions.SharedOptions.EXPIRE;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.kapacitorudf.Context;
import org.kapacitorudf.Description;
import org.kapacitorudf.Handler;
import org.kapacitorudf.Output;
import org.kapacitorudf.Point;
import org.kapacitorudf.Udf;
import org.kapacitorudf.errors.FieldException;
import org.kapacitorudf.errors.UdfException;
import org.kapacitorudf.functions.latest.Recent;
import org.kapacitorudf.option.Argument;
import org.kapacitorudf.option.Arguments;
import org.kapacitorudf.option.Option;

/**
 * Adds the latest values of other measurements to the points of one measurement: an as-of join of measurements from a
 * single {@code from()}. See {@link Recent}.
 *
 * <p>Threading: as for {@link Udf}.
 *
 * <p>Errors: a point of another measurement without a usable value is skipped. If the stream is grouped by measurement,
 * the task fails.
 */
public final class Latest implements Udf {
    private static final Argument<String> MEASUREMENT =
            Argument.string("measurement").check(SharedOptions.A_NAME, SharedOptions::isName);
    private static final Argument<String> OTHER_FIELD =
            Argument.string("field").check(SharedOptions.A_NAME, SharedOptions::isName);

    private static final Option<String> LEAD = Option.string("lead")
            .required()
            .check(SharedOptions.A_NAME, SharedOptions::isName)
            .help("measurement whose points are emitted");
    private static final Option<List<Arguments>> OF = Option.tuple("of", MEASUREMENT, OTHER_FIELD)
            .required()
            .repeated()
            .help(
                    "another measurement and one of its fields, whose latest value is added to each point as MEASUREMENT.FIELD");
    private static final Option<Duration> MAX_AGE = Option.duration("maxAge")
            .orElse(Duration.ofMinutes(5))
            .atLeast(Duration.ZERO)
            .atMost(Duration.ofDays(365))
            .help("a value further away in time than this counts as missing");
    private static final Option<String> MISSING = Option.string("missing")
            .orElse("pass")
            .oneOf("pass", "drop")
            .help("what happens to a point with a missing value: it is emitted without the field, or not emitted");

    @Override
    public Description describe() {
        return Description.stream("latest", "the latest values of other measurements added to each point of one")
                .options(LEAD, OF, AS, MAX_AGE, MISSING, EXPIRE)
                .notes("""
                        Use one from() without .measurement() for all measurements. Group by tags that all of them have, and not by
                        measurement. Each point of <lead> is emitted with its own fields and one more for each <of>: the newest value that is
                        not after the point, an unchanged double, int or bool. Points of other measurements are not emitted.
                        Two values are kept for each <of>, so measurements may arrive in any order. A point that is older than both gets the
                        older one. A late value is used if it is newer than the older one; a duplicate changes nothing. A point of another
                        measurement whose field is a string, a NaN or an infinity, or that has none of the fields, is skipped, counted
                        and logged.""");
    }

    @Override
    public Handler create(Context context) {
        String lead = context.option(LEAD);
        List<Column> columns = new ArrayList<>();
        Set<String> names = new HashSet<>();
        long bytes = Recent.SNAPSHOT_BYTES * context.option(OF).size();
        SnapshotBudget budget = new SnapshotBudget(context, bytes, "name fewer fields with .of()");
        for (Arguments of : context.option(OF)) {
            String measurement = of.get(MEASUREMENT);
            String name = measurement + "." + of.get(OTHER_FIELD);
            if (measurement.equals(lead)) {
                throw new UdfException("of: '" + measurement + "' (expected: another measurement than lead)");
            }
            if (!names.add(name)) {
                throw new UdfException("of: " + of + " (expected: each field once)");
            }
            columns.add(new Column(
                    measurement, of.get(OTHER_FIELD), context.option(AS) + name, values(context, name, budget)));
        }
        return new Join(
                lead,
                List.copyOf(columns),
                context.option(MAX_AGE).toNanos(),
                context.option(MISSING).equals("drop"));
    }

    private static Groups<Recent> values(Context context, String name, SnapshotBudget budget) {
        try {
            return new Groups<>(context, name, Recent.class, Recent::new, budget);
        } catch (IllegalArgumentException e) {
            throw new UdfException("of: " + e.getMessage());
        }
    }

    /**
     * A field of another measurement.
     *
     * @param as the field's name in the points of the leading measurement
     * @param values the latest values of each group. Each column has a separate state, so that adding a column to the
     *     TICKscript does not affect the others
     */
    private record Column(String measurement, String field, String as, Groups<Recent> values) {
        /**
         * Stores a value of the field. Returns false if the value cannot be joined: only ints, bools and finite doubles
         * can.
         */
        boolean take(Point point, Object value) {
            if (value instanceof Double number && Double.isFinite(number)) {
                values.of(point.group()).addDouble(point.timeNanos(), number);
            } else if (value instanceof Long number) {
                values.of(point.group()).addInt(point.timeNanos(), number);
            } else if (value instanceof Boolean bool) {
                values.of(point.group()).addBool(point.timeNanos(), bool);
            } else {
                return false;
            }
            return true;
        }

        Point joined(Point point, Recent.Found found) {
            return switch (found.kind()) {
                case DOUBLE -> point.withField(as, found.asDouble());
                case INT -> point.withField(as, found.asInt());
                case BOOL -> point.withField(as, found.asBool());
            };
        }
    }

    private static final class Join implements Handler {
        private final String lead;
        private final List<Column> columns;
        private final Map<String, List<Column>> others;
        private final long maxAgeNanos;
        private final boolean dropsIncomplete;
        private final Recent.Found found = new Recent.Found();

        Join(String lead, List<Column> columns, long maxAgeNanos, boolean dropsIncomplete) {
            this.lead = lead;
            this.columns = columns;
            this.others = columns.stream().collect(Collectors.groupingBy(Column::measurement));
            this.maxAgeNanos = maxAgeNanos;
            this.dropsIncomplete = dropsIncomplete;
        }

        @Override
        public void point(Point point, Output output) {
            if (point.byName()) {
                throw new UdfException("groupByMeasurement: on (expected: off, so that measurements share a group)");
            }
            String measurement = point.name();
            if (measurement.equals(lead)) {
                join(point, output);
            } else if (others.containsKey(measurement)) {
                take(point, others.get(measurement));
            }
        }

        private void join(Point point, Output output) {
            Point joined = point;
            for (Column column : columns) {
                if (column.values.of(point.group()).find(point.timeNanos(), maxAgeNanos, found)) {
                    joined = column.joined(joined, found);
                } else if (dropsIncomplete) {
                    return;
                }
            }
            output.point(joined);
        }

        /** Stores the values of a point. A value that cannot be joined does not affect the others. */
        private void take(Point point, List<Column> itsColumns) {
            boolean hasField = false;
            FieldException unusable = null;
            for (Column column : itsColumns) {
                Object value = point.field(column.field).orElse(null);
                if (value != null) {
                    hasField = true;
                    if (!column.take(point, value)) {
                        unusable = new FieldException("field \"" + column.field + "\": "
                                + (value instanceof String ? "a string" : value)
                                + " (expected: a finite double, an int or a bool)");
                    }
                }
            }
            if (!hasField) {
                throw new FieldException(
                        "fields: " + point.fields().keySet() + " (expected: at least one that is listed in of)");
            }
            if (unusable != null) {
                throw unusable;
            }
        }
    }
}
