package org.kapacitorudf.internal.host;

import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.kapacitorudf.Output;
import org.kapacitorudf.TimedCall;
import org.kapacitorudf.Timer;
import org.kapacitorudf.agent.AgentConfig;
import org.slf4j.Logger;

/**
 * The timers of one handler instance, by wall time and by event time.
 *
 * <pre>
 *   SETTING_UP -- Init answered --> WAITING -- Restore answered, first data, or 1 s --> BEGUN
 *        +---------- Restore answered: a fresh start replaces the first instance --------^
 *   any -- stop, or a new instance --> ENDED
 * </pre>
 *
 * <p>This class runs nothing by itself. Before and after each call, the thread that makes the handler's calls asks
 * which timer is next. For wall time, the connection schedules one wake-up at a time, for the earliest timer. The
 * wake-up passes through the same queue as the data.
 *
 * <p>Threading: for use only within the handler's calls; setting or cancelling a timer on any other thread throws an
 * {@link IllegalStateException}.
 */
public final class Timers {
    /**
     * How long to wait for Restore. If Kapacitor sends Restore at all, it does so directly after the answer to Init.
     */
    private static final long PATIENCE_NANOS = Duration.ofSeconds(1).toNanos();

    /** Groups that expire within this interval share one wake-up. */
    private static final long EXPIRY_STEP_NANOS = Duration.ofMillis(10).toNanos();

    private static final long NEVER = Long.MAX_VALUE;

    /** The longest duration of a timer: small enough that sums do not overflow. */
    private static final Duration LONGEST = Duration.ofDays(365);

    /** The operations of the connection that timers need. */
    public interface TimerCallbacks {
        /** The monotonic clock of wake-ups. Safe for use by any thread. */
        long nanoTime();

        /** The wall clock. Safe for use by any thread. */
        Instant now();

        /** Whether this thread is in one of the handler's calls. */
        boolean isInCall();

        /**
         * Requests a call of {@link #woken} when {@link #nanoTime} has reached the given time. Replaces a request for a
         * later time.
         */
        void wakeAt(long nanoTime);
    }

    private enum Phase {
        SETTING_UP,
        WAITING,
        BEGUN,
        ENDED
    }

    private final TimerCallbacks callbacks;
    private final EventClock eventClock;
    private final long originNanos;
    private final TimerQueue byWallTime = new TimerQueue();
    private final TimerQueue byEventTime = new TimerQueue();

    private Phase phase = Phase.SETTING_UP;
    private long beginsAtNanos;
    private long timersSet;
    private boolean haveRun;
    private boolean runsLate;

    // A round runs the timers that were due when it began, but no timers that have been set since then. Data is
    // therefore handled even if timers keep setting new timers.
    private boolean inRound;
    private long roundNanos;
    private long roundOrder;

    private boolean isWakeWished;
    private long wakeNanos;
    private long expiryNanos = NEVER;
    private long expiryWallNanos = NEVER;

    Timers(TimerCallbacks callbacks, AgentConfig config, Logger log) {
        this.callbacks = callbacks;
        this.eventClock =
                new EventClock(callbacks::now, config.maxEventTimeAhead().toNanos(), log);
        this.originNanos = callbacks.nanoTime();
    }

    // ---- for the handler

    Timer after(Duration delay, TimedCall call) {
        Objects.requireNonNull(call, "call");
        requireCall("after");
        if (delay.isNegative() || delay.compareTo(LONGEST) > 0) {
            throw new IllegalArgumentException("delay: " + delay + " (expected: >= 0 and <= " + LONGEST + ")");
        }
        return setByWallTime(new TimerEntry(this, call, 0), delay.toNanos());
    }

    Timer every(Duration interval, TimedCall call) {
        Objects.requireNonNull(call, "call");
        requireCall("every");
        if (interval.isZero() || interval.isNegative() || interval.compareTo(LONGEST) > 0) {
            throw new IllegalArgumentException("interval: " + interval + " (expected: > 0 and <= " + LONGEST + ")");
        }
        return setByWallTime(new TimerEntry(this, call, interval.toNanos()), interval.toNanos());
    }

