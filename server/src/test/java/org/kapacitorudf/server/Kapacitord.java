package org.kapacitorudf.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A real Kapacitor on a free port of the loopback interface, with a minimal configuration for UDFs.
 *
 * <p>Threading: any thread.
 *
 * <p>Errors: no call waits forever. If Kapacitor refuses a request or is late, an {@link AssertionError} with the end
 * of its log is thrown. If Kapacitor has crashed because of its own bug, the test is aborted.
 */
final class Kapacitord implements AutoCloseable {
    private static final Duration LIMIT = Duration.ofMinutes(5);
    private static final Duration GRACE = Duration.ofSeconds(20);
    private static final int LOG_TAIL = 6_000;
    private static final Pattern LISTENING = Pattern.compile("msg=\"listening on\" .*addr=127\\.0\\.0\\.1:(\\d+)");

    /**
     * It closes a node's edges while output of the UDF is still being sent on them, if a socket's task is disabled
     * under load: no agent can prevent it.
     */
    private static final String OWN_DEFECT = "panic: send on closed channel";

    /** One commit is written in up to three steps; after two commits a snapshot has been requested and stored. */
    private static final int WRITES_OF_TWO_COMMITS = 6;

    private static final String CONFIGURATION = """
            hostname = "localhost"
            data_dir = "DIR"
            skip-config-overrides = true
            [http]
              bind-address = "127.0.0.1:0"
              log-enabled = false
            [logging]
              file = "STDERR"
              level = "INFO"
            [load]
              enabled = true
              dir = "DIR/load"
            [replay]
              dir = "DIR/replay"
            [task]
              dir = "DIR/tasks"
              snapshot-interval = "INTERVAL"
            [storage]
              boltdb = "DIR/kapacitor.db"
            [[influxdb]]
              enabled = false
              default = true
              name = "none"
              urls = ["http://127.0.0.1:1"]
              disable-subscriptions = true
            [reporting]
              enabled = false
            [stats]
              enabled = false
            [config-override]
              enabled = false
            [udf]
            [udf.functions]
            """;

    private final Process process;
    private final Path log;
    private final Path database;
    private final JsonMapper json = new JsonMapper();
    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private URI api = URI.create("http://127.0.0.1/");

    private Kapacitord(Process process, Path log, Path database) {
        this.process = process;
        this.log = log;
        this.database = database;
    }

    /**
     * Starts it with five snapshots per second, and returns when it responds. It loads the directory {@code load}, if
     * that exists.
     *
     * @param functions the part of its configuration with the UDFs
     */
    static Kapacitord start(Path program, Path directory, String functions) throws Exception {
        return start(program, directory, "200ms", functions);
    }

    /** @param snapshotInterval in Kapacitor's syntax; {@code 1m} is its default */
    static Kapacitord start(Path program, Path directory, String snapshotInterval, String functions) throws Exception {
        Path configuration = directory.resolve("kapacitor.conf");
        Files.writeString(
                configuration,
                CONFIGURATION.replace("DIR", directory.toString()).replace("INTERVAL", snapshotInterval) + functions);
        Path log = directory.resolve("kapacitor.log");
        ProcessBuilder builder = new ProcessBuilder(program.toString(), "-config", configuration.toString())
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .redirectOutput(log.toFile());
        builder.environment().keySet().removeIf(name -> name.startsWith("KAPACITOR"));
        Kapacitord kapacitord = new Kapacitord(builder.start(), log, directory.resolve("kapacitor.db"));
        try {
            kapacitord.awaitListening();
        } catch (Exception | Error e) {
            kapacitord.close();
            throw e;
        }
        return kapacitord;
    }

    private void awaitListening() throws Exception {
        await("kapacitord listens", () -> {
            if (!process.isAlive()) {
                throw failure("kapacitord: ended with status " + process.exitValue() + " (expected: it starts)", null);
            }
            Matcher listening = LISTENING.matcher(log());
            boolean found = listening.find();
            if (found) {
                api = URI.create("http://127.0.0.1:" + listening.group(1) + "/kapacitor/v1/");
            }
            return found;
        });
        ping();
    }

    /** Checks that it responds. */
    void ping() throws Exception {
        assertThat(send("GET", "ping", "", LIMIT).statusCode()).isEqualTo(204);
    }

    /** Defines a stream task, and enables it. */
    void define(String task, String script) throws Exception {
        accept(
                "POST",
                "tasks",
                Map.of(
                        "id",
                        task,
                        "type",
                        "stream",
                        "dbrps",
                        List.of(Map.of("db", "db", "rp", "rp")),
                        "script",
                        script,
                        "status",
                        "enabled"),
                LIMIT);
    }

    void enable(String task) throws Exception {
        accept("PATCH", "tasks/" + task, Map.of("status", "enabled"), LIMIT);
    }

    /** Disables a task, within the limit. */
    void disable(String task, Duration limit) throws Exception {
        accept("PATCH", "tasks/" + task, Map.of("status", "disabled"), limit);
    }

    /** The URL of its HTTP API. */
    String url() {
        return api.resolve("/").toString();
    }

    /** When the task was enabled last. */
    String lastEnabled(String task) throws Exception {
        HttpResponse<String> response = send("GET", "tasks/" + task, "", LIMIT);
        return json.readTree(response.body()).path("last-enabled").asString();
    }

    /** The error with which a task ended; empty while there is none. */
    String error(String task) throws Exception {
        HttpResponse<String> response = send("GET", "tasks/" + task, "", LIMIT);
        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        return json.readTree(response.body()).path("error").asString();
    }

