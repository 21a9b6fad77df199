package org.kapacitorudf.examples;

import org.kapacitorudf.Context;
import org.kapacitorudf.Description;
import org.kapacitorudf.Fields;
import org.kapacitorudf.Handler;
import org.kapacitorudf.Udf;
import org.kapacitorudf.errors.FieldException;
import org.kapacitorudf.option.Option;
import org.kapacitorudf.state.GroupState;

/**
 * Computes the mean of the last {@code size} values of a field, for each group.
 *
 * <p>Threading: as for {@link Udf}; only the handler's calls use the windows.
 *
 * <p>Errors: a point without the field or with a non-finite value is skipped, so the mean is always finite.
 */
public final class MovingAverage implements Udf {
    private static final Option<String> FIELD = Option.string("field")
            .required()
            .check("not empty", name -> !name.isEmpty())
            .help("field to average, double or int");
    private static final Option<Long> SIZE =
            Option.integer("size").required().atLeast(1).atMost(1_000_000).help("points per window");
    private static final Option<String> AS = Option.string("as")
            .orElse("avg")
            .check("not empty", name -> !name.isEmpty())
            .help("name of the field that holds the mean");

    @Override
    public Description describe() {
        return Description.stream("movingAvg", "mean of the last <size> values of a field, per group")
                .options(FIELD, SIZE, AS)
                .notes("""
                        One point is emitted for each input point, with the same time, tags and group, and the mean as its only field.
                        Until <size> points have arrived, the mean covers fewer. Points without a finite number in the field
                        are skipped, counted and logged. State: the windows; if <size> changes, the newest values are kept.""");
    }

    @Override
    public Handler create(Context context) {
        String field = context.option(FIELD);
        String as = context.option(AS);
        int size = Math.toIntExact(context.option(SIZE));
        GroupState<Window> windows = context.groupState("window", Window.class, Window::new);
        return (point, output) -> {
            double value = point.doubleField(field);
            if (!Double.isFinite(value)) {
                throw new FieldException("field \"" + field + "\": " + value + " (expected: a finite number)");
            }
            double mean = windows.of(point.group()).add(value, size);
            output.point(point.withFields(Fields.of(as, mean)));
        };
    }
}
