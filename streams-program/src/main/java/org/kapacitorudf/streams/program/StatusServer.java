package org.kapacitorudf.streams.program;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.kafka.KafkaStreamsMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import org.apache.kafka.streams.KafkaStreams;
import org.kapacitorudf.server.ops.OpsServer;
import org.kapacitorudf.streams.PartitionStatus;
import org.kapacitorudf.streams.UdfTopology;

/**
 * Metrics, health and a status page of a worker, over HTTP.
 *
 * <pre>
 *   /metrics    for Prometheus: what is counted for each partition, and Kafka's own metrics, lag among them
 *   /healthz    200 unless Kafka Streams has failed
 *   /readyz     200 while it handles records, or takes partitions over
 *   /           a page for people
 * </pre>
 *
 * <p>Threading: safe for any thread.
 */
final class StatusServer implements AutoCloseable {
    private static final String PREFIX = "kapacitor.udf.streams.";
    private static final int THREADS = 2;

    /** Of a partition. */
    private enum Count {
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

        Count(String help, ToDoubleFunction<PartitionStatus> value) {
            this.help = help;
            this.value = value;
        }
    }

    private final UdfTopology topology;
    private final KafkaStreams streams;
    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final KafkaStreamsMetrics kafkaMetrics;
    private final Set<Integer> known = ConcurrentHashMap.newKeySet();
    private final ExecutorService threads = Executors.newFixedThreadPool(THREADS, task -> {
        Thread thread = new Thread(task, "kapacitor-udf-status");
        thread.setDaemon(true);
        return thread;
    });
    private final HttpServer server;

    private StatusServer(HttpServer server, UdfTopology topology, KafkaStreams streams) {
        this.server = server;
        this.topology = topology;
        this.streams = streams;
        this.kafkaMetrics = new KafkaStreamsMetrics(streams);
        kafkaMetrics.bindTo(registry);
        new JvmMemoryMetrics().bindTo(registry);
        new JvmThreadMetrics().bindTo(registry);
        new ProcessorMetrics().bindTo(registry);
        new UptimeMetrics().bindTo(registry);
        FunctionCounter.builder(PREFIX + "bad_lines", topology, UdfTopology::badLines)
                .description("Lines that are not line protocol.")
                .tag("udf", topology.name())
                .register(registry);
        server.createContext("/", this::answer);
        server.setExecutor(threads);
    }

    /** Errors: {@link IOException} if the address cannot be used. */
    static StatusServer start(InetSocketAddress address, UdfTopology topology, KafkaStreams streams)
            throws IOException {
        StatusServer status = new StatusServer(HttpServer.create(address, 0), topology, streams);
        status.server.start();
        return status;
    }

    /** The address that it listens on. */
    String address() {
        return OpsServer.text(server.getAddress());
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            switch (exchange.getRequestURI().getPath()) {
                case "/metrics" -> send(exchange, 200, "text/plain; version=0.0.4; charset=utf-8", metrics());
                case "/healthz" -> health(exchange, streams.state() != KafkaStreams.State.ERROR);
                case "/readyz" -> health(exchange, streams.state().isRunningOrRebalancing());
                case "/" -> send(exchange, 200, "text/html; charset=utf-8", page());
                default -> send(exchange, 404, "text/plain; charset=utf-8", "not found\n");
            }
        }
    }

    private void health(HttpExchange exchange, boolean isGood) throws IOException {
        send(
                exchange,
                isGood ? 200 : 503,
                "text/plain; charset=utf-8",
                isGood ? "ok\n" : "Kafka Streams is " + streams.state() + "\n");
    }

    private static void send(HttpExchange exchange, int status, String type, String text) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", type);
        exchange.sendResponseHeaders(status, bytes.length);
        exchange.getResponseBody().write(bytes);
    }

    private String metrics() {
        topology.partitions().forEach(status -> {
            if (known.add(status.partition())) {
                register(status.partition());
            }
        });
        return registry.scrape();
    }

    private void register(int partition) {
        Tags tags = Tags.of("udf", topology.name(), "partition", Integer.toString(partition));
        for (Count count : Count.values()) {
            FunctionCounter.builder(
                            PREFIX + count.name().toLowerCase(java.util.Locale.ROOT),
                            topology,
                            each -> count.value.applyAsDouble(status(partition)))
                    .description(count.help)
                    .tags(tags)
                    .register(registry);
        }
        Gauge.builder(PREFIX + "groups", topology, each -> status(partition).groups())
                .description("Groups in the state of the handler.")
                .tags(tags)
                .register(registry);
        Gauge.builder(
                        PREFIX + "partition_here",
                        topology,
                        each -> status(partition).isHere() ? 1 : 0)
                .description("1 while the partition is in this worker, otherwise 0.")
                .tags(tags)
                .register(registry);
    }

    private PartitionStatus status(int partition) {
        return topology.partitions().stream()
                .filter(status -> status.partition() == partition)
                .findFirst()
                .orElseThrow();
    }

    private String page() {
        List<PartitionStatus> partitions = topology.partitions();
        String rows = partitions.stream()
                .map(each -> "<tr><td>" + each.partition() + "<td>" + (each.isHere() ? "here" : "elsewhere") + "<td>"
                        + each.pointsIn() + "<td>" + each.pointsOut() + "<td>" + each.groups() + "<td>"
                        + each.skipped() + "<td>" + each.late() + "<td>" + each.deadLetters() + "<td>"
                        + each.restarts() + "<td>" + each.starts())
                .collect(Collectors.joining("\n"));
        return """
                <!doctype html><html lang="en"><meta charset="utf-8"><meta http-equiv="refresh" content="5">
                <title>%1$s on Kafka Streams</title>
                <style>body{font:15px sans-serif;margin:2em}td,th{padding:.2em .8em;text-align:right}</style>
                <h1>%1$s on Kafka Streams: %2$s</h1>
                <p>Invalid lines: %3$d. <a href="/metrics">Metrics</a></p>
                <table><tr><th>partition<th>where<th>points in<th>points out<th>groups<th>skipped<th>late<th>dead letters\
                <th>restarts<th>starts
                %4$s
                </table></html>
                """.formatted(topology.name(), streams.state(), topology.badLines(), rows);
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
        kafkaMetrics.close();
        registry.close();
    }
}
