package org.kapacitorudf.server.telegraf;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.kapacitorudf.Context;
import org.kapacitorudf.Description;
import org.kapacitorudf.Handler;
import org.kapacitorudf.Handlers;
import org.kapacitorudf.Point;
import org.kapacitorudf.Udf;
import org.kapacitorudf.agent.AgentConfig;
import org.kapacitorudf.errors.FailurePolicy;
import org.kapacitorudf.errors.NonFinite;
import org.kapacitorudf.errors.OnBadSnapshot;
import org.kapacitorudf.option.Option;
import org.kapacitorudf.server.terminal.ExitStatus;
import org.kapacitorudf.state.GroupState;
import org.kapacitorudf.state.State;

@Timeout(600)
class ProcessorTest {
    private static final Option<Long> ADD = Option.integer("add").orElse(0L).atLeast(0);

    @TempDir
    private Path directory;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final LinkedBlockingQueue<String> log = new LinkedBlockingQueue<>();

    private interface Creating {
        Handler create(Context context);
    }

    private record Function(Description description, Creating creating) implements Udf {
        @Override
        public Description describe() {
            return description;
        }

        @Override
        public Handler create(Context context) {
            return creating.create(context);
        }
    }

    /** Counts the points of each group; fails at n=13. */
    private static Udf counting() {
        return counting("count");
    }

    private static Udf counting(String name) {
        return counting(name, 1);
    }

    private static Udf counting(String name, int version) {
        return new Function(Description.stream(name, "").options(ADD).version(version), context -> {
            GroupState<Long> counts = context.groupState("counts", Long.class, () -> 0L);
            return (point, output) -> {
                if (point.intField("n") == 13) {
                    throw new IllegalStateException("unlucky");
                }
                long count = counts.of(point.group()) + 1;
                counts.put(point.group(), count);
                output.point(point.withField("count", count));
            };
        });
    }

    private Processor.Settings settings(Udf udf, boolean passes, Path state, String... options) {
        return new Processor.Settings(
                udf,
                List.of(options),
                AgentConfig.builder().onError(FailurePolicy.RESTART).build(),
                List.of("host"),
                null,
                0,
                10,
                1_000,
                passes,
                state,
                Duration.ofHours(1));
    }

    private static Processor.Settings with(Processor.Settings settings, AgentConfig config) {
        return new Processor.Settings(
                settings.udf(),
                settings.options(),
                config,
                settings.dimensions(),
                settings.window(),
                settings.batchPoints(),
                settings.maxWaitingPoints(),
                settings.maxLineBytes(),
                settings.passes(),
                settings.stateFile(),
                settings.stateInterval());
    }

    private static Processor.Settings often(Processor.Settings settings) {
        return new Processor.Settings(
                settings.udf(),
                settings.options(),
                settings.config(),
                settings.dimensions(),
                settings.window(),
                settings.batchPoints(),
                settings.maxWaitingPoints(),
                settings.maxLineBytes(),
                settings.passes(),
                settings.stateFile(),
                Duration.ofMillis(1));
    }

    private List<String> run(ExitStatus status, Processor.Settings settings, String... lines) throws IOException {
        out.reset();
        ExitStatus ended = new Processor(settings, out, new Journal("f", log::add))
                .run(new ByteArrayInputStream((String.join("\n", lines) + "\n").getBytes(StandardCharsets.UTF_8)));
        assertThat(ended).as(log.toString()).isEqualTo(status);
        return out.toString(StandardCharsets.UTF_8).lines().toList();
    }

    @Test
    void metricsAreAnsweredAndTheStateGoesOnWithTheNextProcess() throws IOException {
        Processor.Settings settings = settings(counting(), false, directory.resolve("s"));
        assertThat(run(ExitStatus.OK, settings, "m,host=a n=1i 1", "m,host=b n=1i 2", "m,host=a n=1i 3"))
                .containsExactly("m,host=a count=1i,n=1i 1", "m,host=b count=1i,n=1i 2", "m,host=a count=2i,n=1i 3");
        assertThat(run(ExitStatus.OK, settings, "m,host=a n=1i 4")).containsExactly("m,host=a count=3i,n=1i 4");
        assertThat(log).anyMatch(line -> line.startsWith("I! kapacitor-udf f: state: ") && line.endsWith(" bytes"));
    }

