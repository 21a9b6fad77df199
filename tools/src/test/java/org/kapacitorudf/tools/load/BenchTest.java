package org.kapacitorudf.tools.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.kapacitorudf.Context;
import org.kapacitorudf.Description;
import org.kapacitorudf.Handler;
import org.kapacitorudf.Handlers;
import org.kapacitorudf.Udf;
import org.kapacitorudf.embed.UdfServer;
import org.kapacitorudf.option.Option;
import org.kapacitorudf.proto.Request;
import org.kapacitorudf.testing.AgentSide;
import org.kapacitorudf.testing.SocketAgent;
import org.kapacitorudf.testing.TinyAgent;

@Tag("slow")
@Tag("one-jdk")
@Timeout(600)
class BenchTest {
    private static final Duration LIMIT = Duration.ofMinutes(5);

    /** For events that never occur. */
    private static final Duration SHORT_LIMIT = Duration.ofMillis(300);

    /** For events that never occur after a session has been set up, which takes time on a busy machine. */
    private static final Duration WAIT_LIMIT = Duration.ofSeconds(3);

    /** Beyond any starvation of a single thread. */
    private static final Duration LONG_RUN = Duration.ofSeconds(30);

    private static final LoadPlan QUICK = quick(Measure.THROUGHPUT);

    /** For agents that fail: a run may be over before enough has been written. */
    private static final LoadPlan UNTIL_IT_FAILS = QUICK.withRuns(1_000);

    @TempDir
    private Path directory;

    private final AtomicLong handled = new AtomicLong();
    private final List<AutoCloseable> open = new ArrayList<>();

    @AfterEach
    void close() throws Exception {
        for (AutoCloseable each : open) {
            each.close();
        }
    }

    private static LoadPlan quick(Measure measure) {
        return LoadPlan.of(measure)
                .withRuns(2)
                .withWarmUp(Duration.ofMillis(20))
                .withDuration(Duration.ofMillis(50))
                .withKeepaliveEvery(Duration.ofMillis(5))
                .withEcho(false);
    }

    // Correct agents

    @Test
    void eachPointIsCountedOnceOnBothSides() throws IOException {
        for (LoadPlan plan :
                List.of(QUICK, QUICK.withTwoWrites(), QUICK.withChunkBytes(100), QUICK.withConnections(5))) {
            long before = handled.get();
            assertThat(pointsOfRuns(serve(new Counted()), plan)).isPositive().isEqualTo(handled.get() - before);
        }
    }

    @Test
    void thePointsOfBatchesAreCounted() throws IOException {
        Subject subject = serve(new CountedBatches());
        assertThat(pointsOfRuns(subject, QUICK.withBatchPoints(7))).isPositive().isEqualTo(handled.get());
    }

    @Test
    void aFunctionThatGivesLessIsDoneWhenItsSnapshotComes() throws IOException {
        assertThat(pointsOfRuns(serve(new EveryThird()), QUICK.withAllReturn(false)))
                .isEqualTo(handled.get());
    }

    private long pointsOfRuns(Subject subject, LoadPlan plan) {
        try (RunningAgent agent = RunningAgent.start(subject, plan, LIMIT, directory, 0);
                Connections connections = new Connections(agent, plan, plan.traffic())) {
            long points = 0;
            while (points == 0) { // A run may be over before its writers begin.
                points += connections
                        .run(plan.duration().toNanos(), (received, elapsed) -> {})
                        .points();
            }
            connections.finish();
            return points;
        }
    }

    /** With longer runs if one was over before its writers began or a keepalive was due. */
    private static LoadReport runWithAllFigures(LoadPlan plan, Subject subject) {
        Duration duration = plan.duration();
        LoadReport report = run(plan, subject);
        while (duration.compareTo(LONG_RUN) < 0 && !hasAllFigures(report)) {
            duration = duration.multipliedBy(4);
            report = run(plan.withDuration(duration), subject);
        }
        return report;
    }

    private static boolean hasAllFigures(LoadReport report) {
        Metric primary = report.plan().measure().primary();
        return report.results().stream()
                        .flatMapToDouble(result -> Arrays.stream(result.values(primary)))
                        .allMatch(value -> value > 0)
                && (primary != Metric.POINTS_PER_SECOND || report.first().has(Metric.KEEPALIVE_MAX_MILLIS));
    }

    @Test
    void throughputHasAllItsFigures() throws IOException {
        LoadReport report = runWithAllFigures(QUICK.withConnections(3).withEcho(true), serve(new Counted()));
        LoadResult result = report.first();
        assertThat(result.runs()).hasSize(2);
        assertThat(result.values(Metric.POINTS_PER_SECOND)).hasSize(2).doesNotContain(0);
        assertThat(result.values(Metric.FAIRNESS)).hasSize(2);
        assertThat(result.has(Metric.KEEPALIVE_MAX_MILLIS)).isTrue();
        assertThat(result.has(Metric.AGENT_MICROS_PER_POINT)).isTrue();
        assertThat(report.echo().orElseThrow().median(Metric.POINTS_PER_SECOND).orElseThrow())
                .isPositive();
    }

