package org.kapacitorudf.internal.snapshot;

import java.util.function.LongSupplier;

/**
 * The times by which a handler's groups expire, in nanoseconds since the epoch. Threading: for use only within the
 * handler's calls.
 */
final class StateTimes {
    static final long UNKNOWN = Long.MIN_VALUE;

    private final LongSupplier wallClockNanos;

    /** Event time: the highest time of a point so far; unknown before the first point. */
    long eventNanos = UNKNOWN;

    /** The wall time up to which groups have been removed; unknown at first. It goes back if the clock is set back. */
    long wallNanos = UNKNOWN;

    StateTimes(LongSupplier wallClockNanos) {
        this.wallClockNanos = wallClockNanos;
    }

    /** The current wall-clock time. */
    long wallClockNanos() {
        return wallClockNanos.getAsLong();
    }
}
