package org.kapacitorudf.internal.host;

import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.kapacitorudf.TimedCall;
import org.kapacitorudf.Timer;

/**
 * One timer, in a {@link TimerQueue} while its time has not come.
 *
 * <p>Threading: the handler's calls only; {@link #cancel} and {@link #isPending} see to that.
 */
final class TimerEntry implements Timer {
    /** Where it is in no queue. */
    static final int NOWHERE = -1;

    private final Timers owner;
    private final TimedCall call;
    private final long intervalNanos;

    /** When its time comes, by the clock of its queue. */
    long dueNanos;

    /** Which of those for the same instant is first. */
    long order;

    /** Its place in its queue; {@link TimerQueue}'s own. */
    int place = NOWHERE;

    /** The event time that it was set for; null for one that goes by wall time. */
    @Nullable
    Instant eventTime;

    /** Whether event time was there already when it was set. */
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

    /** Moves on to the first tick that is still to come at {@code nowNanos}: those that were missed are dropped. */
    void skipMissedTicks(long nowNanos) {
        long missed = Math.max(0, (nowNanos - dueNanos) / intervalNanos);
        dueNanos += (missed + 1) * intervalNanos;
    }

    /** Whether it is to run, or to run again, without a look at the thread. */
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
