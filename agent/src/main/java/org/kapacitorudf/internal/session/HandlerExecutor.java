package org.kapacitorudf.internal.session;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.ArrayDeque;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.BooleanSupplier;
import org.kapacitorudf.internal.host.CallTracker;
import org.kapacitorudf.internal.host.Stopwatch;
import org.kapacitorudf.internal.host.ThreadAttributes;

/**
 * Runs a handler's calls on a worker: one at a time, in order.
 *
 * <pre>
 *             submit                                  a turn
 *   event loop ------> [burst][burst][burst] <------- worker
 * </pre>
 *
 * <p>A turn lasts until the queue is empty, until another connection waits for a worker, or until there is no room for
 * output: then the lane parks, without a thread, until {@link #resume}.
 *
 * <p>What waits is bounded by the session, which stops reading when {@link #queuedBytes} says so: nothing is refused here.
 *
 * <p>Threading: {@link #run} and {@link #look} belong to {@link Workers}; the rest is safe for any thread.
 */
final class HandlerExecutor implements Workers.Turn {
    /** The work itself, and what the session is told. All methods but {@link #look} and {@link #broken} run on a worker. */
    interface ExecutorCallbacks {
        /** Whether a message gives rise to calls that may emit much: it waits for room. */
        boolean isData(Object message);

        /** A turn begins. It may change how the thread looks, until {@link #leave}. */
        void enter();

        /** The turn has ended. */
        void leave();

        /**
         * Makes one call for a message. Throws nothing.
         *
         * @return whether the message is done with; if not, it is given again
         */
        boolean handle(Object message);

        /** Called once after {@link HandlerExecutor#close}, when no call is going on any more. */
        void closed();

        /** A burst has been handled: what it emitted has to leave. */
        void burstHandled();

        /** Time for what must not wait for the end of the queue. Throws nothing. */
        void betweenCalls();

        /** Called by the watchdog every 10 ms during a turn. */
        void look(long nowNanos);

        /** No thread could be had, or the one there was has broken down: no call begins any more, nor {@link #closed}. */
        void broken(Throwable cause);
    }

    /** In the place of a burst: the lane has been closed. */
    private static final ReadBurst CLOSED = new ReadBurst();

    /** What a burst has emitted leaves when this time has passed, handled or not. */
    private static final long FLUSH_INTERVAL_NANOS = 1_000_000;

    private final ExecutorCallbacks work;
    private final Executor workers;
    private final BooleanSupplier isAnotherWaiting;
    private final CallTracker tracker;
    private final BooleanSupplier hasRoomForOutput;
    private final ReadAheadBudget budget;

    @GuardedBy("this")
    private final ArrayDeque<ReadBurst> queue = new ArrayDeque<>(1);

    @GuardedBy("this")
    private boolean running; // a turn goes on, or is to come; only one ever

    @GuardedBy("this")
    private boolean parked; // running, but out of room for output

    @GuardedBy("this")
    private boolean closed;

    private final Stopwatch parkedTime = new Stopwatch();
    private volatile boolean stop;
    private volatile long queuedBytes;
    private Object message; // of the call at hand; the clock's sequence publishes it
    private long calledNanos; // when the last call ended, or the burst began
    private long flushedNanos;

    /** @param isAnotherWaiting whether another task waits for a worker */
    HandlerExecutor(
            ExecutorCallbacks work,
            Executor workers,
            BooleanSupplier isAnotherWaiting,
            CallTracker tracker,
            BooleanSupplier hasRoomForOutput,
            ReadAheadBudget budget) {
        this.work = work;
        this.workers = workers;
        this.isAnotherWaiting = isAnotherWaiting;
        this.tracker = tracker;
        this.hasRoomForOutput = hasRoomForOutput;
        this.budget = budget;
    }

    /** Takes a burst. */
    void submit(ReadBurst burst) {
        synchronized (this) {
            if (closed) {
                return;
            }
            budget.take(burst.bytes());
            queuedBytes += burst.bytes();
            queue.add(burst);
            if (running) {
                return;
            }
            running = true;
        }
        startTurn();
    }

    /** There is room for output again. */
    void resume() {
        synchronized (this) {
            if (!parked || closed) {
                return;
            }
            parked = false;
            parkedTime.stop();
        }
        startTurn();
    }

    /** Input that has not been handled, in bytes on the wire. */
    long queuedBytes() {
        return queuedBytes;
    }

    /** For how long calls had to wait for room before they began. */
    long parkedNanos() {
        return parkedTime.nanos();
    }

    /** Whether calls are going on or waiting. */
    synchronized boolean isBusy() {
        return running;
    }

