package org.kapacitorudf.internal.output;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.channel.ChannelFuture;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.kapacitorudf.Batch;
import org.kapacitorudf.EdgeType;
import org.kapacitorudf.Point;
import org.kapacitorudf.agent.AgentConfig;
import org.kapacitorudf.errors.NonFinite;
import org.kapacitorudf.errors.OutputClosedException;
import org.kapacitorudf.errors.OutputException;
import org.kapacitorudf.internal.codec.LengthPrepender;
import org.kapacitorudf.internal.codec.ResponseEncoder;
import org.kapacitorudf.internal.host.CallTracker;
import org.kapacitorudf.internal.host.OutputLimits;
import org.kapacitorudf.internal.host.ResultCheck;
import org.kapacitorudf.proto.ErrorResponse;
import org.kapacitorudf.proto.Response;
import org.kapacitorudf.proto.Response.MessageCase;

/** The test's thread is one of the handler's threads; the loop is the channel's. */
@Timeout(600)
final class OutputPortTest {
    private static final int THREADS = 4;
    private static final int KIB = 1024;
    private static final Response ERROR = Response.newBuilder()
            .setError(ErrorResponse.newBuilder().setError("e"))
            .build();

    private final CallTracker tracker = new CallTracker();
    private final AtomicInteger rooms = new AtomicInteger();
    private final AtomicInteger backlogs = new AtomicInteger();
    private final List<Throwable> broken = new ArrayList<>(); // event loop only
    private final List<Thread> threads = new ArrayList<>();
    private HeldChannel channel;
    private OutputPort output;
    private OutputPort.Outlet outlet;

    private void open(EdgeType provides, boolean takesAtOnce, AgentConfig config) {
        channel = new HeldChannel(takesAtOnce);
        ChunkOutlet chunks = new ChunkOutlet(false);
        channel.channel().pipeline().addLast(chunks, new LengthPrepender());
        OutputPort.OutputListener events = new OutputPort.OutputListener() {
            @Override
            public void room() {
                rooms.incrementAndGet();
            }

            @Override
            public void backlog() {
                backlogs.incrementAndGet();
            }

            @Override
            public void broken(Throwable problem) {
                broken.add(problem);
            }
        };
        output = new OutputPort(
                channel.channel(),
                chunks,
                new OutputLimits(provides, config.maxFrameBytes(), config.maxBatchBytes()),
                new ResultCheck(NonFinite.DROP, text -> {}),
                config,
                tracker,
                events);
        outlet = output.outlet();
        outlet.open();
    }

    private void open(boolean takesAtOnce, AgentConfig config) {
        open(EdgeType.STREAM, takesAtOnce, config);
    }

    /** After the end of a connection, no output may remain. */
    @AfterEach
    void endsWithoutALeak() throws Exception {
        if (channel != null) {
            channel.runOnLoop(() -> output.abandon("the test has ended"));
            for (Thread thread : threads) {
                thread.join();
            }
            channel.fail();
            assertThat(channel.allocatedBytes()).as("leaked").isZero();
            assertThat(output.unsentBytes()).as("unsent").isZero();
            channel.close();
        }
    }

    private CompletableFuture<Void> start(Runnable emitter) {
        CompletableFuture<Void> done = new CompletableFuture<>();
        Thread thread = new Thread(() -> {
            try {
                emitter.run();
                done.complete(null);
            } catch (Throwable e) {
                done.completeExceptionally(e);
            }
        });
        threads.add(thread);
        thread.start();
        return done;
    }

    private void awaitParked(int index) throws InterruptedException {
        Thread thread = threads.get(index);
        while (thread.getState() != Thread.State.WAITING) {
            assertThat(thread.isAlive()).isTrue();
            Thread.onSpinWait();
        }
    }

    private static Point point(String name, long i) {
        return Point.of(name, i).withField("i", i);
    }

    /** A point whose message, without its length, has this size. */
    private static Point pointOf(int messageBytes) {
        int text = messageBytes - 40;
        while (true) {
            Point point = Point.of("m", 1).withField("s", "x".repeat(text));
            int frame = ResponseEncoder.frameSize(point);
            int message = frame - lengthBytes(frame);
            if (message == messageBytes) {
                return point;
            }
            text += messageBytes - message;
        }
    }

