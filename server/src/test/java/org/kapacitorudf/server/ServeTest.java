package org.kapacitorudf.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.kapacitorudf.Context;
import org.kapacitorudf.Description;
import org.kapacitorudf.Handler;
import org.kapacitorudf.Udf;
import org.kapacitorudf.client.Kapacitor;
import org.kapacitorudf.client.Options;
import org.kapacitorudf.client.Points;
import org.kapacitorudf.client.StandInException;
import org.kapacitorudf.server.plugin.PlugInJars;
import org.kapacitorudf.server.tasks.KapacitorStandIn;
import org.kapacitorudf.server.terminal.ExitStatus;

/** {@code serve}, started by its launcher. */
@Tag("jvm")
@Tag("slow")
@Timeout(600)
class ServeTest {
    @TempDir
    private Path directory;

    private Path sockets;
    private Installed installed;
    private Process process;

    @BeforeEach
    void install() throws IOException {
        sockets = directory.resolve("sockets");
        installed = Installed.in(directory);
    }

    @AfterEach
    void end() throws InterruptedException {
        if (process != null) {
            process.destroyForcibly().waitFor();
        }
    }

    @Test
    void eachFunctionIsServedOnItsSocketOnceItSaysSo() throws Exception {
        List<String> functions = List.of(
                "baseline",
                "changepoint",
                "countDistinct",
                "deviation",
                "forecast",
                "forecastBatch",
                "latest",
                "mirror",
                "movingAvg",
                "outliers",
                "peers",
                "quantiles",
                "resample",
                "sessions",
                "smooth",
                "timeTo",
                "topK");
        assertThat(serve(functions.size(), "serve", "--dir", sockets.toString()))
                .isEqualTo(functions.stream()
                        .map(name -> name + ": listening on " + sockets.resolve(name + ".sock"))
                        .toList());
        try (Kapacitor one = Installed.kapacitor().connect(sockets.resolve("mirror.sock"));
                Kapacitor two = Installed.kapacitor().connect(sockets.resolve("movingAvg.sock"))) {
            one.init("task", "mirror2");
            two.init("task", "movingAvg3", Options.of("field", "value"), Options.of("size", 2));
            one.send(Points.of("m value=1 0"));
            two.send(Points.of("m value=1 0"));
            one.awaitReceived(1);
            two.awaitReceived(1);
        }
    }

    /** Closes the common output, and ends the process at its first point. */
    public static final class Exiting implements Udf {
        @Override
        public Description describe() {
            return Description.stream("exiting", "a function for tests");
        }

        @Override
        public Handler create(Context context) {
            System.out.close();
            return (point, output) -> System.exit(77);
        }
    }

