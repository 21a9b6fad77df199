package org.kapacitorudf.internal.host;

import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.kapacitorudf.agent.Connection.CallTimes;

/**
 * Tracks whether a call of a handler is running, and which one.
 *
 * <p>Calls are numbered. If an {@link Observer} finds the same call twice, the call has been running for the whole time
 * in between. Time that a call spends waiting in {@code Output} is not included, because Kapacitor causes the wait.
 *
 * <p>Threading: {@link #begin}, {@link #end}, {@link #waiting}, {@link #took} and {@link #runBy} are for the thread
 * that runs the handler; everything else is safe for use by any thread.
 */
public final class CallTracker {
    /**
     * Odd during a call, even between calls. Written by one thread at a time, so a plain increment with an ordered
     * store is sufficient.
     */
    private final AtomicLong sequence = new AtomicLong();

    private final CallTimeHistogram timer = new CallTimeHistogram();
    private final Stopwatch waits = new Stopwatch();
    private volatile boolean waiting;
    private long waitBegunNanos;
    private long untoldWaitNanos;
    private volatile @Nullable Thread thread; // written under this

    /**
     * Sets the thread that runs the handler; null for none. After this method has returned, {@link Observer#interrupt}
     * can no longer reach the previous thread.
     */
    public synchronized void runBy(@Nullable Thread thread) {
        this.thread = thread;
    }

    public void begin() {
        sequence.lazySet(sequence.getPlain() + 1);
    }

    public void end() {
        sequence.lazySet(sequence.getPlain() + 1);
    }

    public void waiting(boolean now) {
        waiting = now;
        if (now) {
            waits.start();
            waitBegunNanos = System.nanoTime();
        } else {
            untoldWaitNanos += System.nanoTime() - waitBegunNanos;
            waits.stop();
        }
    }

    /**
     * Records the duration of a call minus the time that the call has spent waiting.
     *
     * @param nanos the whole duration, including the waiting time
     */
    public void took(long nanos) {
        timer.add(Math.max(0, nanos - untoldWaitNanos));
        untoldWaitNanos = 0;
    }

    public CallTimes times() {
        return timer.times();
    }

    /** The total time that calls have waited in {@code Output}. */
    public long waitedNanos() {
        return waits.nanos();
    }

    /** The number of the current call; 0 if no call is running. Safe for use by any thread. */
    public long call() {
        long current = sequence.get();
        return (current & 1) == 1 ? current : 0;
    }

    public boolean isInCall() {
        return (sequence.get() & 1) == 1;
    }

    public boolean isWaiting() {
        return waiting;
    }

    public boolean isRunBy(Thread thread) {
        return this.thread == thread;
    }

    public @Nullable Thread thread() {
        return thread;
    }

    /** Observes calls at intervals. Threading: one thread, unless noted otherwise. */
    public static final class Observer {
        private final CallTracker tracker;
        private volatile long lastSequence;
        private long lastLookNanos;
        private volatile long busyNanos;

        public Observer(CallTracker tracker) {
            this.tracker = tracker;
        }

        /**
         * Looks for a call, and returns how long it has been observed running, in nanoseconds; 0 if no call is running,
         * or if this observation is the first to find the call.
         */
        public long look(long nowNanos) {
            long current = tracker.sequence.get();
            if ((current & 1) == 0 || current != lastSequence) {
                busyNanos = 0;
            } else if (!tracker.waiting) {
                busyNanos += nowNanos - lastLookNanos;
            }
            lastSequence = current;
            lastLookNanos = nowNanos;
            return busyNanos;
        }

        /**
         * How long the current call had been running at the last observation, in nanoseconds; 0 if there is no current
         * call. Safe for use by any thread.
         */
        public long seenNanos() {
            long seen = busyNanos;
            return isSameCall() ? seen : 0;
        }

        /**
         * Interrupts the call that the last observation found. Never interrupts another call, although the thread may
         * run calls of other connections later.
         *
         * @return whether the call was still running
         */
        public boolean interrupt() {
            synchronized (tracker) {
                Thread running = tracker.thread;
                if (!isSameCall() || running == null) {
                    return false;
                }
                running.interrupt();
                return true;
            }
        }

        /** Whether the last observation found the call with this number, as returned by {@link CallTracker#call}. */
        public boolean hasSeen(long call) {
            return call == lastSequence;
        }

        /** Whether the call found by the last observation is still running. Safe for use by any thread. */
        public boolean isSameCall() {
            return inCall() && tracker.sequence.get() == lastSequence;
        }

        /** Whether the last observation found a call. */
        private boolean inCall() {
            return (lastSequence & 1) == 1;
        }
    }
}
