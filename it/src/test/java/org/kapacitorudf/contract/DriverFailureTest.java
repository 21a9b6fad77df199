package org.kapacitorudf.contract;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.kapacitorudf.agent.AgentConfig;
import org.kapacitorudf.client.PointBatch;
import org.kapacitorudf.errors.FailurePolicy;
import org.kapacitorudf.errors.OnBadSnapshot;
import org.kapacitorudf.proto.Point;
import org.kapacitorudf.testkit.UdfDriver;

/** How the driver for tests of handlers treats failures. */
@Timeout(600)
final class DriverFailureTest implements FailureContract {
    private static final Duration LIMIT = Duration.ofMinutes(5);

    @Override
    public Conversation talk(TestUdf udf, ByteString snapshot) {
        UdfDriver driver = UdfDriver.of(udf)
                .config(TestUdf.CONFIG)
                .groupBy("host")
                .node("node2")
                .start();
        if (!snapshot.isEmpty()) {
            driver.restartFrom(snapshot.toByteArray());
            // What stop emitted before is not part of this session.
            driver.read();
        }
        return new Conversation() {
            private final List<Point> points = new ArrayList<>();
            private final List<PointBatch> batches = new ArrayList<>();

            @Override
            public void send(String... lines) {
                driver.pipe(lines);
            }

            @Override
            public void send(PointBatch... sent) {
                driver.pipeBatch(sent);
            }

            @Override
            public List<Point> points(int count) {
                long deadline = System.nanoTime() + LIMIT.toNanos();
                do {
                    assertThat(System.nanoTime()).as("points: %s", points).isLessThan(deadline);
                    // Before a failure that has ended the task, as shown by Kapacitor.
                    driver.error();
                    points.addAll(driver.readPoints());
                } while (points.size() < count);
                return points;
            }

            @Override
            public List<PointBatch> batches(int count) {
                driver.error();
                batches.addAll(driver.readBatches());
                return batches;
            }

            @Override
            public ByteString snapshot() {
                return ByteString.copyFrom(driver.snapshot());
            }

            @Override
            public String error() {
                return driver.error().orElseThrow();
            }

            @Override
            public void end() {
                driver.endOfInput();
            }

            @Override
            public void close() {
                driver.error();
                driver.close();
            }
        };
    }

    @Test
    void aHandlerThatIsReplacedForItsSnapshotIsStoppedButEmitsNothing() {
        AgentConfig config =
                TestUdf.CONFIG.toBuilder().onBadSnapshot(OnBadSnapshot.FRESH).build();
        UdfDriver driver = UdfDriver.of(TestUdf.restarting).config(config).start();
        driver.pipe("m unrestorable=true 1");
        byte[] snapshot = driver.snapshot();
        driver.read();
        driver.restartFrom(snapshot);
        driver.pipe("m v=1 2");
        assertThat(driver.readPoints()).extracting(Point::getName).containsExactly("m");
        driver.endOfInput();
        assertThat(driver.readPoints()).extracting(Point::getName).containsExactly("stopped");
    }

    @Test
    void theDriverTellsOfRestarts() {
        UdfDriver driver = UdfDriver.of(TestUdf.restarting).start();
        driver.pipe("m fail=\"one\" 1", "m v=1 2", "m fail=\"two\" 3");
        assertThat(driver.restarts()).isEqualTo(2);
        assertThat(driver.skipped())
                .containsExactly(
                        "point: java.lang.IllegalStateException: one", "point: java.lang.IllegalStateException: two");
    }

    @Test
    void whatTheOperatorSaysCountsMoreThanWhatTheFunctionDeclares() {
        UdfDriver failing = UdfDriver.of(TestUdf.restarting)
                .config(AgentConfig.builder().onError(FailurePolicy.FAIL).build())
                .start();
        failing.pipe("m fail=\"boom\" 1");
        assertThat(failing.error()).isPresent();
        UdfDriver restarting = UdfDriver.of(TestUdf.failing)
                .config(AgentConfig.builder().onError(FailurePolicy.RESTART).build())
                .start();
        restarting.pipe("m fail=\"boom\" 1");
        assertThat(restarting.error()).isEmpty();
        assertThat(restarting.restarts()).isEqualTo(1);
    }

    @Test
    void withoutAnyRestartAllowedTheFirstFailureEndsTheTask() {
        UdfDriver driver = UdfDriver.of(TestUdf.restarting)
                .config(AgentConfig.builder().maxRestarts(0).build())
                .start();
        driver.pipe("m fail=\"boom\" 1");
        assertThat(driver.error().orElseThrow()).contains("after 0 restarts");
    }
}
