package org.kapacitorudf.internal.host;

import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * Lets a repeated log line pass once per interval, with the number of suppressed lines.
 *
 * <p>Threading: one thread at a time.
 */
public final class RateLimit {
    /** One line about the same subject passes within this interval. */
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

    /** The number of suppressed lines since the last one that passed; resets the number. */
    public String heldBack() {
        String text = heldBack == 0 ? "" : " (and " + heldBack + " more since the last such line)";
        heldBack = 0;
        return text;
    }
}
