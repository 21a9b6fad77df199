package org.kapacitorudf.benchmarks;

import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Random;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.kapacitorudf.client.Frames;
import org.kapacitorudf.client.Kapacitor;
import org.kapacitorudf.client.Options;
import org.kapacitorudf.proto.Option;
import org.kapacitorudf.proto.Point;
import org.kapacitorudf.tools.load.ProcessUsage;

/**
 * Measures the memory of the whole library in one server: 16 tasks with 10,000 groups each, on sockets. Each group gets
 * a point every ten seconds, or every half second if the function has a sliding window, until all windows are full.
 * Then all tasks run simultaneously, with snapshots.
 *
 * <p>With a point every half second, each pane has 120 values. The strings of a group are chosen at random from 500.
 *
 * <p>The forest and the grid of the forecast are not included. {@code peers} has ten groups of 1,000 members.
 */
final class LibraryMemory {
    static final int GROUPS = 10_000;
    static final int QUICK_GROUPS = 1_000;

    /** The maximum size of the server's heap in MB. The rest of 1 GB is for the other memory of the JVM. */
    private static final int HEAP_MEGABYTES = 768;

    /** Enough turns for all functions. The forecast needs the most: 68 intervals. */
    private static final int WARM_UP_TURNS = 90;

    private static final int WARM_UP_TURNS_OF_WINDOWS = 600;

    private static final int TIMED_TURNS = 30;
    private static final int ROUNDS = 3;
    private static final int TURNS_A_ROUND = 6;
    private static final int MEMBERS = 1_000;
    private static final int IDLE_MILLIS = 2_000;
    private static final long FIRST_NANOS = 1_700_000_000_000_000_000L;
    private static final long STEP_NANOS = 10_000_000_000L;
    private static final long STEP_NANOS_OF_WINDOWS = 500_000_000L;
    private static final int TEXTS = 500;
    private static final Duration LIMIT = Duration.ofMinutes(10);

    private final int groups;
    private final PrintStream out;
    private final Path directory;
    private final Process server;
    private final List<Task> tasks;

    /**
     * The memory of the server.
     *
     * @param peakMegabytes the peak resident memory
     * @param heapMegabytes the live heap after a collection at the end
     */
    record Result(double peakMegabytes, double heapMegabytes) {}

    private LibraryMemory(String launcher, int groups, PrintStream out) throws IOException {
        this.groups = groups;
        this.out = out;
        directory = Files.createTempDirectory("library-memory");
        Option field = Options.of("field", "value");
        // Each point completes an interval.
        List<Option> forecast = List.of(
                field,
                Options.of("every", Duration.ofSeconds(10)),
                Options.of("season", Duration.ofSeconds(240)),
                Options.of("longSeason", Duration.ofSeconds(1680)),
                Options.of("grid", false));
        tasks = List.of(
                new Task("deviation", "deviation", field),
                new Task("baseline", "baseline", field),
                new Task("baseline, season day", "baseline", field, Options.of("season", "day")),
                new Task("timeTo", "timeTo", field, Options.of("threshold", 1e9)),
                new Task("smooth", "smooth", field),
                new Task("smooth, median", "smooth", field, Options.of("method", "median")),
                new Task("latest", "latest", Options.of("lead", "cpu"), Options.of("of", "mem", "value")),
                new Task("resample", "resample", field, Options.of("every", Duration.ofSeconds(10))),
                new Task(
                        "forecast, one model",
                        "forecast",
                        with(forecast, Options.of("horizon", Duration.ofSeconds(240)), Options.of("lastOnly"))),
                new Task(
                        "forecastBatch, one model, 6 intervals",
                        "forecastBatch",
                        with(forecast, Options.of("horizon", Duration.ofSeconds(60)))),
                new Task("quantiles", "quantiles", field),
                new Task("countDistinct", "countDistinct", Options.of("field", "text")),
                new Task("topK", "topK", Options.of("field", "text")),
                new Task("changepoint", "changepoint", field),
                new Task("peers", "peers", field),
                new Task("sessions", "sessions"));
        server = start(launcher);
    }

