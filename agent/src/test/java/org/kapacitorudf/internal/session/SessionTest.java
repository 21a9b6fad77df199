package org.kapacitorudf.internal.session;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.UnsynchronizedAppenderBase;
import ch.qos.logback.core.read.ListAppender;
import com.google.protobuf.ByteString;
import com.google.protobuf.MessageLite;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufOutputStream;
import io.netty.buffer.Unpooled;
import io.netty.channel.socket.ChannelInputShutdownReadComplete;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.kapacitorudf.Context;
import org.kapacitorudf.Description;
import org.kapacitorudf.Handler;
import org.kapacitorudf.Output;
import org.kapacitorudf.Point;
import org.kapacitorudf.Udf;
import org.kapacitorudf.agent.AgentConfig;
import org.kapacitorudf.errors.FailurePolicy;
import org.kapacitorudf.errors.UdfException;
import org.kapacitorudf.internal.host.UdfFunction;
import org.kapacitorudf.internal.output.HeldChannel;
import org.kapacitorudf.option.Option;
import org.kapacitorudf.proto.InfoRequest;
import org.kapacitorudf.proto.InitRequest;
import org.kapacitorudf.proto.KeepaliveRequest;
import org.kapacitorudf.proto.OptionValue;
import org.kapacitorudf.proto.Request;
import org.kapacitorudf.proto.Response;
import org.kapacitorudf.proto.Response.MessageCase;
import org.kapacitorudf.proto.RestoreRequest;
import org.kapacitorudf.proto.SnapshotRequest;
import org.kapacitorudf.proto.ValueType;
import org.kapacitorudf.state.GroupState;
import org.slf4j.LoggerFactory;

/** A session on a real event loop with real workers; its output is held, and its input is provided by the test. */
@Tag("jvm")
@Tag("slow")
@Timeout(600)
final class SessionTest {
    private static final int KIB = 1024;
    private static final int OVERHEAD = 64;
    private static final Duration SHORT = Duration.ofMillis(200);

    /** The most that one tick of the supervision counts: a single late tick is not over a deadline of this length. */
    private static final Duration LONGEST_TICK = Duration.ofSeconds(1);

    private static final Request INFO =
            Request.newBuilder().setInfo(InfoRequest.getDefaultInstance()).build();
    private static final Request SNAPSHOT = Request.newBuilder()
            .setSnapshot(SnapshotRequest.getDefaultInstance())
            .build();

    private AgentRuntime runtime;
    private HeldChannel channel;
    private Session session;
    private AtomicLong watchdogNanos; // null while the watchdog has the real time

    private void open(Udf udf, boolean takesAtOnce, AgentConfig config) throws Exception {
        channel = new HeldChannel(takesAtOnce);
        runtime = watchdogNanos == null
                ? AgentRuntime.of(config)
                : AgentRuntime.of(config, new Workers(4, Thread::new, watchdogNanos::get));
        channel.runOnLoop(() -> session = runtime.install(channel.channel(), UdfFunction.of(udf)));
    }

    private void running(Udf udf, AgentConfig config) throws Exception {
        open(udf, true, config);
        read(init());
        awaitAnswers(MessageCase.INIT, 1);
    }

    /** From now on, time passes for the watchdog only in {@link #letTimePassUntil}: a slow machine breaks no limit. */
    private void stopWatchdogsClock() {
        watchdogNanos = new AtomicLong();
    }

    private void letTimePassUntil(BooleanSupplier condition) {
        await(() -> {
            watchdogNanos.addAndGet(Duration.ofMillis(10).toNanos());
            LockSupport.parkNanos(Duration.ofMillis(1).toNanos());
            return condition.getAsBoolean();
        });
    }

    private void letTimePassUntilAbandoned() {
        letTimePassUntil(() -> runtime.abandonedCalls() == 1);
    }

    @AfterEach
    void close() throws Exception {
        if (channel != null) {
            peerGone();
            channel.fail();
            channel.close();
            channel = null;
        }
    }

    private void peerGone() throws Exception {
        channel.runOnLoop(() -> {
            if (!session.ended().isDone()) {
                channel.channel().pipeline().fireChannelInactive();
            }
        });
    }

