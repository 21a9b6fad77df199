package org.kapacitorudf.functions;

import static org.kapacitorudf.functions.SharedOptions.AS;
import static org.kapacitorudf.functions.SharedOptions.EXPIRE;
import static org.kapacitorudf.functions.Sliding.PANES;
import static org.kapacitorudf.functions.Sliding.WINDOW;

import org.kapacitorudf.Context;
import org.kapacitorudf.Description;
import org.kapacitorudf.Fields;
import org.kapacitorudf.Handler;
import org.kapacitorudf.Output;
import org.kapacitorudf.Point;
import org.kapacitorudf.Udf;
import org.kapacitorudf.functions.distinct.DistinctSeries;
import org.kapacitorudf.functions.distinct.DistinctSet;
import org.kapacitorudf.functions.distinct.ValueHash;
import org.kapacitorudf.option.Option;

/**
 * Counts the different values of a field or a tag over a sliding window, in fixed memory. See {@link DistinctSet}.
 *
 * <p>Threading: as for {@link Udf}.
 *
 * <p>Errors: a point without the value, or with a NaN or an infinity, is skipped (see {@link CountedValue}), and so is
 * a point from before the window.
 */
public final class CountDistinct implements Udf {
    private static final Option<Long> PRECISION = Option.integer("precision")
            .orElse(10)
            .atLeast(6)
            .atMost(16)
            .help(
                    "a pane takes 2^precision bytes: 10 has an average error of 2.4 %, each step more has 0.7 times that");

    @Override
    public Description describe() {
        return Description.stream("countDistinct", "the number of different values over a sliding window")
                .options(CountedValue.FIELD, CountedValue.TAG, AS, PRECISION, WINDOW, PANES, EXPIRE)
                .notes(Sliding.NOTES + """

                        Its fields are distinct (the number of different values, an int) and exact (whether this is not an estimate). It
                        is exact while no pane has more than 100 different values.
                        Values of all types are accepted. A whole number is the same value as an int and as a double; otherwise values of
                        different types are different. A point without the field or tag, or with a NaN or an infinity in it, is skipped,
                        counted and logged.""");
    }

    @Override
    public Handler create(Context context) {
        int precision = Math.toIntExact(context.option(PRECISION));
        return new Window(
                CountedValue.of(context),
                precision,
                context.option(AS) + "distinct",
                context.option(AS) + "exact",
                // The name of the state contains the algorithm and the precision, because states with different ones
                // cannot be merged.
                new Sliding<>(
                        context,
                        ValueHash.NAME + " " + precision,
                        DistinctSeries.class,
                        DistinctSeries::new,
                        new SnapshotBudget(
                                context,
                                DistinctSeries.snapshotBytes(Sliding.panes(context), precision),
                                "set fewer .panes() or a lower .precision()")));
    }

    private static final class Window implements Handler {
        private final CountedValue value;
        private final int precision;
        private final String distinct;
        private final String exact;
        private final Sliding<DistinctSeries> sliding;

        Window(CountedValue value, int precision, String distinct, String exact, Sliding<DistinctSeries> sliding) {
            this.value = value;
            this.precision = precision;
            this.distinct = distinct;
            this.exact = exact;
            this.sliding = sliding;
        }

        @Override
        public void point(Point point, Output output) {
            long hash = hash(value.in(point));
            DistinctSeries series = sliding.series(point);
            int slot = sliding.slotOf(series, point, hash, end -> {
                DistinctSeries.Count count = series.count(precision);
                output.point(Sliding.result(point, end)
                        .withFields(Fields.of(distinct, count.distinct()).and(exact, count.isExact())));
            });
            if (slot >= 0) {
                series.add(slot, sliding.panes(), hash, precision);
            }
        }

        private static long hash(Object value) {
            if (value instanceof String text) {
                return ValueHash.of(text);
            }
            if (value instanceof Long number) {
                return ValueHash.of(number);
            }
            return value instanceof Boolean bool ? ValueHash.of(bool) : ValueHash.of((double) value);
        }
    }
}
