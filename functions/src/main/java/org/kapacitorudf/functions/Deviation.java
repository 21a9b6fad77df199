package org.kapacitorudf.functions;

import java.time.Duration;
import org.kapacitorudf.Context;
import org.kapacitorudf.Description;
import org.kapacitorudf.functions.detect.Method;
import org.kapacitorudf.functions.deviation.RecordBand;
import org.kapacitorudf.functions.deviation.RecordSeries;
import org.kapacitorudf.option.Option;

/** Detects values that are unusual given the recent past. See {@link RecordBand}. */
public final class Deviation extends Detector<RecordSeries> {
    private static final Option<Duration> MEMORY = Option.duration("memory")
            .orElse(Duration.ofDays(28))
            .atLeast(Duration.ofMinutes(1))
            .atMost(Duration.ofDays(365))
            .help("minimum time that is remembered; at most twice as long");
    private static final Option<Double> TOLERANCE = Option.number("tolerance")
            .orElse(0.05)
            .moreThan(0)
            .atMost(10)
            .help("by which share of the range a record must exceed the previous one: less detects more");
    private static final Option<Long> HALF_LIFE = Option.integer("halfLife")
            .orElse(20)
            .atLeast(1)
            .atMost(RecordBand.LONGEST_HALF_LIFE)
            .help("number of points after which the weight of a point in the level is halved");

    public Deviation() {
        super(RecordSeries.class, Duration.ofDays(1), Duration.ofHours(12));
    }

    @Override
    Description detector() {
        return Description.stream("deviation", "whether a value is unusual, given the recent past of its group")
                .options(MEMORY, TOLERANCE, HALF_LIFE)
                .notes("""
                        A value is unusual if it sets a record: if the value, its level (a mean of the last points) or its change since the
                        previous point is lower or higher than everything remembered, by more than <tolerance> of the range.""");
    }

    @Override
    Method<RecordSeries> method(Context context) {
        return new RecordBand(
                context.option(TOLERANCE),
                Math.toIntExact(context.option(HALF_LIFE)),
                context.option(MEMORY).toNanos());
    }
}