    /** Lets no call begin any more, forgets what waits, and has {@link ExecutorCallbacks#closed} called by a worker once no call is going on. */
    void close() {
        synchronized (this) {
            if (closed) {
                return;
            }
            shut();
            if (running && !parked) {
                return;
            }
            running = true;
        }
        startTurn();
    }

    private synchronized void shut() {
        closed = true;
        stop = true;
        parkedTime.stop();
        queue.clear();
        budget.giveBack(queuedBytes);
        queuedBytes = 0;
    }

    private void startTurn() {
        try {
            workers.execute(this);
        } catch (RuntimeException | OutOfMemoryError e) {
            breakDown(e);
        }
    }

    @Override
    public void look(long nowNanos) {
        work.look(nowNanos);
    }

    @Override
    public void rejected(RejectedExecutionException cause) {
        breakDown(cause);
    }

    private void breakDown(Throwable cause) {
        tracker.runBy(null);
        synchronized (this) {
            shut();
            running = false;
        }
        work.broken(cause);
    }

    @Override
    public void run() {
        boolean goesOn;
        try {
            goesOn = turn();
        } catch (Throwable e) {
            breakDown(e);
            return;
        }
        if (goesOn) {
            startTurn();
        }
    }

    /** Tells whether another turn has to follow. */
    private boolean turn() {
        Thread thread = Thread.currentThread();
        ThreadAttributes attributesBefore = ThreadAttributes.of(thread);
        work.enter();
        try {
            ReadBurst burst;
            while ((burst = nextBurst(thread)) != null && burst != CLOSED) {
                boolean handled = handle(burst);
                if (!handled) {
                    flush();
                    if (park()) {
                        return false;
                    }
                    continue;
                }
                burstHandled(burst);
                betweenCalls();
                if (isAnotherWaiting.getAsBoolean()) {
                    tracker.runBy(null);
                    return true;
                }
            }
            if (burst == CLOSED) {
                runClosed();
            }
            return false;
        } finally {
            work.leave();
            attributesBefore.restore(thread);
        }
    }

    /** Tells whether the burst is done with; if not, there is no room for output. */
    private boolean handle(ReadBurst burst) {
        flushedNanos = System.nanoTime();
        calledNanos = flushedNanos;
        Object next;
        while (!stop && (next = burst.peek()) != null) {
            if (!hasRoomForOutput.getAsBoolean() && work.isData(next)) {
                return false;
            }
            call(burst, next);
        }
        return true;
    }

    /** Makes one call. A method of its own, because the JVM compiles what is called often sooner than a loop that is entered seldom. */
    private void call(ReadBurst burst, Object next) {
        message = next;
        tracker.begin();
        boolean isDone = work.handle(next);
        long now = System.nanoTime();
        tracker.took(now - calledNanos);
        tracker.end();
        if (isDone) {
            burst.advance();
        }
        calledNanos = now;
        if (now - flushedNanos > FLUSH_INTERVAL_NANOS) {
            flushedNanos = now;
            flush();
            betweenCalls();
            calledNanos = System.nanoTime();
        }
    }

    /** What the call at hand was made for, or the last one. Safe for a thread that has seen the clock in that call. */
    Object message() {
        return message;
    }

    private void flush() {
        // What a call leaves behind is not for the next one.
        Thread.interrupted();
        work.burstHandled();
    }

    /** Gives the thread back until there is room; tells whether it has to. */
    private synchronized boolean park() {
        // Room that came before is seen here, and room that comes later calls resume.
        if (closed || hasRoomForOutput.getAsBoolean()) {
            return false;
        }
        tracker.runBy(null);
        parked = true;
        parkedTime.start();
        return true;
    }

    private void betweenCalls() {
        if (!stop) {
            tracker.begin();
            work.betweenCalls();
            tracker.end();
        }
    }

    /** The burst at the head of the queue, or {@link #CLOSED}; null, with nobody running any more, when there is neither. */
    private synchronized ReadBurst nextBurst(Thread thread) {
        if (closed) {
            return CLOSED;
        }
        ReadBurst burst = queue.peek();
        if (burst == null) {
            tracker.runBy(null);
            message = null;
            running = false;
        } else {
            tracker.runBy(thread);
        }
        return burst;
    }

    private void burstHandled(ReadBurst burst) {
        synchronized (this) {
            if (queue.peek() == burst) {
                queue.poll();
                queuedBytes -= burst.bytes();
                budget.giveBack(burst.bytes());
            }
        }
        flush();
    }

    private void runClosed() {
        // From here on no interrupt can be meant for the last call: one that came late must not disturb this one.
        tracker.runBy(null);
        Thread.interrupted();
        tracker.runBy(Thread.currentThread());
        tracker.begin();
        work.closed();
        tracker.end();
        tracker.runBy(null);
        synchronized (this) {
            running = false;
        }
    }
}