    @Test
    void aLineThatIsNotAMetricIsSkippedAndPassed() throws IOException {
        assertThat(run(
                        ExitStatus.OK,
                        settings(counting(), true, null),
                        "m,host=a n=1i,u=18446744073709551615u 1",
                        "bad",
                        "m n=2i 2",
                        "x".repeat(2_000)))
                .containsExactly("m,host=a n=1i,u=18446744073709551615u 1", "bad", "m n=2i 2", "", "m count=1i,n=2i 2");
        assertThat(log).first().asString().startsWith("W! kapacitor-udf f: skipped: line 1, column ");
        assertThat(log).last().asString().isEqualTo("W! kapacitor-udf f: 3 bad lines, 0 skipped; metrics in 1, out 1");
    }

    @Test
    void aFailureCostsItsMetricAndTheStateOfTheLastWriteGoesOn() throws IOException {
        Path state = directory.resolve("s");
        run(ExitStatus.OK, settings(counting(), false, state), "m,host=a n=1i 1");
        assertThat(run(
                        ExitStatus.OK,
                        settings(counting(), false, state),
                        "m,host=a n=1i 2",
                        "m,host=a n=13i 3",
                        "m,host=a n=1i 4"))
                .hasSize(2)
                .first()
                .isEqualTo("m,host=a count=2i,n=1i 2");
        assertThat(log).last().asString().isEqualTo("W! kapacitor-udf f: 0 bad lines, 1 skipped; metrics in 3, out 2");
    }

    @Test
    void wrongOptionsAreToldOnceAndMetricsGoOnWithPass() throws IOException {
        assertThat(run(ExitStatus.REFUSED, settings(counting(), true, null, "add=-1"), "m n=1i 1", "bad"))
                .containsExactly("m n=1i 1", "bad");
        assertThat(log)
                .containsExactly("E! kapacitor-udf f: add: -1 (expected: >= 0);"
                        + " until this is corrected, metrics are passed through unchanged");
        assertThat(run(ExitStatus.REFUSED, settings(counting(), false, null, "add=-1"), "m n=1i 1"))
                .isEmpty();
    }

    @Test
    void aStateThatIsDamagedOrForeignIsRefusedOrLeftAside() throws IOException {
        Path file = directory.resolve("s");
        run(ExitStatus.OK, settings(counting(), false, file), "m,host=a n=1i 1");
        byte[] good = Files.readAllBytes(file);
        byte[] cut = Arrays.copyOf(good, good.length - 1);
        Files.write(file, cut);
        Processor.Settings settings = settings(counting(), false, file);
        assertThat(run(ExitStatus.REFUSED, settings, "m,host=a n=1i 2")).isEmpty();
        assertThat(file).hasBinaryContent(cut);
        AgentConfig fresh =
                settings.config().toBuilder().onBadSnapshot(OnBadSnapshot.FRESH).build();
        assertThat(run(ExitStatus.OK, with(settings, fresh), "m,host=a n=1i 2"))
                .containsExactly("m,host=a count=1i,n=1i 2");
        assertThat(directory.resolve("s.bad")).hasBinaryContent(cut);

        Files.write(file, good);
        assertThat(run(ExitStatus.REFUSED, settings(counting("other"), false, file), "m,host=a n=1i 2"))
                .isEmpty();
        assertThat(file).hasBinaryContent(good);
        assertThat(log).anyMatch(line -> line.startsWith("E! ") && line.contains("--on-bad-snapshot fresh"));
    }

    @Test
    void aStateFileThatCannotBeWrittenCostsAWarningAndNoMetric() throws IOException {
        Path missing = directory.resolve("missing/s");
        assertThat(run(ExitStatus.OK, settings(counting(), false, missing), "m,host=a n=1i 1"))
                .hasSize(1);
        assertThat(log)
                .containsExactly(
                        "W! kapacitor-udf f: state: " + missing + ": not written: no such directory (expected: that of "
                                + missing + ".part); will retry after each --state-interval");
    }

    @Test
    void aFullDiskCostsAWarningAndNoMetricAndTheStateIsWrittenOnceThereIsRoom() throws Exception {
        Path file = directory.resolve("s");
        run(ExitStatus.OK, settings(counting(), false, file), "m,host=a n=1i 1");
        byte[] before = Files.readAllBytes(file);
        Files.createSymbolicLink(directory.resolve("s.part"), Path.of("/dev/full"));
        // The second and third write, of the interval and of the end, find room: what could not be written is deleted.
        Processor.Settings settings = often(settings(counting(), false, file));
        try (PipedOutputStream metrics = new PipedOutputStream()) {
            PipedInputStream in = new PipedInputStream(metrics);
            Processor processor = new Processor(settings, out, new Journal("f", log::add));
            CompletableFuture<ExitStatus> run = started(processor, in);
            metrics.write("m,host=a n=1i 2\n".getBytes(StandardCharsets.UTF_8));
            metrics.flush();
            assertThat(log.take()).startsWith("I! kapacitor-udf f: state: " + file);
            assertThat(log.take())
                    .startsWith("W! kapacitor-udf f: state: " + file + ": not written: ")
                    .contains("No space left on device");
            assertThat(log.take()).isEqualTo("I! kapacitor-udf f: state: " + file + ": can be written again");
            processor.stop();
            assertThat(run.get()).isEqualTo(ExitStatus.OK);
        }
        assertThat(file).isRegularFile();
        assertThat(Files.readAllBytes(file)).isNotEqualTo(before);
        assertThat(run(ExitStatus.OK, settings(counting(), false, file), "m,host=a n=1i 3"))
                .containsExactly("m,host=a count=3i,n=1i 3");
    }

