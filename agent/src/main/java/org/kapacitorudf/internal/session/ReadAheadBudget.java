package org.kapacitorudf.internal.session;

import java.util.concurrent.atomic.AtomicLong;

/**
 * Bounds the total input that waits for handlers in all connections of an agent, because a limit per connection would
 * allow too much memory with a thousand connections.
 *
 * <p>A connection without waiting input may always read, so that each makes progress and none waits for another.
 *
 * <p>Threading: safe for use by any thread.
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

    /** Whether the reserve, which is as large as the limit, has room. */
    boolean hasReserve() {
        return usedBytes.get() < 2 * limitBytes;
    }

    long usedBytes() {
        return usedBytes.get();
    }
}