    private static int lengthBytes(int frame) {
        return frame <= 128 ? 1 : frame <= 16_385 ? 2 : 3;
    }

    private List<org.kapacitorudf.proto.Point> points() throws Exception {
        return channel.responses().stream().map(Response::getPoint).toList();
    }

    // ---- order

    @Test
    void whatEachOfFourThreadsSendsArrivesOnceAndInItsOrder() throws Exception {
        open(true, AgentConfig.builder().outputBufferBytes(2 * KIB).build());
        int count = 20_000;
        List<CompletableFuture<Void>> done = new ArrayList<>();
        for (int t = 0; t < THREADS; t++) {
            String name = "t" + t;
            done.add(start(() -> LongStream.range(0, count).forEach(i -> outlet.point(point(name, i)))));
        }
        for (CompletableFuture<Void> thread : done) {
            thread.get();
        }
        awaitAllTaken();
        Map<String, List<Long>> byThread = points().stream()
                .collect(Collectors.groupingBy(
                        org.kapacitorudf.proto.Point::getName,
                        Collectors.mapping(org.kapacitorudf.proto.Point::getTime, Collectors.toList())));
        assertThat(byThread).hasSize(THREADS);
        byThread.values()
                .forEach(times -> assertThat(times)
                        .isEqualTo(LongStream.range(0, count).boxed().toList()));
    }

    @Test
    void batchesOfFourThreadsNeverMix() throws Exception {
        open(
                EdgeType.BATCH,
                true,
                AgentConfig.builder().outputBufferBytes(2 * KIB).build());
        int count = 1_000;
        List<CompletableFuture<Void>> done = new ArrayList<>();
        for (int t = 0; t < THREADS; t++) {
            String name = "t" + t;
            done.add(start(() -> {
                for (int i = 0; i < count; i++) {
                    outlet.batch(Batch.of(name, i, List.of(point(name, 1), point(name, 2))));
                }
            }));
        }
        for (CompletableFuture<Void> thread : done) {
            thread.get();
        }
        awaitAllTaken();
        List<Response> responses = channel.responses();
        assertThat(responses).hasSize(THREADS * count * 4);
        for (int i = 0; i < responses.size(); i += 4) {
            assertThat(responses.subList(i, i + 4))
                    .extracting(Response::getMessageCase)
                    .containsExactly(MessageCase.BEGIN, MessageCase.POINT, MessageCase.POINT, MessageCase.END);
            assertThat(responses.get(i).getBegin().getSize()).isEqualTo(2);
            assertThat(responses.get(i + 3).getEnd().getName())
                    .isEqualTo(responses.get(i).getBegin().getName());
        }
        assertThat(output.batchesOut()).isEqualTo(THREADS * count);
        assertThat(output.pointsOut()).isEqualTo(2 * THREADS * count);
    }

    /** Everything that was accepted must be sent without further calls. */
    private void awaitAllTaken() {
        long deadline = System.nanoTime() + TimeUnit.MINUTES.toNanos(5);
        while (output.unsentBytes() > 0) {
            assertThat(System.nanoTime()).as("unsent: %s", output.unsentBytes()).isLessThan(deadline);
            Thread.onSpinWait();
        }
    }

