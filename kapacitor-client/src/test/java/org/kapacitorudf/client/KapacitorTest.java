package org.kapacitorudf.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.kapacitorudf.proto.InitResponse;
import org.kapacitorudf.proto.Point;
import org.kapacitorudf.proto.Request;
import org.kapacitorudf.proto.Response;
import org.kapacitorudf.proto.Response.MessageCase;
import org.kapacitorudf.testing.AgentSide;
import org.kapacitorudf.testing.SocketAgent;

/**
 * How the stand-in behaves over a socket, with agents in a few lines. Several tests run at once, because most of them
 * wait.
 */
@Tag("slow")
@Tag("one-jdk")
@Timeout(600)
@Execution(ExecutionMode.CONCURRENT)
class KapacitorTest {
    private static final Points POINTS = Points.of("cpu,host=a v=1 1", "cpu,host=b v=2 2", "cpu,host=a v=3 3")
            .groupBy("host");
    private static final Duration SHORT = Duration.ofMillis(300);
    /** For agents that have to keep up; on a starved machine they may have more, see {@link #keepsUp}. */
    private static final Duration AMPLE = Duration.ofSeconds(10);

    private static final Duration MOST_AMPLE = AMPLE.multipliedBy(16);

    /** Beyond any starvation. */
    private static final Duration LONG = Duration.ofMinutes(5);

    @TempDir
    private Path directory;

    @Test
    void aCleanUseComesBackWholeAndWithoutProblems() throws Exception {
        try (SocketAgent agent = mirror();
                Kapacitor kapacitor = kapacitor().connect(agent.path())) {
            assertThat(kapacitor.init("task", "node", Options.of("field", "v")).getSuccess())
                    .isTrue();
            assertThat(kapacitor.restore(new byte[] {1}).getSuccess()).isTrue();
            kapacitor.send(POINTS);
            kapacitor.sendBatches(POINTS.batches());
            assertThat(kapacitor.snapshot()).isEqualTo(ByteString.EMPTY);
            kapacitor.closeInput();
            kapacitor.awaitEnd();

            assertThat(kapacitor.points()).isEqualTo(POINTS.list());
            assertThat(kapacitor.batches()).isEqualTo(POINTS.batches());
            assertThat(kapacitor.receivedPoints()).isEqualTo(6);
            assertThat(kapacitor.receivedBatches()).isEqualTo(2);
            assertThat(kapacitor.received()).hasSize(10);
            assertThat(kapacitor.responses()).hasSize(13);
            assertThat(kapacitor.problems()).isEmpty();
        }
    }

    @Test
    void infoIsAskedAlone() throws Exception {
        try (SocketAgent agent = mirror();
                Kapacitor kapacitor = kapacitor().connect(agent.path())) {
            assertThat(kapacitor.info().getOptionsMap()).isEmpty();
            kapacitor.closeInput();
            kapacitor.awaitEnd();
            assertThat(kapacitor.problems()).isEmpty();
        }
    }

    @Test
    void aBatchSentInPartsIsABatch() throws Exception {
        PointBatch batch = POINTS.batches().get(0);
        try (SocketAgent agent = mirror();
                Kapacitor kapacitor = kapacitor().connect(agent.path())) {
            kapacitor.begin(batch.begin());
            batch.points().forEach(kapacitor::point);
            kapacitor.end(batch.end());
            kapacitor.awaitBatches(1);
            assertThat(kapacitor.batches()).containsExactly(batch);
            assertThat(kapacitor.points()).isEmpty();
        }
    }

    @Test
    void everyWayToCutTheWritesIsTheSameStream() throws Exception {
        List<Kapacitor.Builder> builders = List.of(
                kapacitor(),
                kapacitor().writeWholeFrames(),
                kapacitor().writeChunks(1),
                kapacitor().writeChunks(7),
                kapacitor().writeChunks(1 << 16));
        for (Kapacitor.Builder builder : builders) {
            try (SocketAgent agent = mirror();
                    Kapacitor kapacitor = builder.connect(agent.path())) {
                kapacitor.init("task", "node");
                kapacitor.send(POINTS);
                kapacitor.snapshot();
                kapacitor.closeInput();
                kapacitor.awaitEnd();
                assertThat(kapacitor.points()).isEqualTo(POINTS.list());
                assertThat(kapacitor.problems()).isEmpty();
            }
        }
    }

