package org.kapacitorudf.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.ProcessBuilder.Redirect;
import java.net.URI;
import java.net.UnixDomainSocketAddress;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.kapacitorudf.Context;
import org.kapacitorudf.Description;
import org.kapacitorudf.Handler;
import org.kapacitorudf.Output;
import org.kapacitorudf.Point;
import org.kapacitorudf.Udf;
import org.kapacitorudf.client.Kapacitor;
import org.kapacitorudf.client.Options;
import org.kapacitorudf.client.Points;
import org.kapacitorudf.client.StandInException;
import org.kapacitorudf.option.Option;
import org.kapacitorudf.server.terminal.ExitStatus;

/** Faults outside a server's process, each with a Kapacitor that should not be affected. */
@Tag("slow")
@Timeout(600)
class HostFaultsTest {
    private static final int POINTS = 2_000;
    private static final Duration PATIENCE = Duration.ofMinutes(5);

    @TempDir
    private Path directory;

    private final List<Process> processes = new ArrayList<>();
    private Path sockets;
    private Path socket;
    private Installed installed;
    private Process process;

    @BeforeEach
    void install() throws IOException {
        sockets = directory.resolve("sockets");
        socket = sockets.resolve("mirror.sock");
        installed = Installed.in(directory);
    }

    @AfterEach
    void end() throws InterruptedException {
        for (Process each : processes) {
            each.destroyForcibly().waitFor();
        }
    }

    // ---- its log

    @Test
    void whoeverDoesNotReadStderrDoesNotStopAServer() throws Exception {
        String ops = serve(Redirect.PIPE, "mirror", "--trace=mirror", "--log-buffer-bytes=64KiB", "--metrics=0");
        try (Kapacitor kapacitor = Installed.kapacitor().connect(socket)) {
            mirrored(kapacitor, POINTS);
            assertThat(get(ops, "metrics")).containsPattern("kapacitor_udf_dropped_log_lines_total [1-9]");
            assertThat(get(ops, "healthz")).isEqualTo("ok\n");
            BufferedReader log = process.errorReader(StandardCharsets.UTF_8);
            String line = log.readLine();
            while (!line.contains(" lines were dropped because STDERR was not read or could not be written")) {
                assertThat(line).matches("\\d{4}-\\d\\d-\\d\\dT\\S+ (TRACE|INFO) .*");
                if (!log.ready()) {
                    kapacitor.send(Points.of("m value=1 0"));
                }
                line = log.readLine();
            }
        }
    }

    @Test
    void aFullDiskForItsLogDoesNotStopAServer() throws Exception {
        assumeThat(new File("/dev/full")).exists();
        String ops = serve(Redirect.to(new File("/dev/full")), "mirror", "--metrics=0");
        try (Kapacitor kapacitor = Installed.kapacitor().connect(socket)) {
            mirrored(kapacitor, 1);
            assertThat(get(ops, "metrics")).containsPattern("kapacitor_udf_dropped_log_lines_total [1-9]");
        }
        signal("TERM");
        assertThat(process.waitFor()).isZero();
    }

    @Test
    void aServerWithoutStandardStreamsServes() throws Exception {
        List<String> command = new ArrayList<>(List.of("sh", "-c", "exec \"$@\" <&- >&- 2>&-", "sh"));
        command.addAll(installed.words("serve", "mirror", "--dir", sockets.toString()));
        start(new ProcessBuilder(command));
        await(() -> Files.exists(socket));
        try (Kapacitor kapacitor = Installed.kapacitor().connect(socket)) {
            mirrored(kapacitor, 1);
        }
        signal("TERM");
        assertThat(process.waitFor()).isZero();
    }

    // ---- its sockets

