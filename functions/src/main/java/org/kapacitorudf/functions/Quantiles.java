package org.kapacitorudf.functions;

import static org.kapacitorudf.functions.SharedOptions.AS;
import static org.kapacitorudf.functions.SharedOptions.EXPIRE;
import static org.kapacitorudf.functions.SharedOptions.FIELD;
import static org.kapacitorudf.functions.Sliding.PANES;
import static org.kapacitorudf.functions.Sliding.WINDOW;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.kapacitorudf.Context;
import org.kapacitorudf.Description;
import org.kapacitorudf.Fields;
import org.kapacitorudf.Handler;
import org.kapacitorudf.Output;
import org.kapacitorudf.Point;
import org.kapacitorudf.Udf;
import org.kapacitorudf.errors.UdfException;
import org.kapacitorudf.functions.quantiles.DigestSeries;
import org.kapacitorudf.functions.quantiles.Distribution;
import org.kapacitorudf.functions.quantiles.TDigest;
import org.kapacitorudf.option.Option;

/**
 * Computes quantiles of a field over a sliding window, in fixed memory. See {@link TDigest} and {@link Distribution}.
 *
 * <p>Threading: as for {@link Udf}.
 *
 * <p>Errors: a point without a finite number in the field is skipped (see {@link NumberField}), and so is a point from
 * before the window.
 */
public final class Quantiles implements Udf {
    private static final List<Double> DEFAULT = List.of(0.5, 0.9, 0.99);
    private static final int MOST = 20;

    private static final Option<List<Double>> OF = Option.number("of")
            .repeated()
            .atLeast(0)
            .atMost(1)
            .help("a quantile, such as 0.99, emitted as p99; default: 0.5, 0.9 and 0.99");

    @Override
    public Description describe() {
        return Description.stream("quantiles", "quantiles of a field, such as p99, over a sliding window")
                .options(FIELD, OF, AS, WINDOW, PANES, EXPIRE)
                .notes(Sliding.NOTES + """

                        Its fields are p50, p90 and p99, or those set with <of>, as doubles, and count, the number of values.
                        They are exact while a pane has at most 100 different values. Of more, the rank is off by less than 0.5 % of all
                        values at p50, and by less than 0.05 % at p99.
                        Ints and doubles are accepted. A point without the field, or with a string, a bool, a NaN or an infinity in it, is
                        skipped, counted and logged.""");
    }

    @Override
    public Handler create(Context context) {
        List<Double> given = context.option(OF);
        return new Window(
                new NumberField(context.option(FIELD)),
                columns(given.isEmpty() ? DEFAULT : given, context.option(AS)),
                context.option(AS) + "count",
                new Sliding<>(
                        context,
                        "t-digests",
                        DigestSeries.class,
                        DigestSeries::new,
                        new SnapshotBudget(
                                context, DigestSeries.snapshotBytes(Sliding.panes(context)), "set fewer .panes()")));
    }

    private static List<Column> columns(List<Double> of, String prefix) {
        if (of.size() > MOST) {
            throw new UdfException("of: " + of.size() + " quantiles (expected: <= " + MOST + ")");
        }
        Set<String> names = new HashSet<>();
        List<Column> columns = new ArrayList<>();
        for (double q : of) {
            String name = "p"
                    + BigDecimal.valueOf(q)
                            .movePointRight(2)
                            .stripTrailingZeros()
                            .toPlainString();
            if (!names.add(name)) {
                throw new UdfException("of: " + q + " (expected: each quantile once)");
            }
            columns.add(new Column(q, prefix + name));
        }
        return List.copyOf(columns);
    }

    private record Column(double q, String as) {}

    private static final class Window implements Handler {
        private final NumberField field;
        private final List<Column> columns;
        private final String count;
        private final Sliding<DigestSeries> sliding;

        Window(NumberField field, List<Column> columns, String count, Sliding<DigestSeries> sliding) {
            this.field = field;
            this.columns = columns;
            this.count = count;
            this.sliding = sliding;
        }

        @Override
        public void point(Point point, Output output) {
            double value = field.of(point);
            DigestSeries series = sliding.series(point);
            int slot = sliding.slotOf(
                    series,
                    point,
                    Double.doubleToLongBits(value),
                    end -> output.point(Sliding.result(point, end).withFields(fields(series.distribution()))));
            if (slot >= 0) {
                series.add(slot, sliding.panes(), value);
            }
        }

        private Fields fields(Distribution distribution) {
            Fields fields = Fields.of(count, distribution.count());
            for (Column column : columns) {
                fields = fields.and(column.as, distribution.quantile(column.q));
            }
            return fields;
        }
    }
}
