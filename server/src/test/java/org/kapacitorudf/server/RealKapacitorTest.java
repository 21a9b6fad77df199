package org.kapacitorudf.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.kapacitorudf.Context;
import org.kapacitorudf.Description;
import org.kapacitorudf.Handler;
import org.kapacitorudf.Udf;
import org.kapacitorudf.server.plugin.Functions;

/**
 * The functions with a real Kapacitor: the program as built by {@code scripts/build}, with the configuration that it
 * prints.
 */
@EnabledIfEnvironmentVariable(
        named = "KAPACITORD",
        matches = ".+",
        disabledReason = "KAPACITORD: not set (expected: the path of a kapacitord)")
@Timeout(600)
class RealKapacitorTest {
    private static final Duration DISABLE_LIMIT = Duration.ofSeconds(15);

    @TempDir
    private Path directory;

    private Path launcher;
    private final SortedSet<String> installed =
            new TreeSet<>(Functions.installed().names());
    private Path more;
    private Process server;
    private Kapacitord kapacitord;

    private enum Transport {
        PROCESS,
        SOCKET
    }

    @BeforeEach
    void find() throws IOException {
        more = Files.createDirectory(directory.resolve("more"));
        Path scripts = Path.of(System.getProperty("kapacitor-udf.scripts")).toRealPath();
        launcher = scripts.resolve("kapacitor-udf");
        Path jar = scripts.resolveSibling("server/target/dist/lib/kapacitor-udf.jar");
        assumeTrue(Files.exists(jar), "not built (expected: " + jar + ", which scripts/build makes)");
    }

    @AfterEach
    void end() throws Exception {
        if (kapacitord != null) {
            kapacitord.close();
        }
        if (server != null) {
            server.destroyForcibly().waitFor();
        }
    }

    @Test
    void aProcessGivesTheMeansOfAStream() throws Exception {
        start(Transport.PROCESS);
        theMeansOfAStreamAreRight();
    }

    @Test
    void aServerGivesTheMeansOfAStream() throws Exception {
        start(Transport.SOCKET);
        theMeansOfAStreamAreRight();
    }

    @Test
    void aServerGivesTheOutliersOfAWindow() throws Exception {
        start(Transport.SOCKET);
        kapacitord.define("outliers", """
                stream
                    |from().measurement('m').groupBy('g')
                    |window().periodCount(20).everyCount(20)
                    @outliers().field('value').scale(1.5)
                    |httpOut('out')
                """);
        double[] values = {50, 6, 45, 7, 13, 33, 100, 35, 36, 46, 47, 85, 48, 51, 52, 5, 53, 54, 80, 90};
        kapacitord.write(IntStream.range(0, values.length)
                .mapToObj(i -> "m,g=a value=" + values[i] + " " + i)
                .collect(Collectors.joining("\n")));
        awaitOut("outliers", "value", Map.of("a", List.of(6.0, 100.0, 85.0, 5.0, 90.0)));
    }

    @Test
    void theTickscriptOfEachFunctionIsTaken() throws Exception {
        start(Transport.SOCKET);
        for (String name : installed) {
            try (InputStream script = Functions.find(name).getClass().getResourceAsStream(name + ".tick")) {
                assertThat(script).as(name + ".tick").isNotNull();
                // There is no InfluxDB here: Kapacitor refuses scripts that write to one.
                kapacitord.define(
                        name,
                        new String(script.readAllBytes(), StandardCharsets.UTF_8)
                                .replaceFirst("(?s)\\|influxDBOut\\(\\).*", "|log()"));
            }
        }
        kapacitord.write("cpu,host=a usage_user=1 1\ndisk,host=a,path=b used_percent=1 1\nhttp,service=a requests=1 1\n"
                + "mem,host=a used_percent=1 1\ncpu,host=a usage_user=99 2\n"
                + "net,host=a,interface=b bytes_recv=1 1\nnet,host=a,interface=b bytes_recv=2 601\n"
                + "requests,service=a,client=b latency_ms=1 1\nrequests,service=a,client=c latency_ms=2 601\n"
                + "logins,service=a,client=b ok=true 1\nlogins,service=a,client=c ok=true 4001");
        for (String name : installed) {
            assertThat(kapacitord.error(name)).as(name).isEmpty();
        }
    }