    @Test
    void whatIsAcceptedLeavesInOneOrderWithOneLengthForEachMessage() throws Exception {
        open(true, AgentConfig.defaults());
        Point point = Point.of("m", 1).withField("i", 2L);
        // On the loop, so that no flush comes in between.
        channel.runOnLoop(() -> {
            output.answerInfo(new byte[] {0x10, 1});
            outlet.point(point);
            outlet.point(point.withTimeNanos(2));
            output.answerKeepalive(5);
            output.answerKeepalive(0);
            outlet.point(point.withTimeNanos(3));
            output.answer(ERROR);
            output.flush();
        });
        assertThat(HexFormat.of().formatHex(channel.bytes()))
                .isEqualTo(hex(
                        "04 0A 02 1001",
                        "0F 8A01 0C 08 01 12 01 6D 4A 05 0A 01 69 10 02",
                        "0F 8A01 0C 08 02 12 01 6D 4A 05 0A 01 69 10 02",
                        "04 1A 02 0805",
                        "02 1A 00",
                        "0F 8A01 0C 08 03 12 01 6D 4A 05 0A 01 69 10 02",
                        "05 32 03 0A 01 65"));
        assertThat(channel.writes)
                .as("info, chunk, two keepalives, chunk, error")
                .isEqualTo(6);
        assertThat(channel.flushes).isEqualTo(1);
    }

    private static String hex(String... frames) {
        return String.join("", frames).replace(" ", "").toLowerCase(Locale.ROOT);
    }

    @Test
    void batchesAndAnswersNeverMix() throws Exception {
        open(
                EdgeType.BATCH,
                true,
                AgentConfig.builder().outputBufferBytes(64 * KIB).build());
        AtomicBoolean emitting = new AtomicBoolean(true);
        CompletableFuture<Void> done = start(() -> {
            while (emitting.get()) {
                outlet.batch(Batch.of("b", 1, List.of(point("p", 1), point("p", 2))));
            }
        });
        for (int i = 0; i < 2_000; i++) {
            output.answerKeepalive(i);
        }
        emitting.set(false);
        done.get();
        awaitAllTaken();
        long keepalives = 0;
        List<MessageCase> open = new ArrayList<>();
        for (Response response : channel.responses()) {
            if (response.hasKeepalive()) {
                assertThat(open).as("within a batch").isEmpty();
                assertThat(response.getKeepalive().getTime()).isEqualTo(keepalives++);
            } else {
                open.add(response.getMessageCase());
            }
            if (response.hasEnd()) {
                assertThat(open)
                        .containsExactly(MessageCase.BEGIN, MessageCase.POINT, MessageCase.POINT, MessageCase.END);
                open.clear();
            }
        }
        assertThat(keepalives).isEqualTo(2_000);
        assertThat(open).isEmpty();
    }

    // ---- flushes

    @Test
    void whatABurstEmitsLeavesInOneFlushAndOneWrite() throws Exception {
        open(true, AgentConfig.defaults());
        tracker.runBy(Thread.currentThread());
        for (int i = 0; i < 10; i++) {
            outlet.point(point("m", i));
        }
        channel.onLoop(() -> null);
        assertThat(channel.flushes).as("within the burst").isZero();
        output.flushSoon();
        output.flushSoon();
        channel.onLoop(() -> null);
        assertThat(channel.flushes).isEqualTo(1);
        assertThat(channel.writes).isEqualTo(1);
        assertThat(points()).hasSize(10);
    }

    @Test
    void aBurstThatFillsABufferDoesNotKeepItBack() throws Exception {
        open(true, AgentConfig.defaults());
        tracker.runBy(Thread.currentThread());
        for (int i = 0; i < 50; i++) {
            outlet.point(pointOf(KIB));
        }
        channel.onLoop(() -> null);
        assertThat(channel.flushes).isEqualTo(1);
    }

    @Test
    void whatAThreadOfItsOwnEmitsLeavesAtOnce() throws Exception {
        open(true, AgentConfig.defaults());
        outlet.point(point("m", 1));
        channel.onLoop(() -> null);
        assertThat(points()).hasSize(1);
    }

    @Test
    void nothingToFlushIsNotFlushed() throws Exception {
        open(true, AgentConfig.defaults());
        output.flushSoon();
        channel.runOnLoop(output::flush);
        assertThat(channel.flushes).isZero();
    }

