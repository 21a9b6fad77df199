package org.kapacitorudf.contract;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.kapacitorudf.client.Frames;
import org.kapacitorudf.client.Kapacitor;
import org.kapacitorudf.client.Kapacitor.AfterAbort;
import org.kapacitorudf.client.Options;
import org.kapacitorudf.client.PointBatch;
import org.kapacitorudf.client.Points;
import org.kapacitorudf.client.StandInException;
import org.kapacitorudf.proto.InfoResponse;
import org.kapacitorudf.proto.InitRequest;
import org.kapacitorudf.proto.InitResponse;
import org.kapacitorudf.proto.Option;
import org.kapacitorudf.proto.OptionValue;
import org.kapacitorudf.proto.Point;
import org.kapacitorudf.proto.Request;
import org.kapacitorudf.proto.Response;
import org.kapacitorudf.proto.Response.MessageCase;
import org.kapacitorudf.proto.RestoreRequest;
import org.kapacitorudf.proto.SnapshotRequest;
import org.kapacitorudf.proto.ValueType;

/**
 * The contract of an agent with Kapacitor on any transport; each transport implements this interface.
 *
 * <p>{@code -Dudf.full=true} runs the full counts. Without it only the cases with the tag {@link #PROCESS} are run with
 * processes.
 */
@Tag("slow")
@Timeout(900)
interface AgentContract extends FailureContract {
    boolean FULL = Boolean.getBoolean("udf.full");
    Duration LONG = Duration.ofMinutes(5);
    Duration LONGEST_TIMEOUT = Duration.ofMinutes(2);

    /** Points: 5 MB, more than the queues of the agent and the buffers of a socket or two pipes hold together. */
    long MORE_THAN_FITS = 20_000;

    /**
     * The tag of cases that involve the process: its start, its streams, its end, its memory. Those that do not depend
     * on the JVM have the tag {@code one-jdk}, too.
     */
    String PROCESS = "process";

    /** A test with a keepalive timeout. */
    interface TimeoutTest {
        void run(Duration timeout) throws IOException;
    }

    /**
     * Runs a test with a keepalive timeout that is short, but several times the current start time on this machine. If
     * the session times out all the same, perhaps because the machine is busy, repeats the test with longer timeouts.
     */
    default void withShortTimeout(TimeoutTest test) throws IOException {
        long start = System.nanoTime();
        try (Kapacitor kapacitor = open(TestUdf.echo)) {
            kapacitor.info();
        }
        Duration severalStarts = Duration.ofNanos(System.nanoTime() - start).multipliedBy(6);
        Duration timeout = Collections.max(List.of(severalStarts, Duration.ofSeconds(6)));
        while (timeout.compareTo(LONGEST_TIMEOUT) < 0) {
            try {
                test.run(timeout);
                return;
            } catch (AssertionError | StandInException e) {
                if (!String.valueOf(e.getMessage()).contains("keepalive timedout")) {
                    throw e;
                }
            }
            timeout = timeout.multipliedBy(4);
        }
        test.run(LONGEST_TIMEOUT);
    }

    /** The number of runs for failures that occur only sometimes. */
    default int tries() {
        return 5;
    }

    /** Starts a session with a function. A test may use long limits and one other kind of limits. */
    Kapacitor open(TestUdf.Limits limits, TestUdf udf, Kapacitor.Builder kapacitor) throws IOException;

    /** A Kapacitor that never aborts, for tests about other subjects than its timeout. */
    static Kapacitor.Builder kapacitor() {
        return Kapacitor.builder().timeout(LONG).deadline(LONG);
    }

    default Kapacitor open(TestUdf udf) throws IOException {
        return open(TestUdf.Limits.LONG, udf, kapacitor());
    }

    /** Starts a session, and initialises the function. */
    default Kapacitor running(TestUdf udf, Kapacitor.Builder builder, Option... options) throws IOException {
        return running(TestUdf.Limits.LONG, udf, builder, options);
    }

    default Kapacitor running(TestUdf.Limits limits, TestUdf udf, Kapacitor.Builder builder, Option... options)
            throws IOException {
        Kapacitor kapacitor = open(limits, udf, builder);
        assertThat(kapacitor.init("task", "node2", options).getError()).isEmpty();
        return kapacitor;
    }

    default Kapacitor running(TestUdf udf, Option... options) throws IOException {
        return running(udf, kapacitor(), options);
    }

    @Override
    default Conversation talk(TestUdf udf, ByteString snapshot) throws IOException {
        Kapacitor kapacitor = running(udf);
        if (!snapshot.isEmpty()) {
            assertThat(kapacitor.restore(snapshot).getError()).isEmpty();
        }
        return new Conversation() {
            @Override
            public void send(String... lines) {
                sendFatal(kapacitor, Points.of(lines).groupBy("host"));
            }

            @Override
            public void send(PointBatch... batches) {
                fatally(() -> kapacitor.sendBatch(batches));
            }

            @Override
            public List<Point> points(int count) {
                kapacitor.awaitReceived(count);
                return kapacitor.points();
            }

            @Override
            public List<PointBatch> batches(int count) {
                kapacitor.awaitBatches(count);
                return kapacitor.batches();
            }

            @Override
            public ByteString snapshot() {
                return kapacitor.snapshot();
            }

            @Override
            public String error() {
                return kapacitor.awaitTaskError();
            }

            @Override
            public void end() {
                endsCleanly(kapacitor);
            }

            @Override
            public void close() {
                kapacitor.close();
            }
        };
    }