    @Test
    void latestJoinsMeasurementsOfOneFromWithoutAMeasurement() throws Exception {
        start(Transport.SOCKET);
        kapacitord.define("latest", """
                stream
                    |from()
                        .groupBy('g')
                        .where(lambda: isPresent("usage") OR isPresent("used"))
                    @latest().lead('cpu').of('mem', 'used').maxAge(10s)
                    |default().field('mem.used', -1.0)
                    |window().periodCount(3).everyCount(3)
                    |httpOut('out')
                """);
        kapacitord.write("mem,g=a used=1 1\nmem,g=b used=5 1\ncpu,g=a usage=1 2\ncpu,g=b usage=1 2\n"
                + "mem,g=a used=2 3\ndisk,g=a free=2 3\ncpu,g=a usage=1 3\ncpu,g=b usage=1 11\n"
                + "cpu,g=a usage=1 14\ncpu,g=b usage=1 12\n");
        awaitOut("latest", "mem.used", Map.of("a", List.of(1.0, 2.0, -1.0), "b", List.of(5.0, 5.0, -1.0)));
    }

    @Test
    void twoSeriesThatAreResampledCanBeJoined() throws Exception {
        start(Transport.SOCKET);
        kapacitord.define("resample", """
                var one = stream|from().measurement('one').groupBy('g')@resample().field('value').every(10s)
                var two = stream|from().measurement('two').groupBy('g')@resample().field('value').every(10s)
                one
                    |join(two).as('one', 'two')
                    |window().periodCount(3).everyCount(3)
                    |httpOut('out')
                """);
        kapacitord.write("one,g=a value=0 5\none,g=a value=10 15\none,g=a value=20 25\none,g=a value=30 41\n"
                + "two,g=a value=7i 8\ntwo,g=a value=7i 33\ntwo,g=a value=8i 45\n");
        awaitOut("resample", "one.value", Map.of("a", List.of(5.0, 15.0, 23.125)));
        awaitOut("resample", "two.value", Map.of("a", List.of(7.0, 7.0, 7.0)));
    }

    /** Kapacitor accepts the horizon as a batch, and its batch nodes can use it. */
    @Test
    void aForecastIsABatchThatOtherNodesTake() throws Exception {
        start(Transport.SOCKET);
        kapacitord.define("forecastBatch", """
                stream
                    |from().measurement('m').groupBy('g')
                    @forecastBatch().field('value').every(1s).season(4s).longSeason(0s).horizon(3s)
                    |where(lambda: "step" > 1)
                    |httpOut('out')
                """);
        kapacitord.write(IntStream.range(0, 41)
                .mapToObj(i -> "m,g=a value=" + i % 4 + " " + i)
                .collect(Collectors.joining("\n")));
        awaitOut("forecastBatch", "forecast", Map.of("a", List.of(2.0, 3.0)));
    }

    /** The story of docs/functions/machine-room.md, with its metrics and TICKscripts. */
    @Test
    void theMachineRoomHasItsFiveAlertsAndNoOthers() throws Exception {
        loadMachineRoom(launcher.getParent().resolveSibling("docker/compose/kapacitor/load"));
        start(Transport.SOCKET);
        // The last node of each task that gets a point for each output point of the function.
        Map<String, String> nodes = Map.of(
                "unusual-load", "alert3",
                "disk-full", "alert4",
                "unlike-peers", "alert3",
                "level-shift", "where3",
                "slow-requests", "alert3");
        for (String task : nodes.keySet()) {
            kapacitord.awaitExecuting(task);
        }
        Map<String, Long> written = writeMetrics();
        Map<String, Long> results = Map.of(
                "unusual-load", written.get("system"),
                "disk-full", written.get("disk"),
                // The last two slots are open, and so is the last pane.
                "unlike-peers", written.get("cpu") - 2 * 7,
                "level-shift", written.get("temp"),
                "slow-requests", written.get("http_response") / 60 - 5);
        for (Map.Entry<String, String> node : nodes.entrySet()) {
            long expected = results.get(node.getKey());
            kapacitord.await(
                    node.getKey() + ": " + expected + " results",
                    () -> kapacitord.collected(node.getKey(), node.getValue()) >= expected);
            assertThat(kapacitord.collected(node.getKey(), node.getValue()))
                    .as(node.getKey())
                    .isEqualTo(expected);
            assertThat(kapacitord.error(node.getKey())).isEmpty();
            // Points within the task are alerted before it ends.
            kapacitord.disable(node.getKey(), DISABLE_LIMIT);
        }
        assertThat(kapacitord.events("machine-room"))
                .containsOnlyKeys(
                        "unusual-load db1",
                        "disk-full db2 /var/lib",
                        "unlike-peers web3",
                        "level-shift web5 inlet",
                        "slow-requests http://web4/")
                .allSatisfy((id, event) -> assertThat(event).startsWith("CRITICAL: "));
        assertThat(kapacitord.alerts("machine-room")).isEqualTo(5);
        assertThat(log("server.log")).doesNotContain(" ERROR ");
    }

