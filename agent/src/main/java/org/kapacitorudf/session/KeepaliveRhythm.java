package org.kapacitorudf.session;

import java.time.Duration;
import java.util.Arrays;

/**
 * Learns Kapacitor's keepalive timeout from the spacing of its keepalive requests: one every half of it.
 *
 * <p>The requests carry the time at which they were made, so a delay on the way to us does not count; one at which Kapacitor's writer was blocked does, in both
 * directions. So showing that we live goes by the shortest spacing of late, giving up by the middle one.
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

    private final long initialStallNanos;
    private final long[] spacings = new long[REMEMBERED];
    private int seen;
    private long lastRequestTime;
    private boolean hasRequest;
    private long intervalNanos;
    private long stallNanos;

    KeepaliveRhythm(Duration initialInterval, Duration initialStall) {
        initialStallNanos = initialStall.toNanos();
        intervalNanos = Math.max(SHORTEST_INTERVAL_NANOS, initialInterval.toNanos());
        stallNanos = initialStallNanos;
    }

    /** Takes the time in a keepalive request, in nanoseconds since the epoch. */
    void request(long timeNanos) {
        long spacing = timeNanos - lastRequestTime;
        if (hasRequest && spacing > 0) {
            spacings[seen++ % REMEMBERED] = spacing;
            learn();
        }
        lastRequestTime = timeNanos;
        hasRequest = true;
    }

    private void learn() {
        long[] sorted = Arrays.copyOf(spacings, Math.min(seen, REMEMBERED));
        Arrays.sort(sorted);
        intervalNanos = Math.max(SHORTEST_INTERVAL_NANOS, sorted[0] / 2);
        long timeoutNanos = 2 * sorted[sorted.length / 2];
        long shortestNanos =
                sorted.length == 1 ? Math.min(SHORTEST_FIRST_STALL_NANOS, initialStallNanos) : SHORTEST_STALL_NANOS;
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