    @Test
    void lengthAndBodyAreTwoWrites() throws Exception {
        List<Integer> writes = new ArrayList<>();
        Transport transport = new CountingWire(writes);
        byte[] body = new byte[300];

        new Framing.LengthThenBody().write(transport, Frames.header(body.length), body);
        assertThat(writes).containsExactly(2, 300);

        writes.clear();
        new Framing.WholeFrames().write(transport, Frames.header(body.length), body);
        assertThat(writes).containsExactly(302);

        writes.clear();
        Framing chunks = new Framing.Chunks(200);
        chunks.write(transport, Frames.header(body.length), body);
        chunks.flush(transport);
        assertThat(writes).containsExactly(200, 102);
    }

    @Test
    void rawBytesArriveAsTheyAre() throws Exception {
        byte[] frames = Frames.encodeAll(POINTS.requests());
        try (SocketAgent agent = mirror();
                Kapacitor kapacitor = kapacitor().connect(agent.path())) {
            kapacitor.sendRaw(frames, frames);
            kapacitor.awaitReceived(6);
            assertThat(kapacitor.points()).hasSize(6).startsWith(POINTS.list().toArray(Point[]::new));
        }
    }

    // Keepalive

    @Test
    void aSilentAgentIsAbortedAfterTheTimeout() throws Exception {
        try (SocketAgent agent = SocketAgent.start(directory, KapacitorTest::readOnly)) {
            long start = System.nanoTime();
            try (Kapacitor kapacitor = kapacitor().timeout(SHORT).connect(agent.path())) {
                assertThat(kapacitor.awaitTaskError()).startsWith("keepalive timedout");
                assertThat(Duration.ofNanos(System.nanoTime() - start)).isGreaterThanOrEqualTo(SHORT);
                assertThat(kapacitor.largestGap()).isGreaterThanOrEqualTo(SHORT);
                // The input ends with the abort, so this agent ends too.
                kapacitor.awaitEnd();
            }
            assertThat(agent.failure()).isNull();
        }
    }

    @Test
    void anAgentThatAnswersKeepalivesLivesAndIsAskedEveryHalfTimeout() throws Exception {
        keepsUp(timeout -> {
            try (SocketAgent agent = mirror();
                    Kapacitor kapacitor = kapacitor().timeout(timeout).connect(agent.path())) {
                kapacitor.awaitResponses(MessageCase.KEEPALIVE, 2, LONG);
                List<Kapacitor.KeepaliveSeen> keepalives = kapacitor.keepalives();
                assertThat(keepalives.get(0).at()).isGreaterThanOrEqualTo(timeout.dividedBy(2));
                assertThat(keepalives.get(1).at()).isGreaterThanOrEqualTo(timeout);
                assertThat(kapacitor.largestGap()).isGreaterThan(timeout.dividedBy(3));
                assertThat(kapacitor.problems()).isEmpty();
            }
        });
    }

    @Test
    void unaskedKeepalivesKeepAnAgentAliveThatReadsNothing() throws Exception {
        keepsUp(timeout -> {
            CountDownLatch over = new CountDownLatch(1);
            SocketAgent.Script script = agent -> {
                do {
                    agent.send(AgentSide.keepalive(7));
                } while (!over.await(timeout.toMillis() / 6, TimeUnit.MILLISECONDS));
            };
            try (SocketAgent agent = SocketAgent.start(directory, script);
                    Kapacitor kapacitor = kapacitor().timeout(timeout).connect(agent.path())) {
                kapacitor.awaitResponses(MessageCase.KEEPALIVE, 8, LONG);
                assertThat(kapacitor.problems()).isEmpty();
            } finally {
                over.countDown();
            }
        });
    }

    @Test
    void aFullPipeHoldsKeepalivesBackAndTheSocketIsClosedTwoTimeoutsAfterTheAbort() throws Exception {
        CountDownLatch over = new CountDownLatch(1);
        try (SocketAgent agent = SocketAgent.start(directory, kapacitor -> over.await())) {
            long start = System.nanoTime();
            try (Kapacitor kapacitor = kapacitor().timeout(SHORT).connect(agent.path())) {
                assertThatThrownBy(() -> kapacitor.send(endless()))
                        .isInstanceOf(StandInException.class)
                        .hasMessageContaining("the session is ABORTED")
                        .hasMessageContaining("keepalive timedout");
                kapacitor.awaitEnd();
                assertThat(Duration.ofNanos(System.nanoTime() - start)).isGreaterThanOrEqualTo(SHORT.multipliedBy(3));
            }
            over.countDown();
        }
    }