    @Test
    void aProcessIsMeasuredThroughItsPipes() {
        Subject tiny = Subject.process("tiny", TinyAgent.command(0));
        assertThat(runWithAllFigures(QUICK.withEcho(true), tiny).first().values(Metric.POINTS_PER_SECOND))
                .doesNotContain(0);
        LoadResult latency = runWithAllFigures(quick(Measure.LATENCY), tiny).first();
        double p50 = latency.median(Metric.P50_MICROS).orElseThrow();
        assertThat(p50)
                .isPositive()
                .isLessThanOrEqualTo(latency.median(Metric.P99_MICROS).orElseThrow());
    }

    @Test
    void theStartOfAJvmIsMeasuredBesideABareOne() {
        LoadReport report = run(quick(Measure.START), Subject.process("tiny", TinyAgent.command(0)));
        double tiny = report.first().median(Metric.START_MILLIS).orElseThrow();
        double bare =
                report.of("bare JVM").orElseThrow().median(Metric.START_MILLIS).orElseThrow();
        assertThat(bare).isPositive();
        assertThat(tiny).isPositive();
        if (Boolean.getBoolean("udf.full")) { // with two starts each, a busy machine may slow down the wrong ones
            assertThat(bare).isLessThan(tiny);
        }
    }

    @Test
    void memoryIsThatOfTheAgent() {
        LoadPlan plan = quick(Measure.IDLE).withRuns(1).withConnections(2);
        LoadResult result =
                run(plan, Subject.process("tiny", TinyAgent.command(0))).first();
        assertThat(result.runs().get(0))
                .containsOnlyKeys(
                        Metric.RESIDENT_MEGABYTES,
                        Metric.USED_RESIDENT_MEGABYTES,
                        Metric.ALL_RESIDENT_MEGABYTES,
                        Metric.CONNECTION_KILOBYTES);
        double one = result.median(Metric.RESIDENT_MEGABYTES).orElseThrow();
        assertThat(one).isBetween(10.0, 200.0);
        assertThat(result.median(Metric.ALL_RESIDENT_MEGABYTES).orElseThrow()).isBetween(1.5 * one, 2.5 * one);
    }

    @Test
    void optionsGoToTheFunction() throws IOException {
        Subject subject = serve(new Counted());
        assertThat(run(QUICK.withOptions(List.of("every=2")), subject).first().runs())
                .hasSize(2);
        assertThatThrownBy(() -> run(QUICK.withOptions(List.of("every=x")), subject))
                .hasMessage("option every: x (expected: INT)");
        assertThatThrownBy(() -> run(QUICK.withOptions(List.of("other=1")), subject))
                .hasMessage("option: other (expected: one that a function has)");
        assertThatThrownBy(() -> run(QUICK.withOptions(List.of("every=-1")), subject))
                .isInstanceOf(LoadException.class)
                .hasMessageContaining("every: -1 (expected: >= 0)");
    }

    // Defective agents

    @Test
    void anErrorOfTheAgentIsReported() {
        assertFails(
                UNTIL_IT_FAILS,
                agent((kapacitor, request) -> {
                    if (request.hasPoint()) {
                        kapacitor.send(AgentSide.error("no such field"));
                    } else {
                        kapacitor.answer(request);
                    }
                }),
                "agent: failed: the agent sent an error: no such field");
    }

    @Test
    void aPointThatIsLostIsMissed() {
        AtomicLong count = new AtomicLong();
        assertStalls(
                (kapacitor, request) -> {
                    if (!request.hasPoint() || count.incrementAndGet() != 100) {
                        kapacitor.answer(request);
                    }
                },
                " points and ");
    }

    @Test
    void aPointTooManyIsNoticed() {
        AtomicLong count = new AtomicLong();
        assertFails(
                UNTIL_IT_FAILS,
                agent((kapacitor, request) -> {
                    kapacitor.answer(request);
                    if (request.hasPoint() && count.incrementAndGet() == 1) {
                        kapacitor.answer(request);
                    }
                }),
                "points came ");
    }

    @Test
    void aKeepaliveWithoutAnAnswerIsMissed() {
        assertStalls(
                (kapacitor, request) -> {
                    if (!request.hasKeepalive()) {
                        kapacitor.answer(request);
                    }
                },
                " keepalives, received: ");
    }

    @Test
    void whoEndsHisOutputIsReported() {
        assertFails(
                UNTIL_IT_FAILS,
                agent((kapacitor, request) -> {
                    if (request.hasPoint()) {
                        kapacitor.endOutput();
                    } else {
                        kapacitor.answer(request);
                    }
                }),
                "agent: failed: the agent ended its output");
    }

    @Test
    void anAgentThatDoesNotAnswerIsGivenUp() {
        for (Measure measure : List.of(Measure.THROUGHPUT, Measure.LATENCY)) {
            assertFails(
                    quick(measure),
                    SHORT_LIMIT,
                    agent((kapacitor, request) -> {}),
                    "agent: cannot be set up: no answer in time");
        }
        Subject silent = Subject.process("silent", List.of("cat"));
        assertFails(
                quick(Measure.START),
                SHORT_LIMIT,
                Subject.process("deaf", List.of("sleep", "600")),
                "deaf: does not answer: no answer in time");
        assertFails(QUICK, SHORT_LIMIT, silent, "silent: cannot be set up: ");
    }

