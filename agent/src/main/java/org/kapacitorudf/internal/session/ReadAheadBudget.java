package org.kapacitorudf.internal.session;

import java.util.concurrent.atomic.AtomicLong;

/**
 * Bounds the total input that waits for handlers on all connections of an agent. With a thousand connections, a limit
 * per connection alone would allow too much memory.
 *
 * <p>A connection without waiting input may always read. Each connection therefore makes progress, and none waits for
 * another.
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

    /** Whether the waiting input is below twice the limit. If so, a stalled connection may read a little. */
    boolean hasReserve() {
        return usedBytes.get() < 2 * limitBytes;
    }

    long usedBytes() {
        return usedBytes.get();
    }
}