    @Test
    void withoutKeepalivesASilentAgentIsLeftAlone() throws Exception {
        try (SocketAgent agent = SocketAgent.start(directory, kapacitor -> {
                    Request first = kapacitor.next();
                    assertThat(first.hasInit()).isTrue();
                    Thread.sleep(2 * SHORT.toMillis());
                    kapacitor.answer(first);
                });
                Kapacitor kapacitor =
                        kapacitor().timeout(SHORT).keepalives(false).connect(agent.path())) {
            kapacitor.init("task", "node");
            kapacitor.awaitEnd();
            assertThat(kapacitor.problems()).isEmpty();
            assertThat(agent.failure()).isNull();
        }
    }

    // Ending

    @Test
    void aHalfClosedAgentStillGetsAllItsLateOutputAcross() throws Exception {
        int late = 50_000;
        SocketAgent.Script script = agent -> {
            readOnly(agent);
            for (int i = 0; i < late; i++) {
                agent.send(AgentSide.point(Point.newBuilder().setTime(i).build()));
            }
        };
        try (SocketAgent agent = SocketAgent.start(directory, script);
                Kapacitor kapacitor = kapacitor().connect(agent.path())) {
            kapacitor.send(POINTS);
            kapacitor.closeInput();
            kapacitor.awaitEnd();
            assertThat(kapacitor.points())
                    .hasSize(late)
                    .last()
                    .extracting(Point::getTime)
                    .isEqualTo(late - 1L);
            assertThat(kapacitor.problems()).isEmpty();
        }
    }

    @Test
    void anAgentThatDoesNotEndItsOutputFailsTheWait() throws Exception {
        CountDownLatch over = new CountDownLatch(1);
        try (SocketAgent agent = SocketAgent.start(directory, kapacitor -> over.await());
                Kapacitor kapacitor = kapacitor().connect(agent.path())) {
            kapacitor.closeInput();
            assertThatThrownBy(() -> kapacitor.awaitEnd(SHORT)).hasMessageContaining("kapacitord would hang");
            over.countDown();
            kapacitor.awaitEnd();
        }
    }

    @Test
    void anUnansweredRequestHoldsTheEndOfTheInputBack() throws Exception {
        try (SocketAgent agent = SocketAgent.start(directory, KapacitorTest::readOnly);
                Kapacitor kapacitor = kapacitor().deadline(SHORT).connect(agent.path())) {
            assertThatThrownBy(kapacitor::snapshot).hasMessageContaining("SNAPSHOT: no answer within");
            assertThatThrownBy(kapacitor::closeInput).hasMessageContaining("a request is still unanswered");
            kapacitor.abort();
            kapacitor.awaitEnd(LONG);
        }
    }

    @Test
    void anEarlyEndOfTheOutputFailsAQuestionAtOnceAndTheTaskAtTheNextWrite() throws Exception {
        try (SocketAgent agent = SocketAgent.start(directory, AgentSide::next);
                Kapacitor kapacitor = kapacitor().deadline(LONG).connect(agent.path())) {
            assertThatThrownBy(() -> kapacitor.init("task", "node")).hasMessageContaining("INIT: no answer");
            assertThat(kapacitor.taskError()).isEmpty();
            assertThatThrownBy(() -> kapacitor.send(POINTS)).isInstanceOf(StandInException.class);
            assertThat(kapacitor.awaitTaskError()).startsWith("write error: ");
        }
    }

    @Test
    void anAbortDoesNotSendWhatIsQueuedAndStopsReadingAtTheNextResponse() throws Exception {
        CountDownLatch started = new CountDownLatch(1);
        CountDownLatch aborted = new CountDownLatch(1);
        SocketAgent.Script script = agent -> {
            agent.next();
            started.countDown();
            aborted.await();
            readOnly(agent);
            while (true) {
                agent.send(AgentSide.point("late v=1"));
            }
        };
        try (SocketAgent agent = SocketAgent.start(directory, script);
                Kapacitor kapacitor = kapacitor().connect(agent.path())) {
            CompletableFuture<Void> sending = CompletableFuture.runAsync(() -> kapacitor.send(endless()));
            started.await();
            kapacitor.abort();
            assertThatThrownBy(sending::join).hasMessageContaining("the session was aborted");
            aborted.countDown();
            kapacitor.awaitEnd();
            assertThat(kapacitor.taskError()).hasValue("node aborted");
            assertThat(agent.failure()).isInstanceOf(IOException.class);
        }
    }