    static Points point(String lines) {
        return Points.parse(lines).groupBy("host");
    }

    /** Points with a sequence number, created while they are sent. */
    static Iterable<Point> sequence(long count) {
        Point template = point(
                        "seq,host=a,region=eu-west,rack=r17,service=checkout i=0i,load=0.5,note=\"about as long as a point usually is, in a text\" 0")
                .list()
                .get(0);
        return () -> {
            Iterator<Point> points = LongStream.range(0, count)
                    .mapToObj(i ->
                            template.toBuilder().putFieldsInt("i", i).setTime(i).build())
                    .iterator();
            return points;
        };
    }

    /** Sends points that may end the task before all of them are sent. */
    static void sendFatal(Kapacitor kapacitor, Iterable<Point> points) {
        fatally(() -> kapacitor.send(points));
    }

    /** Sends data that may end the task. */
    static void fatally(Runnable sending) {
        try {
            sending.run();
        } catch (StandInException e) {
            // The task's error says more.
        }
    }

    private static void endsCleanly(Kapacitor kapacitor) {
        kapacitor.closeInput();
        kapacitor.awaitEnd();
        assertThat(kapacitor.problems()).isEmpty();
    }

    // ---- the session

    @Test
    default void infoAloneAndTheEndOfTheInputAreACleanConversation() throws IOException {
        try (Kapacitor kapacitor = open(TestUdf.choosy)) {
            InfoResponse info = kapacitor.info();
            assertThat(info.getOptionsMap()).containsOnlyKeys("field", "size", "scale", "key");
            assertThat(info.getOptionsMap().get("size").getValueTypesList()).containsExactly(ValueType.INT);
            endsCleanly(kapacitor);
        }
    }

    @Test
    @Tag(PROCESS)
    default void theEndOfTheInputWithoutAWordIsACleanConversation() throws IOException {
        try (Kapacitor kapacitor = open(TestUdf.echo)) {
            endsCleanly(kapacitor);
        }
    }

    @Test
    @Tag(PROCESS)
    default void everyPointComesBackAsItWasAndInOrder() throws IOException {
        try (Kapacitor kapacitor = running(TestUdf.echo)) {
            List<Point> sent = new ArrayList<>();
            sequence(5_000).forEach(sent::add);
            kapacitor.send(sent);
            kapacitor.awaitReceived(sent.size());
            assertThat(kapacitor.points()).isEqualTo(sent);
            endsCleanly(kapacitor);
        }
    }

    @Test
    @Tag(PROCESS)
    @Tag("one-jdk")
    default void batchesComeBackWholeWithTheirTrueSize() throws IOException {
        try (Kapacitor kapacitor = running(TestUdf.echoBatches)) {
            PointBatch two = point("m,host=a v=1 1\nm,host=a v=2 2").batches().get(0);
            PointBatch one = point("m,host=b v=3 3").batches().get(0);
            PointBatch none = new PointBatch(two.begin().toBuilder().setSize(0).build(), List.of(), two.end());
            kapacitor.sendBatch(two, one, none);
            kapacitor.awaitBatches(3);
            assertThat(kapacitor.batches()).containsExactly(two, one, none);
            endsCleanly(kapacitor);
        }
    }

    @Test
    default void aStreamMayBecomeABatch() throws IOException {
        try (Kapacitor kapacitor = running(TestUdf.collector)) {
            kapacitor.send(point("m,host=a v=1 1"));
            kapacitor.closeInput();
            kapacitor.awaitEnd();
            assertThat(kapacitor.batches()).singleElement().satisfies(batch -> {
                assertThat(batch.begin().getSize()).isEqualTo(1);
                assertThat(batch.end().getTmax()).isEqualTo(42);
            });
            assertThat(kapacitor.problems()).isEmpty();
        }
    }

    @Test
    default void optionsReachTheHandlerWithTaskAndNode() throws IOException {
        try (Kapacitor kapacitor = running(
                TestUdf.choosy, Options.of("field", "value"), Options.of("size", 3L), Options.of("scale", 2L))) {
            kapacitor.send(point("m v=1 1"));
            kapacitor.awaitReceived(1);
            assertThat(kapacitor.points().get(0).getFieldsStringMap())
                    .containsEntry("options", "value 3 2.0 task node2");
            endsCleanly(kapacitor);
        }
    }