    /** All of it in one read. */
    private void read(MessageLite... requests) throws Exception {
        ByteBuf bytes = Unpooled.buffer();
        for (MessageLite request : requests) {
            try {
                request.writeDelimitedTo(new ByteBufOutputStream(bytes));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        channel.runOnLoop(() -> {
            channel.channel().pipeline().fireChannelRead(bytes);
            channel.channel().pipeline().fireChannelReadComplete();
        });
    }

    private static Request init(OptionValue... values) {
        InitRequest.Builder init = InitRequest.newBuilder().setTaskID("task").setNodeID("node2");
        if (values.length > 0) {
            init.addOptions(
                    org.kapacitorudf.proto.Option.newBuilder().setName("text").addAllValues(Arrays.asList(values)));
        }
        return Request.newBuilder().setInit(init).build();
    }

    private static OptionValue text(int bytes) {
        return OptionValue.newBuilder()
                .setType(ValueType.STRING)
                .setStringValue("x".repeat(bytes))
                .build();
    }

    private static Request restore(ByteString snapshot) {
        return Request.newBuilder()
                .setRestore(RestoreRequest.newBuilder().setSnapshot(snapshot))
                .build();
    }

    /** A point that counts as this many bytes of read-ahead. */
    private static Request point(int bytes) {
        int encoded = bytes - OVERHEAD;
        int text = encoded - 20;
        while (true) {
            org.kapacitorudf.proto.Point point = org.kapacitorudf.proto.Point.newBuilder()
                    .setName("m")
                    .putFieldsString("s", "x".repeat(text))
                    .build();
            if (point.getSerializedSize() == encoded) {
                return Request.newBuilder().setPoint(point).build();
            }
            text += encoded - point.getSerializedSize();
        }
    }

    private List<Response> answers(MessageCase kind) throws Exception {
        return channel.responses().stream()
                .filter(response -> response.getMessageCase() == kind)
                .toList();
    }

    private Response awaitAnswers(MessageCase kind, int count) throws Exception {
        await(() -> hasAnswers(kind, count));
        assertThat(answers(kind)).hasSize(count);
        return answers(kind).get(count - 1);
    }

    private boolean hasAnswers(MessageCase kind, int count) {
        try {
            return answers(kind).size() >= count;
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    private static void await(BooleanSupplier condition) {
        long deadline = System.nanoTime() + TimeUnit.MINUTES.toNanos(5);
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).isLessThan(deadline);
            Thread.onSpinWait();
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            assertThat(latch.await(5, TimeUnit.MINUTES)).isTrue();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private boolean reads() {
        return channel.channel().config().isAutoRead();
    }

    /** A function with an optional option, and a handler provided by the test. */
    private record Function1(Function<Context, Handler> making) implements Udf {
        private static final Option<String> TEXT = Option.string("text").orElse("");

        @Override
        public Description describe() {
            return Description.stream("f", "a function for tests").options(TEXT);
        }

        @Override
        public Handler create(Context context) {
            return making.apply(context);
        }
    }

    private static Udf handling(Handler handler) {
        return new Function1(context -> handler);
    }

    // ---- bytes

    /** All answers and output: if these bytes change, so does what Kapacitor reads. */
    @Test
    void aConversationIsTheseBytes() throws Exception {
        open(
                handling((point, output) -> {
                    if (point.timeNanos() == 9) {
                        throw new UdfException("nine");
                    }
                    output.point(point);
                }),
                true,
                AgentConfig.defaults());
        read(INFO);
        awaitAnswers(MessageCase.INFO, 1);
        read(init());
        awaitAnswers(MessageCase.INIT, 1);
        read(at(1), at(2));
        awaitAnswers(MessageCase.POINT, 2);
        read(Request.newBuilder()
                .setKeepalive(KeepaliveRequest.newBuilder().setTime(5))
                .build());
        awaitAnswers(MessageCase.KEEPALIVE, 1);
        read(SNAPSHOT);
        awaitAnswers(MessageCase.SNAPSHOT, 1);
        read(at(3), at(9));
        awaitAnswers(MessageCase.ERROR, 1);
        String error = "f (task task, node node2): point: nine";
        assertThat(HexFormat.of().formatHex(channel.bytes()))
                .isEqualTo(String.join(
                        "",
                        "130a11080010001a0b0a047465787412030a0103", // info: stream, stream, the option "text"
                        "0412020801", // init: success
                        "088a0105080112016d", // point: 1 m
                        "088a0105080212016d", // point: 2 m
                        "041a020805", // keepalive: 5
                        "022200", // snapshot: none
                        "088a0105080312016d", // point: 3 m
                        "2a32280a26" + HexFormat.of().formatHex(error.getBytes(StandardCharsets.UTF_8))));
    }

    private static Request at(long time) {
        return Request.newBuilder()
                .setPoint(
                        org.kapacitorudf.proto.Point.newBuilder().setTime(time).setName("m"))
                .build();
    }

    @Test
    void aSnapshotThatThereIsNoMemoryToSendIsTheLastGoodOneAgainAndTheTaskLivesOn() throws Exception {
        running(handling(new Stateful()), AgentConfig.defaults());
        channel.allocationsToFail.set(1);
        read(point(200), SNAPSHOT);
        assertThat(awaitAnswers(MessageCase.SNAPSHOT, 1).getSnapshot().getSnapshot())
                .isEqualTo(ByteString.EMPTY);
        read(SNAPSHOT);
        assertThat(awaitAnswers(MessageCase.SNAPSHOT, 2).getSnapshot().getSnapshot())
                .isNotEqualTo(ByteString.EMPTY);
        assertThat(answers(MessageCase.ERROR)).isEmpty();
    }

    @Test
    void aRequestIsAnsweredAllTheSameWhenThereIsNoMemoryForItsAnswer() throws Exception {
        running(handling(new Stateful()), AgentConfig.defaults());
        channel.allocationsToFail.set(2);
        read(point(200), SNAPSHOT);
        assertThat(awaitAnswers(MessageCase.ERROR, 1).getError().getError())
                .endsWith("answer not sent: java.lang.OutOfMemoryError: no memory, says the test");
        awaitAnswers(MessageCase.SNAPSHOT, 1);
    }

    @Test
    void aConnectionWhoseOutputIsLostIsClosed() throws Exception {
        running(handling((point, output) -> output.point(point)), AgentConfig.defaults());
        channel.writeToFail.set(2);
        read(at(1));
        awaitAnswers(MessageCase.POINT, 1);
        read(at(2));
        assertThat(channel.channel().closeFuture().await(5, TimeUnit.MINUTES)).isTrue();
        assertThat(session.view().lastFailure())
                .hasValueSatisfying(failure -> assertThat(failure.text())
                        .isEqualTo("internal error: java.lang.OutOfMemoryError: no memory, says the test"));
        assertThat(answers(MessageCase.POINT)).hasSize(1);
        assertThat(answers(MessageCase.ERROR)).isEmpty();
    }

    // ---- bounds

    @Test
    void whoAsksAndDoesNotReadIsNotReadAnyMoreEither() throws Exception {
        open(
                handling((point, output) -> {}),
                false,
                AgentConfig.builder().outputBufferBytes(4 * KIB).build());
        int asked = 0;
        while (reads()) {
            read(INFO);
            asked++;
            assertThat(session.unsentBytes()).isLessThan(5 * KIB);
        }
        channel.takeAll();
        assertThat(reads()).isTrue();
        channel.takeAll();
        assertThat(answers(MessageCase.INFO)).hasSize(asked);
    }

    @Test
    void keepalivesThatAreNotReadAreBoundedToo() throws Exception {
        open(
                handling((point, output) -> {}),
                false,
                AgentConfig.builder().outputBufferBytes(4 * KIB).build());
        Request keepalive = Request.newBuilder()
                .setKeepalive(KeepaliveRequest.newBuilder().setTime(1))
                .build();
        while (reads()) {
            read(keepalive);
            assertThat(session.unsentBytes()).isLessThan(5 * KIB);
        }
    }

    @Test
    void requestsOfOneKindThatPileUpAreAnErrorAndAreAnsweredEachOnce() throws Exception {
        CountDownLatch released = new CountDownLatch(1);
        running(handling((point, output) -> await(released)), AgentConfig.defaults());
        Request[] requests = new Request[41];
        Arrays.fill(requests, SNAPSHOT);
        requests[0] = point(200);
        read(requests);
        assertThat(awaitAnswers(MessageCase.ERROR, 1).getError().getError())
                .isEqualTo(
                        "f (task task, node node2): protocol: 17 requests that wait for an answer (expected: <= 16)");
        released.countDown();
        awaitAnswers(MessageCase.SNAPSHOT, 40);
    }

    @Test
    void readingGoesOnUpToTheReadAheadAndStopsThere() throws Exception {
        CountDownLatch released = new CountDownLatch(1);
        running(
                handling((point, output) -> await(released)),
                AgentConfig.builder().readAheadBytes(4 * KIB).build());
        await(() -> runtime.readAhead().usedBytes() == 0);
        read(point(2 * KIB));
        read(point(2 * KIB - 1));
        assertThat(reads()).as("one byte under").isTrue();
        read(point(200));
        assertThat(reads()).as("over").isFalse();
        released.countDown();
        await(this::reads);
        await(() -> runtime.readAhead().usedBytes() == 0);
    }

    @Test
    void readingStopsWithTheLastByteOfTheReadAhead() throws Exception {
        CountDownLatch released = new CountDownLatch(1);
        running(
                handling((point, output) -> await(released)),
                AgentConfig.builder().readAheadBytes(4 * KIB).build());
        read(point(4 * KIB));
        assertThat(reads()).isFalse();
        released.countDown();
        await(this::reads);
    }

    @Test
    void theReadAheadOfAllConnectionsTogetherIsBounded() throws Exception {
        CountDownLatch released = new CountDownLatch(1);
        running(
                handling((point, output) -> await(released)),
                AgentConfig.builder().totalReadAheadBytes(4 * KIB).build());
        await(() -> runtime.readAhead().usedBytes() == 0); // Init has been answered, but may not be completed
        read(point(4 * KIB - 1));
        assertThat(reads()).as("one byte under").isTrue();
        read(point(200));
        assertThat(reads()).as("over").isFalse();
        released.countDown();
        await(this::reads);
    }

    @Test
    void anArgumentMayBeAsLongAsItsLimit() throws Exception {
        open(
                handling((point, output) -> {}),
                true,
                AgentConfig.builder().maxOptionBytes(10).build());
        read(init(text(10)));
        assertThat(awaitAnswers(MessageCase.INIT, 1).getInit().getError()).isEmpty();
    }

    @Test
    void anArgumentThatIsLongerIsRefused() throws Exception {
        open(
                handling((point, output) -> {}),
                true,
                AgentConfig.builder().maxOptionBytes(10).build());
        read(init(text(11)));
        assertThat(awaitAnswers(MessageCase.INIT, 1).getInit().getError())
                .isEqualTo("f: text: 11 bytes (expected: <= 10)");
    }

    /** Its state is 1,000 bytes. */
    private static final class Stateful implements Handler {
        final AtomicInteger restored = new AtomicInteger();

        @Override
        public void point(Point point, Output output) {}

        @Override
        public byte[] snapshot(Output output) {
            return new byte[1_000];
        }

        @Override
        public void restore(byte[] snapshot, Output output) {
            restored.set(snapshot.length);
        }
    }

    private ByteString snapshotUnder(AgentConfig config) throws Exception {
        running(handling(new Stateful()), config);
        read(point(200), SNAPSHOT);
        ByteString snapshot =
                awaitAnswers(MessageCase.SNAPSHOT, 1).getSnapshot().getSnapshot();
        close();
        return snapshot;
    }

    @Test
    void aSnapshotMayBeAsLargeAsItsLimitAndNoLarger() throws Exception {
        ByteString snapshot = snapshotUnder(AgentConfig.defaults());
        int size = snapshot.size();
        assertThat(size).isGreaterThan(1_000);
        assertThat(snapshotUnder(AgentConfig.builder().maxSnapshotBytes(size).build()))
                .isEqualTo(snapshot);
        assertThat(snapshotUnder(
                        AgentConfig.builder().maxSnapshotBytes(size - 1).build()))
                .isEqualTo(ByteString.EMPTY);

        Stateful handler = new Stateful();
        running(handling(handler), AgentConfig.builder().maxSnapshotBytes(size).build());
        read(restore(snapshot));
        assertThat(awaitAnswers(MessageCase.RESTORE, 1).getRestore().getError()).isEmpty();
        assertThat(handler.restored).hasValue(1_000);
        close();

        running(
                handling(new Stateful()),
                AgentConfig.builder().maxSnapshotBytes(size - 1).build());
        read(restore(snapshot));
        assertThat(awaitAnswers(MessageCase.RESTORE, 1).getRestore().getError())
                .isEqualTo("f: snapshot: " + size + " bytes (expected: <= " + (size - 1) + ")");
    }

    /** A handler with enough groups that a snapshot takes a while, and data and its end arrive meanwhile. */
    /** Only the first handler creates them: a later one must restore them. */
    private void runningWithGroups(Handler handler) throws Exception {
        runningWithGroups(handler, AgentConfig.defaults());
    }

    private void runningWithGroups(Handler handler, AgentConfig config) throws Exception {
        AtomicBoolean made = new AtomicBoolean();
        Udf udf = new Function1(context -> {
            GroupState<Long> groups = context.groupState("groups", Long.class, () -> 0L);
            for (long i = 0; i < 300_000 && !made.get(); i++) {
                groups.put("group " + i, i);
            }
            made.set(true);
            return handler;
        });
        running(udf, config);
    }

    @Test
    void theLiveGroupsAreCountedWhileTheConnectionLivesAndAfterIt() throws Exception {
        running(handling((point, output) -> {}), AgentConfig.defaults());
        assertThat(session.groups()).isEqualTo(-1);
        close();

        runningWithGroups((point, output) -> {});
        read(point(200), SNAPSHOT);
        awaitAnswers(MessageCase.SNAPSHOT, 1);
        await(() -> session.groups() == 300_000);
        peerGone();
        assertThat(session.groups()).isEqualTo(300_000);
    }

    @Test
    void aSnapshotThatTakesAWhileIsAnsweredWithoutAnythingElseGoingOn() throws Exception {
        runningWithGroups((point, output) -> {});
        read(point(200), SNAPSHOT);
        assertThat(awaitAnswers(MessageCase.SNAPSHOT, 1)
                        .getSnapshot()
                        .getSnapshot()
                        .size())
                .isGreaterThan(100_000);
    }

    @Test
    void theEndOfTheInputFinishesASnapshotAndItIsAnsweredBeforeTheOutputEnds() throws Exception {
        runningWithGroups((point, output) -> {});
        read(point(200), SNAPSHOT);
        channel.runOnLoop(
                () -> channel.channel().pipeline().fireUserEventTriggered(ChannelInputShutdownReadComplete.INSTANCE));
        assertThat(awaitAnswers(MessageCase.SNAPSHOT, 1)
                        .getSnapshot()
                        .getSnapshot()
                        .size())
                .isGreaterThan(100_000);
        assertThat(answers(MessageCase.ERROR)).isEmpty();
    }

    /** A state whose writing is blocked by the test. */
    static final class Heavy {
        private static final class Stones extends ArrayList<Integer> {
            private static final long serialVersionUID = 1;
            private static volatile CountDownLatch writing;
            private static volatile CountDownLatch mayBeWritten;

            @Override
            public Iterator<Integer> iterator() {
                writing.countDown();
                SessionTest.await(mayBeWritten);
                return super.iterator();
            }
        }

        List<Integer> stones = new Stones();
    }

    private void endingWithHeavySnapshot(AgentConfig config) throws Exception {
        Heavy.Stones.writing = new CountDownLatch(1);
        Heavy.Stones.mayBeWritten = new CountDownLatch(1);
        Udf udf = new Function1(context -> {
            context.state("heavy", Heavy.class, Heavy::new).get();
            return (point, output) -> {};
        });
        running(udf, config);
        read(point(200), SNAPSHOT);
        await(Heavy.Stones.writing);
        channel.runOnLoop(
                () -> channel.channel().pipeline().fireUserEventTriggered(ChannelInputShutdownReadComplete.INSTANCE));
    }

    @Test
    void theDrainDeadlineDoesNotCountTheWorkOnTheLastSnapshot() throws Exception {
        endingWithHeavySnapshot(
                AgentConfig.builder().drainDeadline(LONGEST_TICK).build());
        long begin = System.nanoTime();
        await(() -> System.nanoTime() - begin > Duration.ofMillis(1_500).toNanos());
        assertThat(answers(MessageCase.ERROR)).isEmpty();
        // From the end of the snapshot the deadline counts, but not while the loop waits for the handler's thread.
        channel.runOnLoop(() -> {
            Heavy.Stones.mayBeWritten.countDown();
            await(() -> !session.executor.isBusy());
        });
        assertThat(awaitAnswers(MessageCase.SNAPSHOT, 1)
                        .getSnapshot()
                        .getSnapshot()
                        .size())
                .isPositive();
    }

    @Test
    void aLastSnapshotThatDoesNotComeToItsEndGoesOverTheCallLimit() throws Exception {
        stopWatchdogsClock();
        endingWithHeavySnapshot(AgentConfig.builder()
                .drainDeadline(Duration.ofMillis(50))
                .callLimit(Duration.ofMillis(300))
                .build());
        assertThat(awaitAnswers(MessageCase.ERROR, 1).getError().getError())
                .matches("f \\(task task, node node2\\): snapshot did not end within 0\\.3 s.*");
        Heavy.Stones.mayBeWritten.countDown();
    }

    @Test
    void aFailureWhileASnapshotIsMadeAnswersItOnce() throws Exception {
        runningWithGroups((point, output) -> {
            if (point.encodedSize() < 200) {
                throw new IllegalStateException("made up");
            }
        });
        read(point(1_000), SNAPSHOT, point(200));
        awaitAnswers(MessageCase.ERROR, 1);
        peerGone();
        session.ended().get(5, TimeUnit.MINUTES);
        assertThat(answers(MessageCase.SNAPSHOT)).hasSize(1);
    }

    @Test
    void aRestartFinishesTheSnapshotThatIsMadeAndTheNewHandlerBeginsWithIt() throws Exception {
        runningWithGroups(
                (point, output) -> {
                    if (point.encodedSize() < 200) {
                        throw new IllegalStateException("made up");
                    }
                },
                RESTARTING);
        read(point(1_000), SNAPSHOT, point(200), point(1_000), SNAPSHOT);
        awaitAnswers(MessageCase.SNAPSHOT, 2);
        assertThat(answers(MessageCase.SNAPSHOT))
                .hasSize(2)
                .allMatch(answer -> answer.getSnapshot().getSnapshot().size() > 100_000);
        assertThat(answers(MessageCase.ERROR)).isEmpty();
        assertThat(session.restarts()).isEqualTo(1);
    }

    // ---- timers

    @Test
    void ticksForWhichThereIsNoRoomDoNotPileUp() throws Exception {
        AtomicInteger ticks = new AtomicInteger();
        Udf udf = new Function1(context -> {
            context.every(Duration.ofMillis(1), (time, output) -> {
                ticks.incrementAndGet();
                output.point(Point.of("m", 1).withField("s", "x".repeat(KIB)));
            });
            return (point, output) -> {};
        });
        open(udf, false, AgentConfig.builder().outputBufferBytes(4 * KIB).build());
        read(init());
        await(() -> session.unsentBytes() >= 4 * KIB);
        int before = ticks.get();
        // The duration is what is tested: a hundred ticks long.
        Thread.sleep(100);
        assertThat(ticks.get() - before).isLessThanOrEqualTo(1);
        assertThat(session.unsentBytes()).isLessThan(6 * KIB);
        channel.takeAll();
        await(() -> ticks.get() > before + 1);
        close();
    }

    @Test
    void timersWaitForARestoreThatIsOnItsWay() throws Exception {
        Stateful handler = new Stateful();
        ByteString snapshot = snapshotUnder(AgentConfig.defaults());
        AtomicInteger restoredAtBegin = new AtomicInteger(-1);
        open(
                new Function1(context -> {
                    context.after(Duration.ZERO, (time, output) -> restoredAtBegin.set(handler.restored.get()));
                    return handler;
                }),
                true,
                AgentConfig.defaults());
        byte[] init = delimited(init());
        byte[] restore = delimited(restore(snapshot));
        // In one read, because timers do not wait long for the first byte of Restore.
        byte[] begin = Arrays.copyOf(init, init.length + 100);
        System.arraycopy(restore, 0, begin, init.length, 100);
        readBytes(begin);
        awaitAnswers(MessageCase.INIT, 1);
        // The duration is what is tested: longer than timers wait for Restore.
        Thread.sleep(1_500);
        assertThat(restoredAtBegin).hasValue(-1);
        readBytes(Arrays.copyOfRange(restore, 100, restore.length));
        await(() -> restoredAtBegin.get() != -1);
        assertThat(restoredAtBegin).hasValue(1_000);
    }

    private static byte[] delimited(MessageLite message) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        message.writeDelimitedTo(bytes);
        return bytes.toByteArray();
    }

    private void readBytes(byte[] bytes) throws Exception {
        channel.runOnLoop(() -> {
            channel.channel().pipeline().fireChannelRead(Unpooled.wrappedBuffer(bytes));
            channel.channel().pipeline().fireChannelReadComplete();
        });
    }

    // ---- errors

    @Test
    void anErrorOfOurOwnIsNotCalledTheOtherSides() throws Exception {
        running(handling((point, output) -> {}), AgentConfig.defaults());
        channel.runOnLoop(() -> channel.channel().pipeline().fireExceptionCaught(new IllegalStateException("made up")));
        assertThat(awaitAnswers(MessageCase.ERROR, 1).getError().getError())
                .isEqualTo("f (task task, node node2): internal error: java.lang.IllegalStateException: made up");
    }

    @Test
    void aBrokenMessageIsTheOtherSidesAndSaidWithoutTheNamesOfOurClasses() throws Exception {
        running(handling((point, output) -> {}), AgentConfig.defaults());
        channel.runOnLoop(() -> {
            channel.channel().pipeline().fireChannelRead(Unpooled.wrappedBuffer(new byte[] {1, 7}));
            channel.channel().pipeline().fireChannelReadComplete();
        });
        assertThat(awaitAnswers(MessageCase.ERROR, 1).getError().getError())
                .startsWith("f (task task, node node2): protocol: request: ");
    }

    @Test
    void aStepThatBreaksDownAfterAFailureClosesTheConnection() throws Exception {
        running(handling((point, output) -> {}), AgentConfig.defaults());
        channel.runOnLoop(() -> channel.channel().pipeline().fireExceptionCaught(new IllegalStateException("made up")));
        channel.runOnLoop(() -> channel.channel().pipeline().fireExceptionCaught(new IllegalStateException("again")));
        await(() -> !channel.channel().isOpen());
    }

    @Test
    void aFailureThatCannotBeLoggedEndsTheTaskAllTheSame() throws Exception {
        running(
                handling((point, output) -> {
                    throw new IllegalStateException("made up");
                }),
                AgentConfig.defaults());
        try (Logged logged = Logged.of("f")) {
            SlowAppender broken = new SlowAppender(event -> {
                throw new OutOfMemoryError("no memory, says the test");
            });
            broken.start();
            logged.logger().addAppender(broken);
            read(point(200), SNAPSHOT);
            awaitAnswers(MessageCase.ERROR, 1);
            awaitAnswers(MessageCase.SNAPSHOT, 1);
            logged.logger().detachAppender(broken);
        }
    }

    // ---- a handler's life

    /** Counts its stops, and does not return from a call until it is released. */
    private static final class Slow implements Handler {
        final CountDownLatch begun = new CountDownLatch(1);
        final CountDownLatch released = new CountDownLatch(1);
        final AtomicInteger stops = new AtomicInteger();
        volatile boolean inCall;
        volatile boolean overlap;
        volatile boolean interruptedInStop;

        @Override
        public void point(Point point, Output output) {
            inCall = true;
            begun.countDown();
            boolean interrupted = false;
            while (true) {
                try {
                    assertThat(released.await(5, TimeUnit.MINUTES)).isTrue();
                    break;
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
            inCall = false;
        }

        @Override
        public void stop(Output output) {
            overlap |= inCall;
            interruptedInStop = Thread.currentThread().isInterrupted();
            stops.incrementAndGet();
        }
    }

    @Test
    void aHandlerIsStoppedOnceAfterTheCallInWhichItsPeerWentAway() throws Exception {
        Slow handler = new Slow();
        running(handling(handler), AgentConfig.defaults());
        read(point(200));
        await(handler.begun);
        peerGone();
        handler.released.countDown();
        session.ended().get(5, TimeUnit.MINUTES);
        assertThat(handler.stops).hasValue(1);
        assertThat(handler.overlap).isFalse();
        assertThat(runtime.connections()).isZero();
    }

    @Test
    void aCallThatComesBackAfterAllIsNoLongerCountedAndStopIsNotInterrupted() throws Exception {
        stopWatchdogsClock();
        Slow handler = new Slow();
        running(handling(handler), AgentConfig.builder().callLimit(SHORT).build());
        read(point(200));
        await(handler.begun);
        letTimePassUntilAbandoned();
        awaitAnswers(MessageCase.ERROR, 1);
        handler.released.countDown();
        await(() -> runtime.abandonedCalls() == 0);
        await(() -> handler.stops.get() == 1);
        assertThat(handler.interruptedInStop).isFalse();
        assertThat(handler.overlap).isFalse();
    }

    @Test
    void aHandlerThatIsMadeAfterItsConnectionHasGoneIsStoppedAndForgotten() throws Exception {
        Slow handler = new Slow();
        CountDownLatch making = new CountDownLatch(1);
        CountDownLatch made = new CountDownLatch(1);
        Udf udf = new Function1(context -> {
            making.countDown();
            awaitUninterrupted(made);
            return handler;
        });
        open(udf, true, AgentConfig.builder().drainDeadline(LONGEST_TICK).build());
        read(init());
        await(making);
        peerGone();
        session.ended().get(5, TimeUnit.MINUTES);
        await(() -> runtime.abandonedCalls() == 1); // a late watchdog abandons the call after the end
        made.countDown();
        await(() -> handler.stops.get() == 1);
        await(() -> runtime.abandonedCalls() == 0);
    }

    private static void awaitUninterrupted(CountDownLatch latch) {
        while (true) {
            try {
                assertThat(latch.await(5, TimeUnit.MINUTES)).isTrue();
                return;
            } catch (InterruptedException e) {
                // Ignores interrupts.
            }
        }
    }

    /** In a process UDF a write to STDOUT blocks the event loop while Kapacitor does not read. */
    @Test
    void aCallIsLookedAfterWhileTheEventLoopIsBlocked() throws Exception {
        stopWatchdogsClock();
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch released = new CountDownLatch(1);
        CountDownLatch unblocked = new CountDownLatch(1);
        running(
                handling((point, output) -> {
                    begun.countDown();
                    awaitUninterrupted(released);
                }),
                AgentConfig.builder().callLimit(SHORT).build());
        read(point(200));
        await(begun);
        channel.channel().eventLoop().execute(() -> awaitUninterrupted(unblocked));
        letTimePassUntilAbandoned();
        unblocked.countDown();
        assertThat(awaitAnswers(MessageCase.ERROR, 1).getError().getError())
                .isEqualTo("f (task task, node node2): point did not return within 0.2 s");
        released.countDown();
        await(() -> runtime.abandonedCalls() == 0);
    }

    @Test
    void aCallThatTakesLongIsLoggedAtGrowingIntervalsWhileItLasts() throws Exception {
        stopWatchdogsClock();
        AtomicReference<Thread> inCall = new AtomicReference<>();
        CountDownLatch released = new CountDownLatch(1);
        AgentConfig config =
                AgentConfig.builder().warnCallAfter(Duration.ofMillis(50)).build();
        try (Logged logged = Logged.of("f")) {
            Handler handler = (point, output) -> {
                inCall.set(Thread.currentThread());
                awaitUninterrupted(released);
            };
            running(handling(handler), config);
            read(point(200));
            await(() -> inCall.get() != null
                    && Arrays.stream(inCall.get().getStackTrace())
                            .anyMatch(frame -> frame.getMethodName().equals("awaitUninterrupted")));
            letTimePassUntil(() -> logged.count("has not returned") >= 3);
            assertThat(session.view().currentCall().orElseThrow().seenFor()).isGreaterThan(Duration.ofMillis(150));
            assertThat(session.view().counts().calls().total()).isGreaterThan(Duration.ofMillis(150));
            released.countDown();
            ILoggingEvent first = logged.first("has not returned");
            assertThat(first.getFormattedMessage())
                    .matches(
                            "point has not returned for \\d+\\.\\d s; the call was given m s=\"x+.*; stack of its thread:");
            assertThat(first.getThrowableProxy().getStackTraceElementProxyArray())
                    .anyMatch(frame -> frame.getSTEAsString().contains("awaitUninterrupted"));
        }
    }

    @Test
    void aTimerThatTakesLongIsLoggedWithoutAPoint() throws Exception {
        stopWatchdogsClock();
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch released = new CountDownLatch(1);
        AgentConfig config =
                AgentConfig.builder().warnCallAfter(Duration.ofMillis(50)).build();
        try (Logged logged = Logged.of("f")) {
            Udf udf = new Function1(context -> {
                context.after(Duration.ZERO, (time, output) -> {
                    begun.countDown();
                    awaitUninterrupted(released);
                });
                return (point, output) -> {};
            });
            running(udf, config);
            await(begun);
            letTimePassUntil(() -> logged.count("timer has not returned") >= 1);
            released.countDown();
            assertThat(logged.first("has not returned").getFormattedMessage())
                    .matches("timer has not returned for [0-9.]+ s; stack of its thread:");
        }
    }

    /** Errors after the creation of the handler, for example in the first log line, belong to Init too. */
    @Test
    void aSlowInitIsLoggedAsCreate() throws Exception {
        stopWatchdogsClock();
        CountDownLatch starting = new CountDownLatch(1);
        CountDownLatch released = new CountDownLatch(1);
        AgentConfig config =
                AgentConfig.builder().warnCallAfter(Duration.ofMillis(50)).build();
        try (Logged logged = Logged.of("f")) {
            SlowAppender slow = new SlowAppender(event -> {
                if (event.getFormattedMessage().startsWith("started")) {
                    starting.countDown();
                    awaitUninterrupted(released);
                }
            });
            slow.start();
            logged.logger().addAppender(slow);
            open(handling((point, output) -> {}), true, config);
            read(init());
            await(starting);
            letTimePassUntil(() -> logged.count("has not returned") >= 1);
            released.countDown();
            assertThat(logged.first("has not returned").getFormattedMessage()).startsWith("create has not returned");
            logged.logger().detachAppender(slow);
        }
    }

    @Test
    void anInitThatIsAnsweredForAHandlerThatTookTooLongIsNotAnsweredAgain() throws Exception {
        stopWatchdogsClock();
        CountDownLatch making = new CountDownLatch(1);
        CountDownLatch made = new CountDownLatch(1);
        Slow handler = new Slow();
        Udf udf = new Function1(context -> {
            making.countDown();
            awaitUninterrupted(made);
            return handler;
        });
        open(udf, true, AgentConfig.builder().callLimit(SHORT).build());
        read(init());
        await(making);
        letTimePassUntilAbandoned();
        awaitAnswers(MessageCase.ERROR, 1);
        made.countDown();
        await(() -> handler.stops.get() == 1);
        assertThat(awaitAnswers(MessageCase.INIT, 1).getInit().getError())
                .isEqualTo("f: create did not return within 0.2 s");
    }

    @Test
    void whatAnInterruptedCallHasToSayIsNotTheReason() throws Exception {
        stopWatchdogsClock();
        CountDownLatch never = new CountDownLatch(1);
        AtomicInteger making = new AtomicInteger();
        Udf udf = new Function1(context -> {
            making.incrementAndGet();
            try {
                assertThat(never.await(5, TimeUnit.MINUTES)).isTrue();
                return new Slow();
            } catch (InterruptedException e) {
                throw new IllegalStateException("interrupted", e);
            }
        });
        for (int run = 1; run <= 10; run++) {
            int calls = run;
            open(
                    udf,
                    true,
                    AgentConfig.builder().callLimit(Duration.ofMillis(50)).build());
            read(init());
            await(() -> making.get() == calls);
            letTimePassUntil(() -> hasAnswers(MessageCase.INIT, 1));
            assertThat(awaitAnswers(MessageCase.INIT, 1).getInit().getError())
                    .isEqualTo("f: create did not return within 0.1 s");
            close();
        }
    }

    // ---- restarts

    /** Fails at every point; the function counts and keeps its handlers. */
    private static final class Failing implements Handler {
        final AtomicInteger stops = new AtomicInteger();

        @Override
        public void point(Point point, Output output) {
            throw new IllegalStateException("boom");
        }

        @Override
        public void stop(Output output) {
            stops.incrementAndGet();
        }
    }

    private static final AgentConfig RESTARTING =
            AgentConfig.builder().onError(FailurePolicy.RESTART).build();

    @Test
    void eachHandlerIsStoppedOnceAndBeforeTheNextOneIsMade() throws Exception {
        List<Failing> made = new CopyOnWriteArrayList<>();
        AtomicInteger stoppedBefore = new AtomicInteger();
        Udf udf = new Function1(context -> {
            made.forEach(handler -> stoppedBefore.addAndGet(handler.stops.get()));
            made.add(new Failing());
            return made.get(made.size() - 1);
        });
        running(udf, RESTARTING);
        read(point(200), point(200), point(200), SNAPSHOT);
        awaitAnswers(MessageCase.SNAPSHOT, 1);
        assertThat(session.restarts()).isEqualTo(3);
        assertThat(made).hasSize(4);
        assertThat(stoppedBefore).hasValue(1 + 2 + 3);
        peerGone();
        session.ended().get(5, TimeUnit.MINUTES);
        assertThat(made).extracting(handler -> handler.stops.get()).containsExactly(1, 1, 1, 1);
    }

    @Test
    void aConnectionThatClosesDuringARestartHasAllItsHandlersStopped() throws Exception {
        List<Failing> made = new CopyOnWriteArrayList<>();
        CountDownLatch making = new CountDownLatch(2);
        CountDownLatch released = new CountDownLatch(1);
        Udf udf = new Function1(context -> {
            making.countDown();
            if (!made.isEmpty()) {
                awaitUninterrupted(released);
            }
            made.add(new Failing());
            return made.get(made.size() - 1);
        });
        running(udf, RESTARTING);
        read(point(200));
        await(making);
        peerGone();
        released.countDown();
        session.ended().get(5, TimeUnit.MINUTES);
        assertThat(made).extracting(handler -> handler.stops.get()).containsExactly(1, 1);
    }

    @Test
    void aRestartThatTakesTooLongEndsTheTask() throws Exception {
        stopWatchdogsClock();
        AtomicBoolean made = new AtomicBoolean();
        CountDownLatch restarting = new CountDownLatch(1);
        CountDownLatch released = new CountDownLatch(1);
        Udf udf = new Function1(context -> {
            if (made.getAndSet(true)) {
                restarting.countDown();
                awaitUninterrupted(released);
            }
            return new Failing();
        });
        running(udf, RESTARTING.toBuilder().callLimit(SHORT).build());
        read(point(200));
        await(restarting);
        letTimePassUntilAbandoned();
        assertThat(awaitAnswers(MessageCase.ERROR, 1).getError().getError())
                .isEqualTo("f (task task, node node2): create did not return within 0.2 s");
        released.countDown();
        await(() -> runtime.abandonedCalls() == 0);
    }

    @Test
    void aRestartIsLoggedWithWhatTheCallWasGivenAndCountedInTheLastLine() throws Exception {
        try (Logged logged = Logged.of("f")) {
            running(handling(new Failing()), RESTARTING);
            read(point(200), point(200), SNAPSHOT);
            awaitAnswers(MessageCase.SNAPSHOT, 1);
            peerGone();
            session.ended().get(5, TimeUnit.MINUTES);
            assertThat(logged.lines())
                    .anyMatch(line -> line.matches("WARN point: java.lang.IllegalStateException: boom; restart 1,"
                            + " from nothing; the call was given m s=\"x+\" 0"))
                    .anyMatch(line -> line.contains("boom; restart 2, from nothing"))
                    .anyMatch(line -> line.matches(
                                    "INFO ended: the other side has disconnected after \\d+\\.\\d s; points in 2, out 0;.*")
                            && line.endsWith("skipped 0; restarts 2"));
        }
    }

    @Test
    void aLongPointIsCutInTheLog() throws Exception {
        try (Logged logged = Logged.of("f")) {
            running(handling(new Failing()), RESTARTING);
            read(point(10_000), point(100_000), SNAPSHOT);
            awaitAnswers(MessageCase.SNAPSHOT, 1);
            assertThat(logged.lines())
                    .anyMatch(line -> line.contains("restart 1") && line.endsWith("xxx...") && line.length() < 2_200)
                    .anyMatch(line ->
                            line.endsWith("restart 2, from nothing; the call was given a point of 99936 bytes"));
        }
    }

    @Test
    void aFailureIsLoggedOnceWithWhatTheCallWasGivenAndItsStackTrace() throws Exception {
        try (Logged logged = Logged.of("f")) {
            running(handling(new Failing()), AgentConfig.defaults());
            read(point(200), point(200));
            assertThat(awaitAnswers(MessageCase.ERROR, 1).getError().getError())
                    .isEqualTo("f (task task, node node2): point: java.lang.IllegalStateException: boom");
            await(() -> logged.lines().stream().anyMatch(line -> line.startsWith("ERROR ")));
            assertThat(logged.events().list)
                    .filteredOn(event -> event.getFormattedMessage().contains("boom"))
                    .singleElement()
                    .satisfies(event -> {
                        assertThat(event.getFormattedMessage())
                                .matches("failed: point: java.lang.IllegalStateException: boom;"
                                        + " the call was given m s=\"x+\" 0");
                        assertThat(event.getThrowableProxy().getMessage()).isEqualTo("boom");
                    });
        }
    }

    @Test
    void aPointThatIsSkippedIsLogged() throws Exception {
        try (Logged logged = Logged.of("f")) {
            running(handling((point, output) -> point.doubleField("value")), AgentConfig.defaults());
            read(point(200), SNAPSHOT);
            awaitAnswers(MessageCase.SNAPSHOT, 1);
            assertThat(logged.lines())
                    .anyMatch(line ->
                            line.matches("WARN point skipped: .*\\(expected: .*\\); the call was given m s=\"x+\" 0"));
        }
    }

    @Test
    void everyMessageIsLoggedIfSomebodyAskedForIt() throws Exception {
        try (Logged trace = Logged.of("org.kapacitorudf.trace.f", Level.TRACE)) {
            open(handling((point, output) -> output.point(point)), true, AgentConfig.defaults());
            read(INFO, init(text(3)), point(200), SNAPSHOT);
            awaitAnswers(MessageCase.SNAPSHOT, 1);
            read(Request.newBuilder()
                    .setPoint(org.kapacitorudf.proto.Point.newBuilder().setName("m\n\u001b"))
                    .build());
            awaitAnswers(MessageCase.POINT, 2);
            peerGone();
            assertThat(trace.lines())
                    .filteredOn(line -> line.startsWith("TRACE > "))
                    .hasSize(5)
                    .contains("TRACE > Info", "TRACE > Init task task, node node2 .text('xxx')", "TRACE > Snapshot")
                    .anyMatch(line -> line.matches("TRACE > Point m s=\"x+\" 0"))
                    .anyMatch(line -> line.startsWith("TRACE > Point m\\n\\u001b "));
            assertThat(trace.lines())
                    .contains("TRACE < Info stream to stream .text(string)", "TRACE < Init ok", "TRACE closed")
                    .anyMatch(line -> line.matches("TRACE < Point m s=\"x+\" 0"));
        }
    }

    @Test
    void aTraceKeepsSecretsAndCutsLongMessages() throws Exception {
        Option<String> secret = Option.string("token").orElse("").secret();
        Udf udf = new Udf() {
            @Override
            public Description describe() {
                return Description.stream("f", "").options(secret);
            }

            @Override
            public Handler create(Context context) {
                return (point, output) -> {};
            }
        };
        try (Logged trace = Logged.of("org.kapacitorudf.trace.f", Level.TRACE)) {
            open(udf, true, AgentConfig.defaults());
            InitRequest init = init(text(100)).getInit();
            read(Request.newBuilder()
                    .setInit(init.toBuilder()
                            .setOptions(0, init.getOptions(0).toBuilder().setName("token")))
                    .build());
            read(point(10_000), point(100_000), SNAPSHOT);
            awaitAnswers(MessageCase.SNAPSHOT, 1);
            assertThat(trace.lines())
                    .contains("TRACE > Init task task, node node2 .token(***)")
                    .anyMatch(line -> line.matches("TRACE > Point m s=\"x+\\.\\.\\. \\(\\d+ more\\)"))
                    .anyMatch(line -> line.matches("TRACE > a request of \\d+ bytes"))
                    .allMatch(line -> line.length() < 2_100);
        }
    }

    @Test
    void aTraceThatIsNotConfiguredIsNotInThePipeline() throws Exception {
        open(handling((point, output) -> {}), true, AgentConfig.defaults());
        assertThat(channel.channel().pipeline().get(MessageTrace.class)).isNull();
    }

    /** The log lines of a function, each with level and text. */
    /** Has no lock: other threads log meanwhile. */
    private static final class SlowAppender extends UnsynchronizedAppenderBase<ILoggingEvent> {
        private final Consumer<ILoggingEvent> action;

        SlowAppender(Consumer<ILoggingEvent> action) {
            this.action = action;
        }

        @Override
        protected void append(ILoggingEvent event) {
            action.accept(event);
        }
    }

    private record Logged(Logger logger, ListAppender<ILoggingEvent> events) implements AutoCloseable {
        static Logged of(String udf) {
            return of("org.kapacitorudf.udf." + udf, Level.INFO);
        }

        static Logged of(String name, Level level) {
            Logger logger = (Logger) LoggerFactory.getLogger(name);
            ListAppender<ILoggingEvent> events = new ListAppender<>();
            events.list = new CopyOnWriteArrayList<>();
            events.start();
            logger.addAppender(events);
            logger.setLevel(level);
            logger.setAdditive(false);
            return new Logged(logger, events);
        }

        long count(String text) {
            return events.list.stream()
                    .filter(event -> event.getFormattedMessage().contains(text))
                    .count();
        }

        ILoggingEvent first(String text) {
            return events.list.stream()
                    .filter(event -> event.getFormattedMessage().contains(text))
                    .findFirst()
                    .orElseThrow();
        }

        List<String> lines() {
            return events.list.stream()
                    .map(event -> event.getLevel() + " " + event.getFormattedMessage())
                    .toList();
        }

        @Override
        public void close() {
            logger.detachAppender(events);
            logger.setLevel(null);
            logger.setAdditive(true);
        }
    }
}
