package org.kapacitorudf.internal.session;

import java.time.Duration;
import java.util.Arrays;

/**
 * Learns Kapacitor's keepalive timeout from the spacing of its keepalive requests: one every half of it.
 *
 * <p>The requests carry the time at which they were made, so a delay on the way to us does not count; one at which Kapacitor's writer was blocked does, in both
 * directions. So showing that we live goes by the shortest spacing of late, giving up by the middle one.
 *
 * <p>That time is Kapacitor's wall clock, which somebody may set. So no spacing counts for more than has passed here meanwhile, or than what holds without any
 * request, if that is longer.
 *
 * <p>Threading: event loop only.
 */
final class KeepaliveRhythm {
    private static final int REMEMBERED = 7;
    private static final long SHORTEST_INTERVAL_NANOS = Duration.ofMillis(5).toNanos();
    private static final long SHORTEST_STALL_NANOS = Duration.ofSeconds(1).toNanos();

    /** While one spacing alone decides, and may be an odd one. */
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
     * Takes the time in a keepalive request.
     *
     * @param timeNanos as Kapacitor has it, in nanoseconds since the epoch
     * @param arrivedNanos by a clock that nobody sets
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

    /** How often a busy connection shows that it lives: a quarter of the timeout. */
    long intervalNanos() {
        return intervalNanos;
    }

    /** After how long without progress of our output Kapacitor has given up by its own rule: twice the timeout. */
    long stallNanos() {
        return stallNanos;
    }
}
