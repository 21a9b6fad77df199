package org.kapacitorudf.testkit;

import java.time.Instant;
import java.time.InstantSource;

/**
 * The clock of a {@link UdfDriver}. Time passes only in {@link #moveTo}; {@link #set} changes the wall clock.
 *
 * <p>Threading: any thread may read the time; one thread at a time changes it.
 */
final class DriverClock implements InstantSource {
    private volatile Instant start;
    private volatile long nanos;

    /** @param start the initial time */
    DriverClock(Instant start) {
        this.start = start;
    }

    @Override
    public Instant instant() {
        return start.plusNanos(nanos);
    }

    /** The elapsed time in nanoseconds. */
    long nanos() {
        return nanos;
    }

    /** Advances time to {@code time}, unless the clock is already later. */
    void moveTo(long time) {
        nanos = Math.max(nanos, time);
    }

    /** Sets the wall clock without advancing time. */
    void set(Instant time) {
        start = time.minusNanos(nanos);
    }
}
