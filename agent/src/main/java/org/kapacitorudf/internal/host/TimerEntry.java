package org.kapacitorudf.internal.host;

import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.kapacitorudf.TimedCall;
import org.kapacitorudf.Timer;

/**
 * A timer. It is in a {@link TimerQueue} until it is due.
 *
 * <p>Threading: for use only within the handler's calls; {@link #cancel} and {@link #isPending} check this.
 */
final class TimerEntry implements Timer {
    /** The value of {@link #place} for a timer that is in no queue. */
    static final int NOWHERE = -1;

    private final Timers owner;
    private final TimedCall call;
    private final long intervalNanos;

    /** The time at which the timer is due, by the clock of its queue. */
    long dueNanos;

    /** Determines the order of timers for the same instant. */
    long order;

    /** The timer's index in its queue; managed by {@link TimerQueue}. */
    int place = NOWHERE;

    /** The event time for which the timer was set; null for a wall-time timer. */
    @Nullable
    Instant eventTime;

    /** Whether event time had already reached {@link #eventTime} when the timer was set. */
    boolean isLate;

    private boolean isWanted;

    /** @param intervalNanos 0 for a timer that does not repeat */
    TimerEntry(Timers owner, TimedCall call, long intervalNanos) {
        this.owner = owner;
        this.call = call;
        this.intervalNanos = intervalNanos;
    }

    TimedCall call() {
        return call;
    }

    boolean isRepeated() {
        return intervalNanos > 0;
    }

    /** Sets {@link #dueNanos} to the first tick after {@code nowNanos}; missed ticks are dropped. */
    void skipMissedTicks(long nowNanos) {
        long missed = Math.max(0, (nowNanos - dueNanos) / intervalNanos);
        dueNanos += (missed + 1) * intervalNanos;
    }

    /** Whether the timer is still going to run. Does not check the thread. */
    boolean isWanted() {
        return isWanted;
    }

    void setWanted(boolean wanted) {
        isWanted = wanted;
    }

    @Override
    public void cancel() {
        owner.cancel(this);
    }

    @Override
    public boolean isPending() {
        owner.requireCall("isPending");
        return isWanted;
    }
}