    @Test
    void aStateOfALaterVersionIsRefusedOrLeftAside() throws IOException {
        Path file = directory.resolve("s");
        run(ExitStatus.OK, settings(counting("count", 2), false, file), "m,host=a n=1i 1");
        byte[] later = Files.readAllBytes(file);
        Processor.Settings settings = settings(counting("count", 1), true, file);
        assertThat(run(ExitStatus.REFUSED, settings, "m,host=a n=1i 2")).containsExactly("m,host=a n=1i 2");
        assertThat(file).hasBinaryContent(later);
        assertThat(log).anyMatch(line -> line.startsWith("E! ") && line.contains("version"));
        AgentConfig fresh =
                settings.config().toBuilder().onBadSnapshot(OnBadSnapshot.FRESH).build();
        assertThat(run(ExitStatus.OK, with(settings, fresh), "m,host=a n=1i 2"))
                .containsExactly("m,host=a n=1i 2", "m,host=a count=1i,n=1i 2");
        assertThat(directory.resolve("s.bad")).hasBinaryContent(later);
    }

    /** Telegraf will not send them again. */
    @Test
    void metricsThatHaveBeenReadAreHandledAlthoughTheProcessorIsStopped() throws Exception {
        CountDownLatch inCall = new CountDownLatch(1);
        CountDownLatch gate = new CountDownLatch(1);
        CountDownLatch allWritten = new CountDownLatch(1);
        CountDownLatch allRead = new CountDownLatch(1);
        Udf slow = new Function(Description.stream("slow", ""), context -> (point, output) -> {
            inCall.countDown();
            gate.await();
            output.point(point);
        });
        try (PipedOutputStream metrics = new PipedOutputStream()) {
            PipedInputStream in = new PipedInputStream(metrics) {
                @Override
                public synchronized int read(byte[] target, int from, int length) throws IOException {
                    if (allWritten.getCount() == 0 && available() == 0) {
                        allRead.countDown();
                    }
                    return super.read(target, from, length);
                }
            };
            Processor processor = new Processor(settings(slow, false, null), out, new Journal("f", log::add));
            CompletableFuture<ExitStatus> run = started(processor, in);
            metrics.write("m n=1i 1\n".getBytes(StandardCharsets.UTF_8));
            metrics.flush();
            inCall.await();
            metrics.write("m n=2i 2\nm n=3i 3\n".getBytes(StandardCharsets.UTF_8));
            allWritten.countDown();
            metrics.flush();
            allRead.await();
            processor.stop();
            gate.countDown();
            assertThat(run.get()).isEqualTo(ExitStatus.OK);
        }
        assertThat(out.toString(StandardCharsets.UTF_8).lines()).containsExactly("m n=1i 1", "m n=2i 2", "m n=3i 3");
    }