    @Test
    void aFlushThatFindsItsWorkDoneDoesNotHoldBackTheNext() throws Exception {
        open(true, AgentConfig.defaults());
        tracker.runBy(Thread.currentThread());
        for (int round = 0; round < 3_000; round++) {
            AtomicBoolean racing = new AtomicBoolean(true);
            CountDownLatch begun = new CountDownLatch(1);
            // The loop flushes by itself, as it does after each read, while a worker asks for it.
            channel.channel().eventLoop().execute(() -> {
                begun.countDown();
                while (racing.get()) {
                    output.flush();
                }
            });
            begun.await();
            outlet.point(point("m", round));
            output.flushSoon();
            racing.set(false);
            channel.onLoop(() -> null);
            outlet.point(point("m", round));
            output.flushSoon();
            channel.onLoop(() -> null);
            assertThat(output.unsentBytes()).as("round %s", round).isZero();
        }
    }

    // ---- back-pressure

    @Test
    void whoFindsNoRoomWaitsUntilKapacitorReads() throws Exception {
        open(false, AgentConfig.builder().outputBufferBytes(8 * KIB).build());
        CompletableFuture<Void> done = start(() -> {
            for (int i = 0; i < 32; i++) {
                outlet.point(pointOf(KIB));
            }
        });
        while (!done.isDone()) {
            awaitWaitingOrDone(done);
            assertThat(output.unsentBytes()).isLessThanOrEqualTo(8 * KIB + KIB + 2);
            channel.takeAll();
        }
        done.get();
        awaitFlushed();
        channel.takeAll();
        assertThat(points()).hasSize(32);
        assertThat(rooms).hasPositiveValue();
        assertThat(backlogs).hasPositiveValue();
        assertThat(tracker.isWaiting()).isFalse();
    }

    private void awaitFlushed() throws Exception {
        channel.onLoop(() -> null);
    }

    private void awaitWaitingOrDone(CompletableFuture<Void> done) {
        Thread thread = threads.get(0);
        while (thread.getState() != Thread.State.WAITING && !done.isDone()) {
            Thread.onSpinWait();
        }
    }

    @Test
    void fourThreadsTogetherStayWithinTheBound() throws Exception {
        open(false, AgentConfig.builder().outputBufferBytes(8 * KIB).build());
        AtomicLong most = new AtomicLong();
        List<CompletableFuture<Void>> done = new ArrayList<>();
        for (int t = 0; t < THREADS; t++) {
            done.add(start(() -> {
                for (int i = 0; i < 500; i++) {
                    outlet.point(pointOf(KIB));
                    most.accumulateAndGet(output.unsentBytes(), Math::max);
                }
            }));
        }
        CompletableFuture<Void> all = CompletableFuture.allOf(done.toArray(CompletableFuture[]::new));
        while (!all.isDone()) {
            channel.takeAll();
        }
        all.get();
        assertThat(most.get()).isBetween(KIB + 0L, 9L * KIB + 2);
    }

    @Test
    void theBufferTakesOneMoreWhileItIsOneByteShortOfFull() throws Exception {
        open(false, AgentConfig.builder().outputBufferBytes(8 * KIB).build());
        outlet.point(pointOf(8 * KIB - 3)); // and 2 for the length
        assertThat(output.unsentBytes()).isEqualTo(8 * KIB - 1);
        assertThat(outlet.isWritable()).isTrue();
        assertThat(output.hasRoom()).isTrue();
        outlet.point(pointOf(KIB));
        assertThat(outlet.isWritable()).isFalse();
        assertThat(output.hasRoom()).isFalse();
    }

    @Test
    void aFullBufferHasNoRoom() throws Exception {
        open(false, AgentConfig.builder().outputBufferBytes(8 * KIB).build());
        outlet.point(pointOf(8 * KIB - 2));
        assertThat(output.unsentBytes()).isEqualTo(8 * KIB);
        assertThat(outlet.isWritable()).isFalse();
        assertThat(output.hasRoom()).isFalse();
    }