    @Test
    void anAbortThatReadsOnThrowsAwayTheDataAndSeesTheEnd() throws Exception {
        SocketAgent.Script script = agent -> {
            readOnly(agent);
            for (int i = 0; i < 50_000; i++) {
                agent.send(AgentSide.point("late v=1"));
            }
        };
        try (SocketAgent agent = SocketAgent.start(directory, script);
                Kapacitor kapacitor =
                        kapacitor().afterAbort(Kapacitor.AfterAbort.READ_ON).connect(agent.path())) {
            kapacitor.send(POINTS);
            kapacitor.abort();
            kapacitor.awaitEnd();
            assertThat(agent.failure()).isNull();
            assertThat(kapacitor.receivedPoints()).isZero();
        }
    }

    @Test
    void aFailedInitIsTheTasksErrorAndTheConnectionStays() throws Exception {
        SocketAgent.Script script = agent -> {
            agent.next();
            agent.send(Response.newBuilder().setInit(InitResponse.newBuilder().setError("size: 0")));
            agent.mirror();
        };
        keepsUp(timeout -> {
            try (SocketAgent agent = SocketAgent.start(directory, script);
                    Kapacitor kapacitor = kapacitor().timeout(timeout).connect(agent.path())) {
                assertThat(kapacitor.init("task", "node").getError()).isEqualTo("size: 0");
                assertThat(kapacitor.taskError()).hasValue("failed to initialize processes size: 0");
                kapacitor.awaitResponses(MessageCase.KEEPALIVE, 1, LONG);
            }
        });
    }

    // Load

    @Test
    void aPausedReaderLetsTheAgentRunIntoAWallAndLosesNothing() throws Exception {
        int count = 100_000;
        AtomicInteger sent = new AtomicInteger();
        SocketAgent.Script script = agent -> {
            agent.next();
            for (int i = 0; i < count; i++) {
                agent.send(AgentSide.point("stalled v=1"));
                sent.incrementAndGet();
            }
        };
        try (SocketAgent agent = SocketAgent.start(directory, script);
                Kapacitor kapacitor = kapacitor().keepalives(false).countOnly().connect(agent.path())) {
            kapacitor.pauseReading();
            kapacitor.send(POINTS.list().get(0));
            awaitStill(sent);
            assertThat(sent.get()).isLessThan(count);
            assertThat(kapacitor.receivedPoints()).isZero();

            kapacitor.resumeReading();
            kapacitor.awaitEnd();
            assertThat(kapacitor.receivedPoints()).isEqualTo(count);
            assertThat(kapacitor.responses()).isEmpty();
        }
    }

    @Test
    void snapshotsAreAnsweredWhileDataFlows() throws Exception {
        try (SocketAgent agent = mirror();
                Kapacitor kapacitor = kapacitor().countUndecoded().connect(agent.path())) {
            int least = 60_000;
            AtomicInteger points = new AtomicInteger();
            AtomicInteger snapshots = new AtomicInteger();
            // Data flows until two requests have been answered that were made meanwhile, however late that is.
            CompletableFuture<Void> sending = CompletableFuture.runAsync(() ->
                    kapacitor.send(Stream.generate(() -> POINTS.list().get(0))
                            .takeWhile(point -> points.get() < least || snapshots.get() < 2)
                            .peek(point -> points.incrementAndGet())::iterator));
            do {
                boolean flows = points.get() > 0;
                kapacitor.snapshot();
                if (flows) {
                    snapshots.incrementAndGet();
                }
            } while (!sending.isDone());
            sending.join();
            kapacitor.closeInput();
            kapacitor.awaitEnd();
            assertThat(snapshots.get()).isGreaterThan(1);
            assertThat(kapacitor.receivedPoints()).isEqualTo(points.get());
            assertThat(kapacitor.problems()).isEmpty();
        }
    }

