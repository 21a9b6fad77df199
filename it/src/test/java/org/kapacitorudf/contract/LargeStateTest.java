package org.kapacitorudf.contract;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;
import org.kapacitorudf.Context;
import org.kapacitorudf.Description;
import org.kapacitorudf.Handler;
import org.kapacitorudf.Output;
import org.kapacitorudf.Udf;
import org.kapacitorudf.agent.AgentConfig;
import org.kapacitorudf.client.Kapacitor;
import org.kapacitorudf.client.Points;
import org.kapacitorudf.embed.UdfServer;
import org.kapacitorudf.proto.KeepaliveRequest;
import org.kapacitorudf.proto.Point;
import org.kapacitorudf.proto.Request;
import org.kapacitorudf.proto.Response.MessageCase;
import org.kapacitorudf.state.GroupState;

/** A million groups in one handler, over a real socket. */
@Tag("slow")
@Isolated
@Timeout(600)
@Tag("one-jdk")
final class LargeStateTest {
    private static final int GROUPS = 1_000_000;
    private static final Duration LONG = Duration.ofMinutes(5);
    private static final int READ_AHEAD_BYTES = 4 * 1024 * 1024;
    private static final AgentConfig CONFIG = TestUdf.CONFIG.toBuilder()
            .readAheadBytes(READ_AHEAD_BYTES)
            .maxFrameBytes(64 * 1024 * 1024)
            .build();

    @TempDir
    Path directory;

    record Mean(double sum, long count) {}

    /** Adds 1 to the group of each point, and sends the count. */
    private static final class Means implements Udf {
        private final SliceCounter slices = new SliceCounter();
        private volatile boolean fills = true;
        private final AtomicBoolean mayCome = new AtomicBoolean(true); // more input
        private volatile LongSupplier queuedBytes = () -> Long.MAX_VALUE;
        private volatile LongSupplier keepalives = () -> 0;

        @Override
        public Description describe() {
            return Description.stream("means", "a mean for each group").callLimit(LONG);
        }

        @Override
        public Handler create(Context context) {
            GroupState<Mean> means = context.groupState("means", Mean.class, () -> new Mean(0, 0));
            for (int i = 0; fills && i < GROUPS; i++) {
                means.put("host=server" + i, new Mean(i / 7.0, i));
            }
            return new Handler() {
                @Override
                public void point(org.kapacitorudf.Point point, Output output) {
                    slices.called();
                    Mean mean = means.of(point.group());
                    means.put(point.group(), new Mean(mean.sum() + 1, mean.count() + 1));
                    output.point(point.withField("count", mean.count() + 1).withField("groups", (long) means.size()));
                }

                /**
                 * Waits until there is work for between the slices, even if no thread brings more of it. Then waits for
                 * keepalives, while no more input comes, so that there is room for them in what is read ahead.
                 */
                @Override
                public byte[] snapshot(Output output) {
                    Eventually.equal("input", () -> queuedBytes.getAsLong() >= READ_AHEAD_BYTES / 2, true);
                    mayCome.set(false);
                    long before = keepalives.getAsLong();
                    Eventually.equal("keepalives during a snapshot", () -> keepalives.getAsLong() >= before + 2, true);
                    mayCome.set(true);
                    slices.reset();
                    return new byte[0];
                }
            };
        }
    }

    /**
     * Counts the slices of a snapshot, which are made between two calls. Measures processor time, because all threads
     * stand still during a collection of garbage, and on a busy machine.
     */
    private static final class SliceCounter {
        /** Much more than a call needs, and half as long as the shortest slice. */
        private static final long SLICE_NANOS = TimeUnit.MILLISECONDS.toNanos(5);

        private final ThreadMXBean threads = ManagementFactory.getThreadMXBean();
        private Thread lastThread;
        private long lastNanos;
        private int slices;

        synchronized void called() {
            Thread thread = Thread.currentThread();
            long now = threads.getCurrentThreadCpuTime();
            if (thread == lastThread && now - lastNanos >= SLICE_NANOS) {
                slices++;
            }
            lastThread = thread;
            lastNanos = now;
        }

