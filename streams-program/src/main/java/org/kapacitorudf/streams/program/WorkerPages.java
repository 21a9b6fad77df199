package org.kapacitorudf.streams.program;

import io.micrometer.core.instrument.binder.kafka.KafkaStreamsMetrics;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import org.apache.kafka.streams.KafkaStreams;
import org.jspecify.annotations.Nullable;
import org.kapacitorudf.server.install.Installation;
import org.kapacitorudf.server.ops.MetricFamilies;
import org.kapacitorudf.server.ops.Page;
import org.kapacitorudf.server.ops.PageServer;
import org.kapacitorudf.server.ops.ProcessMetrics;
import org.kapacitorudf.server.options.HttpOptions;
import org.kapacitorudf.streams.PartitionStatus;
import org.kapacitorudf.streams.UdfTopology;

/**
 * The pages of a worker.
 *
 * <pre>
 *   /metrics    for Prometheus: the counts of each partition, and Kafka's own metrics
 *   /healthz    200 unless Kafka Streams has failed
 *   /readyz     200 while the worker handles records or is taking over partitions
 *   /           a status page
 * </pre>
 *
 * <p>Threading: safe for use by any thread.
 */
final class WorkerPages implements AutoCloseable {
    private static final String PREFIX = "kapacitor_udf_streams_";

    /** Counters of a partition; the exposition format appends {@code _total}. */
    private enum Counter {
        RECEIVED_POINTS("Points that a handler was given.", PartitionStatus::pointsIn),
        SENT_POINTS("Points that a handler has emitted.", PartitionStatus::pointsOut),
        SKIPPED("Points skipped because a call for them threw.", PartitionStatus::skipped),
        DEAD_LETTERS("Points dropped: skipped, failed or late.", PartitionStatus::deadLetters),
        LATE("Points that arrived after their window was closed.", PartitionStatus::late),
        HANDLER_RESTARTS("Handlers replaced after a failure.", PartitionStatus::restarts),
        STARTS("How often the partition was assigned to this worker.", PartitionStatus::starts),
        RESTORED_VALUES("Values of states that handlers started with.", PartitionStatus::restoredValues);

        private final String help;
        private final ToDoubleFunction<PartitionStatus> value;

        Counter(String help, ToDoubleFunction<PartitionStatus> value) {
            this.help = help;
            this.value = value;
        }
    }

    /** Gauges of a partition. */
    private enum PartitionGauge {
        GROUPS("Groups in the state of the handler.", PartitionStatus::groups),
        STATE_BYTES("Size of the stored state, estimated by the mean size of a value.", PartitionStatus::stateBytes),
        PARTITION_HERE("1 while the partition is in this worker, otherwise 0.", status -> status.isHere() ? 1 : 0);

        private final String help;
        private final ToDoubleFunction<PartitionStatus> value;

        PartitionGauge(String help, ToDoubleFunction<PartitionStatus> value) {
            this.help = help;
            this.value = value;
        }
    }

    private final UdfTopology topology;
    private final KafkaStreams streams;
    private final ProcessMetrics metrics = new ProcessMetrics(this::collect);
    private final KafkaStreamsMetrics kafkaMetrics;
    private @Nullable PageServer server; // null before start

    private WorkerPages(UdfTopology topology, KafkaStreams streams) {
        this.topology = topology;
        this.streams = streams;
        this.kafkaMetrics = new KafkaStreamsMetrics(streams);
        metrics.bind(kafkaMetrics::bindTo);
    }

    /** Starts listening. Errors: {@link IOException} if the address cannot be used. */
    static WorkerPages start(HttpOptions options, UdfTopology topology, KafkaStreams streams) throws IOException {
        WorkerPages pages = new WorkerPages(topology, streams);
        PageServer.Limits limits = new PageServer.Limits(
                options.maxClients(), options.maxRequestLineBytes(), options.maxHeaderBytes(), options.exchangeLimit());
        try {
            pages.server = PageServer.start(options.metrics(), limits, pages::at);
            return pages;
        } catch (IOException e) {
            pages.close();
            throw e;
        }
    }

    /** The address on which the pages are served. */
    String address() {
        return Objects.requireNonNull(server).address();
    }

