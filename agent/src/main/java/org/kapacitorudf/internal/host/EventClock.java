package org.kapacitorudf.internal.host;

import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.kapacitorudf.BatchEnd;
import org.kapacitorudf.Point;
import org.slf4j.Logger;

/**
 * Event time: the highest time of the data so far.
 *
 * <p>Until somebody asks for it, it only keeps the latest message: to read the time of each costs.
 *
 * <p>Threading: the handler's calls only.
 */
public final class EventClock {
    private static final long NOTHING_SEEN = Long.MIN_VALUE;
    private static final long NANOS_PER_SECOND = TimeUnit.SECONDS.toNanos(1);

    private final InstantSource wallClock;
    private final long maxAheadNanos;
    private final Logger log;
    private final RateLimit logged = new RateLimit();

    private boolean used;
    private Object latest;
    private long nanos = NOTHING_SEEN;
    private long credibleUntilNanos = Long.MIN_VALUE;

    /** @param maxAheadNanos a time that is further ahead of the wall clock moves nothing */
    EventClock(InstantSource wallClock, long maxAheadNanos, Logger log) {
        this.wallClock = wallClock;
        this.maxAheadNanos = maxAheadNanos;
        this.log = log;
    }

    /** From now on every time counts; of what came before, that of the latest message. */
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

    /** Takes note of a message without a look at its time: while nobody asks. */
    void keep(Object message) {
        latest = message;
    }

    /** The time to which a message would move the clock; that of the clock if it would not. */
    long afterNanos(Object message) {
        long time = message instanceof Point point ? point.timeNanos() : ((BatchEnd) message).tmaxNanos();
        return time > nanos && isCredible(time) ? time : nanos;
    }

    private boolean isCredible(long time) {
        if (time <= credibleUntilNanos) {
            return true;
        }
        // Not at every point: while the data is about as old as the wall clock says, one look lasts for long.
        credibleUntilNanos = latestCredibleNanos();
        if (time > credibleUntilNanos && logged.pass()) {
            log.warn(
                    "event time: {} does not count (expected: <= {}, as far ahead of the wall clock as maxEventTimeAhead allows){}",
                    instantOf(time),
                    instantOf(credibleUntilNanos),
                    logged.heldBack());
        }
        return time <= credibleUntilNanos;
    }

    /** A time that is later moves nothing, as the wall clock is now. */
    long latestCredibleNanos() {
        return nanosOf(wallClock.instant().plusNanos(maxAheadNanos));
    }

    void moveTo(Object message) {
        nanos = afterNanos(message);
    }

    /** Moves on to a time that is not behind. */
    void moveTo(long toNanos) {
        nanos = toNanos;
    }

    /** In nanoseconds since the epoch; the lowest number before any time has been seen. */
    long nanos() {
        return nanos;
    }

    Optional<Instant> instant() {
        return nanos == NOTHING_SEEN ? Optional.empty() : Optional.of(instantOf(nanos));
    }

    /** In nanoseconds since the epoch; the nearest that there is for an instant beyond their range, but never the lowest number. */
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