    /**
     * The unchanged files, except for the task of the dashboard, which writes to an InfluxDB, and the path of the log.
     */
    private void loadMachineRoom(Path files) throws IOException {
        for (String kind : List.of("tasks", "handlers")) {
            Path load = Files.createDirectories(directory.resolve("load").resolve(kind));
            try (Stream<Path> all = Files.list(files.resolve(kind))) {
                for (Path file : all.toList()) {
                    String text = Files.readString(file);
                    if (text.contains("machine-room")) {
                        Files.writeString(
                                load.resolve(file.getFileName().toString()),
                                text.replace("/tmp/machine-room.log", directory.resolve("alerts.log") + ""));
                    }
                }
            }
        }
    }

    /** Writes the metrics, and returns the number of points of each measurement. */
    private Map<String, Long> writeMetrics() throws Exception {
        Process metrics = new ProcessBuilder(
                        launcher.resolveSibling("machine-room").toString(), "metrics")
                .redirectError(directory.resolve("metrics.log").toFile())
                .start();
        Map<String, Long> written = new TreeMap<>();
        List<String> lines = new ArrayList<>();
        BufferedReader reader = metrics.inputReader(StandardCharsets.UTF_8);
        for (String line; (line = reader.readLine()) != null; ) {
            lines.add(line);
            written.merge(line.substring(0, line.indexOf(',')), 1L, Long::sum);
            if (lines.size() == 5_000) {
                kapacitord.write("telegraf", "autogen", String.join("\n", lines));
                lines.clear();
            }
        }
        kapacitord.write("telegraf", "autogen", String.join("\n", lines));
        assertThat(metrics.waitFor()).as(log("metrics.log")).isZero();
        return written;
    }

    @ParameterizedTest
    @EnumSource
    void aWindowGoesOnOverDisableAndEnable(Transport transport) throws Exception {
        start(transport);
        kapacitord.define("snapshot", """
                stream
                    |from().measurement('m').groupBy('g')
                    @movingAvg().field('value').size(5).as('mean')
                    |httpOut('out')
                """);
        kapacitord.write("m,g=a value=1 0\nm,g=b value=10 0\nm,g=a value=2 1\nm,g=b value=20 1");
        awaitOut("snapshot", "mean", Map.of("a", List.of(1.5), "b", List.of(15.0)));
        kapacitord.awaitSnapshot();
        kapacitord.disable("snapshot", DISABLE_LIMIT);
        kapacitord.enable("snapshot");
        kapacitord.write("m,g=a value=6 2\nm,g=b value=60 2");
        awaitOut("snapshot", "mean", Map.of("a", List.of(3.0), "b", List.of(30.0)));
    }