    @Test
    default void allThatIsWrongWithTheOptionsIsSaidAtOnce() throws IOException {
        Option reference = Option.newBuilder()
                .setName("field")
                .addValues(OptionValue.newBuilder().setType(ValueType.BOOL))
                .build();
        try (Kapacitor kapacitor = open(TestUdf.choosy)) {
            InitResponse answer = kapacitor.init("task", "node2", reference, Options.of("size", 0L));
            assertThat(answer.getSuccess()).isFalse();
            assertThat(answer.getError())
                    .contains("field: ", "(expected: a string)", "size: 0 (expected: >= 1)")
                    .contains("; ");
            kapacitor.closeInput();
            kapacitor.awaitEnd();
            assertThat(kapacitor.death()).isEmpty();
        }
    }

    @Test
    @Tag(PROCESS)
    @Tag("one-jdk")
    default void afterARefusedInitTheAgentEndsByItselfForKapacitorNeverDoes() throws IOException {
        try (Kapacitor kapacitor = open(TestUdf.Limits.SHORT_DRAIN, TestUdf.choosy, kapacitor())) {
            assertThat(kapacitor.init("task", "node2").getSuccess()).isFalse();
            kapacitor.awaitEnd();
            assertThat(kapacitor.death()).isEmpty();
        }
    }

    @Test
    default void anEmptyAndAnUnknownRequestAreIgnored() throws IOException {
        try (Kapacitor kapacitor = running(TestUdf.echo)) {
            kapacitor.sendRaw(new byte[] {0}, new byte[] {3, (byte) 0xC2, 0x3E, 0});
            kapacitor.send(point("m,host=a v=1 1"));
            kapacitor.awaitReceived(1);
            endsCleanly(kapacitor);
        }
    }

    // ---- against the protocol

    @Test
    @Tag(PROCESS)
    @Tag("one-jdk")
    default void dataBeforeInitIsAnErrorThatSaysSo() throws IOException {
        try (Kapacitor kapacitor = open(TestUdf.echo)) {
            sendFatal(kapacitor, point("m,host=a v=1 1"));
            assertThat(kapacitor.awaitTaskError()).contains("Point before a successful Init");
            kapacitor.awaitEnd();
            assertThat(kapacitor.death()).isEmpty();
        }
    }

    @Test
    default void aSecondInitIsAnError() throws IOException {
        try (Kapacitor kapacitor = running(TestUdf.echo)) {
            assertThat(kapacitor.init("task", "node2").getError()).contains("a second Init");
            kapacitor.awaitEnd();
            assertThat(kapacitor.death()).isEmpty();
        }
    }

    @Test
    @Tag(PROCESS)
    @Tag("one-jdk")
    default void aFrameThatIsTooLongIsAnErrorBeforeItsBodyHasArrived() throws IOException {
        try (Kapacitor kapacitor = running(TestUdf.echo)) {
            fatally(() -> kapacitor.sendRaw(new byte[] {(byte) 0xFF, (byte) 0xFF, (byte) 0xFF, 0x7F}));
            assertThat(kapacitor.awaitTaskError()).contains("268435455").contains("expected");
            kapacitor.awaitEnd();
        }
    }

    @Test
    default void batchMessagesOutOfOrderAreAnError() throws IOException {
        PointBatch batch = point("m,host=a v=1 1").batches().get(0);
        try (Kapacitor kapacitor = running(TestUdf.echoBatches)) {
            fatally(() -> kapacitor.end(batch.end()));
            assertThat(kapacitor.awaitTaskError()).contains("EndBatch outside a batch");
            kapacitor.awaitEnd();
        }
        try (Kapacitor kapacitor = running(TestUdf.echo)) {
            fatally(() -> kapacitor.begin(batch.begin()));
            assertThat(kapacitor.awaitTaskError()).contains("BeginBatch").contains("points of a stream");
            kapacitor.awaitEnd();
        }
    }

    // ---- endings

    @Test
    @Tag(PROCESS)
    default void everythingEmittedInStopArrives() throws IOException {
        for (int run = 0; run < (FULL ? 100 : tries()); run++) {
            try (Kapacitor kapacitor = running(TestUdf.late)) {
                kapacitor.send(point("m,host=a v=1 1"));
                kapacitor.closeInput();
                kapacitor.awaitEnd();
                assertThat(kapacitor.receivedPoints()).as("run %s", run).isEqualTo(TestUdf.LATE_POINTS);
                assertThat(kapacitor.problems()).isEmpty();
            }
        }
    }

    @Test
    @Tag(PROCESS)
    default void aLateReaderGetsAllThatWasPendingAtTheHalfClose() throws Exception {
        long points = FULL ? 300_000 : MORE_THAN_FITS;
        for (int run = 0; run < (FULL ? 60 : 2); run++) {
            try (Kapacitor kapacitor = running(
                    TestUdf.echo, kapacitor().keepalives(false).countUndecoded().deadline(LONG))) {
                kapacitor.pauseReading();
                Thread sender = new Thread(() -> {
                    kapacitor.send(sequence(points));
                    kapacitor.closeInput();
                });
                sender.start();
                awaitBlocked(sender);
                assertThat(sender.isAlive()).as("the sender is held back").isTrue();
                kapacitor.resumeReading();
                kapacitor.awaitEnd(LONG);
                sender.join();
                assertThat(kapacitor.receivedPoints()).as("run %s", run).isEqualTo(points);
                assertThat(kapacitor.problems()).isEmpty();
            }
        }
    }

