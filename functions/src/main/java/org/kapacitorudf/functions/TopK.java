package org.kapacitorudf.functions;

import static org.kapacitorudf.functions.SharedOptions.AS;
import static org.kapacitorudf.functions.SharedOptions.EXPIRE;
import static org.kapacitorudf.functions.Sliding.PANES;
import static org.kapacitorudf.functions.Sliding.WINDOW;

import java.util.List;
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
import org.kapacitorudf.functions.top.FrequentItems;
import org.kapacitorudf.functions.top.TopSeries;
import org.kapacitorudf.option.Option;

/**
 * The most frequent values of a field or a tag over a sliding window, in fixed memory. See {@link FrequentItems}.
 *
 * <p>Threading: as for {@link Udf}.
 *
 * <p>Errors: a point without the value, with a NaN or an infinity, or with a string that is too long, is skipped, and
 * so is a point from before the window. If the stream is grouped by a tag with the name of the rank, the task fails.
 */
public final class TopK implements Udf {
    private static final int COUNTERS_FOR_EACH = 10;

    private static final Option<Long> K =
            Option.integer("k").orElse(10).atLeast(1).atMost(100).help("maximum number of emitted values");
    private static final Option<Optional<Long>> COUNTERS = Option.integer("counters")
            .atLeast(1)
            .atMost(2000)
            .help("counters per pane, at least k: a count is too high by at most 1/counters of all points; default: "
                    + COUNTERS_FOR_EACH + " x k");
    private static final Option<Long> MAX_LENGTH = Option.integer("maxLength")
            .orElse(200)
            .atLeast(1)
            .atMost(1000)
            .help("a point with a longer text, in UTF-16 units, is skipped");

    @Override
    public Description describe() {
        return Description.stream("topK", "the most frequent values over a sliding window")
                .options(CountedValue.FIELD, CountedValue.TAG, K, AS, COUNTERS, MAX_LENGTH, WINDOW, PANES, EXPIRE)
                .notes(Sliding.NOTES + """

                        A result is up to <k> points of one time, each with the tag rank, '1' for the most frequent value, and the
                        fields item (the value as a string), count (how often it occurred), error (by how much count may be too high) and
                        share (count divided by the number of points).
                        A count is never too low. While no pane has more different values than <counters>, error is 0.
                        Values of all types are accepted, as text: a whole number is the same value as an int and as a double. A point
                        without the field or tag, or with a NaN or an infinity in it, is skipped, counted and logged.""");
    }

    @Override
    public Handler create(Context context) {
        int k = Math.toIntExact(context.option(K));
        int counters = Math.toIntExact(context.option(COUNTERS).orElse((long) COUNTERS_FOR_EACH * k));
        if (counters < k) {
            throw new UdfException("counters: " + counters + " (expected: >= k, " + k + ")");
        }
        return new Window(
                CountedValue.of(context),
                k,
                counters,
                Math.toIntExact(context.option(MAX_LENGTH)),
                context.option(AS),
                new Sliding<>(
                        context,
                        "counters " + counters,
                        TopSeries.class,
                        TopSeries::new,
                        new SnapshotBudget(
                                context,
                                TopSeries.snapshotBytes(Sliding.panes(context), counters),
                                "set fewer .counters(), fewer .panes() or a shorter .maxLength()")));
    }

    private static final class Window implements Handler {
        private final CountedValue value;
        private final int k;
        private final int counters;
        private final int maxLength;
        private final String prefix;
        private final Sliding<TopSeries> sliding;

        Window(CountedValue value, int k, int counters, int maxLength, String prefix, Sliding<TopSeries> sliding) {
            this.value = value;
            this.k = k;
            this.counters = counters;
            this.maxLength = maxLength;
            this.prefix = prefix;
            this.sliding = sliding;
        }

        @Override
        public void point(Point point, Output output) {
            String item = value.in(point).toString();
            if (item.length() > maxLength) {
                throw new FieldException(
                        "length: " + item.length() + " (expected: <= " + maxLength + ", of \"" + value.name() + "\")");
            }
            TopSeries series = sliding.series(point);
            int slot = sliding.slotOf(series, point, item.hashCode(), end -> give(point, series, end, output));
            if (slot >= 0) {
                series.add(slot, sliding.panes(), item, counters);
            }
        }

        private void give(Point point, TopSeries series, long end, Output output) {
            String rank = prefix + "rank";
            if (point.dimensions().contains(rank)) {
                throw new UdfException("groupBy: '" + rank + "' (expected: another tag; or set as to rename the rank)");
            }
            Point result = Sliding.result(point, end);
            List<TopSeries.Item> top = series.top(k);
            double total = series.total();
            for (int i = 0; i < top.size(); i++) {
                TopSeries.Item item = top.get(i);
                output.point(result.withTag(rank, Integer.toString(i + 1))
                        .withFields(Fields.of(prefix + "item", item.item())
                                .and(prefix + "count", item.count())
                                .and(prefix + "error", item.error())
                                .and(prefix + "share", item.count() / total)));
            }
        }
    }
}
