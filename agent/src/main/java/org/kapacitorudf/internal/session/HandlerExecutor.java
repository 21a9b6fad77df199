package org.kapacitorudf.internal.session;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.ArrayDeque;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
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
 * output. If there is no room, the executor parks: it uses no thread until {@link #resume} is called.
 *
 * <p>The session bounds the queue: it stops reading if {@link #queuedBytes} is too high. This class itself rejects no
 * input.
 *
 * <p>Threading: {@link #run} and {@link #look} are for {@link Workers}; everything else is safe for use by any thread.
 */
final class HandlerExecutor implements Workers.Turn {
    /** Executes the work, and receives events. All methods except {@link #look} and {@link #broken} run on a worker. */
    interface ExecutorCallbacks {
        /** Whether calls for a message may emit data, and must therefore wait for room. */
        boolean isData(Object message);

        /** Called when a turn begins. Until {@link #leave}, calls may change the attributes of the thread. */
        void enter();

        /** Called when the turn has ended. */
        void leave();

        /**
         * Makes one call for a message. Throws nothing.
         *
         * @return whether the message is completed; if not, the message is passed again
         */
        boolean handle(Object message);

        /** Called once after {@link HandlerExecutor#close}, when no call is running any more. */
        void closed();

        /** Called when a burst has been handled and its output must be sent. */
        void burstHandled();

        /** Called between calls, for work that must not wait until the queue is empty. Throws nothing. */
        void betweenCalls();

        /** Called by the watchdog every 10 ms during a turn. */
        void look(long nowNanos);

        /**
         * Called when there is no thread for a turn, or when the thread has failed. Neither calls nor {@link #closed}
         * will follow.
         */
        void broken(Throwable cause);
    }

    /** Returned instead of a burst when the executor has been closed. */
    private static final ReadBurst CLOSED = new ReadBurst();

    /** The output of a burst is sent after this time, even if the burst is not finished. */
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
    private boolean running; // a turn is running or scheduled; there is never more than one

    @GuardedBy("this")
    private boolean parked; // running, but waiting for room for output

    @GuardedBy("this")
    private boolean closed;

    private final Stopwatch parkedTime = new Stopwatch();
    private volatile boolean stop;
    private volatile long queuedBytes;
    private @Nullable Object message; // the message of the current call; published by the tracker's sequence
    private long calledNanos; // the time at which the last call ended, or the burst began
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

    /** Queues a burst. */
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

    /** Called when there is room for output again. */
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

    /** The amount of input that has not been handled, in bytes on the wire. */
    long queuedBytes() {
        return queuedBytes;
    }

    /** The total time that calls waited for room before they began, in nanoseconds. */
    long parkedNanos() {
        return parkedTime.nanos();
    }

    /** Whether calls are running or queued. */
    synchronized boolean isBusy() {
        return running;
    }

    /**
     * Prevents further calls, discards the queue, and makes a worker call {@link ExecutorCallbacks#closed} once no call
     * is running.
     */
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

    /** Runs one turn. Returns whether another turn must follow. */
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

    /** Handles a burst. Returns whether the burst is completed; if not, there is no room for output. */
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

    /**
     * Makes one call. It is a separate method because the JVM compiles a frequently called method sooner than a loop
     * that is rarely entered.
     */
    private void call(ReadBurst burst, Object next) {
        message = next;
        tracker.begin();
        boolean isDone = work.handle(next);
        long now = System.nanoTime();
        tracker.took(now - calledNanos);
        endCall();
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

    private void endCall() {
        tracker.end();
        // The interrupt flag of a call must not affect the next call.
        Thread.interrupted();
    }

    private void flush() {
        // After this, the last call can no longer be interrupted: an interrupt would close the channel.
        tracker.runBy(Thread.currentThread());
        Thread.interrupted();
        work.burstHandled();
    }

    /**
     * The message of the current or last call; null if there is none. Safe for use by a thread that has seen in the
     * tracker that this call is running.
     */
    @Nullable
    Object message() {
        return message;
    }

    /** Parks the executor if there is no room. Returns whether it has been parked. */
    private synchronized boolean park() {
        // Room that became free earlier is seen here. If room becomes free later, resume is called.
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
            endCall();
        }
    }

    /**
     * Returns the first burst in the queue, or {@link #CLOSED}. Returns null and ends the turn if the queue is empty.
     */
    private synchronized @Nullable ReadBurst nextBurst(Thread thread) {
        if (closed) {
            message = null;
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
        // After this, the last call can no longer be interrupted. An interrupt that came too late for it is cleared.
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