    /**
     * Waits until a thread has made no progress for a while, because the operating system does not report a full pipe
     * otherwise.
     */
    private static void awaitBlocked(Thread thread) throws InterruptedException {
        thread.join(300);
    }

    @Test
    @Tag(PROCESS)
    default void theTextOfAnErrorArrivesUnderLoad() throws Exception {
        for (int run = 0; run < (FULL ? 100 : tries()); run++) {
            try (Kapacitor kapacitor = running(TestUdf.thrower, kapacitor().countOnly())) {
                Thread sender = new Thread(() -> {
                    try {
                        kapacitor.send(sequence(2_000));
                        sendFatal(kapacitor, point("m,host=a fail=\"boom\" 1"));
                        kapacitor.send(sequence(200_000));
                    } catch (RuntimeException e) {
                        // The task has ended while sending.
                    }
                });
                sender.start();
                assertThat(kapacitor.awaitTaskError())
                        .as("run %s", run)
                        .isEqualTo("thrower (task task, node node2): point: java.lang.IllegalStateException: boom");
                kapacitor.awaitEnd();
                sender.join();
                assertThat(kapacitor.death()).isEmpty();
                assertThat(kapacitor.receivedPoints()).isEqualTo(2_000);
            }
        }
    }

    @Test
    @Tag(PROCESS)
    default void aFailureIsReportedWhateverIsThrown() throws IOException {
        try (Kapacitor kapacitor = running(TestUdf.thrower)) {
            sendFatal(kapacitor, point("m,host=a fail=\"overflow\" 1"));
            assertThat(kapacitor.awaitTaskError()).contains("java.lang.StackOverflowError: deep");
            kapacitor.awaitEnd();
        }
        try (Kapacitor kapacitor = running(TestUdf.thrower)) {
            sendFatal(kapacitor, point("m,host=a fail=\"hostile\" 1"));
            assertThat(kapacitor.awaitTaskError()).contains("HostileException");
            kapacitor.awaitEnd();
        }
    }

    @Test
    @Tag(PROCESS)
    @Tag("one-jdk")
    default void aKapacitorThatStopsReadingAndNeverClosesIsLetGo() throws Exception {
        try (Kapacitor kapacitor = running(
                TestUdf.Limits.SHORT_STALL,
                TestUdf.echo,
                kapacitor().keepalives(false).countUndecoded().deadline(LONG))) {
            kapacitor.pauseReading();
            Thread sender = new Thread(() -> {
                try {
                    kapacitor.send(sequence(1_000_000));
                } catch (RuntimeException e) {
                    // The agent has ended, which this test waits for.
                }
            });
            sender.start();
            sender.join(LONG.toMillis());
            assertThat(sender.isAlive())
                    .as("%s: the writer is free again", TestUdf.echo)
                    .isFalse();
        }
    }

    @Test
    @Tag(PROCESS)
    default void anAbortUnderLoadEnds() throws Exception {
        for (AfterAbort afterAbort : AfterAbort.values()) {
            try (Kapacitor kapacitor = running(
                    TestUdf.Limits.SHORT_DRAIN,
                    TestUdf.amplifier,
                    kapacitor().countUndecoded().afterAbort(afterAbort))) {
                Thread sender = new Thread(() -> {
                    try {
                        kapacitor.send(sequence(1_000_000));
                    } catch (RuntimeException e) {
                        // Aborted while sending.
                    }
                });
                sender.start();
                kapacitor.awaitReceived(10_000);
                kapacitor.abort();
                kapacitor.awaitEnd(LONG);
                sender.join();
            }
        }
    }

    @Test
    @Tag(PROCESS)
    @Tag("one-jdk")
    default void anAbortWhoseWriterIsBlockedIsSeenBeforeTheWriteStallLimit() throws Exception {
        try (Kapacitor kapacitor = running(
                TestUdf.Limits.SHORT_DRAIN,
                TestUdf.echo,
                kapacitor().keepalives(false).countUndecoded())) {
            kapacitor.pauseReading();
            Thread sender = new Thread(() -> {
                try {
                    kapacitor.send(sequence(1_000_000));
                } catch (StandInException e) {
                    // Aborted while sending.
                }
            });
            sender.start();
            awaitBlocked(sender);
            kapacitor.abort();
            kapacitor.awaitEnd(LONG);
            sender.join();
        }
    }

    // ---- keepalive and watchdog

    private static Duration longerThan(Duration timeout) {
        return timeout.plusMillis(FULL ? 4_000 : 1_500);
    }

    @Test
    @Tag(PROCESS)
    @Tag("one-jdk")
    default void aHandlerThatSleepsLongerThanTheTimeoutKeepsItsTask() throws Exception {
        withShortTimeout(timeout -> {
            try (Kapacitor kapacitor = running(
                    TestUdf.sleeper,
                    kapacitor().timeout(timeout).countOnly(),
                    Options.of("point", longerThan(timeout)))) {
                // From its first point on the input is saturated, so that no keepalive request can pass.
                kapacitor.send(sequence(50_000));
                kapacitor.awaitReceived(50_000, LONG);
                endsCleanly(kapacitor);
            }
        });
    }

