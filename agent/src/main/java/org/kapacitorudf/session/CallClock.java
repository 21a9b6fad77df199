package org.kapacitorudf.session;

import java.util.concurrent.atomic.AtomicLong;

/**
 * Tells what the thread that runs a handler is doing: in a call or not, and in which.
 *
 * <p>It counts calls rather than reading a clock at each, which would cost as much as a small handler: an {@link Observer} that looks every now and then and
 * finds the same call as the last time has seen it last that long. Time spent waiting inside {@code Output} does not count: it is Kapacitor's.
 *
 * <p>Threading: {@link #begin}, {@link #end}, {@link #waiting} and {@link #runBy} belong to the thread that runs the handler; the rest is safe for any thread.
 */
final class CallClock {
    /** Odd while a call is going on. Written by one thread at a time, so a plain increment with an ordered store will do. */
    private final AtomicLong sequence = new AtomicLong();

    private volatile boolean waiting;
    private volatile Thread thread; // written under this

    /** Whose thread runs the handler from now on; null for nobody's. When it returns, no {@link Observer#interrupt} can reach the thread before any more. */
    synchronized void runBy(Thread thread) {
        this.thread = thread;
    }

    void begin() {
        sequence.lazySet(sequence.getPlain() + 1);
    }

    void end() {
        sequence.lazySet(sequence.getPlain() + 1);
    }

    void waiting(boolean now) {
        waiting = now;
    }

    boolean isWaiting() {
        return waiting;
    }

    boolean isRunBy(Thread thread) {
        return this.thread == thread;
    }

    Thread thread() {
        return thread;
    }

    /** Looks at a clock again and again. Threading: one thread. */
    static final class Observer {
        private final CallClock clock;
        private long lastSequence;
        private long lastLookNanos;
        private long busyNanos;

        Observer(CallClock clock) {
            this.clock = clock;
        }

        /** For how many nanoseconds the current call has been seen at work; 0 when there is none, or a new one. */
        long look(long nowNanos) {
            long current = clock.sequence.get();
            if ((current & 1) == 0 || current != lastSequence) {
                busyNanos = 0;
            } else if (!clock.waiting) {
                busyNanos += nowNanos - lastLookNanos;
            }
            lastSequence = current;
            lastLookNanos = nowNanos;
            return busyNanos;
        }

        /**
         * Interrupts the call that the last look found: that one, or none. The thread may be another connection's a moment later.
         *
         * @return whether that call was still going on
         */
        boolean interrupt() {
            synchronized (clock) {
                boolean same = inCall() && clock.thread != null && clock.sequence.get() == lastSequence;
                if (same) {
                    clock.thread.interrupt();
                }
                return same;
            }
        }

        /** Whether the last look found a call. */
        boolean inCall() {
            return (lastSequence & 1) == 1;
        }
    }
}
