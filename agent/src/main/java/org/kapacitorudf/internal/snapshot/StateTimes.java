package org.kapacitorudf.internal.snapshot;

import java.util.function.LongSupplier;

/** The clocks of a handler's states, in nanoseconds since the epoch. Threading: the handler's calls only. */
final class StateTimes {
    static final long UNKNOWN = Long.MIN_VALUE;

    private final LongSupplier wallClockNanos;

    /** The highest time of a point so far; unknown before the first. */
    long eventNanos = UNKNOWN;

    /** The wall time up to which groups have expired; unknown at first. */
    long wallNanos = UNKNOWN;

    StateTimes(LongSupplier wallClockNanos) {
        this.wallClockNanos = wallClockNanos;
    }

    /** The current wall-clock time. */
    long wallClockNanos() {
        return wallClockNanos.getAsLong();
    }
}