    private static Option[] with(List<Option> options, Option... more) {
        return Stream.concat(options.stream(), Stream.of(more)).toArray(Option[]::new);
    }

    private Process start(String launcher) throws IOException {
        List<String> command = new ArrayList<>(List.of(launcher, "serve", "--dir", directory.toString()));
        TreeSet<String> functions = new TreeSet<>();
        tasks.forEach(task -> functions.add(task.function));
        command.addAll(functions);
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectError(directory.resolve("log").toFile());
        builder.environment().put("KAPACITOR_UDF_JAVA_OPTS", "-Xmx" + HEAP_MEGABYTES + "m");
        Process process = builder.start();
        BufferedReader ready = process.inputReader(StandardCharsets.UTF_8);
        for (String function : functions) {
            String line = ready.readLine();
            if (line == null || !line.contains(": listening on ")) {
                process.destroy();
                throw new IOException("server: " + line + " (expected: " + function + ": listening)\n" + log());
            }
        }
        return process;
    }

    private String log() throws IOException {
        return Files.readString(directory.resolve("log"));
    }

    /** Measures, and prints a Markdown table. */
    static Result print(String launcher, int groups, PrintStream out) {
        try {
            LibraryMemory library = new LibraryMemory(launcher, groups, out);
            try {
                return library.measure();
            } finally {
                library.end();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    private Result measure() throws IOException, InterruptedException {
        out.printf(
                Locale.ROOT,
                "One server with -Xmx%dm, %d tasks, %,d groups each, a point of each group every 10 seconds:%n%n"
                        + "| task | µs of CPU a point | snapshot, deflated: bytes a group | MB | s of CPU |%n"
                        + "| --- | --- | --- | --- | --- |%n",
                HEAP_MEGABYTES,
                tasks.size(),
                groups);
        for (Task task : tasks) {
            task.connect();
            task.feed(task.isOfWindow() ? WARM_UP_TURNS_OF_WINDOWS : WARM_UP_TURNS);
            task.snapshot();
            double before = cpuSeconds();
            task.feed(TIMED_TURNS);
            task.snapshot();
            double afterFeed = cpuSeconds();
            int snapshotBytes = task.snapshot();
            double snapshotSeconds = cpuSeconds() - afterFeed;
            double micros = 1e6 * (afterFeed - before - snapshotSeconds) / TIMED_TURNS / groups;
            out.printf(
                    Locale.ROOT,
                    "| %s | %.2f | %,d | %.1f | %.2f |%n",
                    task.name,
                    micros,
                    snapshotBytes / groups,
                    snapshotBytes / 1e6,
                    snapshotSeconds);
        }
        for (int round = 0; round < ROUNDS; round++) {
            together();
        }
        awaitIdle();
        Result result = new Result(ProcessUsage.of(List.of(server.toHandle())).peakBytes() / 1e6, liveBytes() / 1e6);
        out.printf(
                Locale.ROOT,
                "%nAll at once, with %d snapshots each: at most %.0f MB resident; heap after a collection %.0f MB.%n%n",
                ROUNDS,
                result.peakMegabytes,
                result.heapMegabytes);
        for (Task task : tasks) {
            if (!task.kapacitor().problems().isEmpty()) {
                throw new IllegalStateException(
                        task.name + ": " + task.kapacitor().problems() + "\n" + log());
            }
        }
        return result;
    }

    /** Sends points to all tasks and requests a snapshot from each, at the same time. */
    private void together() throws InterruptedException {
        List<Thread> threads = new ArrayList<>();
        List<Throwable> failures = new ArrayList<>();
        for (Task task : tasks) {
            Thread thread = new Thread(
                    () -> {
                        task.feed(TURNS_A_ROUND);
                        task.snapshot();
                    },
                    task.name);
            thread.setUncaughtExceptionHandler((which, failure) -> {
                synchronized (failures) {
                    failures.add(failure);
                }
            });
            threads.add(thread);
        }
        threads.forEach(Thread::start);
        for (Thread thread : threads) {
            thread.join();
        }
        if (!failures.isEmpty()) {
            throw new IllegalStateException(failures.get(0));
        }
    }

    private void end() throws InterruptedException {
        tasks.forEach(Task::close);
        server.destroy();
        server.waitFor();
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.sorted((one, other) -> other.compareTo(one)).toList()) {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Waits until the memory used for the last points and snapshots has been released. */
    private void awaitIdle() throws InterruptedException {
        for (double before = -1, now = cpuSeconds(); now > before; now = cpuSeconds()) {
            before = now;
            Thread.sleep(IDLE_MILLIS);
        }
    }

    private double cpuSeconds() {
        return server.info().totalCpuDuration().orElseThrow().toNanos() / 1e9;
    }

    /** Returns the live bytes on the server's heap after a full collection. */
    private long liveBytes() throws IOException, InterruptedException {
        Process histogram = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "jcmd").toString(),
                        Long.toString(server.pid()),
                        "GC.class_histogram")
                .redirectErrorStream(true)
                .start();
        String text = new String(histogram.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        histogram.waitFor();
        return text.lines()
                .filter(line -> line.startsWith("Total "))
                .mapToLong(line -> Long.parseLong(line.trim().split(" +")[2]))
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("jcmd: " + text));
    }

    private final class Task {
        private final String name;
        private final String function;
        private final Option[] options;
        private @Nullable Kapacitor kapacitor;
        private int turn;

        Task(String name, String function, Option... options) {
            this.name = name;
            this.function = function;
            this.options = options;
        }

        void connect() throws IOException {
            Kapacitor connected = Kapacitor.builder()
                    .timeout(Duration.ofMinutes(2))
                    .deadline(LIMIT)
                    .writeWholeFrames()
                    .countUndecoded()
                    .connect(directory.resolve(function + ".sock"));
            kapacitor = connected;
            connected.init(name, function + "2", options);
        }

        private Kapacitor kapacitor() {
            return Objects.requireNonNull(kapacitor, "not connected");
        }

        boolean isOfWindow() {
            return List.of("quantiles", "countDistinct", "topK").contains(function);
        }

        void feed(int turns) {
            for (int i = 0; i < turns; i++) {
                send(turn++);
            }
        }

        /** Sends one point per group. Every second point has another measurement, for {@code latest}. */
        private void send(int turn) {
            Random random = new Random(turn);
            long time = FIRST_NANOS + turn * (isOfWindow() ? STEP_NANOS_OF_WINDOWS : STEP_NANOS);
            String measurement = turn % 2 == 0 ? "mem" : "cpu";
            boolean isCohort = function.equals("peers");
            ByteArrayOutputStream frames = new ByteArrayOutputStream(200 * groups);
            for (int group = 0; group < groups; group++) {
                String host = String.format(Locale.ROOT, "server%05d", group);
                String role = "role" + group / MEMBERS;
                Point.Builder point = Point.newBuilder()
                        .setTime(time)
                        .setName(measurement)
                        .setDatabase("telegraf")
                        .setRetentionPolicy("autogen")
                        .setGroup(isCohort ? "role=" + role : "host=" + host)
                        .addDimensions(isCohort ? "role" : "host")
                        .putTags("host", host)
                        .putTags("role", role)
                        .putFieldsDouble("value", 50 + random.nextGaussian());
                if (isOfWindow()) {
                    point.putFieldsString(
                            "text", String.format(Locale.ROOT, "client-%06d", random.nextInt(TEXTS) + TEXTS * group));
                }
                frames.writeBytes(Frames.encode(Frames.request(point.build())));
            }
            kapacitor().sendRaw(frames.toByteArray());
        }

        int snapshot() {
            return kapacitor().snapshot().size();
        }

        void close() {
            if (kapacitor != null) {
                kapacitor.close();
            }
        }
    }
}
