package org.kapacitorudf.server.ops;

import io.prometheus.metrics.model.snapshots.ClassicHistogramBuckets;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
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
 * <p>Micrometer measures the JVM and the process. Connections already count their own events, which are collected at
 * each scrape, so metrics cost nothing per point.
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

    /** Gauges of a node, over its open connections. */
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

    /** The recent share of the machine's CPU used by the process; negative if unknown. */
    double processCpu() {
        return process.cpu();
    }

    @Override
    public void close() {
        process.close();
    }

    private MetricSnapshots collect() {
        List<NodeStatistics.Entry> entries = statistics.entries();
        List<MetricSnapshot> families = new ArrayList<>();
        for (Counter counter : Counter.values()) {
            CounterSnapshot.Builder family =
                    CounterSnapshot.builder().name(name(counter)).help(counter.help);
            entries.forEach(entry ->
                    family.dataPoint(point(labels(entry.node()), counter.value.applyAsDouble(entry.counts()))));
            families.add(family.build());
        }
        families.add(ownCounters(entries));
        for (NodeGauge gauge : NodeGauge.values()) {
            GaugeSnapshot.Builder family =
                    GaugeSnapshot.builder().name(name(gauge)).help(gauge.help);
            entries.forEach(
                    entry -> family.dataPoint(gaugePoint(labels(entry.node()), gauge.value.applyAsDouble(entry))));
            families.add(family.build());
        }
        families.add(callTimes(entries));
        functions(families);
        if (facts.reloads() != null) {
            reloads(families, facts.reloads().get());
        }
        server(families);
        return new MetricSnapshots(families);
    }

    private static MetricSnapshot ownCounters(List<NodeStatistics.Entry> entries) {
        CounterSnapshot.Builder family =
                CounterSnapshot.builder().name(PREFIX + "counter").help("The functions' own counters, by name.");
        entries.forEach(entry -> entry.counts()
                .counters()
                .forEach((name, count) ->
                        family.dataPoint(point(labels(entry.node()).add("counter", name), count))));
        return family.build();
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

    private void functions(List<MetricSnapshot> families) {
        CounterSnapshot.Builder opened = CounterSnapshot.builder()
                .name(PREFIX + "opened_connections")
                .help("Connections that Kapacitor has opened.");
        CounterSnapshot.Builder refused = CounterSnapshot.builder()
                .name(PREFIX + "refused_connections")
                .help("Connections that were closed immediately because there were too many.");
        CounterSnapshot.Builder ended = CounterSnapshot.builder()
                .name(PREFIX + "ended_connections")
                .help("Connections that have ended, by the kind of ending.");
        for (NodeStatistics.Function function : statistics.functions()) {
            Labels labels = Labels.of("udf", function.name());
            opened.dataPoint(point(labels, function.opened()));
            refused.dataPoint(point(labels, function.refused()));
            for (Ending ending : Ending.values()) {
                ended.dataPoint(point(
                        labels.add("ending", ending.name().toLowerCase(Locale.ROOT)),
                        function.ended().getOrDefault(ending, 0L)));
            }
        }
        families.add(opened.build());
        families.add(refused.build());
        families.add(ended.build());
    }

    private static void reloads(List<MetricSnapshot> families, TaskKeeper.Counts counts) {
        families.add(CounterSnapshot.builder()
                .name(PREFIX + "reloaded_tasks")
                .help("Tasks that were reloaded after a restart of the server.")
                .dataPoint(point(Labels.EMPTY, counts.reloaded()))
                .build());
        families.add(CounterSnapshot.builder()
                .name(PREFIX + "failed_task_reloads")
                .help("Failed attempts to reload a task.")
                .dataPoint(point(Labels.EMPTY, counts.failed()))
                .build());
        families.add(CounterSnapshot.builder()
                .name(PREFIX + "left_tasks")
                .help("Tasks that were not reloaded, for a reason given in the log.")
                .dataPoint(point(Labels.EMPTY, counts.left()))
                .build());
        families.add(GaugeSnapshot.builder()
                .name(PREFIX + "undecided_tasks")
                .help("Tasks that may still be reloaded.")
                .dataPoint(gaugePoint(Labels.EMPTY, counts.waiting()))
                .build());
    }

    private void server(List<MetricSnapshot> families) {
        families.add(GaugeSnapshot.builder()
                .name(PREFIX + "abandoned_calls")
                .help("Calls that exceeded their limit and have not returned, each with its thread.")
                .dataPoint(gaugePoint(Labels.EMPTY, facts.abandonedCalls().getAsInt()))
                .build());
        families.add(CounterSnapshot.builder()
                .name(PREFIX + "dropped_log_lines")
                .help("Lines for STDERR that were dropped because it was not read or could not be written.")
                .dataPoint(point(Labels.EMPTY, Logging.droppedLines()))
                .build());
        families.add(GaugeSnapshot.builder()
                .name(PREFIX + "ready")
                .help("1 if the server is ready according to /readyz, otherwise 0.")
                .dataPoint(gaugePoint(Labels.EMPTY, health.hindrances().isEmpty() ? 1 : 0))
                .build());
        families.add(ProcessMetrics.build(PREFIX, facts.version()));
    }

    private static String name(Enum<?> metric) {
        return PREFIX + metric.name().toLowerCase(Locale.ROOT);
    }

    private static Labels labels(NodeStatistics.Node node) {
        return Labels.of("udf", node.function(), "task", node.task(), "node", node.node());
    }

    private static CounterSnapshot.CounterDataPointSnapshot point(Labels labels, double value) {
        return CounterSnapshot.CounterDataPointSnapshot.builder()
                .labels(labels)
                .value(value)
                .build();
    }

    private static GaugeSnapshot.GaugeDataPointSnapshot gaugePoint(Labels labels, double value) {
        return GaugeSnapshot.GaugeDataPointSnapshot.builder()
                .labels(labels)
                .value(value)
                .build();
    }

    private static double seconds(Duration duration) {
        return duration.toNanos() / NANOS;
    }
}
