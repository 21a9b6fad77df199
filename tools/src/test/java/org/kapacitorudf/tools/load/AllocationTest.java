package org.kapacitorudf.tools.load;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.netty.util.ResourceLeakDetector;
import io.netty.util.ResourceLeakDetector.Level;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadInfo;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;
import org.kapacitorudf.Context;
import org.kapacitorudf.Description;
import org.kapacitorudf.Handler;
import org.kapacitorudf.Udf;
import org.kapacitorudf.embed.UdfServer;

/** Detects an increase of the garbage per point. */
@Tag("jvm")
@Tag("slow")
@Isolated
@Timeout(600)
class AllocationTest {
    private static final long WARM_UP_NANOS =
            TimeUnit.MILLISECONDS.toNanos(Boolean.getBoolean("udf.full") ? 3_000 : 500);
    private static final long RUN_NANOS = TimeUnit.MILLISECONDS.toNanos(20);
    private static final int SAMPLES = 51;
    /** With fewer points, the garbage of the watchdog would count. A starved machine needs several runs for them. */
    private static final long LEAST_POINTS = 20_000;
    /** Measured: 293, of which the bytes of the point with their array are 256. */
    private static final double MOST_BYTES = 330;

    private final Level leakDetection = ResourceLeakDetector.getLevel();

    @TempDir
    private Path directory;

    @BeforeEach
    void noLeakDetection() {
        // It allocates for each buffer.
        ResourceLeakDetector.setLevel(Level.DISABLED);
    }

    @AfterEach
    void leakDetection() {
        ResourceLeakDetector.setLevel(leakDetection);
    }

    @Test
    void aMirroredPointAllocatesLittleMoreThanItsBytes() throws IOException {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        Udf mirror = new Mirror();
        Path socket = directory.resolve("mirror");
        LoadPlan plan = LoadPlan.of(Measure.THROUGHPUT).withKeepaliveEvery(Duration.ZERO);
        try (UdfServer server = UdfServer.builder()
                        .function(mirror, socket)
                        .threads(1)
                        .build()
                        .start();
                RunningAgent agent = RunningAgent.start(
                        Subject.socket("mirror", socket), plan, Duration.ofMinutes(5), directory, 0);
                Connections connections = new Connections(agent, plan, plan.traffic())) {
            assertThat(server.connections()).hasSize(1);
            connections.run(WARM_UP_NANOS, (points, elapsed) -> {});
            double[] bytes = new double[SAMPLES];
            for (int sample = 0; sample < SAMPLES; sample++) {
                long allocated = 0;
                long points = 0;
                while (points < LEAST_POINTS) {
                    long before = allocatedBytes(threads);
                    points += connections
                            .run(RUN_NANOS, (received, elapsed) -> {})
                            .points();
                    allocated += allocatedBytes(threads) - before;
                }
                bytes[sample] = (double) allocated / points;
            }
            connections.finish();
            assertThat(LoadResult.median(bytes).orElseThrow()).isPositive().isLessThanOrEqualTo(MOST_BYTES);
        }
    }

    /** The allocations of all event loops, workers and the watchdog. */
    private static long allocatedBytes(ThreadMXBean threads) {
        long[] ids = Arrays.stream(threads.getThreadInfo(threads.getAllThreadIds()))
                .filter(thread -> thread != null && thread.getThreadName().startsWith("udf-"))
                .mapToLong(ThreadInfo::getThreadId)
                .toArray();
        return Arrays.stream(threads.getThreadAllocatedBytes(ids)).sum();
    }

    private static final class Mirror implements Udf {
        @Override
        public Description describe() {
            return Description.stream("mirror", "returns every point unchanged");
        }

        @Override
        public Handler create(Context context) {
            return (point, output) -> output.point(point);
        }
    }
}
