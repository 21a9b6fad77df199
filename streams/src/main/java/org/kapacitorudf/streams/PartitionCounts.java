package org.kapacitorudf.streams;

import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;
import org.kapacitorudf.internal.host.HandlerCounts;
import org.kapacitorudf.internal.host.HandlerHost;

/**
 * The counts of a partition in this process. Counting continues where it stopped if the partition moves to another
 * process and returns.
 *
 * <p>Threading: safe for use by any thread.
 */
final class PartitionCounts {
    private final int partition;
    private final LongAdder deadLetters = new LongAdder();
    private final LongAdder late = new LongAdder();
    private final LongAdder starts = new LongAdder();
    private final LongAdder restoredValues = new LongAdder();
    private volatile long stateBytes;
    private volatile @Nullable HandlerHost host; // null while the partition is elsewhere
    private volatile Sums ended = new Sums(0, 0, 0, 0);

    /** The total counts of the handlers that have ended. */
    private record Sums(long pointsIn, long pointsOut, long skipped, long restarts) {
        private static Sums of(HandlerHost host) {
            HandlerCounts counts = host.counts();
            return new Sums(counts.pointsIn(), host.pointsOut(), counts.skipped(), counts.restarts());
        }

        private Sums plus(Sums other) {
            return new Sums(
                    pointsIn + other.pointsIn,
                    pointsOut + other.pointsOut,
                    skipped + other.skipped,
                    restarts + other.restarts);
        }
    }

    PartitionCounts(int partition) {
        this.partition = partition;
    }

    synchronized void began(HandlerHost begun) {
        host = begun;
        starts.increment();
    }

    synchronized void ended() {
        if (host != null) {
            ended = ended.plus(Sums.of(host));
            host = null;
        }
    }

    void restored(long values) {
        restoredValues.add(values);
    }

    void stateBytes(long bytes) {
        stateBytes = bytes;
    }

    void deadLetter() {
        deadLetters.increment();
    }

    void late() {
        late.increment();
    }

    private synchronized Sums sums() {
        return host == null ? ended : ended.plus(Sums.of(host));
    }

    PartitionStatus status() {
        HandlerHost here = host;
        Sums sums = sums();
        return new PartitionStatus(
                partition,
                here != null,
                sums.pointsIn,
                sums.pointsOut,
                sums.skipped,
                sums.restarts,
                deadLetters.sum(),
                late.sum(),
                here == null ? 0 : Math.max(0, here.counts().groups()),
                here == null ? 0 : stateBytes,
                starts.sum(),
                restoredValues.sum());
    }
}
