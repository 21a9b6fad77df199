package org.kapacitorudf.functions;

import java.time.Duration;
import java.util.Map;
import org.kapacitorudf.Context;
import org.kapacitorudf.Description;
import org.kapacitorudf.functions.changepoint.Cusum;
import org.kapacitorudf.functions.changepoint.RegimeSeries;
import org.kapacitorudf.functions.detect.Method;
import org.kapacitorudf.option.Option;

/** Detects permanent shifts of the level or the spread of a series. See {@link Cusum}. */
public final class Changepoint extends Detector<RegimeSeries> {
    private static final Option<Double> DRIFT = Option.number("drift")
            .orElse(0.5)
            .moreThan(0)
            .atMost(3)
            .help("half the size of the shift that is detected fastest, in standard deviations of the noise");
    private static final Option<Double> THRESHOLD = Option.number("threshold")
            .orElse(8)
            .atLeast(1)
            .atMost(1000)
            .help(
                    "evidence needed for a shift, in standard deviations: less detects shifts sooner, more gives fewer false alerts");
    private static final Option<Long> CONFIRM = Option.integer("confirm")
            .orElse(10)
            .atLeast(Cusum.FEWEST_CONFIRM)
            .atMost(Cusum.MOST_CONFIRM)
            .help("number of points after the evidence, of which more than half must confirm the shift");

    public Changepoint() {
        super(RegimeSeries.class, Duration.ofHours(1), Duration.ZERO);
    }

    @Override
    Description detector() {
        return Description.stream("changepoint", "whether the level or the spread of a value has shifted permanently")
                .options(DRIFT, THRESHOLD, CONFIRM)
                .notes("""
                        A cumulative sum (CUSUM) collects evidence that the values are higher or lower than before, or spread more or less.
                        The next <confirm> points must confirm it. Then there is one alert, and the new level becomes the usual one.
                        expected is the level, lower and upper are three standard deviations away. score is the evidence as a share of the
                        threshold; at the point that confirms a shift it is the size of the shift, at least 1. anomaly is 1 for a higher
                        level or a larger spread. The point that alerts has three more fields: change ('level' or 'spread'), and before and
                        after (the two levels, or the two standard deviations).""");
    }

    @Override
    String lessState(Context context) {
        return "set a smaller .confirm()";
    }

    @Override
    void migrate(Map<String, Object> series) {
        super.migrate(series);
        RegimeSeries.migrate(series);
    }

    @Override
    Method<RegimeSeries> method(Context context) {
        return new Cusum(
                context.option(DRIFT),
                context.option(THRESHOLD),
                Math.toIntExact(context.option(CONFIRM)),
                context.option(MIN_DEVIATION));
    }
}