        synchronized void reset() {
            slices = 0;
        }

        synchronized int slices() {
            return slices;
        }
    }

    private static Point point(int host) {
        return Points.of("cpu,host=server" + host + " value=1 1")
                .groupBy("host")
                .iterator()
                .next();
    }

    @Test
    void aSnapshotOfAMillionGroupsStopsNeitherDataNorKeepalives() throws Exception {
        Path socket = directory.resolve("means.sock");
        Means means = new Means();
        ByteString snapshot;
        try (UdfServer server = UdfServer.builder()
                .config(CONFIG)
                .function(means, socket)
                .build()
                .start()) {
            try (Kapacitor kapacitor = settings().countOnly().connect(socket)) {
                kapacitor.init("task", "means2");
                means.queuedBytes = server.connections().get(0)::queuedBytes;
                means.keepalives = () -> kapacitor.received(MessageCase.KEEPALIVE);
                AtomicBoolean enough = new AtomicBoolean();
                CompletableFuture<Void> sending =
                        CompletableFuture.runAsync(() -> kapacitor.send(pointsUntil(enough, means.mayCome)));
                CompletableFuture<Void> asking = CompletableFuture.runAsync(() -> askUntil(enough, kapacitor));
                kapacitor.awaitReceived(1_000);
                long before = kapacitor.receivedPoints();
                long askedNanos = System.nanoTime();
                snapshot = kapacitor.snapshot();
                int slices = means.slices.slices();
                long tookNanos = System.nanoTime() - askedNanos;
                long during = kapacitor.receivedPoints() - before;
                enough.set(true);
                sending.join();
                asking.join();
                kapacitor.closeInput();
                kapacitor.awaitEnd();
                System.out.printf(
                        "%,d bytes in %,d ms, %,d points and %,d slices meanwhile, longest time between two answers %,d ms%n",
                        snapshot.size(),
                        tookNanos / 1_000_000,
                        during,
                        slices,
                        kapacitor.largestGap().toMillis());
                assertThat(kapacitor.problems()).isEmpty();
                // Not more, because the second slice may be the rest if the thread did not run for long before it.
                assertThat(slices)
                        .as("slices of the snapshot, with points between them")
                        .isGreaterThan(1);
            }
            means.fills = false;
            try (Kapacitor kapacitor = settings().connect(socket)) {
                kapacitor.init("task", "means2");
                assertThat(kapacitor.restore(snapshot).getError()).isEmpty();
                kapacitor.send(point(GROUPS - 1));
                kapacitor.awaitReceived(1);
                Point last = kapacitor.points().get(0);
                assertThat(last.getFieldsIntOrThrow("groups")).isEqualTo(GROUPS);
                assertThat(last.getFieldsIntOrThrow("count")).isGreaterThanOrEqualTo(GROUPS);
            }
        }
    }

    private static Kapacitor.Builder settings() {
        return Kapacitor.builder().timeout(LONG).deadline(LONG);
    }

    /**
     * Asks for the next keepalive when the last was answered. The times in the requests are far apart, so the agent
     * does not learn a short timeout.
     */
    private static void askUntil(AtomicBoolean enough, Kapacitor kapacitor) {
        for (long asked = 1; !enough.get(); asked++) {
            kapacitor.sendRequests(List.of(Request.newBuilder()
                    .setKeepalive(KeepaliveRequest.newBuilder().setTime(asked * LONG.toNanos()))
                    .build()));
            kapacitor.awaitResponses(MessageCase.KEEPALIVE, asked, LONG);
        }
    }

    private static Iterable<Point> pointsUntil(AtomicBoolean enough, AtomicBoolean mayCome) {
        Point[] points = IntStream.range(0, 10_000).mapToObj(i -> point(i * 97)).toArray(Point[]::new);
        return () -> new Iterator<>() {
            private int next;

            @Override
            public boolean hasNext() {
                while (!mayCome.get()) {
                    LockSupport.parkNanos(100_000);
                }
                return !enough.get();
            }

            @Override
            public Point next() {
                return points[next++ % points.length];
            }
        };
    }
}
