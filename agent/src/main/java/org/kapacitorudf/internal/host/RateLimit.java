package org.kapacitorudf.internal.host;

import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * Limits a repeated log line to one per interval, and counts the suppressed lines.
 *
 * <p>Threading: one thread at a time.
 */
public final class RateLimit {
    /** At most one line per subject is logged in each interval of this length. */
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

    /** Counts a line; returns whether it may be logged now. */
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

    /**
     * Returns text with the number of lines that were suppressed since the last logged line; empty if there were none.
     * Resets the number.
     */
    public String heldBack() {
        String text = heldBack == 0 ? "" : " (and " + heldBack + " more since the last such line)";
        heldBack = 0;
        return text;
    }
}
