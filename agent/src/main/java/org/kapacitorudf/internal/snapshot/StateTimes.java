package org.kapacitorudf.internal.snapshot;

import java.util.function.LongSupplier;

/** The current time for a handler's states. Nanoseconds since the epoch. Threading: the handler's calls only. */
final class StateTimes {
    static final long UNKNOWN = Long.MIN_VALUE;

    private final LongSupplier wallClockNanos;

    /** The highest time of a point so far; unknown before the first. */
    long eventNanos = UNKNOWN;

    /** What the clock on the wall has come to, as far as groups expire by it; unknown before somebody has said. */
    long wallNanos = UNKNOWN;

    StateTimes(LongSupplier wallClockNanos) {
        this.wallClockNanos = wallClockNanos;
    }

    /** What the clock on the wall says now. */
    long wallClockNanos() {
        return wallClockNanos.getAsLong();
    }
}
