package org.kapacitorudf.internal.host;

import java.time.Duration;
import java.util.ArrayDeque;

/**
 * Allows at most a given number of restarts within any interval of a given length.
 *
 * <p>Threading: one thread at a time.
 */
final class RestartLimit {
    private final int max;
    private final long intervalNanos;
    private final ArrayDeque<Long> recentNanos = new ArrayDeque<>(1);

    RestartLimit(int max, Duration interval) {
        this.max = max;
        this.intervalNanos = interval.toNanos();
    }

    /** Returns whether another restart is allowed. If so, counts the restart. */
    boolean allows(long nowNanos) {
        while (!recentNanos.isEmpty() && nowNanos - recentNanos.peek() >= intervalNanos) {
            recentNanos.poll();
        }
        if (recentNanos.size() >= max) {
            return false;
        }
        recentNanos.add(nowNanos);
        return true;
    }

    /** Returns the limit as text: {@code 5 restarts within 60.0 s}. */
    @Override
    public String toString() {
        return max + (max == 1 ? " restart" : " restarts") + " within " + FailureTexts.seconds(intervalNanos);
    }
}