    @Test
    void oneWithTheWrongEdgeIsRefused() {
        assertFails(
                QUICK.withBatchPoints(3),
                agent(AgentSide::answer),
                "wants: STREAM (expected: BATCH, the type of the input)");
    }

    @Test
    void oneThatDoesNotStartIsQuoted() {
        Subject broken = Subject.process("broken", List.of("sh", "-c", "echo no licence >&2; exit 1"));
        assertFails(QUICK, broken, "STDERR: no licence");
        assertFails(QUICK, Subject.process("none", List.of("/no/such/program")), "none: does not start: ");
        assertFails(
                QUICK,
                SHORT_LIMIT,
                Subject.socket("none", directory.resolve("none.sock")),
                "none: cannot be connected to: socket: ");
    }

    /** The start of a server on a busy machine takes a while: the message says how long it was waited for. */
    @Test
    void oneThatDoesNotListenInTimeIsToldWithTheLimit() {
        Subject deaf = Subject.server("deaf", List.of("sh", "-c", "exec sleep 600", "{socket}"));
        assertFails(
                QUICK.withStartLimit(Duration.ofMillis(300)),
                deaf,
                "(expected: one that an agent listens on within --start-limit=0.3s): ");
    }

    @Test
    void twoOfOneNameAreRefused() {
        Subject one = Subject.process("one", List.of("cat"));
        assertThatThrownBy(() -> run(QUICK, one, one))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("subjects: two of the name one (expected: ");
    }

    /** Without waiting: only the failure itself ends the run. */
    private void assertFails(LoadPlan plan, Subject subject, String message) {
        assertFails(plan, LIMIT, subject, message);
    }

    private void assertFails(LoadPlan plan, Duration limit, Subject subject, String message) {
        assertThatThrownBy(() -> run(plan, limit, subject))
                .isInstanceOf(LoadException.class)
                .hasMessageContaining(message);
    }

    /** The limit also holds for the set-up: if that takes longer, another agent gets a longer limit. */
    private void assertStalls(Answering answering, String message) {
        Duration limit = WAIT_LIMIT;
        LoadException failure = failure(limit, answering);
        while (limit.compareTo(LONG_RUN) < 0 && failure.getMessage().startsWith("agent: cannot be set up: ")) {
            limit = limit.multipliedBy(4);
            failure = failure(limit, answering);
        }
        assertThat(failure)
                .hasMessageStartingWith(
                        "agent: stalled: nothing was received for " + limit.toSeconds() + ".0 s; sent: ")
                .hasMessageContaining(message);
    }

    private LoadException failure(Duration limit, Answering answering) {
        return catchThrowableOfType(LoadException.class, () -> run(UNTIL_IT_FAILS, limit, agent(answering)));
    }

    private static LoadReport run(LoadPlan plan, Subject... subjects) {
        return run(plan, LIMIT, subjects);
    }

    private static LoadReport run(LoadPlan plan, Duration answerLimit, Subject... subjects) {
        try (Bench bench = new Bench(plan, List.of(subjects), line -> {}, answerLimit)) {
            return bench.run();
        }
    }

    private Subject serve(Udf udf) throws IOException {
        Path socket = directory.resolve("server" + open.size());
        UdfServer server = UdfServer.builder().function(udf, socket).build().start();
        open.add(server);
        return Subject.socket(udf.describe().name(), socket);
    }

    /** How an agent handles a request. */
    private interface Answering {
        void to(AgentSide kapacitor, Request request) throws IOException;
    }

    private Subject agent(Answering answering) {
        try {
            SocketAgent agent =
                    SocketAgent.start(Files.createDirectory(directory.resolve("agent" + open.size())), kapacitor -> {
                        for (Request request = kapacitor.next(); request != null; request = kapacitor.next()) {
                            answering.to(kapacitor, request);
                        }
                    });
            open.add(agent);
            return Subject.socket("agent", agent.path());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Counts the points that it returns. */
    private final class Counted implements Udf {
        private static final Option<Long> EVERY =
                Option.integer("every").orElse(1L).atLeast(0);

        @Override
        public Description describe() {
            return Description.stream("counted", "gives all back").options(EVERY);
        }

        @Override
        public Handler create(Context context) {
            return (point, output) -> {
                handled.incrementAndGet();
                output.point(point);
            };
        }
    }

    private final class CountedBatches implements Udf {
        @Override
        public Description describe() {
            return Description.batch("countedBatches", "gives all back");
        }

        @Override
        public Handler create(Context context) {
            return Handlers.batches(context, (batch, output) -> {
                handled.addAndGet(batch.points().size());
                output.batch(batch);
            });
        }
    }

    private final class EveryThird implements Udf {
        @Override
        public Description describe() {
            return Description.stream("everyThird", "gives less than it gets");
        }

        @Override
        public Handler create(Context context) {
            return (point, output) -> {
                if (handled.incrementAndGet() % 3 == 0) {
                    output.point(point);
                }
            };
        }
    }
}
