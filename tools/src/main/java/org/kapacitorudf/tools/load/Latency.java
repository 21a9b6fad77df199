package org.kapacitorudf.tools.load;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/** Measures the round-trip time of single points or batches. */
final class Latency {
    private static final int READ_BYTES = 256 * 1024;
    private static final double MICRO_NANOS = 1e3;

    private final Bench bench;
    private final LoadPlan plan;
    private final Traffic traffic;

    Latency(Bench bench) {
        this.bench = bench;
        this.plan = bench.plan();
        this.traffic = plan.traffic();
        if (!plan.allReturn()) {
            throw new LoadException("latency: needs a function that answers each point (expected: --answers all)");
        }
    }

    List<LoadResult> run(List<Subject> subjects) {
        List<Probe> probes = new ArrayList<>();
        for (Subject subject : subjects) {
            probes.add(new Probe(bench.start(subject)));
        }
        bench.requireOptionsKnown();
        for (Probe probe : probes) {
            bench.says(probe.agent.subject(), "warm-up");
            probe.run(plan.warmUp().toNanos());
        }
        for (int run = 1; run <= plan.runs(); run++) {
            for (Probe probe : probes) {
                bench.says(probe.agent.subject(), "run " + run + " of " + plan.runs());
                probe.results.add(probe.run(plan.duration().toNanos()));
            }
        }
        return probes.stream().map(probe -> probe.results.result()).toList();
    }

    /** A subject and its connections. The connections take turns. */
    private final class Probe {
        private final RunningAgent agent;
        private final LoadResult.Collector results;
        private final List<LoadConnection> peers = new ArrayList<>();
        private final ByteBuffer buffer = ByteBuffer.allocateDirect(READ_BYTES);

        Probe(RunningAgent agent) {
            this.agent = agent;
            results = new LoadResult.Collector(agent.subject().name());
            for (int i = 0; i < agent.connections(); i++) {
                peers.add(new LoadConnection(agent.openInitialised(), new Pump(traffic, plan.chunkBytes(), 0)));
            }
        }

        Map<Metric, Double> run(long durationNanos) {
            List<Link> links = peers.stream().map(LoadConnection::link).toList();
            Duration limit = Duration.ofNanos(durationNanos).plus(agent.answerLimit());
            Samples samples = agent.guarded("failed", limit, links, () -> sample(durationNanos));
            Map<Metric, Double> figures = new EnumMap<>(Metric.class);
            figures.put(Metric.P50_MICROS, samples.percentile(0.5) / MICRO_NANOS);
            figures.put(Metric.P99_MICROS, samples.percentile(0.99) / MICRO_NANOS);
            figures.put(Metric.P999_MICROS, samples.percentile(0.999) / MICRO_NANOS);
            return figures;
        }

        private Samples sample(long durationNanos) throws IOException {
            Samples samples = new Samples();
            long start = System.nanoTime();
            for (int next = 0; System.nanoTime() - start < durationNanos; next = (next + 1) % peers.size()) {
                samples.add(once(peers.get(next)));
            }
            return samples;
        }

        private long once(LoadConnection connection) throws IOException {
            long start = System.nanoTime();
            connection.pump().writeOne(connection.link().out());
            while (!connection.hasAllBack()) {
                if (!connection.read(buffer)) {
                    throw new IOException("the agent ended its output");
                }
            }
            return System.nanoTime() - start;
        }
    }
}