    private Timer setByWallTime(TimerEntry timer, long delayNanos) {
        if (phase != Phase.ENDED) {
            timer.dueNanos = elapsedNanos() + delayNanos;
            timer.order = timersSet++;
            timer.setWanted(true);
            byWallTime.add(timer);
            wishForWake();
        }
        return timer;
    }

    Timer at(Instant eventTime, TimedCall call) {
        Objects.requireNonNull(call, "call");
        requireCall("at");
        eventClock.use();
        TimerEntry timer = new TimerEntry(this, call, 0);
        timer.eventTime = eventTime;
        long dueNanos = EventClock.nanosOf(eventTime);
        if (phase == Phase.ENDED) {
            return timer;
        }
        timer.isLate = dueNanos <= eventClock.nanos();
        if (timer.isLate && runsLate) {
            // A late timer may set another late timer, and so on. This must not delay the data.
            return setByWallTime(timer, 0);
        }
        timer.dueNanos = dueNanos;
        timer.order = timersSet++;
        timer.setWanted(true);
        byEventTime.add(timer);
        wishForWake();
        return timer;
    }

    Optional<Instant> eventTime() {
        requireCall("eventTime");
        eventClock.use();
        return eventClock.instant();
    }

    Instant now() {
        return callbacks.now();
    }

    void cancel(TimerEntry timer) {
        requireCall("cancel");
        timer.setWanted(false);
        if (byWallTime.contains(timer)) {
            byWallTime.remove(timer);
        } else if (byEventTime.contains(timer)) {
            byEventTime.remove(timer);
        }
    }

    void requireCall(String method) {
        if (!callbacks.isInCall()) {
            throw new IllegalStateException("timer: " + method + " by the thread "
                    + Thread.currentThread().getName() + " (expected: a call of the handler)");
        }
    }

    // ---- for the thread that makes the handler's calls

    /**
     * Called when Init has been answered. If neither Restore nor data arrives, timers start after
     * {@link #PATIENCE_NANOS}.
     */
    void initAnswered() {
        phase = Phase.WAITING;
        beginsAtNanos = elapsedNanos() + PATIENCE_NANOS;
        wishForWake();
    }

    /**
     * Called when the state has been restored, or when there is none. From now on, timers run. Those that are already
     * due run before the next data.
     */
    void begin() {
        if (phase == Phase.SETTING_UP || phase == Phase.WAITING) {
            phase = Phase.BEGUN;
            beginRound();
        }
    }

    private void beginRound() {
        inRound = true;
        roundNanos = elapsedNanos();
        roundOrder = timersSet;
    }

    /** Called on a wake-up. The wake-up may be too early, if it was set for a timer that has been cancelled. */
    void woken() {
        isWakeWished = false;
        expiryNanos = NEVER;
        expiryWallNanos = NEVER;
        if (phase == Phase.BEGUN) {
            beginRound();
        } else {
            begin();
        }
    }

    /** The timer to run before the call for a message without a time; null if there is none. */
    @Nullable
    TimerEntry nextBefore() {
        begin();
        return next();
    }

    /**
     * Returns the timer to run before the call for a message with a time. If there is none, advances event time to the
     * time of the message, and returns null.
     */
    @Nullable
    TimerEntry nextBefore(Object message) {
        TimerEntry timer = nextBefore();
        if (timer != null) {
            return timer;
        }
        if (!eventClock.isUsed()) {
            eventClock.keep(message);
            return null;
        }
        long nanos = eventClock.afterNanos(message);
        TimerEntry first = byEventTime.peek();
        boolean isDue = first != null && first.dueNanos <= nanos;
        eventClock.moveTo(isDue ? first.dueNanos : nanos);
        return isDue ? byEventTime.poll() : null;
    }

    /** The timer to run after a call or a wake-up; null if there is none. */
    @Nullable
    TimerEntry next() {
        if (phase != Phase.BEGUN) {
            return null;
        }
        TimerEntry timer = inRound ? nextOfRound() : null;
        return timer == null && isLateOneWaiting() ? byEventTime.poll() : timer;
    }

