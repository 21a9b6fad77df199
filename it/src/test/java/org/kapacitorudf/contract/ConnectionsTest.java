package org.kapacitorudf.contract;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.kapacitorudf.Context;
import org.kapacitorudf.Description;
import org.kapacitorudf.Handler;
import org.kapacitorudf.Udf;
import org.kapacitorudf.agent.AgentConfig;
import org.kapacitorudf.agent.Connection;
import org.kapacitorudf.agent.Connection.Counts;
import org.kapacitorudf.agent.Ending;
import org.kapacitorudf.client.Kapacitor;
import org.kapacitorudf.embed.ConnectionListener;
import org.kapacitorudf.embed.UdfServer;

/** The public view of a server's connections. */
@Tag("slow")
@Timeout(600)
final class ConnectionsTest {
    private static final AgentConfig CONFIG = TestUdf.CONFIG.toBuilder()
            .readAheadBytes(64 * 1024)
            .outputBufferBytes(64 * 1024)
            .build();

    @TempDir
    private Path directory;

    private final Heard heard = new Heard();
    private UdfServer server;
    private Kapacitor kapacitor;

    /** A function whose calls wait for the test. */
    private static final class Gated implements Udf {
        private final CountDownLatch gate = new CountDownLatch(1);

        @Override
        public Description describe() {
            return Description.stream("gated", "a function for tests");
        }

        @Override
        public Handler create(Context context) {
            return (point, output) -> {
                gate.await();
                output.point(point);
            };
        }
    }

    /** Records the events. */
    private static final class Heard implements ConnectionListener {
        private final List<String> events = new CopyOnWriteArrayList<>();
        private final List<Connection> ended = new CopyOnWriteArrayList<>();

        @Override
        public void opened(Connection connection) {
            events.add("opened " + connection.function());
        }

        @Override
        public void started(Connection connection) {
            events.add("started " + connection.taskId() + " " + connection.nodeId());
        }

        @Override
        public void ended(Connection connection, Ending ending) {
            ended.add(connection);
            events.add("ended " + ending);
        }

        @Override
        public void refused(String function) {
            events.add("refused " + function);
        }
    }

    private Connection running(Udf udf) throws IOException {
        return running(udf, AgentContract.kapacitor());
    }

    private Connection running(Udf udf, Kapacitor.Builder builder) throws IOException {
        start(UdfServer.builder().config(CONFIG), udf);
        kapacitor = builder.connect(socket());
        assertThat(kapacitor.init("task", "node2").getError()).isEmpty();
        assertThat(server.connections()).hasSize(1);
        return server.connections().get(0);
    }

    private void start(UdfServer.Builder builder, Udf udf) throws IOException {
        server = builder.function(udf, socket()).listener(heard).build().start();
    }

    private Path socket() {
        return directory.resolve("socket");
    }

    @AfterEach
    void close() {
        if (kapacitor != null) {
            kapacitor.close();
        }
        if (server != null) {
            server.close();
        }
    }