    @Test
    void anAnswerCountsWithItsLength() throws Exception {
        open(false, AgentConfig.builder().outputBufferBytes(KIB).build());
        byte[] info = new byte[200];
        for (int answers = 1; answers <= 5; answers++) {
            output.answerInfo(info);
            assertThat(output.unsentBytes()).isEqualTo(answers * 205L); // CB 01 | 0A | C8 01 | 200 bytes
            assertThat(output.isFlooded()).as(answers + " answers").isEqualTo(answers == 5);
        }
        awaitFlushed();
        channel.takeAll();
        assertThat(output.takenBytes()).isEqualTo(5 * 205L);
        assertThat(channel.bytes()).hasSize(5 * 205);
        assertThat(output.unsentBytes()).isZero();
        assertThat(output.isFlooded()).isFalse();
    }

    @Test
    void whoWaitsForAnAnswerThatThereIsNoMemoryForIsTold() throws Exception {
        open(true, AgentConfig.defaults());
        List<Throwable> lost = new ArrayList<>();
        channel.allocationsToFail.set(1);
        channel.runOnLoop(() -> {
            output.answer(ERROR, lost::add);
            output.flush();
        });
        assertThat(lost).singleElement().isInstanceOf(OutOfMemoryError.class);
        assertThat(output.unsentBytes()).isZero();
        output.answer(ERROR);
        awaitAllTaken();
        assertThat(channel.responses()).containsExactly(ERROR);
    }

    @Test
    void smallBurstsThatAreNotReadTakeLittleMoreMemoryThanTheirBytes() throws Exception {
        open(false, AgentConfig.defaults());
        int bursts = 5_000;
        channel.runOnLoop(() -> {
            tracker.runBy(Thread.currentThread());
            for (int i = 0; i < bursts; i++) {
                outlet.point(point("m", i));
                output.flushSoon();
            }
        });
        assertThat(channel.writes).as("nothing is held back").isEqualTo(bursts);
        assertThat(channel.allocatedBytes()).isLessThan(4 * output.unsentBytes() + 64 * KIB);
        channel.takeAll();
        assertThat(points())
                .extracting(org.kapacitorudf.proto.Point::getTime)
                .isEqualTo(LongStream.range(0, bursts).boxed().toList());
        assertThat(channel.allocatedBytes()).as("of an idle connection").isZero();
    }

    @Test
    void withoutMemoryForACopyASmallBurstIsSentAllTheSame() throws Exception {
        open(false, AgentConfig.defaults());
        channel.runOnLoop(() -> {
            tracker.runBy(Thread.currentThread());
            outlet.point(point("m", 0));
            output.flush();
            outlet.point(point("m", 1));
            channel.allocationsToFail.set(1);
            output.flush();
        });
        channel.takeAll();
        assertThat(channel.allocationsToFail).hasValue(0);
        assertThat(points()).extracting(org.kapacitorudf.proto.Point::getTime).containsExactly(0L, 1L);
    }

    @Test
    void theTimeInWhichAHandlerWaitsIsKnown() throws Exception {
        open(false, AgentConfig.builder().outputBufferBytes(KIB).build());
        CompletableFuture<Void> done = start(() -> {
            tracker.runBy(Thread.currentThread());
            outlet.point(pointOf(KIB));
            outlet.point(pointOf(KIB));
        });
        awaitParked(0);
        assertThat(tracker.isWaiting()).isTrue();
        channel.takeAll();
        done.get();
        assertThat(tracker.isWaiting()).isFalse();
    }

    @Test
    void whoWaitsIsToldOfTheEnd() throws Exception {
        open(false, AgentConfig.builder().outputBufferBytes(KIB).build());
        CompletableFuture<Void> done = start(() -> {
            while (true) {
                outlet.point(pointOf(KIB));
            }
        });
        awaitParked(0);
        output.end("the task has failed");
        assertThatThrownBy(done::get)
                .cause()
                .isInstanceOf(OutputClosedException.class)
                .hasMessage("output: closed, the task has failed (expected: an open connection)");
    }

    @Test
    void whoWaitsIsToldWhenTheConnectionIsGivenUp() throws Exception {
        open(false, AgentConfig.builder().outputBufferBytes(KIB).build());
        CompletableFuture<Void> done = start(() -> {
            while (true) {
                outlet.point(pointOf(KIB));
            }
        });
        awaitParked(0);
        channel.runOnLoop(() -> output.abandon("nobody reads"));
        assertThatThrownBy(done::get).cause().isInstanceOf(OutputClosedException.class);
    }