    @Test
    void aFunctionThatExitsTheJvmTakesTheOthersDownInOrder() throws Exception {
        installed.with(Exiting.class);
        serve(
                2,
                "serve",
                "exiting",
                "mirror",
                "--dir",
                sockets.toString(),
                "--kapacitor",
                "http://127.0.0.1:1"); // nothing listens there
        try (Kapacitor exiting = Installed.kapacitor().connect(sockets.resolve("exiting.sock"));
                Kapacitor other = Installed.kapacitor().connect(sockets.resolve("mirror.sock"))) {
            exiting.init("task", "exiting2");
            other.init("other", "mirror2");
            other.send(Points.of("m value=1 0"));
            other.awaitReceived(1);
            try {
                exiting.send(Points.of("m value=1 0"));
            } catch (StandInException e) {
                // The task's error has the details.
            }
            assertThat(exiting.awaitTaskError()).contains("point: System.exit (expected: an exception)");
            other.awaitEnd();
            assertThat(other.death()).isEmpty();
        }
        assertThat(process.waitFor()).isEqualTo(77);
        assertThat(new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8))
                .contains("a function has called System.exit");
        assertThat(sockets.resolve("mirror.sock")).doesNotExist();
        assertThat(sockets.resolve("tasks.json"))
                .as("this end was not planned: a reload after it counts")
                .content()
                .contains("\"node\":\"mirror2\"")
                .contains("\"planned\":false")
                .doesNotContain("\"planned\":true");
    }

    /** Output that a worker writes without the event loop would not be traced. */
    @Test
    @Tag("one-jdk")
    void aTraceShowsWhatLeavesASocketToo() throws Exception {
        serve(1, "serve", "mirror", "--dir", sockets.toString(), "--trace", "mirror");
        try (Kapacitor kapacitor = Installed.kapacitor().connect(sockets.resolve("mirror.sock"))) {
            kapacitor.init("task", "mirror2");
            kapacitor.send(Points.of("m value=1 0"));
            kapacitor.awaitReceived(1);
            kapacitor.closeInput();
            kapacitor.awaitEnd();
        }
        process.toHandle().destroy(); // Process.destroy closes the streams
        assertThat(new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8))
                .contains(" TRACE mirror task/mirror2: < Init ok", " TRACE mirror task/mirror2: < Point m value=1.0 0");
    }

    @ParameterizedTest
    @ValueSource(strings = {"TERM", "INT", "HUP"})
    void aSignalEndsItInOrder(String signal) throws Exception {
        serve(1, "serve", "mirror", "--dir", sockets.toString());
        try (Kapacitor kapacitor = Installed.kapacitor().connect(sockets.resolve("mirror.sock"))) {
            kapacitor.init("task", "mirror2");
            kapacitor.send(Points.of("m value=1 0"));
            kapacitor.awaitReceived(1);
            signal(signal);
            kapacitor.awaitEnd();
        }
        assertThat(process.waitFor(5, TimeUnit.MINUTES)).isTrue();
        assertThat(process.exitValue()).isZero();
        assertThat(sockets).isEmptyDirectory();
    }

    @Test
    void aSecondSignalEndsItAtOnce() throws Exception {
        installed.with(HostFaultsTest.Stubborn.class);
        String[] limits = {"--drain-deadline=1h", "--grace=1h", "--call-limit=1h"};
        serve(1, "serve", "stubborn", "--dir", sockets.toString(), limits[0], limits[1], limits[2]);
        Path socket = sockets.resolve("stubborn.sock");
        try (Kapacitor kapacitor = Installed.kapacitor().keepalives(false).connect(socket)) {
            kapacitor.init("task", "stubborn2", Options.of("where", "stop"), Options.of("mark", "none"));
            signal("TERM");
            while (Files.exists(socket)) {
                Thread.sleep(10);
            }
            assertThat(process.isAlive()).isTrue();
            signal("TERM");
            assertThat(process.waitFor(5, TimeUnit.MINUTES)).isTrue();
            assertThat(process.exitValue()).isEqualTo(128 + 15);
        }
    }

    @Test
    @Tag("one-jdk")
    void aSocketInUseIsNotTaken() throws Exception {
        serve(1, "serve", "mirror", "--dir", sockets.toString());
        Process second = installed.start("serve", "mirror", "--dir", sockets.toString());
        assertThat(second.waitFor()).isEqualTo(ExitStatus.CANNOT_LISTEN.code());
        assertThat(new String(second.getErrorStream().readAllBytes(), StandardCharsets.UTF_8))
                .startsWith("kapacitor-udf: ")
                .contains(sockets.resolve("mirror.sock").toString());
        try (Kapacitor kapacitor = Installed.kapacitor().connect(sockets.resolve("mirror.sock"))) {
            assertThat(kapacitor.init("task", "mirror2").getSuccess()).isTrue();
        }
    }

    @Test
    @Tag("one-jdk")
    void theModeOfASocketIsAsAsked() throws Exception {
        Path socket = directory.resolve("deep/er/m.sock");
        serve(1, "serve", "--socket", "mirror=" + socket, "--socket-mode", "0666");
        assertThat(Files.getPosixFilePermissions(socket)).isEqualTo(PosixFilePermissions.fromString("rw-rw-rw-"));
    }

    @Test
    @Tag("one-jdk")
    void aPolicyMayBeForOneFunctionAlone() throws Exception {
        installed.with(RunTest.Peculiar.class);
        serve(
                4,
                "serve",
                "--dir",
                sockets.toString(),
                "--on-error",
                "skip",
                "--on-error=peculiar=restart",
                "--max-restarts",
                "1",
                "--restart-interval=1h");
        try (Kapacitor kapacitor = Installed.kapacitor().connect(sockets.resolve("peculiar.sock"))) {
            kapacitor.init("task", "node", Options.of("how", "throw"));
            try {
                kapacitor.send(Points.of("m value=1 0", "m value=1 1"));
            } catch (StandInException e) {
                // The second point ends the task, possibly before everything is sent.
            }
            assertThat(kapacitor.awaitTaskError())
                    .isEqualTo("peculiar (task task, node node): after 1 restart within 3600.0 s (expected: no more),"
                            + " again point: java.lang.IllegalStateException: thrown");
        }
    }

    @Test
    void whatItDoesCanBeLookedAt() throws Exception {
        String line = serve(2, "serve", "mirror", "--dir", sockets.toString(), "--metrics", "0")
                .get(0);
        assertThat(line).matches("metrics: listening on http://127\\.0\\.0\\.1:\\d+/");
        URI base = URI.create(line.substring("metrics: listening on ".length()));
        assertThat(get(base.resolve("/readyz"))).isEqualTo("ok\n");
        try (Kapacitor kapacitor = Installed.kapacitor().connect(sockets.resolve("mirror.sock"))) {
            kapacitor.init("task", "mirror2");
            kapacitor.send(Points.of("m value=1 0"));
            kapacitor.awaitReceived(1);
            assertThat(get(base.resolve("/metrics")))
                    .contains("kapacitor_udf_sent_points_total{node=\"mirror2\",task=\"task\",udf=\"mirror\"} 1.0\n");
        }
        signal("TERM");
        assertThat(process.waitFor(5, TimeUnit.MINUTES)).isTrue();
        assertThat(process.exitValue()).isZero();
        assertThat(new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8))
                .contains("INFO  mirror task/mirror2: started: ")
                .contains("INFO  mirror task/mirror2: ended: ")
                .doesNotContain("WARN");
    }

    private static String get(URI uri) throws Exception {
        return HttpClient.newHttpClient()
                .send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString())
                .body();
    }

    @Test
    void aPortInUseIsNamed() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            String port = Integer.toString(taken.getLocalPort());
            process = installed.start("serve", "mirror", "--dir", sockets.toString(), "--metrics", port);
            assertThat(process.waitFor()).isEqualTo(ExitStatus.CANNOT_LISTEN.code());
            assertThat(new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8))
                    .startsWith("kapacitor-udf: metrics: 127.0.0.1:" + port);
            assertThat(sockets.resolve("mirror.sock")).doesNotExist();
        }
    }

    @Test
    void aPlugInsCallsHaveItsClassLoader() throws Exception {
        Path plugIns = Files.createDirectory(directory.resolve("plugins"));
        PlugInJars.function("Where", "where", "Thread.currentThread().getContextClassLoader().getName()")
                .to(plugIns, "where.jar");
        serve(2, "serve", "where", "mirror", "--dir", sockets.toString(), "--plugins", plugIns.toString());
        try (Kapacitor kapacitor = Installed.kapacitor().connect(sockets.resolve("where.sock"))) {
            kapacitor.init("task", "where2");
            kapacitor.send(Points.of("m value=1 0"));
            kapacitor.awaitReceived(1);
            assertThat(kapacitor.points().get(0).getFieldsStringOrThrow("is")).isEqualTo("where.jar");
        }
    }

    @Test
    @Tag("one-jdk")
    void aGroupThatIsNotThereIsNamed() throws Exception {
        process = installed.start("serve", "mirror", "--dir", sockets.toString(), "--socket-group", "nosuchgroup");
        assertThat(process.waitFor()).isEqualTo(ExitStatus.CANNOT_LISTEN.code());
        assertThat(new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8))
                .startsWith("kapacitor-udf: ")
                .contains("nosuchgroup");
    }

    @Test
    @Tag("one-jdk")
    void aTaskOfAServerThatWasKilledIsReloadedByTheNext() throws Exception {
        try (KapacitorStandIn api = KapacitorStandIn.start(InstantSource.system())) {
            api.task("task", Instant.now(), "mirror");
            api.task("other", Instant.now(), "mirror");
            String[] arguments = {"serve", "mirror", "--dir", sockets.toString(), "--kapacitor", api.url()};
            serve(1, arguments);
            Path file = sockets.resolve("tasks.json");
            try (Kapacitor kapacitor = Installed.kapacitor().connect(sockets.resolve("mirror.sock"))) {
                kapacitor.init("task", "mirror2");
                while (!Files.exists(file) || !Files.readString(file).contains("mirror2")) {
                    LockSupport.parkNanos(1_000_000);
                }
                process.destroyForcibly().waitFor();
            } catch (StandInException e) {
                // It has been killed.
            }
            serve(1, arguments);
            while (api.changes().size() < 2) {
                LockSupport.parkNanos(1_000_000);
            }
            assertThat(api.changes()).containsExactly("PATCH tasks/task disabled", "PATCH tasks/task enabled");
        }
    }

    @Test
    @Tag("one-jdk")
    void aTaskThatStaysDeadIsAWarningWithTheCommandThatReloadsIt() throws Exception {
        try (KapacitorStandIn api = KapacitorStandIn.start(InstantSource.system())) {
            api.task("dead", Instant.now(), "movingAvg");
            api.task("off", Instant.now(), "mirror");
            serve(2, "serve", "mirror", "movingAvg", "--dir", sockets.toString(), "--kapacitor", api.url());
            try (Kapacitor dead = Installed.kapacitor().connect(sockets.resolve("movingAvg.sock"));
                    Kapacitor off = Installed.kapacitor().connect(sockets.resolve("mirror.sock"))) {
                dead.init("dead", "movingAvg2", Options.of("field", "v"), Options.of("size", 2));
                off.init("off", "mirror2");
                awaitText(sockets.resolve("tasks.json"), "\"off\"");
                awaitText(sockets.resolve("tasks.json"), "\"dead\"");
                process.destroyForcibly().waitFor();
            } catch (StandInException e) {
                // It has been killed.
            }
            api.set("off", "status", "disabled");
            serve(1, "serve", "mirror", "--dir", sockets.toString(), "--kapacitor", api.url());
            BufferedReader log = process.errorReader(StandardCharsets.UTF_8);
            List<String> lines = new ArrayList<>();
            while (lines.isEmpty() || !lines.get(lines.size() - 1).contains("tasks: ")) {
                lines.add(log.readLine());
            }
            assertThat(lines)
                    .anyMatch(
                            line -> line.endsWith("WARN  kapacitor-udf: task dead: not reloaded: movingAvg is no longer"
                                    + " served. To reload it once it is served again: kapacitor -url " + api.url()
                                    + " reload dead"))
                    .anyMatch(line -> line.endsWith("INFO  kapacitor-udf: task off: not reloaded: disabled"));
            assertThat(installed
                            .run(
                                    Map.of(),
                                    new byte[0],
                                    "\"$@\"",
                                    "tasks",
                                    "--dir",
                                    sockets.toString(),
                                    "--kapacitor",
                                    api.url())
                            .out())
                    .startsWith("a running server uses " + sockets.resolve("tasks.json")
                            + "\nfunctions: mirror (of that server)\n");
        }
    }

    @Test
    @Tag("one-jdk")
    void aTakeOverThatFailsLeavesTheTaskFileToTheServerThatRuns() throws Exception {
        String[] arguments = {"serve", "mirror", "--dir", sockets.toString(), "--kapacitor", "http://127.0.0.1:1"};
        serve(1, arguments);
        Path file = sockets.resolve("tasks.json");
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                Kapacitor kapacitor = Installed.kapacitor().connect(sockets.resolve("mirror.sock"))) {
            kapacitor.init("before", "mirror2");
            awaitText(file, "before");
            List<String> again = new ArrayList<>(List.of(arguments));
            again.addAll(List.of("--take-over", "--metrics", Integer.toString(taken.getLocalPort())));
            Process next = installed.start(again.toArray(String[]::new));
            assertThat(next.waitFor()).isEqualTo(ExitStatus.CANNOT_LISTEN.code());
            try (Kapacitor after = Installed.kapacitor().connect(sockets.resolve("mirror.sock"))) {
                after.init("after", "mirror2");
                awaitText(file, "after");
                assertThat(file).content().contains("before");
            }
        }
    }

    /** Root may write to any directory. */
    @Test
    @Tag("one-jdk")
    void aTakeOverThatCannotWriteToTheDirectoryOfTheTaskFileLeavesTheSocketToTheServerThatRuns() throws Exception {
        Path tasks = Files.createDirectory(directory.resolve("tasks"));
        List<String> arguments = new ArrayList<>(List.of("serve", "mirror", "--dir", sockets.toString()));
        arguments.addAll(List.of("--kapacitor", "http://127.0.0.1:1", "--task-file", tasks + "/tasks.json"));
        serve(1, arguments.toArray(String[]::new));
        Path socket = sockets.resolve("mirror.sock");
        Object key = fileKey(socket);
        Files.setPosixFilePermissions(tasks, PosixFilePermissions.fromString("r-xr-xr-x"));
        try {
            assumeFalse(Files.isWritable(tasks), "run by root");
            arguments.add("--take-over");
            Process next = installed.start(arguments.toArray(String[]::new));
            assertThat(next.waitFor()).isEqualTo(ExitStatus.CANNOT_LISTEN.code());
            assertThat(fileKey(socket)).as("the socket was not replaced").isEqualTo(key);
            assertMirrorAnswers(socket);
            assertThat(new String(next.getErrorStream().readAllBytes(), StandardCharsets.UTF_8))
                    .isEqualTo(
                            "kapacitor-udf: task file: " + tasks
                                    + "/tasks.json: permission denied (expected: a directory that this process may write to)\n");
        } finally {
            Files.setPosixFilePermissions(tasks, PosixFilePermissions.fromString("rwxr-xr-x"));
        }
    }

    private static Object fileKey(Path file) throws IOException {
        return Files.readAttributes(file, BasicFileAttributes.class).fileKey();
    }

    private static void awaitText(Path file, String text) throws IOException {
        while (!Files.exists(file) || !Files.readString(file).contains(text)) {
            LockSupport.parkNanos(1_000_000);
        }
    }

    @Test
    void aHangUpTakesUpTheFileAndNewPlugInsWithoutLosingAConnection() throws Exception {
        Path plugIns = Files.createDirectory(directory.resolve("plugins"));
        Path config = directory.resolve("config.toml");
        String served = "dir = \"" + sockets + "\"\nplugins = \"" + plugIns + "\"\n";
        String loader = "Thread.currentThread().getContextClassLoader().getName()";
        PlugInJars.function("Old", "swapped", "\"old\"").to(plugIns, "swapped.jar");
        Files.writeString(config, served + "names = [\"swapped\"]\nlog-level = \"warn\"\n");
        serve(1, "serve", "--config", config.toString());
        BufferedReader log = process.errorReader(StandardCharsets.UTF_8);
        try (Kapacitor running = Installed.kapacitor().connect(sockets.resolve("swapped.sock"))) {
            running.init("task", "swapped2");
            running.send(Points.of("m value=1 0"));
            running.awaitReceived(1);

            Files.delete(plugIns.resolve("swapped.jar"));
            PlugInJars.function("New", "swapped", "\"new\"").to(plugIns, "swapped.jar");
            PlugInJars.function("Added", "added", loader).to(plugIns, "added.jar");
            Files.writeString(config, served + """
                    names = ["swapped", "added"]
                    max-connections = 2
                    metrics = 0
                    """);
            signal("HUP");
            assertThat(await(log, "applied; changed"))
                    .satisfiesExactly(
                            line -> assertThat(line).contains("added: listening on " + sockets.resolve("added.sock")),
                            line -> assertThat(line)
                                    .contains("metrics: 0 (now: the default) takes effect after a restart"),
                            line -> assertThat(line)
                                    .endsWith("changed for new connections: log-level, max-connections"));

            try (Kapacitor next = Installed.kapacitor().connect(sockets.resolve("swapped.sock"))) {
                next.init("task", "swapped3");
                next.send(Points.of("m value=1 0"));
                next.awaitReceived(1);
                assertThat(next.points().get(0).getFieldsStringOrThrow("is")).isEqualTo("new");
                running.send(Points.of("m value=1 1"));
                running.awaitReceived(2);
                assertThat(running.points().get(1).getFieldsStringOrThrow("is")).isEqualTo("old");
                await(log, "started");
                try (Kapacitor third = Installed.kapacitor().connect(sockets.resolve("added.sock"))) {
                    third.awaitEnd();
                }
                assertThat(await(log, "connection refused").get(0)).contains("added: connection refused: 2 are open");
            }

            Files.writeString(config, served + "log-level = \"off\"\nmax-conections = 1\n");
            signal("HUP");
            assertThat(await(log, "not applied").get(0))
                    .contains(config + ":4:1: max-conections: unknown key")
                    .contains("did you mean max-connections?");
            running.send(Points.of("m value=1 2"));
            running.awaitReceived(3);
        }
        signal("TERM");
        assertThat(process.waitFor(5, TimeUnit.MINUTES)).isTrue();
        assertThat(process.exitValue()).isZero();
    }

    @Test
    @Tag("one-jdk")
    void aHangUpThatWouldGiveTheSocketOfOneFunctionToAnotherIsNotApplied() throws Exception {
        Path config = directory.resolve("config.toml");
        Path socket = directory.resolve("a.sock");
        String mirror = "[sockets]\nmirror = \"" + socket + "\"\n";
        String movingAvg = "movingAvg = \"" + socket + "\"\n";
        String reason = "not applied, nothing has changed: socket: " + socket + ", of mirror and movingAvg"
                + " (expected: one function for each path)";
        Files.writeString(config, mirror);
        serve(1, "serve", "--config", config.toString());
        BufferedReader log = process.errorReader(StandardCharsets.UTF_8);
        for (String changed : List.of(
                mirror + movingAvg,
                "[sockets]\n" + movingAvg,
                "[sockets]\nmirror = \"" + directory.resolve("other.sock") + "\"\n" + movingAvg)) {
            Files.writeString(config, changed);
            for (int i = 0; i < 2; i++) {
                signal("HUP");
                assertThat(await(log, "applied")).singleElement().asString().contains(reason);
                assertMirrorAnswers(socket);
            }
        }
    }

    @Test
    @Tag("one-jdk")
    void aHangUpWithAPathThatIsTooLongIsNotAppliedEachTime() throws Exception {
        Path config = directory.resolve("config.toml");
        Path socket = directory.resolve("a.sock");
        Path tooLong = directory.resolve("x".repeat(104));
        Files.writeString(config, "[sockets]\nmirror = \"" + socket + "\"\n");
        serve(1, "serve", "--config", config.toString());
        BufferedReader log = process.errorReader(StandardCharsets.UTF_8);
        Files.writeString(config, "movingAvg = \"" + tooLong + "\"\n", StandardOpenOption.APPEND);
        for (int i = 0; i < 2; i++) {
            signal("HUP");
            assertThat(await(log, "applied"))
                    .singleElement()
                    .asString()
                    .contains("not applied, nothing has changed: socket path: " + tooLong);
            assertMirrorAnswers(socket);
        }
    }

    @Test
    @Tag("one-jdk")
    void aHangUpCreatesTheDirectoryOfANewSocket() throws Exception {
        Path config = directory.resolve("config.toml");
        Path file = Files.createFile(directory.resolve("deep"));
        Path socket = file.resolve("er/m.sock");
        Files.writeString(config, "[sockets]\nmovingAvg = \"" + directory.resolve("a.sock") + "\"\n");
        serve(1, "serve", "--config", config.toString());
        BufferedReader log = process.errorReader(StandardCharsets.UTF_8);
        Files.writeString(config, "mirror = \"" + socket + "\"\n", StandardOpenOption.APPEND);
        signal("HUP");
        assertThat(await(log, "applied; changed").get(0)).contains("mirror: not served: dir: " + file);
        Files.delete(file);
        signal("HUP");
        assertThat(await(log, "applied; changed").get(0)).endsWith("mirror: listening on " + socket);
        assertMirrorAnswers(socket);
    }

    /** Without options, no other function starts. */
    private static void assertMirrorAnswers(Path socket) throws IOException {
        try (Kapacitor kapacitor = Installed.kapacitor().connect(socket)) {
            assertThat(kapacitor.init("task", "mirror2").getError()).isEmpty();
        }
    }

    /** The lines of a log up to one with a text, without those about starts and ends of connections. */
    private static List<String> await(BufferedReader log, String text) throws IOException {
        List<String> lines = new ArrayList<>();
        for (String line = log.readLine(); line != null; line = log.readLine()) {
            boolean isLast = line.contains(text);
            if (isLast || !line.contains(": started: ") && !line.contains(": ended: ")) {
                lines.add(line);
            }
            if (isLast) {
                return lines;
            }
        }
        throw new AssertionError(text + ": not in the log: " + lines);
    }

    @Test
    @Tag("one-jdk")
    void aFileThatIsWrongStartsNoServer() throws Exception {
        Path config = Files.writeString(directory.resolve("config.toml"), "grace = \"soon\"\n");
        process = installed.start("serve", "--config", config.toString(), "--dir", sockets.toString());
        assertThat(process.waitFor()).isEqualTo(ExitStatus.USAGE.code());
        assertThat(new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8))
                .isEqualTo("kapacitor-udf: " + config + ":1:1: grace: soon"
                        + " (expected: a duration: 500ms, 10s, 1h30m, 1w)\n");
        assertThat(sockets).doesNotExist();
    }

    /** Starts the server, and returns its first lines. */
    private List<String> serve(int lines, String... arguments) throws IOException {
        process = installed.start(arguments);
        BufferedReader out = process.inputReader(StandardCharsets.UTF_8);
        List<String> read = new ArrayList<>();
        for (int i = 0; i < lines; i++) {
            read.add(out.readLine());
        }
        return read;
    }

    private void signal(String name) throws Exception {
        // The shell's built-in, because the program may not be installed.
        assertThat(new ProcessBuilder("sh", "-c", "kill -" + name + " " + process.pid())
                        .start()
                        .waitFor())
                .isZero();
    }
}
