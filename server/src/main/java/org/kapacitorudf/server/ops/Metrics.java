package org.kapacitorudf.server.ops;

import io.prometheus.metrics.model.snapshots.ClassicHistogramBuckets;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.IntSupplier;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.kapacitorudf.agent.Connection;
import org.kapacitorudf.agent.Connection.CallTimes;
import org.kapacitorudf.agent.Connection.Counts;
import org.kapacitorudf.agent.Ending;
import org.kapacitorudf.server.logging.Logging;
import org.kapacitorudf.server.tasks.TaskKeeper;

/**
 * All metrics, in Prometheus format.
 *
 * <p>Micrometer measures the JVM and the process. Connections count their own events, whether or not there are metrics.
 * The counts are collected at each scrape, so metrics cost nothing per point.
 *
 * <p>Threading: safe for use by any thread.
 */
final class Metrics implements AutoCloseable {
    private static final String PREFIX = "kapacitor_udf_";
    private static final double NANOS = 1e9;

    /** Counters of a node; the exposition format appends {@code _total}. */
    private enum Counter {
        RECEIVED_POINTS("Points from Kapacitor.", Counts::pointsIn),
        SENT_POINTS("Points sent to Kapacitor.", Counts::pointsOut),
        RECEIVED_BATCHES("Batches from Kapacitor.", Counts::batchesIn),
        SENT_BATCHES("Batches sent to Kapacitor.", Counts::batchesOut),
        RECEIVED_BYTES("Bytes of all messages from Kapacitor.", Counts::bytesIn),
        SENT_BYTES("Bytes of all messages to Kapacitor that the system has accepted.", Counts::bytesOut),
        CALLS("Calls of the handler.", counts -> counts.calls().count()),
        CALL_SECONDS(
                "Time in calls of the handler, excluding time spent waiting for Kapacitor.",
                counts -> seconds(counts.calls().total())),
        OUTPUT_WAIT_SECONDS(
                "Time that the handler waited until Kapacitor had read.", counts -> seconds(counts.outputWait())),
        READING_PAUSED_SECONDS(
                "Time in which reading was paused because the handler did not keep up.",
                counts -> seconds(counts.readingPaused())),
        UNASKED_KEEPALIVES("Keepalives sent because the handler was busy.", Counts::unaskedKeepalives),
        ERRORS("Calls that threw, not counting points skipped because of a missing or mistyped field.", Counts::errors),
        SKIPPED("Points and batches skipped because a call for them threw.", Counts::skipped),
        NON_FINITE("Values that were not finite in fields produced by a function.", Counts::nonFinite),
        RESTARTS("Handlers replaced after a failure.", Counts::restarts),
        SNAPSHOTS("Snapshots sent to Kapacitor.", Counts::snapshots),
        FAILED_SNAPSHOTS("Failed snapshots, for which Kapacitor got the last good one again.", Counts::failedSnapshots),
        SNAPSHOT_SECONDS(
                "Time from the request for a snapshot to its answer.", counts -> seconds(counts.snapshotTime()));

        private final String help;
        private final ToDoubleFunction<Counts> value;

        Counter(String help, ToDoubleFunction<Counts> value) {
            this.help = help;
            this.value = value;
        }
    }

    /** Gauges of a node: the sum or the maximum over its open connections. */
    private enum NodeGauge {
        CONNECTIONS(
                "Open connections whose function has been started.",
                entry -> entry.open().size()),
        QUEUED_BYTES("Input that waits for the handler.", sum(Connection::queuedBytes)),
        UNSENT_BYTES("Output that waits for Kapacitor.", sum(Connection::unsentBytes)),
        GROUPS(
                "Groups in the handler's state.",
                sum(connection -> connection.groups().orElse(0))),
        CURRENT_CALL_SECONDS(
                "How long the current call has been running, the longest of the node.",
                max(connection -> connection
                        .currentCall()
                        .map(call -> seconds(call.seenFor()))
                        .orElse(0.0))),
        LAST_SNAPSHOT_BYTES(
                "Size of the last snapshot, the largest of the node.",
                max(connection -> connection
                        .lastSnapshot()
                        .map(last -> (double) last.bytes())
                        .orElse(0.0))),
        LAST_SNAPSHOT_SECONDS(
                "Time that the last snapshot took, the longest of the node.",
                max(connection -> connection
                        .lastSnapshot()
                        .map(last -> seconds(last.time()))
                        .orElse(0.0)));

        private final String help;
        private final ToDoubleFunction<NodeStatistics.Entry> value;

        NodeGauge(String help, ToDoubleFunction<NodeStatistics.Entry> value) {
            this.help = help;
            this.value = value;
        }

        private static ToDoubleFunction<NodeStatistics.Entry> sum(ToDoubleFunction<Connection> of) {
            return entry -> entry.open().stream().mapToDouble(of).sum();
        }

        private static ToDoubleFunction<NodeStatistics.Entry> max(ToDoubleFunction<Connection> of) {
            return entry -> entry.open().stream().mapToDouble(of).max().orElse(0);
        }
    }

    private final ProcessMetrics process = new ProcessMetrics(this::collect);
    private final NodeStatistics statistics;
    private final Health health;
    private final ServerFacts facts;

    /**
     * Further properties of a server.
     *
     * @param version the version of the program
     * @param reloads counts of reloaded tasks; null if tasks are not reloaded
     */
    record ServerFacts(
            String version,
            IntSupplier abandonedCalls,
            @Nullable Supplier<TaskKeeper.Counts> reloads) {}