    private static CompletableFuture<ExitStatus> started(Processor processor, InputStream in) {
        return CompletableFuture.supplyAsync(() -> {
            try {
                return processor.run(in);
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        });
    }

    @Test
    void aProcessorThatCannotRunEndsWhenItIsStoppedAlthoughStdinIsOpen() throws Exception {
        try (PipedOutputStream metrics = new PipedOutputStream()) {
            PipedInputStream in = new PipedInputStream(metrics);
            Processor processor =
                    new Processor(settings(counting(), true, null, "add=-1"), out, new Journal("f", log::add));
            CompletableFuture<ExitStatus> run = started(processor, in);
            assertThat(log.take()).startsWith("E! ");
            processor.stop();
            assertThat(run.get(5, TimeUnit.MINUTES)).isEqualTo(ExitStatus.REFUSED);
        }
    }

    @Test
    void aStateThatIsTooLargeIsAWarning() throws IOException {
        Udf large = new Function(Description.stream("large", ""), context -> {
            State<String> text = context.state("text", String.class, () -> "");
            return (point, output) -> {
                text.set("x".repeat(2_000));
                output.point(point);
            };
        });
        Path file = directory.resolve("s");
        Processor.Settings settings = settings(large, false, file);
        assertThat(run(
                        ExitStatus.OK,
                        with(
                                settings,
                                settings.config().toBuilder()
                                        .maxSnapshotBytes(2_000)
                                        .build()),
                        "m n=1i 1"))
                .hasSize(1);
        assertThat(log).anyMatch(line -> line.startsWith("W! ") && line.contains("not written"));
        assertThat(file).doesNotExist();
    }

    @Test
    void whatIsNotFiniteIsLeftOut() throws IOException {
        Udf dividing = new Function(
                Description.stream("divide", ""),
                context -> (point, output) ->
                        output.point(point.withField("r", 1.0 / 0).withField("k", 1.0)));
        Processor.Settings settings = settings(dividing, false, null);
        assertThat(run(
                        ExitStatus.OK,
                        with(
                                settings,
                                settings.config().toBuilder()
                                        .nonFinite(NonFinite.DROP)
                                        .build()),
                        "m n=1i 1",
                        "m n=1i 2"))
                .containsExactly("m k=1.0,n=1i 1", "m k=1.0,n=1i 2");
    }

    private Processor.Settings batches(Duration window, int count) {
        Udf mirror = new Function(
                Description.batch("b", ""),
                context -> Handlers.batches(context, (batch, output) -> output.batch(batch)));
        return new Processor.Settings(
                mirror,
                List.of(),
                AgentConfig.defaults(),
                List.of("host"),
                window,
                count,
                2,
                1_000,
                false,
                null,
                Duration.ofHours(1));
    }

    @Test
    void whenTooManyMetricsWaitTheirBatchesAreCompleteEarly() throws IOException {
        assertThat(run(ExitStatus.OK, batches(null, 5), "m,host=a n=1i 1", "m,host=b n=1i 2", "m,host=c n=1i 3"))
                .containsExactly("m,host=a n=1i 1", "m,host=b n=1i 2", "m,host=c n=1i 3");
        assertThat(log).singleElement().asString().contains("--max-waiting-points");
    }

    @Test
    void theWindowOfASilentGroupIsCompleteByTheClock() throws Exception {
        try (PipedOutputStream metrics = new PipedOutputStream();
                PipedOutputStream answers = new PipedOutputStream()) {
            BufferedReader answered =
                    new BufferedReader(new InputStreamReader(new PipedInputStream(answers), StandardCharsets.UTF_8));
            PipedInputStream in = new PipedInputStream(metrics);
            Processor processor = new Processor(batches(Duration.ofSeconds(1), 0), answers, new Journal("f", log::add));
            CompletableFuture<ExitStatus> run = started(processor, in);
            metrics.write("m,host=a n=1i 1\n".getBytes(StandardCharsets.UTF_8));
            metrics.flush();
            // Nothing else arrives.
            assertThat(answered.readLine()).isEqualTo("m,host=a n=1i 1");
            processor.stop();
            assertThat(run.get()).isEqualTo(ExitStatus.OK);
        }
    }

    @Test
    void theStateIsWrittenAtTheIntervalAndAtTheEnd() throws Exception {
        Path file = directory.resolve("s");
        Processor.Settings often = often(settings(counting(), false, file));
        try (PipedOutputStream metrics = new PipedOutputStream()) {
            PipedInputStream in = new PipedInputStream(metrics);
            Processor processor = new Processor(often, out, new Journal("f", log::add));
            CompletableFuture<ExitStatus> run = started(processor, in);
            metrics.write("m,host=a n=1i 1\n".getBytes(StandardCharsets.UTF_8));
            metrics.flush();
            while (!Files.exists(file)) {
                Thread.onSpinWait();
            }
            processor.stop();
            assertThat(run.get()).isEqualTo(ExitStatus.OK);
        }
        assertThat(run(ExitStatus.OK, settings(counting(), false, file), "m,host=a n=1i 2"))
                .containsExactly("m,host=a count=2i,n=1i 2");
        assertThat(directory.resolve("s.part")).doesNotExist();
    }

    @Test
    void aMetricFromTheFutureDoesNotSilenceItsGroup() throws IOException {
        assertThat(run(
                        ExitStatus.OK,
                        batches(Duration.ofSeconds(1), 0),
                        "m,host=a n=1i 7258118400000000000",
                        "m,host=a n=2i 1",
                        "m,host=a n=3i 2000000001"))
                .containsExactly("m,host=a n=2i 1", "m,host=a n=3i 2000000001");
        assertThat(log)
                .first()
                .asString()
                .startsWith("W! kapacitor-udf f: skipped: time of m,host=a: 2200-01-01T00:00:00Z (expected: <= ")
                .endsWith(", PT24H ahead of the clock)");
        assertThat(log).last().asString().contains("1 bad lines, 0 skipped; metrics in 2, out 2");
    }

    @Test
    void theFirstLateMetricIsToldAtOnceAndAllAreCounted() throws IOException {
        assertThat(run(
                        ExitStatus.OK,
                        batches(Duration.ofSeconds(1), 0),
                        "m,host=a n=1i 2000000001",
                        "m,host=a n=2i 1",
                        "m,host=a n=3i 2"))
                .containsExactly("m,host=a n=1i 2000000001");
        assertThat(log)
                .containsExactly(
                        "W! kapacitor-udf f: dropped: time of m,host=a: 1970-01-01T00:00:00.000000001Z"
                                + " (expected: in a window that is not complete); more are counted, and reported at the end",
                        "W! kapacitor-udf f: 2 metrics arrived after the end of their window and were dropped");
    }

    private final AtomicReference<Instant> wallClock = new AtomicReference<>(Instant.parse("2026-01-01T00:00:00Z"));
    private final AtomicLong nanoTime = new AtomicLong(Long.MAX_VALUE);

    private static long nanosOf(Instant time) {
        return TimeUnit.MILLISECONDS.toNanos(time.toEpochMilli());
    }

    /** A function with a timer that emits a tick each second, and returns each point. */
    private static Udf ticking() {
        return new Function(Description.stream("ticking", ""), context -> {
            context.every(
                    Duration.ofSeconds(1),
                    (time, output) -> output.point(
                            Point.of("tick", nanosOf(context.now())).withField("due", time.toString())));
            return (point, output) -> output.point(point);
        });
    }

    private interface Steps {
        void run(Writer metrics, BufferedReader answers) throws Exception;
    }

    private void runTicking(Steps steps) throws Exception {
        try (PipedOutputStream metrics = new PipedOutputStream();
                PipedOutputStream answers = new PipedOutputStream()) {
            BufferedReader answered =
                    new BufferedReader(new InputStreamReader(new PipedInputStream(answers), StandardCharsets.UTF_8));
            PipedInputStream in = new PipedInputStream(metrics);
            Processor processor = new Processor(
                    settings(ticking(), false, null),
                    answers,
                    new Journal("f", log::add),
                    wallClock::get,
                    nanoTime::get);
            CompletableFuture<ExitStatus> run = started(processor, in);
            steps.run(new OutputStreamWriter(metrics, StandardCharsets.UTF_8), answered);
            processor.stop();
            assertThat(run.get()).isEqualTo(ExitStatus.OK);
        }
    }

    private static String answer(Writer metrics, BufferedReader answers, String line) throws IOException {
        metrics.write(line + "\n");
        metrics.flush();
        return answers.readLine();
    }

    /** For example when STDOUT was blocked for the night. */
    @Test
    void aTimerThatMissedManyTicksRunsOnce() throws Exception {
        runTicking((metrics, answers) -> {
            assertThat(answer(metrics, answers, "m n=1i 1")).isEqualTo("m n=1i 1");
            wallClock.set(Instant.parse("2026-01-01T08:00:00Z"));
            nanoTime.addAndGet(Duration.ofHours(8).toNanos());
            assertThat(answers.readLine())
                    .isEqualTo("tick due=\"2026-01-01T00:00:01Z\" " + nanosOf(Instant.parse("2026-01-01T08:00:00Z")));
            assertThat(answer(metrics, answers, "m n=2i 2")).isEqualTo("m n=2i 2");
        });
    }

    @Test
    void timersDoNotDependOnAClockThatIsSet() throws Exception {
        runTicking((metrics, answers) -> {
            assertThat(answer(metrics, answers, "m n=1i 1")).isEqualTo("m n=1i 1");
            wallClock.set(Instant.parse("2026-01-01T08:00:00Z"));
            assertThat(answer(metrics, answers, "m n=2i 2")).isEqualTo("m n=2i 2");
            wallClock.set(Instant.parse("2025-12-31T22:00:00Z"));
            assertThat(answer(metrics, answers, "m n=3i 3")).isEqualTo("m n=3i 3");
            nanoTime.addAndGet(Duration.ofSeconds(1).toNanos());
            assertThat(answers.readLine())
                    .isEqualTo("tick due=\"2025-12-31T22:00:00Z\" " + nanosOf(Instant.parse("2025-12-31T22:00:00Z")));
        });
    }
}