    @Test
    void whoIsInterruptedWhileItWaitsIsToldAndStaysInterrupted() throws Exception {
        open(false, AgentConfig.builder().outputBufferBytes(KIB).build());
        AtomicInteger interrupted = new AtomicInteger();
        CompletableFuture<Void> done = start(() -> {
            try {
                outlet.point(pointOf(KIB));
                outlet.point(pointOf(KIB));
            } finally {
                interrupted.set(Thread.currentThread().isInterrupted() ? 1 : 0);
            }
        });
        awaitParked(0);
        threads.get(0).interrupt();
        assertThatThrownBy(done::get)
                .cause()
                .isExactlyInstanceOf(OutputException.class)
                .hasMessageContaining("interrupted");
        assertThat(interrupted).hasValue(1);
    }

    // ---- limits

    @Test
    void aMessageMayBeAsLongAsTheLimitOfWhatIsReadAndNoLonger() throws Exception {
        open(true, AgentConfig.builder().maxFrameBytes(4 * KIB).build());
        outlet.point(pointOf(4 * KIB - 1));
        outlet.point(pointOf(4 * KIB));
        assertThatThrownBy(() -> outlet.point(pointOf(4 * KIB + 1)))
                .isInstanceOf(OutputException.class)
                .hasMessage("message: 4097 bytes (expected: <= 4096)");
        awaitAllTaken();
        assertThat(points()).hasSize(2);
    }

    @Test
    void noMessageOfABatchMayBeLongerThanTheLimit() throws Exception {
        open(EdgeType.BATCH, true, AgentConfig.builder().maxFrameBytes(4 * KIB).build());
        outlet.batch(Batch.of("b", 1, List.of(pointOf(4 * KIB))));
        assertThatThrownBy(() -> outlet.batch(Batch.of("b", 1, List.of(pointOf(4 * KIB + 1)))))
                .isInstanceOf(OutputException.class)
                .hasMessage("message: 4097 bytes (expected: <= 4096)");
        assertThatThrownBy(() -> outlet.batch(Batch.of("b".repeat(5 * KIB), 1, List.of())))
                .isInstanceOf(OutputException.class)
                .hasMessageStartingWith("message: ");
        awaitAllTaken();
        assertThat(channel.responses()).hasSize(3);
    }

    @Test
    void aBatchMayBeAsLargeAsItsLimitAndNoLarger() throws Exception {
        open(EdgeType.BATCH, true, AgentConfig.builder().maxBatchBytes(4 * KIB).build());
        outlet.batch(Batch.of("b", 1, List.of()));
        awaitAllTaken();
        int edges = (int) output.takenBytes();
        // The begin contains the number of points: 2 bytes more than for none.
        int room = 4 * KIB - edges - 2;
        outlet.batch(Batch.of("b", 1, List.of(pointOf(room - 3))));
        outlet.batch(Batch.of("b", 1, List.of(pointOf(room - 2))));
        Batch tooLarge = Batch.of("b", 1, List.of(pointOf(room - 1)));
        assertThatThrownBy(() -> outlet.batch(tooLarge))
                .isInstanceOf(OutputException.class)
                .hasMessage("batch: 4097 bytes, 1 points (expected: <= 4096 bytes)");
        awaitAllTaken();
        assertThat(channel.responses()).hasSize(2 + 3 + 3);
    }

    @Test
    void aPointWhereBatchesAreProvidedIsRefused() {
        open(EdgeType.BATCH, true, AgentConfig.defaults());
        assertThatThrownBy(() -> outlet.point(point("m", 1)))
                .isInstanceOf(OutputException.class)
                .hasMessageStartingWith("output: a point (expected: batches");
    }

    // ---- outlets