    @Test
    void aSocketFileThatIsRemovedComesBackAndOneThatIsReplacedIsReported() throws Exception {
        String ops = serve(Redirect.PIPE, "mirror", "--metrics=0");
        try (Kapacitor former = Installed.kapacitor().connect(socket)) {
            former.init("task", "mirror2");
            Files.delete(socket);
            await(() -> Files.exists(socket));
            try (Kapacitor later = Installed.kapacitor().connect(socket)) {
                mirrored(later, 1);
            }
            assertThat(get(ops, "readyz")).isEqualTo("ok\n");
            Files.move(Files.writeString(directory.resolve("x"), "precious"), socket, StandardCopyOption.ATOMIC_MOVE);
            assertThat(get(ops, "readyz")).startsWith("sockets: not all can be connected to");
            assertThat(get(ops, "healthz")).isEqualTo("ok\n");
            former.send(Points.of("m value=1 0"));
            former.awaitReceived(1);
            signal("TERM");
            former.awaitEnd();
        }
        assertThat(process.waitFor()).isZero();
        assertThat(socket).hasContent("precious");
        assertThat(new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8))
                .contains(socket + ": the file was missing and nothing could connect; the socket has been bound again");
    }

    @Test
    void ofTwoServersThatAreStartedAtOnceOneServes() throws Exception {
        String[] arguments = {"serve", "mirror", "--dir", sockets.toString()};
        Process one = installed.start(arguments);
        Process two = installed.start(arguments);
        processes.addAll(List.of(one, two));
        await(() -> !one.isAlive() || !two.isAlive());
        Process loser = one.isAlive() ? two : one;
        process = one.isAlive() ? one : two;
        assertThat(loser.exitValue()).isEqualTo(ExitStatus.CANNOT_LISTEN.code());
        assertThat(new String(loser.getErrorStream().readAllBytes(), StandardCharsets.UTF_8))
                .isIn(
                        "kapacitor-udf: socket file: " + socket
                                + ": a server listens there (expected: none, or the socket of a server that is no longer running)\n",
                        // If the other stalls meanwhile.
                        "kapacitor-udf: socket file: " + socket
                                + ": another server has been binding it for 5 s (expected: to finish at once)\n");
        try (Kapacitor kapacitor = Installed.kapacitor().connect(socket)) {
            mirrored(kapacitor, 1);
        }
    }

    @Test
    void outOfFileDescriptorsItSaysSoOnceAndServesAgainWhenThereAreSome() throws Exception {
        Path log = directory.resolve("log");
        List<String> command = new ArrayList<>(List.of("sh", "-c", "ulimit -n 250 && exec \"$@\"", "sh"));
        command.addAll(installed.words("serve", "mirror", "--dir", sockets.toString()));
        start(new ProcessBuilder(command).redirectError(log.toFile()));
        assertThat(process.inputReader().readLine()).isNotNull();
        List<SocketChannel> idle = new ArrayList<>();
        long startNanos = System.nanoTime();
        try (Kapacitor former = Installed.kapacitor().connect(socket)) {
            mirrored(former, 1);
            for (int i = 0; i < 300; i++) {
                idle.add(SocketChannel.open(UnixDomainSocketAddress.of(socket)));
            }
            await(() -> read(log).contains("cannot accept connections, will retry: "));
            exchange(former, 1);
            for (SocketChannel each : idle) {
                each.close();
            }
            try (Kapacitor later = Installed.kapacitor().connect(socket)) {
                mirrored(later, 1);
            }
            signal("TERM");
            former.awaitEnd();
        }
        assertThat(process.waitFor()).isZero();
        assertThat(read(log).split("cannot accept", -1))
                .as("once, and again after ten seconds")
                .hasSizeLessThanOrEqualTo(
                        2 + (int) TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - startNanos) / 10);
    }

    // ---- signals

    @Test
    void aSignalEndsAServerWhoseFunctionsNeverComeBack() throws Exception {
        installed.with(Stubborn.class);
        serve(Redirect.PIPE, "stubborn", "--drain-deadline=300ms", "--grace=20s");
        Path stubborn = sockets.resolve("stubborn.sock");
        List<Kapacitor> all = new ArrayList<>();
        try {
            for (String where : List.of("create", "point", "snapshot", "stop")) {
                Kapacitor kapacitor = Installed.kapacitor().connect(stubborn);
                all.add(kapacitor);
                hang(kapacitor, where);
            }
            signal("TERM");
            for (Kapacitor kapacitor : all) {
                kapacitor.awaitEnd();
                assertThat(kapacitor.death()).isEmpty();
                assertThat(kapacitor.taskError().orElse(""))
                        .matches("|.*stubborn.*: \\w+ did not end within 0.3 s of .*");
            }
        } finally {
            all.forEach(Kapacitor::close);
        }
        assertThat(process.waitFor()).isZero();
        assertThat(sockets).isEmptyDirectory();
    }

    /** Makes a call of a handler hang that ignores interrupts; {@code stop} is called without further action. */
    private void hang(Kapacitor kapacitor, String where) {
        Thread waits = new Thread(() -> {
            try {
                kapacitor.init(
                        "task",
                        where,
                        Options.of("where", where),
                        Options.of("mark", mark(where).toString()));
                kapacitor.send(Points.of("m value=1 0"));
                if (where.equals("snapshot")) {
                    kapacitor.snapshot();
                }
            } catch (StandInException e) {
                // It has been ended meanwhile, which is expected.
            }
        });
        waits.setDaemon(true);
        waits.start();
        await(() -> Files.exists(mark(where)));
    }

    private Path mark(String where) {
        return directory.resolve("in-" + where);
    }

    @Test
    void aSignalWhileFunctionsAreLoadedEndsItAndLeavesNothing() throws Exception {
        installed.with(SlowToLoad.class).withJavaOptions("-Dmark=" + mark("load"));
        start(installed.words("serve", "--dir", sockets.toString()));
        await(() -> Files.exists(mark("load")));
        signal("TERM");
        assertThat(process.waitFor()).isEqualTo(128 + 15);
        assertThat(sockets).doesNotExist();
    }

    @Test
    void theTimeInWhichTheProcessIsStoppedDoesNotCountAgainstACall() throws Exception {
        assumeThat(Boolean.getBoolean("udf.full")).as("-Dudf.full=true").isTrue();
        installed.with(Stubborn.class);
        serve(Redirect.PIPE, "stubborn", "mirror", "--call-limit=4s", "--drain-deadline=2s");
        try (Kapacitor busy =
                        Kapacitor.builder().timeout(Duration.ofMinutes(1)).connect(sockets.resolve("stubborn.sock"));
                Kapacitor other =
                        Kapacitor.builder().timeout(Duration.ofMinutes(1)).connect(socket)) {
            other.init("task", "mirror2");
            busy.init(
                    "task",
                    "node",
                    Options.of("where", "until"),
                    Options.of("mark", mark("until").toString()));
            busy.send(Points.of("m value=1 0"));
            await(() -> Files.exists(mark("until")));
            signal("STOP");
            // There is no event; the time itself is what is tested.
            TimeUnit.SECONDS.sleep(6);
            signal("CONT");
            exchange(other, 10);
            Files.delete(mark("until"));
            busy.awaitReceived(1);
            assertThat(busy.taskError()).isEmpty();
        }
    }

    /** A function that hangs in one of its calls, and ignores interrupts. */
    public static final class Stubborn implements Udf {
        private static final Option<String> WHERE = Option.string("where").required();
        private static final Option<String> MARK = Option.string("mark").required();

        @Override
        public Description describe() {
            return Description.stream("stubborn", "never comes back").options(WHERE, MARK);
        }

        @Override
        public Handler create(Context context) throws IOException {
            String where = context.option(WHERE);
            Path mark = Path.of(context.option(MARK));
            hangIn("create", where, mark);
            return new Handler() {
                @Override
                public void point(Point point, Output output) throws IOException {
                    hangIn("point", where, mark);
                    if (where.equals("until")) {
                        Files.createFile(mark);
                        deafTo(() -> !Files.exists(mark));
                    }
                    if (where.equals("stop")) {
                        Files.createFile(mark);
                    }
                    output.point(point);
                }

                @Override
                public byte[] snapshot(Output output) {
                    hangIn("snapshot", where, mark);
                    return new byte[1];
                }

                @Override
                public void stop(Output output) {
                    if (where.equals("stop")) {
                        deafTo(() -> false);
                    }
                }
            };
        }

        private static void hangIn(String call, String where, Path mark) {
            if (call.equals(where)) {
                try {
                    Files.createFile(mark);
                } catch (IOException e) {
                    throw new IllegalStateException(e);
                }
                deafTo(() -> false);
            }
        }
    }

    /** A function whose class takes forever to load. */
    public static final class SlowToLoad implements Udf {
        public SlowToLoad() throws IOException {
            Files.createFile(Path.of(System.getProperty("mark")));
            deafTo(() -> false);
        }

        @Override
        public Description describe() {
            return Description.stream("slowToLoad", "never there");
        }

        @Override
        public Handler create(Context context) {
            return (point, output) -> {};
        }
    }

    // ---- common parts

    private static void await(BooleanSupplier condition) {
        while (!condition.getAsBoolean()) {
            if (Thread.interrupted()) {
                throw new IllegalStateException("waited too long");
            }
            LockSupport.parkNanos(5_000_000);
        }
    }

    private static void deafTo(BooleanSupplier condition) {
        while (!condition.getAsBoolean()) {
            Thread.interrupted();
            LockSupport.parkNanos(5_000_000);
        }
    }

    /** Starts a server in the directory of sockets, and waits until it serves; returns its first line. */
    private String serve(Redirect stderr, String... arguments) throws IOException {
        List<String> command = new ArrayList<>(installed.words("serve", "--dir", sockets.toString()));
        command.addAll(List.of(arguments));
        start(new ProcessBuilder(command).redirectError(stderr));
        BufferedReader out = process.inputReader(StandardCharsets.UTF_8);
        String first = out.readLine();
        String line = first;
        while (!line.contains(".sock")) {
            line = out.readLine();
        }
        return first;
    }

    private void start(List<String> command) throws IOException {
        start(new ProcessBuilder(command));
    }

    private void start(ProcessBuilder builder) throws IOException {
        process = builder.start();
        processes.add(process);
    }

    private static void mirrored(Kapacitor kapacitor, int points) {
        kapacitor.init("task", "mirror2");
        exchange(kapacitor, points);
    }

    private static void exchange(Kapacitor kapacitor, int points) {
        long before = kapacitor.receivedPoints();
        for (int i = 0; i < points; i++) {
            kapacitor.send(Points.of("m value=1 " + i));
        }
        kapacitor.awaitReceived(before + points, PATIENCE);
        assertThat(kapacitor.problems()).isEmpty();
    }

    /** @param line the first line of output of a server with metrics */
    private static String get(String line, String page) throws Exception {
        URI uri = URI.create(line.substring("metrics: listening on ".length()) + page);
        return HttpClient.newHttpClient()
                .send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString())
                .body();
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void signal(String name) throws Exception {
        // The shell's built-in, because the program may not be installed.
        assertThat(new ProcessBuilder("sh", "-c", "kill -" + name + " " + process.pid())
                        .start()
                        .waitFor())
                .isZero();
    }
}
