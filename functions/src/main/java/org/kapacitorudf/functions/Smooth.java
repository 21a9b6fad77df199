package org.kapacitorudf.functions;

import static org.kapacitorudf.functions.SharedOptions.EXPIRE;
import static org.kapacitorudf.functions.SharedOptions.FIELD;

import java.time.Duration;
import org.kapacitorudf.Context;
import org.kapacitorudf.Description;
import org.kapacitorudf.GroupState;
import org.kapacitorudf.Handler;
import org.kapacitorudf.Option;
import org.kapacitorudf.Output;
import org.kapacitorudf.Point;
import org.kapacitorudf.Udf;
import org.kapacitorudf.functions.smooth.Ema;

/** The signal without the noise. See {@link Ema}. */
public final class Smooth implements Udf {
    private static final Option<String> AS = Option.string("as")
            .orElse("smooth")
            .check("not empty", name -> !name.isEmpty())
            .help("field of the result");
    private static final Option<Duration> TAU = Option.duration("tau")
            .orElse(Duration.ofMinutes(5))
            .moreThan(Duration.ZERO)
            .atMost(Duration.ofDays(365))
            .help("time after which the old average weighs 1/e");

    @Override
    public Description describe() {
        return Description.stream("smooth", "exponential moving average of a field over real time, per group")
                .options(FIELD, AS, TAU, EXPIRE)
                .notes("""
                        The average starts at the first value. Points may come at irregular times. Ints and doubles are taken.
                        A late point and a duplicate go on with the average as it is and change nothing. A point without a finite number in
                        the field is skipped, counted and logged.""");
    }

    @Override
    public Handler create(Context context) {
        NumberField field = new NumberField(context.option(FIELD));
        String as = context.option(AS);
        double tauNanos = context.option(TAU).toNanos();
        GroupState<Ema> groups =
                context.groupState("ema", Ema.class, Ema::new, SharedOptions.expiry(context.option(EXPIRE)));
        return new Handler() {
            @Override
            public void point(Point point, Output output) {
                double value = field.of(point);
                output.point(point.withField(as, groups.of(point.group()).add(point.time(), value, tauNanos)));
            }
        };
    }
}
