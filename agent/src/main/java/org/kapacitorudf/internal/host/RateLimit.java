package org.kapacitorudf.internal.host;

import java.time.Duration;

/**
 * Lets a repeated log line through once in a while, with how many were held back.
 *
 * <p>Threading: one thread at a time.
 */
public final class RateLimit {
    private static final long INTERVAL_NANOS = Duration.ofSeconds(10).toNanos();

    private boolean hasPassed;
    private long passedAtNanos;
    private long heldBack;

    /** Counts one; tells whether it may be logged now. */
    public boolean pass() {
        long now = System.nanoTime();
        if (hasPassed && now - passedAtNanos < INTERVAL_NANOS) {
            heldBack++;
            return false;
        }
        hasPassed = true;
        passedAtNanos = now;
        return true;
    }

    /** How many were held back since the last that passed; starts anew. */
    public String heldBack() {
        String text = heldBack == 0 ? "" : " (and " + heldBack + " more since the last such line)";
        heldBack = 0;
        return text;
    }
}
