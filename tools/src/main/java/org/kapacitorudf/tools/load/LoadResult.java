package org.kapacitorudf.tools.load;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.stream.DoubleStream;

/**
 * The results of one subject.
 *
 * <p>Threading: immutable.
 *
 * @param subject the name of the subject
 * @param runs the figures of each run; all runs have the same metrics
 */
public record LoadResult(String subject, List<Map<Metric, Double>> runs) {
    public LoadResult {
        runs = runs.stream().map(run -> Map.copyOf(new EnumMap<>(run))).toList();
    }

    /** The values of a metric in all runs that have it, in order. */
    public double[] values(Metric metric) {
        return runs.stream()
                .filter(run -> run.containsKey(metric))
                .mapToDouble(run -> run.get(metric))
                .toArray();
    }

    public boolean has(Metric metric) {
        return values(metric).length > 0;
    }

    /**
     * The median of a metric over the runs that have it; for an even number of runs, the mean of the two middle values.
     */
    public OptionalDouble median(Metric metric) {
        return median(values(metric));
    }

    public OptionalDouble min(Metric metric) {
        return DoubleStream.of(values(metric)).min();
    }

    public OptionalDouble max(Metric metric) {
        return DoubleStream.of(values(metric)).max();
    }

    /**
     * The ratio to another result: the median of the ratios of the individual runs, because a disturbance affects the
     * same run of both subjects.
     */
    public OptionalDouble ratioTo(LoadResult other, Metric metric) {
        double[] mine = values(metric);
        double[] others = other.values(metric);
        double[] ratios = new double[Math.min(mine.length, others.length)];
        for (int i = 0; i < ratios.length; i++) {
            ratios[i] = mine[i] / others[i];
        }
        return median(ratios);
    }

    /** The median; for an even number of values, the mean of the two middle values. Empty if there are no values. */
    public static OptionalDouble median(double[] values) {
        if (values.length == 0) {
            return OptionalDouble.empty();
        }
        double[] sorted = DoubleStream.of(values).sorted().toArray();
        int middle = sorted.length / 2;
        return OptionalDouble.of(sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2);
    }

    /** Collects the runs of one subject. */
    static final class Collector {
        private final String subject;
        private final List<Map<Metric, Double>> runs = new ArrayList<>();

        Collector(String subject) {
            this.subject = subject;
        }

        void add(Map<Metric, Double> run) {
            runs.add(run);
        }

        LoadResult result() {
            return new LoadResult(subject, runs);
        }
    }
}
