package org.kapacitorudf.functions;

import java.time.Duration;
import org.kapacitorudf.Context;
import org.kapacitorudf.Description;
import org.kapacitorudf.functions.detect.Judgement;
import org.kapacitorudf.functions.detect.Method;
import org.kapacitorudf.functions.detect.Watched;
import org.kapacitorudf.option.Option;

/** A control chart (Shewhart 1931) whose mean and variance are exponentially weighted (West 1979). */
public final class Shewhart extends Detector<Shewhart.Chart> {
    private static final Option<Double> SIGMAS =
            Option.number("sigmas").orElse(4).moreThan(0).help("standard deviations that are usual");

    public Shewhart() {
        super(Chart.class, Duration.ofHours(1), Duration.ofHours(12));
    }

    @Override
    Description detector() {
        return Description.stream("shewhart", "whether a value is far from the mean")
                .options(SIGMAS);
    }

    @Override
    Method<Chart> method(Context context) {
        return new Limits(context.option(SIGMAS));
    }

    static final class Chart extends Watched {
        double mean;
        double variance;
        int points;
    }

    private record Limits(double sigmas) implements Method<Chart> {
        @Override
        public Chart fresh() {
            return new Chart();
        }

        @Override
        public boolean judge(Chart chart, long time, double value, Judgement judgement) {
            double reach = sigmas * Math.sqrt(chart.variance) + 1e-6 * Math.abs(chart.mean);
            if (chart.points > 0) {
                judgement.band(chart.mean, chart.mean - reach, chart.mean + reach);
            }
            return chart.points >= 30;
        }

        @Override
        public void learn(Chart chart, long time, double value, Judgement judgement) {
            chart.points = Math.min(chart.points + 1, 500);
            double weight = 1.0 / chart.points;
            double difference = value - chart.mean;
            chart.mean += weight * difference;
            chart.variance = (1 - weight) * (chart.variance + weight * difference * difference);
        }
    }
}