    private Page at(String path) {
        return switch (path) {
            case "/" -> Page.html(html(), false);
            case "/metrics" -> Page.metrics(metrics.scrape());
            case "/healthz" -> verdict(streams.state() != KafkaStreams.State.ERROR);
            case "/readyz" -> verdict(streams.state().isRunningOrRebalancing());
            default -> Page.text(404, "not found (expected: /, /metrics, /healthz, /readyz)");
        };
    }

    private Page verdict(boolean isGood) {
        return Page.verdict(
                isGood
                        ? List.of()
                        : List.of("Kafka Streams: " + streams.state() + " (expected: RUNNING or REBALANCING)"));
    }

    private MetricSnapshots collect() {
        List<PartitionStatus> partitions = topology.partitions();
        MetricFamilies families = new MetricFamilies(PREFIX);
        for (Counter counter : Counter.values()) {
            families.counter(
                    MetricFamilies.name(counter),
                    counter.help,
                    partitions,
                    status -> labels(status.partition()),
                    counter.value);
        }
        for (PartitionGauge gauge : PartitionGauge.values()) {
            families.gauge(
                    MetricFamilies.name(gauge),
                    gauge.help,
                    partitions,
                    status -> labels(status.partition()),
                    gauge.value);
        }
        families.gauge(
                "lag_records",
                "Records that wait in the partition, of the input and of the repartition topic.",
                lags().entrySet(),
                lag -> labels(lag.getKey()),
                Map.Entry::getValue);
        families.counter(
                "bad_lines",
                "Lines that are not line protocol.",
                List.of(topology),
                function -> Labels.of("udf", function.name()),
                UdfTopology::badLines);
        families.add(ProcessMetrics.build(PREFIX, Installation.version()));
        return families.all();
    }

    private Labels labels(int partition) {
        return Labels.of("udf", topology.name(), "partition", Integer.toString(partition));
    }

    /** The number of records waiting in each partition, without those that restore consumers read from changelogs. */
    private Map<Integer, Double> lags() {
        Map<Integer, Double> lags = new HashMap<>();
        streams.metrics().forEach((name, metric) -> {
            String partition = name.tags().get("partition");
            if (name.name().equals("records-lag")
                    && partition != null
                    && !name.tags().getOrDefault("client-id", "").endsWith("-restore-consumer")
                    && metric.metricValue() instanceof Double records
                    && !records.isNaN()) {
                lags.merge(Integer.valueOf(partition), records, Double::sum);
            }
        });
        return lags;
    }

    private String html() {
        Map<Integer, Double> lags = lags();
        String rows = topology.partitions().stream()
                .map(each -> "<tr><td>" + each.partition() + "<td>" + (each.isHere() ? "here" : "elsewhere") + "<td>"
                        + lags.getOrDefault(each.partition(), 0.0).longValue() + "<td>" + each.pointsIn() + "<td>"
                        + each.pointsOut() + "<td>" + each.groups() + "<td>" + each.stateBytes() + "<td>"
                        + each.skipped() + "<td>" + each.late() + "<td>" + each.deadLetters() + "<td>"
                        + each.restarts() + "<td>" + each.starts() + "<td>" + each.restoredValues())
                .collect(Collectors.joining("\n"));
        return """
                <!doctype html><html lang="en"><meta charset="utf-8"><meta http-equiv="refresh" content="5">
                <meta name="viewport" content="width=device-width"><title>%1$s on Kafka Streams</title>
                <style>body{font:15px sans-serif;margin:2em}td,th{padding:.2em .8em;text-align:right}</style>
                <h1>%1$s on Kafka Streams: %2$s</h1>
                <p>Invalid lines: %3$d. <a href="metrics">Metrics</a></p>
                <table><tr><th>partition<th>where<th>records waiting<th>points in<th>points out<th>groups<th>state bytes\
                <th>skipped<th>late<th>dead letters<th>restarts<th>starts<th>restored values
                %4$s
                </table></html>
                """.formatted(topology.name(), streams.state(), topology.badLines(), rows);
    }

    @Override
    public void close() {
        if (server != null) {
            server.close();
        }
        kafkaMetrics.close();
        metrics.close();
    }
}