    private static void await(BooleanSupplier condition) {
        long deadline = System.nanoTime() + TimeUnit.MINUTES.toNanos(5);
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).isLessThan(deadline);
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1));
        }
    }

    private Connection ended() {
        await(() -> !heard.ended.isEmpty());
        return heard.ended.get(0);
    }

    private Connection afterTheEnd() {
        kapacitor.closeInput();
        kapacitor.awaitEnd();
        return ended();
    }

    private void checkCountsOf(TestUdf udf) throws IOException {
        running(udf);
        kapacitor.send(AgentContract.sequence(1_000));
        kapacitor.awaitReceived(1_000);
        Counts counts = afterTheEnd().counts();
        assertThat(counts.pointsIn()).isEqualTo(1_000);
        assertThat(counts.pointsOut()).isEqualTo(1_000);
        assertThat(counts.bytesIn()).isGreaterThan(20_000);
        assertThat(counts.bytesOut()).isBetween(20_000L, counts.bytesIn() + 1_000);
        // Init, the end of the input, and the points.
        assertThat(counts.calls().count()).isEqualTo(1_002);
        assertThat(counts.calls().total()).isPositive();
        assertThat(counts.errors() + counts.skipped() + counts.restarts()).isZero();
    }

    @Test
    void whatComesAndGoesIsCountedOnTheLoop() throws IOException {
        checkCountsOf(TestUdf.echo);
    }

    @Test
    void whatComesAndGoesIsCountedOffTheLoop() throws IOException {
        checkCountsOf(TestUdf.echo);
    }

    @Test
    void aConnectionShowsWhoseItIs() throws IOException {
        Connection connection = running(TestUdf.counter);
        assertThat(connection.function()).isEqualTo("counter");
        assertThat(connection.taskId()).isEqualTo("task");
        assertThat(connection.nodeId()).isEqualTo("node2");
        assertThat(connection.number()).isEqualTo(1);
        await(connection::isStarted);
        await(() -> connection.currentCall().isEmpty());
        assertThat(connection.lastFailure()).isEmpty();
        assertThat(connection.lastSnapshot()).isEmpty();
    }

    @Test
    void batchesAreCountedInAndOut() throws IOException {
        running(TestUdf.echoBatches);
        kapacitor.sendBatch(
                AgentContract.point("m,host=a v=1 1\nm,host=a v=2 2").batches().get(0),
                AgentContract.point("m,host=b v=3 3").batches().get(0));
        kapacitor.awaitBatches(2);
        Counts counts = afterTheEnd().counts();
        assertThat(counts.batchesIn()).isEqualTo(2);
        assertThat(counts.batchesOut()).isEqualTo(2);
        assertThat(counts.pointsIn()).isEqualTo(3);
        assertThat(counts.pointsOut()).isEqualTo(3);
    }

    @Test
    void anOddPointIsSkippedAndNoError() throws IOException {
        Connection connection = running(TestUdf.doubler);
        kapacitor.send(AgentContract.point("m,host=a other=1 1\nm,host=a value=1 2"));
        kapacitor.awaitReceived(1);
        assertThat(connection.skips())
                .singleElement()
                .satisfies(skip -> assertThat(skip.reason()).contains("value"));
        assertThat(connection.lastFailure()).isEmpty();
        Counts counts = afterTheEnd().counts();
        assertThat(counts.skipped()).isEqualTo(1);
        assertThat(counts.errors()).isZero();
    }

    @Test
    void anErrorShowsHowTheConnectionEnded() throws IOException {
        running(TestUdf.thrower);
        AgentContract.sendFatal(kapacitor, AgentContract.point("m,host=a fail=\"boom\" 1"));
        kapacitor.awaitTaskError();
        Connection connection = ended();
        assertThat(connection.counts().errors()).isEqualTo(1);
        assertThat(connection.lastFailure())
                .hasValueSatisfying(failure -> assertThat(failure.text()).contains("boom"));
        assertThat(heard.events).containsExactly("opened thrower", "started task node2", "ended FAILED");
    }

    @Test
    void restartsAreCountedWithTheErrorsThatCausedThem() throws IOException {
        running(TestUdf.restarting);
        kapacitor.send(AgentContract.point("m,host=a fail=\"boom\" 1\nm,host=a i=1 2"));
        kapacitor.awaitReceived(1);
        Counts counts = afterTheEnd().counts();
        assertThat(counts.restarts()).isEqualTo(1);
        assertThat(counts.errors()).isEqualTo(1);
    }

    @Test
    void snapshotsShowTheirSizeAndThoseThatFailedAreCounted() throws IOException {
        Connection connection = running(TestUdf.counter);
        kapacitor.send(AgentContract.sequence(10));
        kapacitor.awaitReceived(10);
        int bytes = kapacitor.snapshot().size();
        await(() -> connection.lastSnapshot().isPresent());
        assertThat(connection.lastSnapshot().get().bytes()).isEqualTo(bytes);
        assertThat(connection.groups().getAsLong()).isPositive();
        kapacitor.send(AgentContract.point("m,host=a unsavable=true 1"));
        assertThat(kapacitor.snapshot().size()).isEqualTo(bytes);
        Counts counts = afterTheEnd().counts();
        assertThat(counts.snapshots()).isEqualTo(1);
        assertThat(counts.snapshotTime()).isPositive();
        assertThat(counts.failedSnapshots()).isEqualTo(1);
        assertThat(counts.errors()).isEqualTo(1);
    }

    @Test
    void aSlowCallIsSeenAtWorkAndKeepsKapacitorWaiting() throws IOException {
        Gated gated = new Gated();
        Connection connection = running(gated);
        kapacitor.send(AgentContract.sequence(1));
        await(() -> connection
                .currentCall()
                .filter(call -> call.method().equals("point") && call.seenFor().toMillis() >= 200)
                .isPresent());
        await(() -> connection.counts().unaskedKeepalives() > 0);
        gated.gate.countDown();
        kapacitor.awaitReceived(1);
        await(() -> connection.currentCall().isEmpty());
        assertThat(afterTheEnd().counts().calls().total()).isGreaterThan(Duration.ofMillis(200));
    }

    @Test
    void inputThatWaitsForASlowHandlerIsShownAndForHowLongReadingPaused() throws IOException {
        Gated gated = new Gated();
        Connection connection = running(gated);
        Thread sender = new Thread(() -> kapacitor.send(AgentContract.sequence(20_000)));
        sender.start();
        await(() -> connection.counts().readingPaused().toMillis() >= 100);
        assertThat(connection.queuedBytes()).isGreaterThanOrEqualTo(CONFIG.readAheadBytes());
        gated.gate.countDown();
        kapacitor.awaitReceived(20_000);
        await(() ->
                connection.counts().readingPaused().equals(connection.counts().readingPaused()));
        await(() -> connection.queuedBytes() == 0);
    }

    private void checkTheWaitFor(TestUdf udf) throws IOException {
        Connection connection = running(udf, AgentContract.kapacitor().countOnly());
        kapacitor.pauseReading();
        int points = udf == TestUdf.amplifier ? 300 : 20_000;
        Thread sender = new Thread(() -> kapacitor.send(AgentContract.sequence(points)));
        sender.start();
        await(() -> connection.counts().outputWait().toMillis() >= 100);
        await(() -> connection.unsentBytes() > 0);
        kapacitor.resumeReading();
        kapacitor.awaitReceived(udf == TestUdf.amplifier ? 100L * points : points);
        assertThat(connection.counts().calls().total()).isPositive();
    }

    @Test
    void aHandlerThatWaitsForKapacitorToReadIsShownToWait() throws IOException {
        checkTheWaitFor(TestUdf.amplifier);
    }

    @Test
    void aHandlerOnTheLoopThatHasToWaitForRoomIsShownToWait() throws IOException {
        checkTheWaitFor(TestUdf.echo);
    }

    @Test
    void aRefusedConnectionAndOneThatNeverStartedAreHeardOf() throws IOException {
        start(UdfServer.builder().config(CONFIG.toBuilder().maxConnections(1).build()), TestUdf.choosy);
        kapacitor = AgentContract.kapacitor().connect(socket());
        kapacitor.info();
        await(() -> heard.events.size() == 1);
        try (Kapacitor second = AgentContract.kapacitor().connect(socket())) {
            second.awaitEnd();
        }
        await(() -> heard.events.size() == 2);
        assertThat(kapacitor.init("task", "node2").getError()).contains("field");
        kapacitor.closeInput();
        Connection connection = ended();
        assertThat(connection.taskId()).isEqualTo("task");
        assertThat(connection.isStarted()).isFalse();
        assertThat(heard.events).containsExactly("opened choosy", "refused choosy", "ended REFUSED");
    }

    @Test
    void aListenerThatFailsDoesNotAffectTheConnection() throws IOException {
        ConnectionListener failing = new ConnectionListener() {
            @Override
            public void opened(Connection connection) {
                throw new IllegalStateException("opened");
            }

            @Override
            public void started(Connection connection) {
                throw new IllegalStateException("started");
            }

            @Override
            public void ended(Connection connection, Ending ending) {
                throw new IllegalStateException("ended");
            }
        };
        start(UdfServer.builder().config(CONFIG).listener(failing), TestUdf.echo);
        kapacitor = AgentContract.kapacitor().connect(socket());
        kapacitor.init("task", "node2");
        kapacitor.send(AgentContract.sequence(10));
        kapacitor.awaitReceived(10);
        afterTheEnd();
        assertThat(heard.events).containsExactly("opened echo", "started task node2", "ended CLEAN");
        assertThat(kapacitor.problems()).isEmpty();
    }

    @Test
    void countsAddUp() {
        Counts one = new Counts(
                1,
                2,
                3,
                4,
                5,
                6,
                Connection.CallTimes.NONE,
                Duration.ofMillis(7),
                Duration.ofMillis(8),
                9,
                10,
                11,
                12,
                13,
                14,
                15,
                Duration.ofMillis(15),
                Map.of("a", 16L));
        assertThat(one.plus(Counts.NONE)).isEqualTo(one);
        assertThat(one.plus(one).pointsIn()).isEqualTo(2);
        assertThat(one.plus(one).snapshotTime()).isEqualTo(Duration.ofMillis(30));
        assertThat(one.plus(one).counters()).isEqualTo(Map.of("a", 32L));
    }
}
