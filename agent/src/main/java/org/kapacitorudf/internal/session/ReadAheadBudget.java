package org.kapacitorudf.internal.session;

import java.util.concurrent.atomic.AtomicLong;

/**
 * Bounds the input that waits for handlers in all connections of an agent together: a bound for each connection alone, times a thousand of them, is more
 * memory than there is.
 *
 * <p>A connection in which nothing waits may always read, so each makes progress; none ever waits for another.
 *
 * <p>Threading: safe for any thread.
 */
final class ReadAheadBudget {
    private final long limitBytes;
    private final AtomicLong usedBytes = new AtomicLong();

    ReadAheadBudget(long limitBytes) {
        this.limitBytes = limitBytes;
    }

    void take(long bytes) {
        usedBytes.addAndGet(bytes);
    }

    void giveBack(long bytes) {
        usedBytes.addAndGet(-bytes);
    }

    boolean isExceeded() {
        return usedBytes.get() >= limitBytes;
    }

    /** Whether even the reserve, as large as the bound, has room. */
    boolean hasReserve() {
        return usedBytes.get() < 2 * limitBytes;
    }

    long usedBytes() {
        return usedBytes.get();
    }
}