    @ParameterizedTest
    @EnumSource
    void aTaskIsReadyAtItsFirstPointWithTheStateOfAHistory(Transport transport) throws Exception {
        int begin = 1_600_000_000;
        int tenMinutes = 600;
        int points = 16 * 24 * 6;
        int end = begin + points * tenMinutes;
        Path history = Files.write(
                directory.resolve("history.lp"),
                IntStream.range(0, points)
                        .mapToObj(i -> List.of("a", "b").stream()
                                .map(group -> "m,g=" + group + " value=" + i % 144 + " " + (begin + i * tenMinutes))
                                .collect(Collectors.joining("\n")))
                        .toList());
        Path seeds = Files.createDirectory(directory.resolve("seeds"));
        Path seed = seeds.resolve("season.baseline2");
        Process call = launch(
                "call.log",
                "call",
                "baseline",
                "--option",
                "field=value",
                "--option",
                "season=day",
                "--group-by",
                "g",
                "--precision",
                "s",
                "--summary",
                "--save-state",
                seed.toString(),
                history.toString());
        call.getInputStream().readAllBytes();
        assertThat(call.waitFor()).as(log("call.log")).isZero();

        start(transport, "--seed-dir", seeds.toString());
        kapacitord.define("season", """
                stream
                    |from().measurement('m').groupBy('g')
                    @baseline().field('value').season('day')
                    |eval(lambda: if("ready", 1, 0)).as('ready')
                    |httpOut('out')
                """);
        kapacitord.write("m,g=a value=1 " + end + "\nm,g=b value=1 " + end + "\nm,g=c value=1 " + end);
        awaitOut("season", "ready", Map.of("a", List.of(1.0), "b", List.of(1.0), "c", List.of(0.0)));
        kapacitord.awaitSnapshot();
        kapacitord.disable("season", DISABLE_LIMIT);
        // Kapacitor's state takes precedence now.
        Files.write(seed, new byte[] {1, 2, 3});
        kapacitord.enable("season");
        int next = end + tenMinutes;
        kapacitord.write("m,g=a value=1 " + next + "\nm,g=b value=1 " + next);
        awaitOut("season", "ready", Map.of("a", List.of(1.0), "b", List.of(1.0)));
        assertThat(kapacitord.error("season")).isEmpty();
        assertThat(log(transport == Transport.PROCESS ? "kapacitor.log" : "server.log"))
                .containsOnlyOnce("seeded: 2 groups, ");
    }

    @ParameterizedTest
    @EnumSource
    void aDisableUnderLoadReturns(Transport transport) throws Exception {
        start(transport);
        kapacitord.define("loaded", """
                stream
                    |from().measurement('load').groupBy('g')
                    @movingAvg().field('value').size(10).as('mean')
                    |httpOut('out')
                """);
        try (Load load = new Load()) {
            for (int i = 0; i < 3; i++) {
                kapacitord.enable("loaded");
                // Kapacitor cannot disable a task whose UDF it has not opened yet, so wait for output.
                load.awaitMoreThrough("loaded");
                kapacitord.disable("loaded", DISABLE_LIMIT);
            }
        }
        kapacitord.define("other", "stream|from().measurement('other').groupBy('g')@mirror()|httpOut('out')");
        kapacitord.write("other,g=a value=7 0");
        awaitOut("other", "value", Map.of("a", List.of(7.0)));
    }

    /** Installs functions of documents, as a user does. */
    private void install(String document, String... functions) throws IOException {
        Docs.of(document).compileInto(more);
        list(functions);
        installed.addAll(Stream.of(functions).map(String::toLowerCase).toList());
    }

    /** Lists classes on the class path as functions. */
    private void list(String... classes) throws IOException {
        Path services = Files.createDirectories(more.resolve("META-INF/services"));
        Files.write(services.resolve("org.kapacitorudf.Udf"), List.of(classes));
    }

    @ParameterizedTest
    @EnumSource
    void aTaskWhoseFunctionIsReplacedWhenItFailsGoesOn(Transport transport) throws Exception {
        install("failures.md", "Warmth");
        start(transport);
        kapacitord.define("warmth", """
                stream
                    |from().measurement('t').groupBy('g')
                    @warmth()
                    |httpOut('out')
                """);
        kapacitord.write("t,g=a kelvin=300 0");
        awaitOut("warmth", "mean", Map.of("a", List.of(300.0)));
        kapacitord.awaitSnapshot();
        for (int i = 1; i <= 3; i++) {
            kapacitord.write("t,g=b kelvin=-99999 " + i);
        }
        kapacitord.write("t,g=a kelvin=310 5\nt,g=b kelvin=250 5");
        awaitOut("warmth", "mean", Map.of("a", List.of(301.0), "b", List.of(250.0)));
        assertThat(kapacitord.error("warmth")).isEmpty();
    }

