package org.kapacitorudf.internal.session;

import java.time.Duration;
import java.util.Arrays;

/**
 * Learns Kapacitor's keepalive timeout from the interval of its keepalive requests, which is half of the timeout.
 *
 * <p>Requests contain the time at which they were created, so a delay on the way does not matter. But if Kapacitor's
 * writer was blocked, some intervals are too long and others too short. Therefore the shortest recent interval
 * determines how often keepalives are sent, and the median determines when to give up.
 *
 * <p>The times are from Kapacitor's wall clock, which may be set. Therefore an interval is limited to the time that has
 * elapsed on the local monotonic clock. This limit is never lower than the default that applies without requests.
 *
 * <p>Threading: event loop only.
 */
final class KeepaliveRhythm {
    private static final int REMEMBERED = 7;
    private static final long SHORTEST_INTERVAL_NANOS = Duration.ofMillis(5).toNanos();
    private static final long SHORTEST_STALL_NANOS = Duration.ofSeconds(1).toNanos();

    /**
     * The lowest value of {@link #stallNanos} while only one interval is known, because this interval may be unusual.
     */
    private static final long SHORTEST_FIRST_STALL_NANOS =
            Duration.ofSeconds(10).toNanos();

    private final long initialIntervalNanos;
    private final long initialStallNanos;
    private final long[] forInterval = new long[REMEMBERED];
    private final long[] forStall = new long[REMEMBERED];
    private int seen;
    private long lastRequestTime;
    private long lastArrivedNanos;
    private boolean hasRequest;
    private long intervalNanos;
    private long stallNanos;

    KeepaliveRhythm(Duration initialInterval, Duration initialStall) {
        initialStallNanos = initialStall.toNanos();
        initialIntervalNanos = Math.max(SHORTEST_INTERVAL_NANOS, initialInterval.toNanos());
        intervalNanos = initialIntervalNanos;
        stallNanos = initialStallNanos;
    }

    /**
     * Adds the time of a keepalive request.
     *
     * @param timeNanos the time in the request, in nanoseconds since the epoch
     * @param arrivedNanos when the request arrived, by a monotonic clock
     */
    void request(long timeNanos, long arrivedNanos) {
        long spacing = timeNanos - lastRequestTime;
        if (hasRequest && spacing > 0) {
            long passed = arrivedNanos - lastArrivedNanos;
            int next = seen++ % REMEMBERED;
            forInterval[next] = Math.min(spacing, Math.max(passed, 2 * initialIntervalNanos));
            forStall[next] = Math.min(spacing, Math.max(passed, initialStallNanos));
            learn();
        }
        lastRequestTime = timeNanos;
        lastArrivedNanos = arrivedNanos;
        hasRequest = true;
    }

    private void learn() {
        int count = Math.min(seen, REMEMBERED);
        long shortest = Arrays.stream(forInterval, 0, count).min().orElseThrow();
        intervalNanos = Math.max(SHORTEST_INTERVAL_NANOS, shortest / 2);
        long[] sorted = Arrays.copyOf(forStall, count);
        Arrays.sort(sorted);
        long timeoutNanos = 2 * sorted[count / 2];
        long shortestNanos =
                count == 1 ? Math.min(SHORTEST_FIRST_STALL_NANOS, initialStallNanos) : SHORTEST_STALL_NANOS;
        stallNanos = Math.max(shortestNanos, 2 * timeoutNanos);
    }

    /** The interval at which a busy connection sends keepalives: a quarter of Kapacitor's timeout. */
    long intervalNanos() {
        return intervalNanos;
    }

    /**
     * How long output may stall before the connection is closed: twice Kapacitor's timeout. Kapacitor itself has
     * already given up by then.
     */
    long stallNanos() {
        return stallNanos;
    }
}