    @Test
    void whileItsOutletIsShutAThreadWaitsAndAnAnswerDoesNot() throws Exception {
        open(true, AgentConfig.defaults());
        OutputPort.Outlet next = output.outlet();
        CompletableFuture<Void> done = start(() -> next.point(point("m", 1)));
        awaitParked(0);
        channel.runOnLoop(() -> output.answer(ERROR));
        next.open();
        done.get();
        awaitAllTaken();
        assertThat(channel.responses())
                .extracting(Response::getMessageCase)
                .containsExactly(MessageCase.ERROR, MessageCase.POINT);
    }

    @Test
    void throughAClosedOutletNothingGetsOutAndTheOthersStayOpen() throws Exception {
        open(true, AgentConfig.defaults());
        OutputPort.Outlet next = output.outlet();
        next.open();
        outlet.close();
        outlet.open();
        assertThat(outlet.isWritable()).isFalse();
        assertThatThrownBy(() -> outlet.point(point("former", 1)))
                .isInstanceOf(OutputClosedException.class)
                .hasMessage("output: closed, its handler has been replaced (expected: the output of the new handler)");
        assertThat(next.isWritable()).isTrue();
        next.point(point("next", 1));
        channel.runOnLoop(output::flush);
        assertThat(points()).extracting(org.kapacitorudf.proto.Point::getName).containsExactly("next");
    }

    @Test
    void whoWaitsForRoomIsTurnedAwayWhenHisOutletIsClosed() throws Exception {
        open(false, AgentConfig.builder().outputBufferBytes(KIB).build());
        CompletableFuture<Void> emitting = start(() -> {
            for (int i = 0; i < 1_000; i++) {
                outlet.point(pointOf(100));
            }
        });
        awaitParked(0);
        long points = output.pointsOut();
        outlet.close();
        assertThatThrownBy(() -> emitting.get(5, TimeUnit.MINUTES)).hasCauseInstanceOf(OutputClosedException.class);
        assertThat(output.pointsOut()).isEqualTo(points);
    }

    @Test
    void afterTheEndOfTheConnectionThatIsTheReason() {
        open(true, AgentConfig.defaults());
        output.end("so it is");
        outlet.close();
        assertThatThrownBy(() -> outlet.point(point("m", 1)))
                .hasMessage("output: closed, so it is (expected: an open connection)");
    }

    @Test
    void afterTheEndAnswersStillLeaveUntilTheOutputIsFinished() throws Exception {
        open(true, AgentConfig.defaults());
        outlet.point(point("m", 1));
        output.end("the task has failed");
        assertThatThrownBy(() -> outlet.point(point("m", 2))).isInstanceOf(OutputClosedException.class);
        output.answer(ERROR);
        ChannelFuture finished = channel.onLoop(output::finish);
        output.answer(ERROR);
        assertThat(finished.await(5, TimeUnit.MINUTES)).isTrue();
        assertThat(channel.responses())
                .extracting(Response::getMessageCase)
                .containsExactly(MessageCase.POINT, MessageCase.ERROR);
        assertThat(output.unsentBytes()).isZero();
    }

    @Test
    void aKeepaliveIsAnsweredWithItsTimeWhateverThatIs() throws Exception {
        open(true, AgentConfig.defaults());
        for (long time : new long[] {0, 1, -1, Long.MAX_VALUE, Long.MIN_VALUE}) {
            output.answerKeepalive(time);
        }
        awaitAllTaken();
        assertThat(channel.responses())
                .extracting(response -> response.getKeepalive().getTime())
                .containsExactly(0L, 1L, -1L, Long.MAX_VALUE, Long.MIN_VALUE);
    }

    // ---- endings; the leak check of all of them is in endsWithoutALeak

    @Test
    void whatWasNotFlushedIsDroppedWhenGivenUp() throws Exception {
        open(false, AgentConfig.defaults());
        tracker.runBy(Thread.currentThread());
        for (int i = 0; i < 100; i++) {
            outlet.point(pointOf(KIB));
        }
        channel.runOnLoop(() -> output.abandon("nobody reads"));
        channel.fail();
        assertThat(output.unsentBytes()).isZero();
        assertThatThrownBy(() -> outlet.point(point("m", 1))).isInstanceOf(OutputClosedException.class);
        output.answer(ERROR);
        assertThat(output.unsentBytes()).isZero();
    }

