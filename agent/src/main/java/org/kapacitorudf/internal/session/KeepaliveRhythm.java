package org.kapacitorudf.internal.session;

import java.time.Duration;
import java.util.Arrays;

/**
 * Learns Kapacitor's keepalive timeout from the interval of its keepalive requests, which is half of the timeout.
 *
 * <p>Requests contain the time at which they were created, so it does not matter if they are delayed on the way. But if
 * Kapacitor's writer was blocked, intervals change in both directions. Therefore the shortest recent interval
 * determines how often keepalives are sent, and the median determines when to give up.
 *
 * <p>The times are from Kapacitor's wall clock, which may be changed. Therefore an interval is limited to the time that
 * has elapsed locally, or, if that is longer, to the default that applies without requests.
 *
 * <p>Threading: event loop only.
 */
final class KeepaliveRhythm {
    private static final int REMEMBERED = 7;
    private static final long SHORTEST_INTERVAL_NANOS = Duration.ofMillis(5).toNanos();
    private static final long SHORTEST_STALL_NANOS = Duration.ofSeconds(1).toNanos();

    /** The shortest limit while only a single interval is known, which may be unusual. */
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
     * @param timeNanos Kapacitor's time, in nanoseconds since the epoch
     * @param arrivedNanos by a monotonic clock
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

    /** How often a busy connection sends a keepalive: a quarter of the timeout. */
    long intervalNanos() {
        return intervalNanos;
    }

    /** How long output can be stalled before Kapacitor must have given up by its own rules: twice the timeout. */
    long stallNanos() {
        return stallNanos;
    }
}
