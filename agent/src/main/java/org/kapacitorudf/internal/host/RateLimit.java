package org.kapacitorudf.internal.host;

import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * Lets a repeated log line through once in a while, with how many were held back.
 *
 * <p>Threading: one thread at a time.
 */
public final class RateLimit {
    /** Of lines about the same thing, one passes within this time. */
    public static final long INTERVAL_NANOS = Duration.ofSeconds(10).toNanos();

    private final LongSupplier nanoTime;
    private boolean hasPassed;
    private long passedAtNanos;
    private long heldBack;

    public RateLimit() {
        this(System::nanoTime);
    }

    public RateLimit(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
    }

    /** Counts one; tells whether it may be logged now. */
    public boolean pass() {
        long now = nanoTime.getAsLong();
        if (hasPassed && now - passedAtNanos < INTERVAL_NANOS) {
            heldBack++;
            return false;
        }
        hasPassed = true;
        passedAtNanos = now;
        return true;
    }

    /** Returns how many were held back since the last one that passed, and resets the count. */
    public String heldBack() {
        String text = heldBack == 0 ? "" : " (and " + heldBack + " more since the last such line)";
        heldBack = 0;
        return text;
    }
}
