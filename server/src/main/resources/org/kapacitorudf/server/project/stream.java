package @package@;

import java.time.Duration;
import org.kapacitorudf.Context;
import org.kapacitorudf.Description;
import org.kapacitorudf.Fields;
import org.kapacitorudf.Handler;
import org.kapacitorudf.Udf;
import org.kapacitorudf.option.Option;
import org.kapacitorudf.state.GroupState;

/**
 * The rate of change of a value: for each point, the difference from the previous point of its group, per unit of time.
 */
public final class @Name@ implements Udf {
    private static final Option<String> FIELD =
            Option.string("field").required().help("field to examine, double or int");
    private static final Option<Duration> UNIT =
            Option.duration("unit").moreThan(Duration.ZERO).orElse(Duration.ofMinutes(1)).help("time that the rise is for");
    private static final Option<String> AS =
            Option.string("as").orElse("rate").help("name of the field that holds the rate");

    /** The last point of a group. Part of the snapshot: it is restored when Kapacitor restarts. */
    record Last(double value, long time) {}

    @Override
    public Description describe() {
        return Description.stream("@name@", "how fast a field rises, per group")
                .options(FIELD, UNIT, AS)
                .notes("The first point of a group, and one that is not later than the one before, give no result.");
    }

    @Override
    public Handler create(Context context) {
        String field = context.option(FIELD);
        double unitNanos = context.option(UNIT).toNanos();
        String as = context.option(AS);
        GroupState<Last> lasts = context.groupState("last", Last.class, () -> new Last(Double.NaN, Long.MIN_VALUE));
        return (point, output) -> {
            double value = point.doubleField(field);
            Last last = lasts.of(point.group());
            if (point.timeNanos() <= last.time()) {
                return;
            }
            lasts.put(point.group(), new Last(value, point.timeNanos()));
            if (!Double.isNaN(last.value())) {
                double units = (point.timeNanos() - last.time()) / unitNanos;
                output.point(point.withFields(Fields.of(as, (value - last.value()) / units)));
            }
        };
    }
}