    @Test
    void aJoinAfterAFunctionFindsTheBatchThatItWasMadeOf() throws Exception {
        install("batches.md", "Share");
        start(Transport.SOCKET);
        kapacitord.define("share", """
                var window = stream
                    |from().measurement('m').groupBy('g')
                    |window().periodCount(2).everyCount(2)
                var shares = window
                    @share().field('value')
                window
                    |join(shares).as('all', 'shares')
                    |httpOut('out')
                """);
        kapacitord.write("m,g=a value=1 1\nm,g=b value=4 1\nm,g=a value=3 2\nm,g=b value=4 2\n");
        kapacitord.write("m,g=a value=2 3\nm,g=b value=0 3\nm,g=a value=8 4\nm,g=b value=5 4\n");
        awaitOut("share", "shares.share", Map.of("a", List.of(0.2, 0.8), "b", List.of(0.0, 1.0)));
        awaitOut("share", "all.value", Map.of("a", List.of(2.0, 8.0), "b", List.of(0.0, 5.0)));
    }

    @Test
    void aBatchMayBecomeAPointThatIsGroupedAsItWas() throws Exception {
        install("batches.md", "Range");
        start(Transport.SOCKET);
        // Points without their tags or grouping would not be two groups here.
        kapacitord.define("range", """
                stream
                    |from().measurement('m').groupBy('g')
                    |window().periodCount(2).everyCount(2)
                    @range().field('value')
                    |window().periodCount(2).everyCount(2)
                    |httpOut('out')
                """);
        kapacitord.write("m,g=a value=1 1\nm,g=b value=4 1\nm,g=a value=3 2\nm,g=b value=5 2\n");
        kapacitord.write("m,g=a value=2 3\nm,g=b value=0 3\nm,g=a value=8 4\nm,g=b value=9 4\n");
        awaitOut("range", "range", Map.of("a", List.of(2.0, 6.0), "b", List.of(1.0, 9.0)));
    }

    @Test
    void pointsMayBecomeABatchOfTheirGroup() throws Exception {
        install("batches.md", "Chunks");
        start(Transport.SOCKET);
        kapacitord.define("chunks", """
                stream
                    |from().measurement('m').groupBy('g')
                    @chunks().size(3)
                    |sum('value')
                    |httpOut('out')
                """);
        kapacitord.write("m,g=a value=1 1\nm,g=b value=10 1\nm,g=a value=2 2\nm,g=b value=20 2\n");
        kapacitord.write("m,g=a value=3 3\nm,g=b value=30 3\n");
        awaitOut("chunks", "sum", Map.of("a", List.of(6.0), "b", List.of(60.0)));
    }

    /** Hangs at the first point, for longer than Kapacitor's keepalive timeout. */
    public static final class Hanging implements Udf {
        private volatile long sink;

        @Override
        public Description describe() {
            return Description.stream("hanging", "a function for tests").callLimit(Duration.ofSeconds(15));
        }

        @Override
        public Handler create(Context context) {
            return (point, output) -> {
                long x = Long.MAX_VALUE;
                while (true) {
                    for (int i = 1; i < Integer.MAX_VALUE; i++) {
                        x = x / i + i;
                    }
                    sink = x;
                }
            };
        }
    }

