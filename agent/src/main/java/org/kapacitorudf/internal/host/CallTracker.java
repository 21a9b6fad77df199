package org.kapacitorudf.internal.host;

import java.util.concurrent.atomic.AtomicLong;
import org.kapacitorudf.agent.Connection.CallTimes;

/**
 * Tells what the thread that runs a handler is doing: in a call or not, and in which.
 *
 * <p>It counts calls: an {@link Observer} that looks at intervals and finds the same call again has seen it last that long.
 * Time spent waiting inside {@code Output} does not count: it is Kapacitor's.
 *
 * <p>Threading: {@link #begin}, {@link #end}, {@link #waiting}, {@link #took} and {@link #runBy} belong to the thread that runs the handler; the
 * rest is safe for any thread.
 */
public final class CallTracker {
    /** Odd while a call is going on. Written by one thread at a time, so a plain increment with an ordered store will do. */
    private final AtomicLong sequence = new AtomicLong();

    private final CallTimeHistogram timer = new CallTimeHistogram();
    private final Stopwatch waits = new Stopwatch();
    private volatile boolean waiting;
    private long waitBegunNanos;
    private long untoldWaitNanos;
    private volatile Thread thread; // written under this

    /** Whose thread runs the handler from now on; null for nobody's. When it returns, no {@link Observer#interrupt} can reach the thread before any more. */
    public synchronized void runBy(Thread thread) {
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

    /** How long the call has taken, including the time it waited. */
    public void took(long nanos) {
        timer.add(Math.max(0, nanos - untoldWaitNanos));
        untoldWaitNanos = 0;
    }

    public CallTimes times() {
        return timer.times();
    }

    /** For how long calls have waited inside {@code Output}. */
    public long waitedNanos() {
        return waits.nanos();
    }

    /** The call that is going on, by its number; 0 for none. Safe for any thread. */
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

    public Thread thread() {
        return thread;
    }

    /** Looks at a clock again and again. Threading: one thread, but for what says otherwise. */
    public static final class Observer {
        private final CallTracker tracker;
        private volatile long lastSequence;
        private long lastLookNanos;
        private volatile long busyNanos;

        public Observer(CallTracker tracker) {
            this.tracker = tracker;
        }

        /** For how many nanoseconds the current call has been seen at work; 0 when there is none, or a new one. */
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

        /** For how many nanoseconds the looks so far have seen the call that is going on now; 0 if they have not. Safe for any thread. */
        public long seenNanos() {
            long seen = busyNanos;
            return isSameCall() ? seen : 0;
        }

        /**
         * Interrupts the call that the last look found: that one, or none. The thread may be another connection's a moment later.
         *
         * @return whether that call was still going on
         */
        public boolean interrupt() {
            synchronized (tracker) {
                boolean same = isSameCall() && tracker.thread != null;
                if (same) {
                    tracker.thread.interrupt();
                }
                return same;
            }
        }

        /** Whether the last look found this call, as {@link CallTracker#call} numbers them. */
        public boolean hasSeen(long call) {
            return call == lastSequence;
        }

        /** Whether the call that the last look found is still going on. Safe for any thread. */
        public boolean isSameCall() {
            return inCall() && tracker.sequence.get() == lastSequence;
        }

        /** Whether the last look found a call. */
        private boolean inCall() {
            return (lastSequence & 1) == 1;
        }
    }
}