    @Test
    @Tag(PROCESS)
    @Tag("one-jdk")
    default void aSleepInsideCreateKeepsItsTask() throws IOException {
        withShortTimeout(timeout -> {
            try (Kapacitor kapacitor =
                    running(TestUdf.sleeper, kapacitor().timeout(timeout), Options.of("create", longerThan(timeout)))) {
                kapacitor.send(point("m,host=a v=1 1"));
                kapacitor.awaitReceived(1);
                endsCleanly(kapacitor);
            }
        });
    }

    @Test
    @Tag(PROCESS)
    @Tag("one-jdk")
    default void aCallThatNeverReturnsIsEndedWithAnErrorThatSaysSo() throws IOException {
        try (Kapacitor interruptible = running(TestUdf.stuck);
                Kapacitor deaf = running(TestUdf.stuck)) {
            sendFatal(interruptible, point("m,host=a stuck=true 1"));
            sendFatal(deaf, point("m,host=a stuck=false 1"));
            for (Kapacitor kapacitor : List.of(interruptible, deaf)) {
                assertThat(kapacitor.awaitTaskError()).contains("point did not return within 4.0 s");
                kapacitor.awaitEnd();
                assertThat(kapacitor.death()).isEmpty();
            }
        }
    }

    @Test
    @Tag(PROCESS)
    @Tag("one-jdk")
    default void aSnapshotRequestAfterAStuckCallIsAnswered() throws IOException {
        try (Kapacitor kapacitor = running(TestUdf.stuck)) {
            // At once, because the session ends when the call has reached its limit.
            kapacitor.sendRequests(List.of(
                    Frames.request(point("m,host=a stuck=true 1").list().get(0)),
                    Request.newBuilder()
                            .setSnapshot(SnapshotRequest.getDefaultInstance())
                            .build()));
            kapacitor.awaitResponses(MessageCase.SNAPSHOT, 1, LONG);
            assertThat(kapacitor.responses().stream()
                            .filter(Response::hasSnapshot)
                            .map(response -> response.getSnapshot().getSnapshot()))
                    .containsExactly(ByteString.EMPTY);
            kapacitor.awaitEnd();
        }
    }

    @Test
    default void anInterruptThatAHandlerLeavesSetDoesNotAffectLaterCalls() throws IOException {
        try (Kapacitor kapacitor = running(TestUdf.interrupter)) {
            for (int i = 1; i <= 5; i++) {
                kapacitor.send(point("m,host=a v=1 " + i));
                kapacitor.awaitReceived(i);
            }
            endsCleanly(kapacitor);
        }
    }

    // ---- back-pressure

    @Test
    @Tag(PROCESS)
    @Tag("one-jdk")
    default void aReaderThatPausesLosesNothing() throws Exception {
        for (TestUdf udf : List.of(TestUdf.echo, TestUdf.amplifier)) {
            long expected = FULL ? 200_000 : MORE_THAN_FITS;
            long points = udf == TestUdf.amplifier ? expected / TestUdf.AMPLIFICATION : expected;
            try (Kapacitor kapacitor =
                    running(udf, kapacitor().keepalives(false).countUndecoded().deadline(LONG))) {
                kapacitor.pauseReading();
                Thread sender = new Thread(() -> kapacitor.send(sequence(points)));
                sender.start();
                awaitBlocked(sender);
                kapacitor.resumeReading();
                kapacitor.awaitReceived(expected, LONG);
                sender.join();
                endsCleanly(kapacitor);
            }
        }
    }

    @Test
    @Tag(PROCESS)
    default void aThreadOfTheHandlersOwnMayEmitAtAnyTime() throws IOException {
        try (Kapacitor kapacitor = running(TestUdf.source)) {
            int points = FULL ? 100_000 : 10_000;
            kapacitor.awaitReceived(points, LONG);
            assertThat(kapacitor.points().stream()
                            .limit(points)
                            .map(point -> point.getFieldsIntOrThrow("i"))
                            .toList())
                    .isEqualTo(LongStream.range(0, points).boxed().toList());
            kapacitor.closeInput();
            kapacitor.awaitEnd(LONG);
            assertThat(kapacitor.death()).isEmpty();
        }
    }

    // ---- output checks

    @Test
    default void whatWouldHarmKapacitorIsTheHandlersError() throws IOException {
        List<List<String>> rules = List.of(
                List.of("edge", "output: a batch (expected: points"),
                List.of("text", "expected: valid Unicode"),
                List.of("size", "(expected: <= 1048576)"));
        for (List<String> rule : rules) {
            try (Kapacitor kapacitor = running(TestUdf.ruleBreaker)) {
                sendFatal(kapacitor, point("m,host=a rule=\"none\" 1\nm,host=a rule=\"" + rule.get(0) + "\" 2"));
                assertThat(kapacitor.awaitTaskError()).contains(rule.get(1));
                kapacitor.awaitEnd();
                assertThat(kapacitor.receivedPoints()).isEqualTo(1);
                assertThat(kapacitor.death()).isEmpty();
            }
        }
    }

