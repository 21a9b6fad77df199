package org.kapacitorudf.functions;

import java.time.Duration;
import org.kapacitorudf.Context;
import org.kapacitorudf.Description;
import org.kapacitorudf.Option;
import org.kapacitorudf.functions.detect.Method;
import org.kapacitorudf.functions.deviation.EwBand;
import org.kapacitorudf.functions.deviation.EwSeries;

/** Is this value unusual, given the recent past? See {@link EwBand}. */
public final class Deviation extends Detector<EwSeries> {
    private static final Option<Long> HALF_LIFE =
            Option.integer("halfLife").orElse(500).atLeast(1).help("number of points after which a point weighs half");

    public Deviation() {
        super(EwSeries.class, 100, Duration.ofHours(12));
    }

    @Override
    Description detector() {
        return Description.stream("deviation", "whether a value is unusual, given the recent past of its group")
                .options(HALF_LIFE)
                .notes("The band is around the exponentially weighted mean of the earlier points.");
    }

    @Override
    Method<EwSeries> method(Context context) {
        return new EwBand(context.option(HALF_LIFE), 5);
    }
}