    Metrics(NodeStatistics statistics, Health health, ServerFacts facts) {
        this.statistics = statistics;
        this.health = health;
        this.facts = facts;
    }

    String scrape() {
        return process.scrape();
    }

    /** The share of the machine's CPU that the process has used recently; negative if unknown. */
    double processCpu() {
        return process.cpu();
    }

    @Override
    public void close() {
        process.close();
    }

    private MetricSnapshots collect() {
        List<NodeStatistics.Entry> entries = statistics.entries();
        MetricFamilies families = new MetricFamilies(PREFIX);
        for (Counter counter : Counter.values()) {
            families.counter(
                    MetricFamilies.name(counter),
                    counter.help,
                    entries,
                    Metrics::labels,
                    entry -> counter.value.applyAsDouble(entry.counts()));
        }
        ownCounters(families, entries);
        for (NodeGauge gauge : NodeGauge.values()) {
            families.gauge(MetricFamilies.name(gauge), gauge.help, entries, Metrics::labels, gauge.value);
        }
        families.add(callTimes(entries));
        functions(families);
        if (facts.reloads() != null) {
            reloads(families, facts.reloads().get());
        }
        server(families);
        return families.all();
    }

    private static void ownCounters(MetricFamilies families, List<NodeStatistics.Entry> entries) {
        Map<Labels, Long> counts = new LinkedHashMap<>();
        entries.forEach(entry -> entry.counts()
                .counters()
                .forEach((name, count) -> counts.put(labels(entry).add("counter", name), count)));
        families.counter(
                "counter",
                "The functions' own counters, by name.",
                counts.entrySet(),
                Map.Entry::getKey,
                Map.Entry::getValue);
    }

    private static MetricSnapshot callTimes(List<NodeStatistics.Entry> entries) {
        Map<String, Counts> sums = entries.stream()
                .collect(Collectors.toMap(
                        entry -> entry.node().function(), NodeStatistics.Entry::counts, Counts::plus, TreeMap::new));
        HistogramSnapshot.Builder family = HistogramSnapshot.builder()
                .name(PREFIX + "call_duration_seconds")
                .help("Duration of calls of the handler.");
        sums.forEach((function, counts) -> {
            CallTimes times = counts.calls();
            ClassicHistogramBuckets.Builder buckets = ClassicHistogramBuckets.builder();
            for (int i = 0; i < times.within().size(); i++) {
                double bound =
                        i < CallTimes.BOUNDS.size() ? seconds(CallTimes.BOUNDS.get(i)) : Double.POSITIVE_INFINITY;
                buckets.bucket(bound, times.within().get(i));
            }
            family.dataPoint(HistogramSnapshot.HistogramDataPointSnapshot.builder()
                    .labels(Labels.of("udf", function))
                    .classicHistogramBuckets(buckets.build())
                    .sum(seconds(times.total()))
                    .build());
        });
        return family.build();
    }

    private void functions(MetricFamilies families) {
        List<NodeStatistics.Function> functions = statistics.functions();
        families.counter(
                "opened_connections",
                "Connections that Kapacitor has opened.",
                functions,
                Metrics::labels,
                NodeStatistics.Function::opened);
        families.counter(
                "refused_connections",
                "Connections that were closed immediately because there were too many.",
                functions,
                Metrics::labels,
                NodeStatistics.Function::refused);
        Map<Labels, Long> ended = new LinkedHashMap<>();
        for (NodeStatistics.Function function : functions) {
            for (Ending ending : Ending.values()) {
                ended.put(
                        labels(function).add("ending", MetricFamilies.name(ending)),
                        function.ended().getOrDefault(ending, 0L));
            }
        }
        families.counter(
                "ended_connections",
                "Connections that have ended, by the kind of ending.",
                ended.entrySet(),
                Map.Entry::getKey,
                Map.Entry::getValue);
    }

    private static void reloads(MetricFamilies families, TaskKeeper.Counts counts) {
        families.counter(
                "reloaded_tasks", "Tasks that were reloaded after a restart of the server.", counts.reloaded());
        families.counter("failed_task_reloads", "Failed attempts to reload a task.", counts.failed());
        families.counter("left_tasks", "Tasks that were not reloaded, for a reason given in the log.", counts.left());
        families.gauge("undecided_tasks", "Tasks that may still be reloaded.", counts.waiting());
    }

    private void server(MetricFamilies families) {
        families.gauge(
                "abandoned_calls",
                "Calls that exceeded their limit and have not returned, each with its thread.",
                facts.abandonedCalls().getAsInt());
        families.counter(
                "dropped_log_lines",
                "Lines for STDERR that were dropped because it was not read or could not be written.",
                Logging.droppedLines());
        families.gauge(
                "ready",
                "1 if the server is ready according to /readyz, otherwise 0.",
                health.hindrances().isEmpty() ? 1 : 0);
        families.add(ProcessMetrics.build(PREFIX, facts.version()));
    }

    private static Labels labels(NodeStatistics.Entry entry) {
        NodeStatistics.Node node = entry.node();
        return Labels.of("udf", node.function(), "task", node.task(), "node", node.node());
    }

    private static Labels labels(NodeStatistics.Function function) {
        return Labels.of("udf", function.name());
    }

    private static double seconds(Duration duration) {
        return duration.toNanos() / NANOS;
    }
}
