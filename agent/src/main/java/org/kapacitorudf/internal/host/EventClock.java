package org.kapacitorudf.internal.host;

import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.kapacitorudf.BatchEnd;
import org.kapacitorudf.Point;
import org.slf4j.Logger;

/**
 * Event time: the highest time of the data so far.
 *
 * <p>Until event time is used, only the latest message is kept, because reading the time of each message is costly.
 *
 * <p>Threading: for use only within the handler's calls.
 */
public final class EventClock {
    private static final long NOTHING_SEEN = Long.MIN_VALUE;
    private static final long NANOS_PER_SECOND = TimeUnit.SECONDS.toNanos(1);

    private final InstantSource wallClock;
    private final long maxAheadNanos;
    private final Logger log;
    private final RateLimit logged = new RateLimit();

    private boolean used;
    private @Nullable Object latest;
    private long nanos = NOTHING_SEEN;
    private long credibleUntilNanos = Long.MIN_VALUE;

    /** @param maxAheadNanos how far a time may be ahead of the wall clock; a time further ahead is ignored */
    EventClock(InstantSource wallClock, long maxAheadNanos, Logger log) {
        this.wallClock = wallClock;
        this.maxAheadNanos = maxAheadNanos;
        this.log = log;
    }

    /** Starts tracking the time of every message, beginning with the latest one. */
    void use() {
        if (!used) {
            used = true;
            if (latest != null) {
                moveTo(latest);
                latest = null;
            }
        }
    }

    boolean isUsed() {
        return used;
    }

    /** Keeps the latest message without reading its time. For use while event time is not tracked. */
    void keep(Object message) {
        latest = message;
    }

    /**
     * The time to which a message would move this clock; the current event time if the message would not move the
     * clock.
     */
    long afterNanos(Object message) {
        long time = message instanceof Point point ? point.timeNanos() : ((BatchEnd) message).tmaxNanos();
        return time > nanos && isCredible(time) ? time : nanos;
    }

    private boolean isCredible(long time) {
        if (time <= credibleUntilNanos) {
            return true;
        }
        // The wall clock is not read for every point: if the data is recent, one check suffices for a long time.
        credibleUntilNanos = latestCredibleNanos();
        if (time > credibleUntilNanos && logged.pass()) {
            log.warn(
                    "event time: {} ignored (expected: <= {}, as far ahead of the wall clock as maxEventTimeAhead allows){}",
                    instantOf(time),
                    instantOf(credibleUntilNanos),
                    logged.heldBack());
        }
        return time <= credibleUntilNanos;
    }

    /** The latest time that can move this clock, given the current wall-clock time. */
    long latestCredibleNanos() {
        return nanosOf(wallClock.instant().plusNanos(maxAheadNanos));
    }

    void moveTo(Object message) {
        nanos = afterNanos(message);
    }

    /** Advances this clock. The new time must not be earlier than the current event time. */
    void moveTo(long toNanos) {
        nanos = toNanos;
    }

    /** Event time in nanoseconds since the epoch; {@link Long#MIN_VALUE} before the first data. */
    long nanos() {
        return nanos;
    }

    Optional<Instant> instant() {
        return nanos == NOTHING_SEEN ? Optional.empty() : Optional.of(instantOf(nanos));
    }

    /**
     * Converts an instant to nanoseconds since the epoch. An instant out of range is clamped. The result is never
     * {@link Long#MIN_VALUE}.
     */
    public static long nanosOf(Instant instant) {
        try {
            long exact = Math.addExact(
                    Math.multiplyExact(instant.getEpochSecond(), NANOS_PER_SECOND), (long) instant.getNano());
            return Math.max(exact, NOTHING_SEEN + 1);
        } catch (ArithmeticException e) {
            return instant.getEpochSecond() < 0 ? NOTHING_SEEN + 1 : Long.MAX_VALUE;
        }
    }

    private static Instant instantOf(long nanos) {
        return Instant.ofEpochSecond(0, nanos);
    }
}
