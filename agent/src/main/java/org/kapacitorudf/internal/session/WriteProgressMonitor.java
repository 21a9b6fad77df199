package org.kapacitorudf.internal.session;

import java.util.function.LongSupplier;

/**
 * Tells for how long output has been waiting without any of it being taken.
 *
 * <p>Threading: one thread; any number of clocks may look at one connection.
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

    /** Starts the measurement again: it has not been looked at for a while. */
    void restart(long nowNanos) {
        lastTaken = takenBytes.getAsLong();
        lastProgressNanos = nowNanos;
        progressed = false;
    }

    /** The time without progress in nanoseconds; 0 when nothing waits. */
    public long look(long nowNanos) {
        long taken = takenBytes.getAsLong();
        progressed = taken != lastTaken;
        if (progressed || unsentBytes.getAsLong() == 0) {
            lastTaken = taken;
            lastProgressNanos = nowNanos;
        }
        return nowNanos - lastProgressNanos;
    }

    /** Whether something had been taken between the last look and the one before. */
    boolean hasProgressed() {
        return progressed;
    }
}