    /** The output of the task's httpOut named "out": the values of one field in order, by the values of one tag. */
    Map<String, List<Double>> out(String task, String tag, String field) throws Exception {
        Map<String, List<Double>> values = new TreeMap<>();
        HttpResponse<String> response = send("GET", "tasks/" + task + "/out", "", LIMIT);
        if (response.statusCode() == 404) {
            return values; // The task has not been started yet.
        }
        for (JsonNode series : json.readTree(response.body()).path("series")) {
            if (series.isNull()) {
                continue; // A group without a point.
            }
            int column = -1;
            for (int i = 0; i < series.path("columns").size(); i++) {
                if (series.path("columns").path(i).asString().equals(field)) {
                    column = i;
                }
            }
            List<Double> ofGroup = new ArrayList<>();
            for (JsonNode row : series.path("values")) {
                ofGroup.add(row.path(column).asDouble());
            }
            values.put(series.path("tags").path(tag).asString(), ofGroup);
        }
        return values;
    }

    /** The number of points that a node of a task has received since the task was enabled. */
    long collected(String task, String node) throws Exception {
        HttpResponse<String> response = send("GET", "tasks/" + task, "", LIMIT);
        return json.readTree(response.body())
                .path("stats")
                .path("node-stats")
                .path(node)
                .path("collected")
                .asLong();
    }

    /** The CPU time that it has used. */
    Duration cpu() {
        return cpu(Stream.of(process.toHandle()));
    }

    /** The CPU time used by its running child processes. */
    Duration cpuOfChildren() {
        return cpu(process.descendants());
    }

    private static Duration cpu(Stream<ProcessHandle> processes) {
        return processes
                .map(handle -> handle.info().totalCpuDuration().orElse(Duration.ZERO))
                .reduce(Duration.ZERO, Duration::plus);
    }

    /** Waits until a task accepts points. */
    void awaitExecuting(String task) throws Exception {
        await(
                task + " is executing",
                () -> json.readTree(send("GET", "tasks/" + task, "", LIMIT).body())
                        .path("executing")
                        .asBoolean());
    }

    /** The number of alerts of a topic. */
    int alerts(String topic) throws Exception {
        return json.readTree(send("GET", "alerts/topics/" + topic, "", LIMIT).body())
                .path("collected")
                .asInt();
    }

    /** The last alert of each id of a topic: its level and its message. */
    Map<String, String> events(String topic) throws Exception {
        Map<String, String> events = new TreeMap<>();
        String body =
                send("GET", "alerts/topics/" + topic + "/events", "", LIMIT).body();
        for (JsonNode event : json.readTree(body).path("events")) {
            JsonNode state = event.path("state");
            events.put(
                    event.path("id").asString(),
                    state.path("level").asString() + ": "
                            + state.path("message").asString());
        }
        return events;
    }

    /** Writes points in line protocol, with times in seconds; returns when Kapacitor has accepted them. */
    void write(String lines) throws Exception {
        write("db", "rp", lines);
    }

    void write(String database, String retentionPolicy, String lines) throws Exception {
        HttpResponse<String> response =
                send("POST", "write?db=" + database + "&rp=" + retentionPolicy + "&precision=s", lines, LIMIT);
        assertThat(response.statusCode()).as(response.body()).isEqualTo(204);
    }

    /** Waits until a snapshot of the only task has been requested and stored. */
    void awaitSnapshot() throws Exception {
        for (int i = 0; i < WRITES_OF_TWO_COMMITS; i++) {
            FileTime last = Files.getLastModifiedTime(database);
            await(
                    "a snapshot is kept",
                    () -> !Files.getLastModifiedTime(database).equals(last));
        }
    }

    /** Waits for a condition that must be polled. */
    void await(String what, Callable<Boolean> condition) throws Exception {
        long startNanos = System.nanoTime();
        while (!condition.call()) {
            if (System.nanoTime() - startNanos > LIMIT.toNanos()) {
                throw failure(what + ": not within " + LIMIT, null);
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
        }
    }

    private void accept(String method, String path, Map<String, Object> body, Duration limit) throws Exception {
        HttpResponse<String> response = send(method, path, json.writeValueAsString(body), limit);
        assertThat(response.statusCode())
                .as("%s %s: %s", method, path, response.body())
                .isEqualTo(200);
    }

    private HttpResponse<String> send(String method, String path, String body, Duration limit) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(api.resolve(path))
                .method(method, BodyPublishers.ofString(body))
                .timeout(limit)
                .build();
        try {
            return client.send(request, BodyHandlers.ofString());
        } catch (IOException e) {
            abortIfCrashedByItsOwnDefect();
            throw failure(method + " " + path + " (expected: an answer within " + limit + "): " + e, e);
        }
    }

    void abortIfCrashedByItsOwnDefect() {
        // The connections are closed before the reason has been written completely.
        boolean ended = ends(Duration.ofSeconds(5));
        assumeFalse(ended && log().contains(OWN_DEFECT), "kapacitord crashed by its own defect: " + OWN_DEFECT);
    }

    private AssertionError failure(String message, Throwable cause) {
        String text = log();
        return new AssertionError(message + "\n" + text.substring(Math.max(0, text.length() - LOG_TAIL)), cause);
    }

    private String log() {
        try {
            return new String(Files.readAllBytes(log), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private boolean ends(Duration limit) {
        try {
            return process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /** Ends it and its child processes, with SIGKILL if they take too long. */
    @Override
    public void close() {
        List<ProcessHandle> started = process.descendants().toList();
        process.destroy();
        if (!ends(GRACE)) {
            process.destroyForcibly();
            process.onExit().join();
        }
        for (ProcessHandle child : started) {
            child.destroyForcibly();
            child.onExit().join();
        }
    }
}