    @ParameterizedTest
    @EnumSource
    void aCallThatHangsEndsItsOwnTaskAlone(Transport transport) throws Exception {
        installHanging();
        start(transport);
        kapacitord.define("hanging", "stream|from().measurement('h')@hanging()|httpOut('out')");
        kapacitord.define("means", """
                stream
                    |from().measurement('m').groupBy('g')
                    @movingAvg().field('value').size(2).as('mean')
                    |httpOut('out')
                """);
        kapacitord.write("h value=1 0");
        int i = 0;
        while (kapacitord.error("hanging").isEmpty()) {
            i++;
            // Kapacitor detects the end of a UDF only at the next point.
            kapacitord.write("h value=1 " + i + "\nm,g=a value=" + i + " " + i);
            awaitOut("means", "mean", Map.of("a", List.of(i == 1 ? 1.0 : i - 0.5)));
        }
        assertThat(kapacitord.error("hanging")).contains("point did not return within 15.0 s");
        assertThat(kapacitord.error("means")).isEmpty();
        kapacitord.awaitSnapshot();
        kapacitord.disable("hanging", DISABLE_LIMIT);
        kapacitord.disable("means", DISABLE_LIMIT);
    }

    /** As a user does: its class and the list of functions on the class path. */
    private void installHanging() throws IOException {
        String file = Hanging.class.getName().replace('.', '/') + ".class";
        try (InputStream bytes = Hanging.class.getResourceAsStream("/" + file)) {
            Path target = more.resolve(file);
            Files.createDirectories(target.getParent());
            Files.copy(bytes, target);
        }
        list(Hanging.class.getName());
        installed.add("hanging");
    }