    @Test
    default void outputInsideCreateIsRefused() throws IOException {
        try (Kapacitor kapacitor = open(TestUdf.hasty)) {
            assertThat(kapacitor.init("task", "node2").getError()).contains("output: used inside create");
            kapacitor.closeInput();
            kapacitor.awaitEnd();
        }
    }

    @Test
    default void oneOddPointDoesNotEndATask() throws IOException {
        try (Kapacitor kapacitor = running(TestUdf.doubler)) {
            kapacitor.send(
                    point("m,host=a value=1 1\nm,host=a other=1 2\nm,host=a value=\"x\" 3\nm,host=a value=2i 4"));
            kapacitor.awaitReceived(2);
            assertThat(kapacitor.points())
                    .extracting(point -> point.getFieldsDoubleOrThrow("twice"))
                    .containsExactly(2.0, 4.0);
            endsCleanly(kapacitor);
        }
    }

    @Test
    @Tag(PROCESS)
    default void whatAHandlerPrintsIsNotPartOfTheProtocol() throws IOException {
        try (Kapacitor kapacitor = running(TestUdf.printer)) {
            kapacitor.send(point("m,host=a v=1 1"));
            kapacitor.awaitReceived(1);
            endsCleanly(kapacitor);
        }
    }

    // ---- timers

    @Test
    default void aTimerEmitsWhileNoDataComes() throws IOException {
        try (Kapacitor kapacitor = running(TestUdf.timed)) {
            kapacitor.awaitReceived(5);
            endsCleanly(kapacitor);
        }
    }

    @Test
    default void timersEndBeforeStopAndStopIsTheLastToEmit() throws IOException {
        try (Kapacitor kapacitor = running(TestUdf.timed)) {
            kapacitor.awaitReceived(2);
            endsCleanly(kapacitor);
            List<Point> points = kapacitor.points();
            assertThat(points.subList(0, points.size() - 1))
                    .extracting(Point::getName)
                    .containsOnly("tick");
            assertThat(points.get(points.size() - 1).getName()).isEqualTo("stop");
        }
    }

    @Test
    default void groupsExpireByWallTimeByEventTimeAndByNumber() throws IOException {
        try (Kapacitor kapacitor = running(TestUdf.forgetful)) {
            kapacitor.send(point("wall,host=a v=1 1"));
            kapacitor.awaitReceived(1);
            kapacitor.send(point("event,host=a v=1 1000000000"));
            kapacitor.send(point("event,host=a v=1 30999999999"));
            kapacitor.send(point("event,host=b v=1 60999999999"));
            kapacitor.awaitReceived(2);
            kapacitor.send(point("count,host=a v=1 1"));
            kapacitor.send(point("count,host=b v=1 1"));
            kapacitor.send(point("count,host=a v=1 1"));
            kapacitor.send(point("count,host=c v=1 1"));
            kapacitor.awaitReceived(3);
            assertThat(kapacitor.points())
                    .extracting(point ->
                            point.getName() + " " + point.getTagsOrThrow("host") + " " + point.getFieldsIntOrThrow("n"))
                    .containsExactly("wall a 1", "event a 2", "count b 1");
            endsCleanly(kapacitor);
        }
    }

    @Test
    default void aTimerThatThrowsEndsTheTaskWithItsText() throws IOException {
        try (Kapacitor kapacitor = running(TestUdf.timed, Options.of("do", "throw"))) {
            assertThat(kapacitor.awaitTaskError())
                    .isEqualTo("timed (task task, node node2): timer: java.lang.IllegalStateException: boom");
            kapacitor.awaitEnd();
            assertThat(kapacitor.death()).isEmpty();
        }
    }

    @Test
    @Tag(PROCESS)
    @Tag("one-jdk")
    default void aTimerThatNeverReturnsIsEndedByTheCallLimit() throws IOException {
        // Without keepalive requests, only the timer wakes the session.
        try (Kapacitor kapacitor = running(TestUdf.stuckTimer, kapacitor().keepalives(false))) {
            assertThat(kapacitor.awaitTaskError()).contains("timer did not return within 4.0 s");
            kapacitor.awaitEnd();
            assertThat(kapacitor.death()).isEmpty();
        }
    }

    @Test
    @Tag(PROCESS)
    @Tag("one-jdk")
    default void aTimerComesInTimeWhateverTheInput() throws Exception {
        long sent = FULL ? 1_000_000 : 30_000;
        try (Kapacitor kapacitor =
                running(TestUdf.timed, kapacitor().deadline(LONG), Options.of("do", "tick slowly"))) {
            kapacitor.send(sequence(sent));
            kapacitor.closeInput();
            kapacitor.awaitEnd(LONG);
            List<Point> ticks = kapacitor.points().stream()
                    .filter(point -> point.getName().equals("tick"))
                    .toList();
            assertThat(ticks)
                    .extracting(point -> point.getFieldsIntOrThrow("points"))
                    .as("points before each tick")
                    .anyMatch(points -> points > 0 && points < sent);
            if (FULL) { // on a busy machine a tick may be late
                assertThat(ticks)
                        .extracting(point -> point.getFieldsIntOrThrow("gap_ms"))
                        .as("ms between ticks")
                        .allMatch(gap -> gap < 3_000);
            }
            assertThat(kapacitor.problems()).isEmpty();
        }
    }