    private @Nullable TimerEntry nextOfRound() {
        TimerEntry first = byWallTime.peek();
        if (first != null && first.dueNanos <= roundNanos && first.order < roundOrder) {
            return byWallTime.poll();
        }
        inRound = false;
        wishForWake();
        return null;
    }

    private boolean isLateOneWaiting() {
        TimerEntry first = byEventTime.peek();
        return first != null && first.dueNanos <= eventClock.nanos();
    }

    /** Runs a timer that {@link #next} or {@link #nextBefore} has returned. Errors: those of the timer. */
    void run(TimerEntry timer, Output output) throws Exception {
        if (!timer.isWanted()) {
            return; // cancelled when a group expired just now
        }
        haveRun = true;
        Instant time =
                timer.eventTime != null ? timer.eventTime : callbacks.now().minusNanos(elapsedNanos() - timer.dueNanos);
        timer.setWanted(timer.isRepeated());
        runsLate = timer.isLate;
        try {
            timer.call().run(time, output);
        } finally {
            runsLate = false;
            if (phase == Phase.ENDED) {
                timer.setWanted(false);
            } else if (timer.isWanted()) {
                timer.skipMissedTicks(elapsedNanos());
                timer.order = timersSet++;
                byWallTime.add(timer);
                wishForWake();
            }
        }
    }

    /** Whether any timer has run and may have changed the state. */
    boolean haveRun() {
        return haveRun;
    }

    // ---- for groups that expire

    /** Whether timers may run: the state has been restored, or there is none. */
    boolean haveBegun() {
        return phase == Phase.BEGUN;
    }

    /** Starts tracking the time of all data. */
    void useEventTime() {
        eventClock.use();
    }

    /** The latest possible event time; a later time is too far ahead of the wall clock. */
    long latestCredibleNanos() {
        return eventClock.latestCredibleNanos();
    }

    /**
     * Sets event time to that of a restored snapshot, before any data.
     *
     * @param eventNanos {@link Long#MIN_VALUE} if event time is unknown
     */
    void restored(long eventNanos) {
        eventClock.moveTo(eventNanos);
    }

    /** Event time in nanoseconds since the epoch; {@link Long#MIN_VALUE} before the first data. */
    long eventNanos() {
        return eventClock.nanos();
    }

    /**
     * Requests a call of {@link #woken} when the wall clock has reached a time, unless there is a request for an
     * earlier time.
     *
     * @param wallNanos the time in nanoseconds since the epoch; {@link Long#MAX_VALUE} for never
     */
    void wishForWakeForExpiry(long wallNanos) {
        if (wallNanos < expiryWallNanos) {
            expiryWallNanos = wallNanos;
            long delayNanos = wallNanos - EventClock.nanosOf(callbacks.now());
            expiryNanos = elapsedNanos() + Math.max(delayNanos, EXPIRY_STEP_NANOS);
            wishForWake();
        }
    }

    /** Cancels all timers. From now on, no timer can be set. */
    void end() {
        phase = Phase.ENDED;
        byWallTime.clear();
        byEventTime.clear();
    }

    private void wishForWake() {
        long nanos;
        if (phase == Phase.WAITING && (byWallTime.peek() != null || isLateOneWaiting())) {
            nanos = beginsAtNanos;
        } else if (phase == Phase.BEGUN && !inRound && (byWallTime.peek() != null || expiryNanos != NEVER)) {
            TimerEntry first = byWallTime.peek();
            nanos = first == null ? expiryNanos : Math.min(first.dueNanos, expiryNanos);
        } else {
            return;
        }
        if (!isWakeWished || nanos < wakeNanos) {
            isWakeWished = true;
            wakeNanos = nanos;
            callbacks.wakeAt(originNanos + nanos);
        }
    }

    private long elapsedNanos() {
        return callbacks.nanoTime() - originNanos;
    }
}
