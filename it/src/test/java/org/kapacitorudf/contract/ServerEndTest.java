package org.kapacitorudf.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
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
import org.kapacitorudf.embed.UdfServer;

/** A server with misbehaving connections. */
@Tag("slow")
@Timeout(600)
final class ServerEndTest {
    @TempDir
    private Path directory;

    private Path socket() {
        return directory.resolve("socket");
    }

    private UdfServer.Builder server(Udf udf) {
        return UdfServer.builder().config(TestUdf.CONFIG).function(udf, socket());
    }

    private Kapacitor running(Path socket) throws IOException {
        Kapacitor kapacitor = AgentContract.kapacitor().connect(socket);
        assertThat(kapacitor.init("task", "node2").getError()).isEmpty();
        return kapacitor;
    }

    /** A function of one lambda. */
    private static Udf acting(Consumer<Point> action) {
        return new Udf() {
            @Override
            public Description describe() {
                return Description.stream("acting", "a function for tests");
            }

            @Override
            public Handler create(Context context) {
                return (point, output) -> action.accept(point);
            }
        };
    }

    private static void await(CountDownLatch latch) {
        boolean interrupted = false;
        while (true) {
            try {
                assertThat(latch.await(5, TimeUnit.MINUTES)).isTrue();
                break;
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void aSnapshotAskedForWhileTheServerStopsIsAnswered() throws Exception {
        CountDownLatch answered = new CountDownLatch(1);
        Udf slowToStop = new Udf() {
            @Override
            public Description describe() {
                return Description.stream("slowToStop", "a function for tests");
            }

            @Override
            public Handler create(Context context) {
                return new Handler() {
                    @Override
                    public void point(Point point, Output output) {}

                    @Override
                    public void stop(Output output) {
                        output.point(Point.of("stopping", 1).withField("i", 1L));
                        await(answered);
                    }
                };
            }
        };
        try (UdfServer server = server(slowToStop).build().start();
                Kapacitor kapacitor = running(socket())) {
            Thread closing = new Thread(server::close);
            closing.start();
            kapacitor.awaitReceived(1);
            assertThat(kapacitor.snapshot()).isEqualTo(ByteString.EMPTY);
            answered.countDown();
            kapacitor.awaitEnd();
            closing.join();
            assertThat(kapacitor.death()).isEmpty();
        }
    }

    @Test
    void closingDoesNotWaitLongForAnEndOfTheInputThatKapacitorDoesNotSend() throws Exception {
        UdfServer server = server(TestUdf.echo)
                .config(TestUdf.CONFIG.toBuilder()
                        .drainDeadline(Duration.ofMinutes(10))
                        .build())
                .grace(Duration.ofMinutes(10))
                .build()
                .start();
        try (Kapacitor kapacitor = running(socket())) {
            kapacitor.pauseReading(); // Like Kapacitor, it then does not react to the end of the output.
            Thread closing = new Thread(server::close);
            closing.start();
            closing.join(TimeUnit.MINUTES.toMillis(5));
            assertThat(closing.isAlive()).isFalse();
            assertThat(kapacitor.death()).isEmpty();
        }
    }

    @Test
    void aRefusedConnectionEndsThoughKeepalivesComeFasterThanTheDrainDeadline() throws Exception {
        try (UdfServer server = server(TestUdf.choosy)
                        .config(TestUdf.Limits.SHORT_DRAIN.config())
                        .build()
                        .start();
                Kapacitor kapacitor =
                        Kapacitor.builder().timeout(Duration.ofMinutes(1)).connect(socket())) {
            assertThat(kapacitor.init("task", "node2").getSuccess()).isFalse();
            kapacitor.awaitEnd(Duration.ofMinutes(5));
            assertThat(kapacitor.death()).isEmpty();
        }
    }

    @Test
    void closingDoesNotWaitForACallThatIsStuckLongerThanTheGrace() throws Exception {
        CountDownLatch stuck = new CountDownLatch(1);
        CountDownLatch released = new CountDownLatch(1);
        Udf udf = acting(point -> {
            stuck.countDown();
            await(released);
        });
        UdfServer server =
                server(udf).grace(Duration.ofSeconds(1)).threads(1).build().start();
        try (Kapacitor kapacitor = running(socket())) {
            kapacitor.send(AgentContract.point("m,host=a v=1 1"));
            await(stuck);
            Thread closing = new Thread(server::close);
            closing.start();
            closing.join(TimeUnit.MINUTES.toMillis(5));
            boolean closed = !closing.isAlive();
            released.countDown();
            closing.join();
            assertThat(closed).as("closed in time").isTrue();
        }
    }

    @Test
    void aServerThatCannotListenOnItsSecondSocketLetsGoOfTheFirst() throws Exception {
        Path second = directory.resolve("file");
        Files.writeString(second, "not a socket");
        UdfServer server = server(TestUdf.echo).function(TestUdf.late, second).build();
        assertThatThrownBy(server::start).isInstanceOf(IOException.class).hasMessageContaining("file");
        assertThat(socket()).doesNotExist();
        assertThat(second).exists();
        server.close();
    }

    @Test
    void theSecondToCloseWaitsAsTheFirstDoes() throws Exception {
        CountDownLatch stopping = new CountDownLatch(1);
        CountDownLatch released = new CountDownLatch(1);
        Udf udf = new Udf() {
            @Override
            public Description describe() {
                return Description.stream("slowToStop", "a function for tests");
            }

            @Override
            public Handler create(Context context) {
                return new Handler() {
                    @Override
                    public void point(Point point, Output output) {}

                    @Override
                    public void stop(Output output) {
                        stopping.countDown();
                        await(released);
                    }
                };
            }
        };
        UdfServer server = server(udf).build().start();
        try (Kapacitor kapacitor = running(socket())) {
            Thread first = new Thread(server::close);
            first.start();
            await(stopping);
            Thread second = new Thread(server::close);
            second.start();
            while (second.isAlive()
                    && second.getState() != Thread.State.WAITING
                    && second.getState() != Thread.State.BLOCKED) {
                Thread.onSpinWait();
            }
            assertThat(second.isAlive()).as("waits").isTrue();
            assertThat(kapacitor.problems()).isEmpty();
            released.countDown();
            first.join();
            second.join();
            assertThat(server.connections()).isEmpty();
        }
    }

    @Test
    void connectionsThatComeAtOnceDoNotSlipBeyondTheLimit() throws Exception {
        int limit = 8;
        try (UdfServer server = server(TestUdf.echo)
                .config(TestUdf.CONFIG.toBuilder().maxConnections(limit).build())
                .threads(4)
                .build()
                .start()) {
            Kapacitor[] kapacitors = new Kapacitor[3 * limit];
            for (int i = 0; i < kapacitors.length; i++) {
                kapacitors[i] = AgentContract.kapacitor().connect(socket());
            }
            int open = 0;
            for (Kapacitor kapacitor : kapacitors) {
                try {
                    kapacitor.info();
                    open++;
                } catch (RuntimeException e) {
                    // Refused.
                }
            }
            assertThat(open).isEqualTo(limit);
            assertThat(server.connections()).hasSize(limit);
            for (Kapacitor kapacitor : kapacitors) {
                kapacitor.close();
            }
        }
    }
}
