package org.kapacitorudf.tools.load;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Measures points per second. */
final class Throughput {
    private static final OperatingSystemMXBean SELF =
            (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    private static final long PROGRESS_NANOS = TimeUnit.MILLISECONDS.toNanos(200);
    private static final double MEGA = 1e6;

    private final Bench bench;
    private final LoadPlan plan;
    private long lastProgressNanos = System.nanoTime();

    Throughput(Bench bench) {
        this.bench = bench;
        this.plan = bench.plan();
    }

    private record Loaded(RunningAgent agent, Connections connections, LoadResult.Collector results) {}

    List<LoadResult> run(List<Subject> subjects) {
        Traffic traffic = plan.traffic();
        List<Loaded> all = new ArrayList<>();
        try {
            for (Subject subject : subjects) {
                RunningAgent agent = bench.start(subject);
                all.add(new Loaded(
                        agent, new Connections(agent, plan, traffic), new LoadResult.Collector(subject.name())));
            }
            bench.requireOptionsKnown();
            for (Loaded loaded : all) {
                measure(loaded, "warm-up", plan.warmUp().toNanos());
            }
            for (int run = 1; run <= plan.runs(); run++) {
                for (Loaded loaded : all) {
                    String what = "run " + run + " of " + plan.runs();
                    loaded.results.add(measure(loaded, what, plan.duration().toNanos()));
                }
            }
            for (Loaded loaded : all) {
                bench.says(loaded.agent.subject(), "ending");
                loaded.connections.finish();
            }
        } finally {
            all.forEach(loaded -> loaded.connections.close());
        }
        return all.stream().map(loaded -> loaded.results.result()).toList();
    }

    private Map<Metric, Double> measure(Loaded loaded, String what, long durationNanos) {
        Subject subject = loaded.agent.subject();
        ProcessUsage before = loaded.agent.usage();
        long clientBefore = SELF.getProcessCpuTime();
        Connections.Run run = loaded.connections.run(durationNanos, (points, elapsedNanos) -> {
            long now = System.nanoTime();
            if (now - lastProgressNanos >= PROGRESS_NANOS) {
                lastProgressNanos = now;
                bench.says(
                        subject,
                        String.format(
                                Locale.ROOT, "%s, %,.0f points/s", what, points * 1e9 / Math.max(1, elapsedNanos)));
            }
        });
        long clientNanos = SELF.getProcessCpuTime() - clientBefore;
        ProcessUsage after = loaded.agent.usage();

        Map<Metric, Double> figures = new EnumMap<>(Metric.class);
        figures.put(Metric.POINTS_PER_SECOND, run.points() * 1e9 / run.nanos());
        if (after.rssBytes() > 0) {
            figures.put(Metric.AGENT_MICROS_PER_POINT, (after.cpuNanos() - before.cpuNanos()) / 1e3 / run.points());
            figures.put(Metric.PEAK_MEGABYTES, after.peakBytes() / MEGA);
        }
        figures.put(Metric.CLIENT_MICROS_PER_POINT, clientNanos / 1e3 / run.points());
        if (loaded.agent.connections() > 1) {
            figures.put(Metric.FAIRNESS, run.fairness());
        }
        if (run.keepalives().count() > 0) {
            figures.put(Metric.KEEPALIVE_P99_MILLIS, run.keepalives().percentile(0.99) / MEGA);
            figures.put(Metric.KEEPALIVE_MAX_MILLIS, run.keepalives().percentile(1) / MEGA);
        }
        return figures;
    }
}
