package @package@;

import java.util.List;
import org.kapacitorudf.Context;
import org.kapacitorudf.Description;
import org.kapacitorudf.Fields;
import org.kapacitorudf.Handler;
import org.kapacitorudf.Handlers;
import org.kapacitorudf.Point;
import org.kapacitorudf.Udf;
import org.kapacitorudf.option.Option;
import org.kapacitorudf.state.GroupState;

/** Emits one point per batch, with the mean of the batch and its difference from the previous smoothed mean. */
public final class @Name@ implements Udf {
    private static final Option<String> FIELD =
            Option.string("field").required().help("field to examine, double or int");
    private static final Option<Double> WEIGHT = Option.number("weight")
            .atLeast(0)
            .atMost(1)
            .orElse(0.5)
            .help("weight of the newest batch in the smoothed mean");

    /** The smoothed mean of a group. Part of the snapshot: it is restored when Kapacitor restarts. */
    record Smoothed(double mean) {}

    @Override
    public Description describe() {
        return Description.batch("@name@", "how the mean of a field moves from batch to batch, per group")
                .options(FIELD, WEIGHT)
                .notes("Of the first batch of a group the difference is 0. An empty batch comes back empty.");
    }

    @Override
    public Handler create(Context context) {
        String field = context.option(FIELD);
        double weight = context.option(WEIGHT);
        GroupState<Smoothed> smoothed =
                context.groupState("smoothed", Smoothed.class, () -> new Smoothed(Double.NaN));
        return Handlers.batches(context, batch -> {
            if (batch.points().isEmpty()) {
                return batch;
            }
            double mean = batch.points().stream()
                    .mapToDouble(point -> point.doubleField(field))
                    .average()
                    .orElseThrow();
            double before = smoothed.of(batch.group()).mean();
            double moved = Double.isNaN(before) ? 0 : mean - before;
            smoothed.put(batch.group(), new Smoothed(Double.isNaN(before) ? mean : before + weight * moved));
            Point last = batch.points().get(batch.points().size() - 1);
            return batch.withPoints(
                    List.of(last.withFields(Fields.of("mean", mean)).withField("moved", moved)));
        });
    }
}
