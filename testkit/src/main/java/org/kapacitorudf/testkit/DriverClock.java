package org.kapacitorudf.testkit;

import java.time.Instant;
import java.time.InstantSource;

/**
 * The time of a {@link UdfDriver}: it stands still except for {@link #moveTo}.
 *
 * <p>Threading: the time is for any thread; it is moved by one thread at a time.
 */
final class DriverClock implements InstantSource {
    private volatile Instant start;
    private volatile long nanos;

    /** @param start the time when it begins */
    DriverClock(Instant start) {
        this.start = start;
    }

    @Override
    public Instant instant() {
        return start.plusNanos(nanos);
    }

    /** The time that has passed. */
    long nanos() {
        return nanos;
    }

    /** Lets time pass, unless it has passed already. */
    void moveTo(long time) {
        nanos = Math.max(nanos, time);
    }

    /** Sets the wall clock: no time passes by that. */
    void set(Instant time) {
        start = time.minusNanos(nanos);
    }
}
