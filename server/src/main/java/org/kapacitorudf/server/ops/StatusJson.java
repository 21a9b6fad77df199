package org.kapacitorudf.server.ops;

import java.io.StringWriter;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.function.DoubleSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.kapacitorudf.agent.Connection;
import org.kapacitorudf.agent.Connection.Counts;
import org.kapacitorudf.embed.UdfServer;
import org.kapacitorudf.server.tasks.TaskKeeper;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/**
 * The status of a server as JSON, for the status page.
 *
 * <p>Threading: safe for use by any thread.
 */
final class StatusJson {
    private static final JsonFactory JSON = new JsonFactory();
    private static final double NANOS = 1e9;

    /** The maximum number of reasons for each connection. Without a limit, there could be megabytes of reasons. */
    private static final int MAX_SKIP_REASONS = 5;

    private static final int MAX_SKIP_REASON_CHARS = 200;

    private final UdfServer server;
    private final NodeStatistics statistics;
    private final Health health;
    private final OpsServer.Setting setting;
    private final Facts facts;
    private final Instant startedAt = Instant.now();

    /**
     * Further properties of a server.
     *
     * @param cpu the share of the machine's CPU that the process has used recently; negative if unknown
     * @param reloads counts of reloaded tasks; null if tasks are not reloaded
     */
    record Facts(DoubleSupplier cpu, @Nullable Supplier<TaskKeeper.Counts> reloads) {}

    StatusJson(UdfServer server, NodeStatistics statistics, Health health, OpsServer.Setting setting, Facts facts) {
        this.server = server;
        this.statistics = statistics;
        this.health = health;
        this.setting = setting;
        this.facts = facts;
    }

    String json() {
        StringWriter text = new StringWriter();
        try (JsonGenerator json = JSON.createGenerator(ObjectWriteContext.empty(), text)) {
            json.writeStartObject();
            json.writeStringProperty("version", setting.version());
            json.writeStringProperty("startedAt", startedAt.toString());
            json.writeStringProperty("now", Instant.now().toString());
            json.writeArrayPropertyStart("hindrances");
            health.hindrances().forEach(json::writeString);
            json.writeEndArray();
            json.writeNumberProperty("abandonedCalls", server.abandonedCalls());
            process(json);
            List<Connection> connections = server.connections();
            functions(json, connections);
            connections(json, connections);
            badEnds(json);
            json.writeEndObject();
        }
        return text.toString();
    }

    private void process(JsonGenerator json) {
        Runtime runtime = Runtime.getRuntime();
        json.writeNumberProperty("cpu", facts.cpu().getAsDouble());
        json.writeNumberProperty("heapUsed", runtime.totalMemory() - runtime.freeMemory());
        json.writeNumberProperty("heapMax", runtime.maxMemory());
        if (facts.reloads() != null) {
            TaskKeeper.Counts reloads = facts.reloads().get();
            json.writeNumberProperty("undecidedTasks", reloads.waiting());
        }
    }

    private void functions(JsonGenerator json, List<Connection> connections) {
        json.writeArrayPropertyStart("functions");
        for (NodeStatistics.Function function : statistics.functions()) {
            json.writeStartObject();
            json.writeStringProperty("name", function.name());
            json.writeNumberProperty(
                    "open",
                    connections.stream()
                            .filter(connection -> connection.function().equals(function.name()))
                            .count());
            json.writeNumberProperty("opened", function.opened());
            json.writeNumberProperty("refused", function.refused());
            json.writeObjectPropertyStart("ended");
            function.ended()
                    .forEach((ending, count) ->
                            json.writeNumberProperty(ending.name().toLowerCase(Locale.ROOT), count));
            json.writeEndObject();
            json.writeEndObject();
        }
        json.writeEndArray();
    }

    private void connections(JsonGenerator json, List<Connection> connections) {
        json.writeNumberProperty("connections", connections.size());
        json.writeArrayPropertyStart("nodes");
        connections.stream().limit(setting.maxNodes()).forEach(connection -> connection(json, connection));
        json.writeEndArray();
    }