    @ParameterizedTest
    @EnumSource
    void aBadOptionIsTheErrorOfTheTask(Transport transport) throws Exception {
        start(transport);
        kapacitord.define("bad", "stream|from()@movingAvg().field('value').size(0).as('mean')|httpOut('out')");
        kapacitord.await("the task has an error", () -> {
            // Kapacitor detects the end of a UDF only at the next point.
            kapacitord.write("m value=1 0");
            return !kapacitord.error("bad").isEmpty();
        });
        assertThat(kapacitord.error("bad")).contains("size: 0 (expected: >= 1");
        kapacitord.disable("bad", DISABLE_LIMIT);
        kapacitord.ping();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void afterARestartOfTheServerItsTasksComeBackWithTheirStateAndNoOthers(boolean killed) throws Exception {
        start(Transport.SOCKET);
        // Kapacitor's port is known only now: a server that knows it replaces the first one.
        endServer(true);
        serve("--kapacitor", kapacitord.url());
        List<String> means = List.of("a", "b", "c", "d");
        for (String task : means) {
            kapacitord.define(task, """
                    stream
                        |from().measurement('m').groupBy('g')
                        @movingAvg().field('value').size(5).as('mean')
                        |httpOut('out')
                    """);
        }
        kapacitord.define("other", "stream|from().measurement('other').groupBy('g')|httpOut('out')");
        kapacitord.define("bad", "stream|from()@movingAvg().field('value').size(0).as('mean')|httpOut('out')");
        kapacitord.write("m,g=a value=1 0\nm,g=a value=2 1");
        for (String task : means) {
            awaitOut(task, "mean", Map.of("a", List.of(1.5)));
        }
        for (int i = 0; i < means.size(); i++) {
            kapacitord.awaitSnapshot();
        }
        String other = kapacitord.lastEnabled("other");
        String bad = kapacitord.lastEnabled("bad");
        endServer(killed);
        serve("--kapacitor", kapacitord.url());
        for (String task : means) {
            kapacitord.await(
                    task + " is connected again", () -> log("server.log").contains(task + "/movingAvg2: started"));
        }
        kapacitord.write("m,g=a value=6 2");
        for (String task : means) {
            awaitOut(task, "mean", Map.of("a", List.of(3.0)));
        }
        assertThat(kapacitord.lastEnabled("other")).isEqualTo(other);
        assertThat(kapacitord.lastEnabled("bad")).isEqualTo(bad);
        assertThat(log("server.log")).contains("tasks: 4 reloaded");
    }

    private void endServer(boolean killed) throws Exception {
        if (killed) {
            server.destroyForcibly();
        } else {
            server.destroy();
        }
        assertThat(server.waitFor(5, TimeUnit.MINUTES)).isTrue();
    }

    private String log(String name) throws IOException {
        return Files.readString(directory.resolve(name));
    }

    private void theMeansOfAStreamAreRight() throws Exception {
        kapacitord.define("means", """
                stream
                    |from().measurement('m').groupBy('g')
                    @movingAvg().field('value').size(3).as('mean')
                    |window().periodCount(5).everyCount(5)
                    |httpOut('out')
                """);
        kapacitord.write(IntStream.rangeClosed(1, 5)
                .mapToObj(i -> "m,g=a value=" + i + ".0 " + i + "\nm,g=b value=" + i * i + "i " + i)
                .collect(Collectors.joining("\n")));
        awaitOut(
                "means",
                "mean",
                Map.of("a", List.of(1.0, 1.5, 2.0, 3.0, 4.0), "b", List.of(1.0, 2.5, 14 / 3.0, 29 / 3.0, 50 / 3.0)));
    }

    private void awaitOut(String task, String field, Map<String, List<Double>> expected) throws Exception {
        kapacitord.await(
                task + ": " + expected, () -> kapacitord.out(task, "g", field).equals(expected));
    }

    /**
     * Starts Kapacitor, and the server if the functions are on sockets.
     *
     * @param options of run or serve
     */
    private void start(Transport transport, String... options) throws Exception {
        String functions;
        if (transport == Transport.PROCESS) {
            String more =
                    Stream.of(options).map(option -> ", \"" + option + "\"").collect(Collectors.joining());
            functions = configuration("--process").replaceAll("(?m)^( *args = .*)]$", "$1" + more + "]");
        } else {
            serve(options);
            functions = configuration("--socket", "--dir", sockets().toString());
        }
        kapacitord = Kapacitord.start(Path.of(System.getenv("KAPACITORD")), directory, functions);
    }

    private Path sockets() {
        return directory.resolve("sockets");
    }

    private void serve(String... options) throws IOException {
        List<String> arguments =
                new ArrayList<>(List.of("serve", "--dir", sockets().toString()));
        arguments.addAll(List.of(options));
        server = launch("server.log", arguments.toArray(String[]::new));
        BufferedReader out = server.inputReader(StandardCharsets.UTF_8);
        for (String name : installed) {
            assertThat(out.readLine()).startsWith(name + ": listening on ");
        }
    }

    private String configuration(String... options) throws Exception {
        String[] arguments = new String[options.length + 1];
        arguments[0] = "config";
        System.arraycopy(options, 0, arguments, 1, options.length);
        Process config = launch("config.log", arguments);
        String block = new String(config.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(config.waitFor()).isZero();
        return block;
    }

    private Process launch(String log, String... arguments) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(launcher.toString())
                .redirectError(directory.resolve(log).toFile());
        builder.command().addAll(List.of(arguments));
        builder.environment().keySet().removeIf(name -> name.startsWith("KAPACITOR_UDF_"));
        builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
        builder.environment().put("KAPACITOR_UDF_CLASSPATH", more.toString());
        return builder.start();
    }

    /** Writes as fast as Kapacitor accepts points. */
    private final class Load implements AutoCloseable {
        private static final int LINES = 1_000;
        private static final int MUCH = 20 * LINES;

        private final String lines = IntStream.range(0, LINES)
                .mapToObj(i -> "load,g=" + i % 20 + " value=" + i + ".5,i=" + i + "i,s=\"text " + i + "\" " + i)
                .collect(Collectors.joining("\n"));
        private final AtomicLong written = new AtomicLong();
        private volatile boolean closed;
        private final FutureTask<Void> writing = new FutureTask<>(this::write);

        private Load() {
            new Thread(writing, "load").start();
        }

        private Void write() throws Exception {
            while (!closed) {
                kapacitord.write(lines);
                written.addAndGet(LINES);
            }
            return null;
        }

        private void awaitMoreThrough(String task) throws Exception {
            long before = written.get();
            kapacitord.await(
                    "much is written, and comes out",
                    () -> !kapacitord.out(task, "g", "mean").isEmpty() && written.get() - before > MUCH);
        }

        @Override
        public void close() throws ExecutionException, TimeoutException {
            closed = true;
            try {
                writing.get(5, TimeUnit.MINUTES);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            } catch (ExecutionException e) {
                kapacitord.abortIfCrashedByItsOwnDefect();
                throw e;
            }
        }
    }
}