    @Test
    void aHandlerThatEmitsWhileItIsAbandonedLeaksNoBuffer() throws Exception {
        for (int run = 0; run < 150; run++) {
            open(true, AgentConfig.defaults());
            CountDownLatch begun = new CountDownLatch(1);
            CompletableFuture<Void> done = start(() -> {
                tracker.runBy(Thread.currentThread());
                while (true) {
                    outlet.point(point("m", 1));
                    begun.countDown();
                }
            });
            begun.await();
            channel.runOnLoop(() -> output.abandon("nobody reads"));
            assertThatThrownBy(done::get).cause().isInstanceOf(OutputClosedException.class);
            channel.onLoop(() -> null);
            assertThat(channel.allocatedBytes()).as("run %s", run).isZero();
            channel.close();
        }
        channel = null;
    }

    @Test
    void afterAWriteThatFailedNothingIsSent() throws Exception {
        open(true, AgentConfig.defaults());
        channel.writeToFail.set(2);
        sendUntilMemoryRunsOut(() -> outlet.point(pointOf(40 * KIB)));
    }

    @Test
    void afterAnAnswerWhoseWriteFailedNothingIsSent() throws Exception {
        open(true, AgentConfig.defaults());
        channel.writeToFail.set(2);
        sendUntilMemoryRunsOut(() -> output.answer(ERROR));
    }

    @Test
    void afterAFlushThatFailedNothingIsSent() throws Exception {
        open(true, AgentConfig.defaults());
        channel.promiseToFail.set(2);
        sendUntilMemoryRunsOut(() -> outlet.point(pointOf(40 * KIB)));
    }

    @Test
    void afterAFlushThatFailedAtAnAnswerNothingIsSent() throws Exception {
        open(true, AgentConfig.defaults());
        channel.promiseToFail.set(2);
        sendUntilMemoryRunsOut(() -> output.answer(ERROR));
    }

    /** The first point is in a chunk of its own. The second entry is the one that there is no memory to send. */
    private void sendUntilMemoryRunsOut(Runnable second) throws Exception {
        channel.runOnLoop(() -> {
            tracker.runBy(Thread.currentThread());
            outlet.point(pointOf(40 * KIB));
            second.run();
            outlet.point(pointOf(40 * KIB));
        });
        channel.onLoop(() -> null); // a flush may have been scheduled
        assertThat(broken).singleElement().isInstanceOf(OutOfMemoryError.class);
        assertThat(channel.channel().isOpen()).isFalse();
        assertThat(channel.allocatedBytes()).as("left over").isZero();
        assertThat(output.unsentBytes()).isZero();
        assertThatThrownBy(() -> outlet.point(point("B", 1)))
                .isInstanceOf(OutputClosedException.class)
                .hasMessage("output: closed, an internal error has lost output (expected: an open connection)");
        output.answer(ERROR);
        channel.runOnLoop(output::flush);
        assertThat(channel.bytes().length).as("nothing that was after the gap").isLessThan(41 * KIB);
    }

    @Test
    void writesThatFailDoNotStopWhoeverEmits() throws Exception {
        open(false, AgentConfig.builder().outputBufferBytes(KIB).build());
        channel.fail();
        CompletableFuture<Void> done = start(() -> {
            for (int i = 0; i < 100; i++) {
                outlet.point(pointOf(KIB));
            }
        });
        assertThatCode(done::get).doesNotThrowAnyException();
        assertThat(channel.onLoop(() -> List.copyOf(broken))).isEmpty();
    }

    @Test
    void aChannelThatClosesWithABacklogIsNoInternalError() throws Exception {
        open(false, AgentConfig.defaults());
        channel.runOnLoop(() -> {
            tracker.runBy(Thread.currentThread());
            outlet.point(pointOf(40 * KIB));
            outlet.point(pointOf(40 * KIB));
            output.flush();
        });
        assertThat(channel.writes).isEqualTo(2);
        channel.fail();
        assertThat(channel.onLoop(() -> List.copyOf(broken))).isEmpty();
    }
}