    @Test
    default void timersBeginWithTheStateAndBeforeTheData() throws IOException {
        ByteString snapshot;
        try (Kapacitor kapacitor = running(TestUdf.timed, Options.of("do", "begin"))) {
            kapacitor.send(sequence(3));
            kapacitor.awaitReceived(1);
            assertThat(kapacitor.points().get(0).getFieldsIntOrThrow("points")).isZero();
            snapshot = kapacitor.snapshot();
            endsCleanly(kapacitor);
        }
        try (Kapacitor kapacitor = open(TestUdf.timed)) {
            // At once, because timers begin without a state if Restore does not come soon.
            kapacitor.sendRequests(List.of(
                    Request.newBuilder()
                            .setInit(InitRequest.newBuilder()
                                    .setTaskID("task")
                                    .setNodeID("node2")
                                    .addOptions(Options.of("do", "begin")))
                            .build(),
                    Request.newBuilder()
                            .setRestore(RestoreRequest.newBuilder().setSnapshot(snapshot))
                            .build()));
            kapacitor.awaitResponses(MessageCase.INIT, 1, LONG);
            kapacitor.awaitResponses(MessageCase.RESTORE, 1, LONG);
            kapacitor.send(sequence(5));
            kapacitor.awaitReceived(1);
            assertThat(kapacitor.points().get(0).getFieldsIntOrThrow("points")).isEqualTo(3);
            kapacitor.closeInput();
            kapacitor.awaitEnd();
            assertThat(kapacitor.responses().stream().filter(Response::hasRestore))
                    .singleElement()
                    .satisfies(response ->
                            assertThat(response.getRestore().getSuccess()).isTrue());
            // The stand-in sent these two as data.
            assertThat(kapacitor.problems())
                    .containsExactly(
                            "answer to INIT: not requested (expected: one for each request)",
                            "answer to RESTORE: not requested (expected: one for each request)");
        }
    }

    @Test
    default void aRestoreThatComesWhenTimersHaveBegunFindsANewHandler() throws IOException {
        ByteString snapshot;
        try (Kapacitor kapacitor = running(TestUdf.timed, Options.of("do", "begin"))) {
            kapacitor.send(sequence(3));
            snapshot = kapacitor.snapshot();
            endsCleanly(kapacitor);
        }
        try (Kapacitor kapacitor = running(TestUdf.timed, Options.of("do", "begin"))) {
            kapacitor.awaitReceived(1);
            assertThat(kapacitor.restore(snapshot).getSuccess()).isTrue();
            // Output of the early handler's stop is not sent.
            kapacitor.awaitReceived(2);
            assertThat(kapacitor.points())
                    .extracting(point -> point.getName() + " " + point.getFieldsIntOrThrow("points"))
                    .containsExactly("begin 0", "begin 3");
            endsCleanly(kapacitor);
        }
    }

    // ---- restarts; the rest is in FailureContract

    @Test
    default void aFunctionThatFailsUnderLoadLosesOnlyThePointsThatFail() throws IOException {
        try (Kapacitor kapacitor = running(TestUdf.restarting)) {
            List<Point> sent = new ArrayList<>();
            sequence(5_000).forEach(sent::add);
            for (int at = 1_000; at < 5_000; at += 1_000) {
                sent.set(at, point("m,host=a fail=\"boom\" " + at).list().get(0));
            }
            kapacitor.send(sent);
            kapacitor.awaitReceived(5_000);
            assertThat(kapacitor.points())
                    .extracting(Point::getTime)
                    .isEqualTo(LongStream.range(0, 5_000).boxed().toList());
            endsCleanly(kapacitor);
        }
    }

    @Test
    default void aSnapshotThatFailsReplacesNoHandler() throws IOException {
        try (Kapacitor kapacitor = running(TestUdf.restarting)) {
            kapacitor.send(point("m,host=a v=1 1"));
            ByteString good = kapacitor.snapshot();
            kapacitor.send(point("m,host=a unsavable=true 2"));
            assertThat(kapacitor.snapshot()).isEqualTo(good);
            kapacitor.send(point("m,host=a v=1 3"));
            kapacitor.awaitReceived(3);
            assertThat(kapacitor.points())
                    .extracting(point -> point.getFieldsIntOrThrow("count"))
                    .containsExactly(1L, 2L, 3L);
            endsCleanly(kapacitor);
        }
    }