    @Test
    void batchesOfSeveralThreadsAreNotMixed() throws Exception {
        try (SocketAgent agent = mirror();
                Kapacitor kapacitor = kapacitor().connect(agent.path())) {
            List<CompletableFuture<Void>> sending = new ArrayList<>();
            for (int thread = 0; thread < 4; thread++) {
                sending.add(CompletableFuture.runAsync(() -> {
                    for (int i = 0; i < 100; i++) {
                        kapacitor.sendBatches(POINTS.batches());
                    }
                }));
            }
            sending.forEach(CompletableFuture::join);
            kapacitor.awaitBatches(800);
            assertThat(kapacitor.batches()).hasSize(800);
            assertThat(kapacitor.problems()).isEmpty();
        }
    }

    @Test
    void sendingToAnAgentThatReadsNothingEndsAtTheDeadline() throws Exception {
        CountDownLatch over = new CountDownLatch(1);
        try (SocketAgent agent = SocketAgent.start(directory, kapacitor -> over.await());
                Kapacitor kapacitor = kapacitor().deadline(SHORT).connect(agent.path())) {
            assertThatThrownBy(() -> kapacitor.send(endless())).hasMessageContaining("the agent has read nothing for");
            over.countDown();
        }
    }

    @Test
    void anIterationThatThrowsThrowsToItsSenderAndTheConnectionGoesOn() throws Exception {
        try (SocketAgent agent = mirror();
                Kapacitor kapacitor = kapacitor().connect(agent.path())) {
            Iterable<Point> broken = () -> {
                throw new IllegalStateException("no more");
            };
            assertThatThrownBy(() -> kapacitor.send(broken)).hasMessage("no more");
            kapacitor.send(POINTS);
            kapacitor.awaitReceived(3);
        }
    }

    @Test
    void aConsumerHoldsTheReadingThreadAndMayNotWaitForIt() throws Exception {
        CompletableFuture<Kapacitor> itself = new CompletableFuture<>();
        try (SocketAgent agent = SocketAgent.start(directory, kapacitor -> {
                    kapacitor.send(AgentSide.keepalive(1));
                    kapacitor.mirror();
                });
                Kapacitor kapacitor = kapacitor()
                        .onResponse(response -> itself.join().snapshot())
                        .connect(agent.path())) {
            itself.complete(kapacitor);
            assertThat(kapacitor.awaitTaskError()).contains("the reading thread");
        }
    }

    @Test
    void aSocketWithoutAnAgentIsReportedAfterTheDeadline() {
        assertThatThrownBy(() -> kapacitor().deadline(SHORT).connect(directory.resolve("none.sock")))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("none.sock (expected: one that an agent listens on)");
    }

    private interface Keepalives {
        void use(Duration timeout) throws Exception;
    }

    /**
     * An agent of a starved machine may miss the timeout: it is then tried with a longer one. An agent that does not
     * answer misses all of them.
     */
    private static void keepsUp(Keepalives keepalives) throws Exception {
        for (Duration timeout = AMPLE; ; timeout = timeout.multipliedBy(4)) {
            try {
                keepalives.use(timeout);
                return;
            } catch (StandInException | AssertionError e) {
                String message = String.valueOf(e.getMessage());
                boolean late = message.contains("keepalive timedout") || message.contains("the session is ABORTED");
                if (!late || timeout.compareTo(MOST_AMPLE) >= 0) {
                    throw e;
                }
            }
        }
    }

    /** One that never aborts, however busy the machine is. */
    private static Kapacitor.Builder kapacitor() {
        return Kapacitor.builder().timeout(LONG).deadline(LONG);
    }

    private SocketAgent mirror() throws IOException {
        return SocketAgent.start(directory, AgentSide::mirror);
    }

    private static void readOnly(AgentSide kapacitor) throws IOException {
        while (kapacitor.next() != null) {
            // Read, but not answered.
        }
    }

    /** Waits until the agent is blocked in a write, which shows only by a constant count. */
    private static void awaitStill(AtomicInteger count) throws InterruptedException {
        int before = -1;
        while (count.get() == 0 || count.get() != before) {
            before = count.get();
            Thread.sleep(50);
        }
    }

    private static Iterable<Point> endless() {
        return Stream.generate(() -> POINTS.list().get(0))::iterator;
    }

    /** Records only the sizes of the writes. */
    private record CountingWire(List<Integer> writes) implements Transport {
        @Override
        public void write(byte[] bytes, int offset, int length) {
            writes.add(length);
        }

        @Override
        public void endInput() {}

        @Override
        public int read(byte[] buffer, int offset, int length) {
            return -1;
        }

        @Override
        public void release() {}

        @Override
        public void drop() {}

        @Override
        public void kill() {}
    }
}
