package org.kapacitorudf.internal.session;

import java.util.function.LongSupplier;

/**
 * Measures how long output has been waiting without progress.
 *
 * <p>Threading: one thread at a time. Any number of monitors may observe a connection.
 */
public final class WriteProgressMonitor {
    private final LongSupplier unsentBytes;
    private final LongSupplier takenBytes;
    private long lastTaken;
    private long lastProgressNanos;
    private boolean progressed;

    public WriteProgressMonitor(LongSupplier unsentBytes, LongSupplier takenBytes, long nowNanos) {
        this.unsentBytes = unsentBytes;
        this.takenBytes = takenBytes;
        restart(nowNanos);
    }

    /** Restarts the measurement after a period without observations. */
    void restart(long nowNanos) {
        lastTaken = takenBytes.getAsLong();
        lastProgressNanos = nowNanos;
        progressed = false;
    }

    /** Returns how long there has been no progress, in nanoseconds; 0 if no output waits. */
    public long look(long nowNanos) {
        long taken = takenBytes.getAsLong();
        progressed = taken != lastTaken;
        if (progressed || unsentBytes.getAsLong() == 0) {
            lastTaken = taken;
            lastProgressNanos = nowNanos;
        }
        return nowNanos - lastProgressNanos;
    }

    /** Whether there was progress between the last two observations. */
    boolean hasProgressed() {
        return progressed;
    }
}