    @Test
    default void aCallThatTakesTooLongEndsTheTaskUnderRestartToo() throws IOException {
        try (Kapacitor kapacitor = running(TestUdf.restartingStuck)) {
            sendFatal(kapacitor, point("m,host=a v=1 1"));
            assertThat(kapacitor.awaitTaskError()).contains("point did not return within 4.0 s");
            kapacitor.awaitEnd();
            assertThat(kapacitor.death()).isEmpty();
        }
    }

    // ---- state

    @Test
    @Tag(PROCESS)
    @Tag("one-jdk")
    default void stateComesBackWithTheSnapshot() throws IOException {
        ByteString snapshot;
        try (Kapacitor kapacitor = running(TestUdf.counter)) {
            kapacitor.send(point("m,host=a v=1 1\nm,host=a v=1 2\nm,host=b v=1 3"));
            kapacitor.awaitReceived(3);
            snapshot = kapacitor.snapshot();
            endsCleanly(kapacitor);
        }
        try (Kapacitor kapacitor = running(TestUdf.counter)) {
            assertThat(kapacitor.snapshot()).as("before Restore and data").isEqualTo(ByteString.EMPTY);
            assertThat(kapacitor.restore(snapshot).getSuccess()).isTrue();
            kapacitor.send(point("m,host=a v=1 4\nm,host=b v=1 5\nm,host=c v=1 6"));
            kapacitor.awaitReceived(3);
            assertThat(kapacitor.points())
                    .extracting(point -> point.getFieldsIntOrThrow("count"))
                    .containsExactly(3L, 2L, 1L);
            endsCleanly(kapacitor);
        }
    }

    @Test
    default void aSnapshotThatFailsGivesTheLastGoodOneAgain() throws IOException {
        try (Kapacitor kapacitor = running(TestUdf.counter)) {
            kapacitor.send(point("m,host=a v=1 1"));
            ByteString good = kapacitor.snapshot();
            assertThat(good).isNotEqualTo(ByteString.EMPTY);
            kapacitor.send(point("m,host=a v=1,unsavable=true 2"));
            assertThat(kapacitor.snapshot()).isEqualTo(good);
            endsCleanly(kapacitor);
        }
    }

    @Test
    default void aDamagedSnapshotIsARestoreErrorThatSaysSo() throws IOException {
        try (Kapacitor kapacitor = running(TestUdf.counter)) {
            assertThat(kapacitor.restore(new byte[] {1, 2, 3, 4, 5}).getError())
                    .contains("snapshot")
                    .contains("expected");
            kapacitor.closeInput();
            kapacitor.awaitEnd();
        }
    }

    @Test
    default void aSnapshotMayBeAskedForInsideABatch() throws IOException {
        PointBatch batch = point("m,host=a v=1 1\nm,host=a v=2 2").batches().get(0);
        List<Request> requests = batch.requests();
        try (Kapacitor kapacitor = running(TestUdf.echoBatches)) {
            kapacitor.sendRequests(requests.subList(0, 2));
            kapacitor.snapshot();
            kapacitor.sendRequests(requests.subList(2, requests.size()));
            kapacitor.awaitBatches(1);
            assertThat(kapacitor.batches()).containsExactly(batch);
            endsCleanly(kapacitor);
        }
    }

    // ---- bytes

    @Test
    @Tag(PROCESS)
    @Tag("one-jdk")
    default void theInputMayBeCutAnywhere() throws IOException {
        for (int chunk : new int[] {1, 2, 3, 7, 4096}) {
            try (Kapacitor kapacitor = running(TestUdf.echo, kapacitor().writeChunks(chunk))) {
                List<Point> sent = new ArrayList<>();
                sequence(50).forEach(sent::add);
                kapacitor.send(sent);
                kapacitor.awaitReceived(50);
                assertThat(kapacitor.points()).isEqualTo(sent);
                endsCleanly(kapacitor);
            }
        }
    }

    @Test
    @Tag(PROCESS)
    @Tag("one-jdk")
    default void keepalivesAreAnsweredWithTheirOwnTime() throws IOException {
        withShortTimeout(timeout -> {
            try (Kapacitor kapacitor = running(TestUdf.echo, kapacitor().timeout(timeout))) {
                kapacitor.awaitResponses(MessageCase.KEEPALIVE, 3, LONG);
                assertThat(kapacitor.keepalives().stream()
                                .mapToLong(Kapacitor.KeepaliveSeen::timeNanos)
                                .toArray())
                        .doesNotHaveDuplicates()
                        .isSorted();
                endsCleanly(kapacitor);
            }
        });
    }

    @Test
    @Tag(PROCESS)
    default void aPointLargerThanAnyBufferPasses() throws IOException {
        try (Kapacitor kapacitor = running(TestUdf.echo)) {
            char[] text = new char[TestUdf.MAX_FRAME_BYTES - 1000];
            Arrays.fill(text, 'x');
            kapacitor.send(point("m,host=a text=\"" + new String(text) + "\" 1"));
            kapacitor.awaitReceived(1);
            assertThat(kapacitor.points().get(0).getFieldsStringOrThrow("text")).hasSize(text.length);
            endsCleanly(kapacitor);
        }
    }
}