    private static void connection(JsonGenerator json, Connection connection) {
        Counts counts = connection.counts();
        json.writeStartObject();
        json.writeNumberProperty("number", connection.number());
        json.writeStringProperty("function", connection.function());
        json.writeStringProperty("task", connection.taskId());
        json.writeStringProperty("node", connection.nodeId());
        json.writeStringProperty("openedAt", connection.openedAt().toString());
        json.writeBooleanProperty("started", connection.isStarted());
        json.writeNumberProperty("pointsIn", counts.pointsIn());
        json.writeNumberProperty("pointsOut", counts.pointsOut());
        json.writeNumberProperty("batchesIn", counts.batchesIn());
        json.writeNumberProperty("batchesOut", counts.batchesOut());
        json.writeNumberProperty("bytesIn", counts.bytesIn());
        json.writeNumberProperty("bytesOut", counts.bytesOut());
        json.writeStringProperty("options", connection.options());
        json.writeNumberProperty("calls", counts.calls().count());
        json.writeArrayPropertyStart("within");
        counts.calls().within().forEach(json::writeNumber);
        json.writeEndArray();
        json.writeObjectPropertyStart("counters");
        counts.counters().forEach(json::writeNumberProperty);
        json.writeEndObject();
        skips(json, connection.skips());
        connection.restored().ifPresent(restored -> {
            json.writeObjectPropertyStart("restored");
            json.writeStringProperty("at", restored.at().toString());
            json.writeNumberProperty("groups", restored.groups());
            json.writeNumberProperty("bytes", restored.bytes());
            json.writeNumberProperty("version", restored.version());
            json.writeEndObject();
        });
        json.writeNumberProperty("callSeconds", seconds(counts.calls().total()));
        json.writeNumberProperty("outputWaitSeconds", seconds(counts.outputWait()));
        json.writeNumberProperty("readingPausedSeconds", seconds(counts.readingPaused()));
        json.writeNumberProperty("unaskedKeepalives", counts.unaskedKeepalives());
        json.writeNumberProperty("errors", counts.errors());
        json.writeNumberProperty("skipped", counts.skipped());
        json.writeNumberProperty("nonFinite", counts.nonFinite());
        json.writeNumberProperty("restarts", counts.restarts());
        json.writeNumberProperty("snapshots", counts.snapshots());
        json.writeNumberProperty("failedSnapshots", counts.failedSnapshots());
        json.writeNumberProperty("queuedBytes", connection.queuedBytes());
        json.writeNumberProperty("unsentBytes", connection.unsentBytes());
        connection.groups().ifPresent(groups -> json.writeNumberProperty("groups", groups));
        connection.lastSnapshot().ifPresent(last -> {
            json.writeStringProperty("snapshotAt", last.at().toString());
            json.writeNumberProperty("snapshotBytes", last.bytes());
            json.writeNumberProperty("snapshotSeconds", seconds(last.time()));
        });
        connection.currentCall().ifPresent(call -> {
            json.writeObjectPropertyStart("call");
            json.writeStringProperty("method", call.method());
            json.writeNumberProperty("seconds", seconds(call.seenFor()));
            json.writeBooleanProperty("waiting", call.waiting());
            json.writeEndObject();
        });
        connection.lastFailure().ifPresent(failure -> {
            json.writeObjectPropertyStart("lastError");
            json.writeStringProperty("at", failure.time().toString());
            json.writeStringProperty("text", failure.text());
            json.writeEndObject();
        });
        json.writeEndObject();
    }

    /** Writes the most recent reasons for skipped input. */
    private static void skips(JsonGenerator json, List<Connection.Skip> skips) {
        json.writeArrayPropertyStart("skips");
        skips.stream().limit(MAX_SKIP_REASONS).forEach(skip -> {
            json.writeStartObject();
            json.writeStringProperty("reason", cut(skip.reason()));
            json.writeNumberProperty("count", skip.count());
            json.writeStringProperty("at", skip.lastAt().toString());
            json.writeEndObject();
        });
        json.writeEndArray();
        json.writeNumberProperty("moreSkipReasons", Math.max(0, skips.size() - MAX_SKIP_REASONS));
    }

    private static String cut(String reason) {
        return reason.length() > MAX_SKIP_REASON_CHARS ? reason.substring(0, MAX_SKIP_REASON_CHARS) + "..." : reason;
    }

    private void badEnds(JsonGenerator json) {
        json.writeArrayPropertyStart("badEnds");
        for (NodeStatistics.BadEnd end : statistics.badEnds()) {
            json.writeStartObject();
            json.writeStringProperty("at", end.time().toString());
            json.writeStringProperty("function", end.function());
            json.writeStringProperty("task", end.task());
            json.writeStringProperty("node", end.node());
            json.writeStringProperty("ending", end.ending().name().toLowerCase(Locale.ROOT));
            json.writeStringProperty("text", end.text());
            json.writeEndObject();
        }
        json.writeEndArray();
    }

    private static double seconds(Duration duration) {
        return duration.toNanos() / NANOS;
    }
}
