package org.kapacitorudf.session;

import java.util.ArrayDeque;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.BooleanSupplier;

/**
 * Runs a handler's calls: one at a time, in order, each burst of input in one go; on the event loop where that is allowed, else on a thread of its own for as
 * long as there is work.
 *
 * <pre>
 *             submit                                   data of a non-blocking function, and room for output
 *   event loop ------> [burst][burst][burst] ------>  the event loop itself
 *                                            ------>  a worker: everything else
 * </pre>
 *
 * <p>What waits is bounded by the session, which stops reading when {@link #queuedBytes} says so: nothing is refused here.
 *
 * <p>Threading: {@link #submit} and {@link #resume} by the event loop; the rest is safe for any thread.
 */
final class Lane {
    /** The work itself, and who hears of it. */
    interface Work {
        /** Whether this message may be handled on the event loop, by what it is. */
        boolean isData(Object message);

        /** A thread, the loop's or a worker's, begins to handle messages. It may change how the thread looks, until {@link #leave}. */
        void enter();

        /** It has ended that. */
        void leave();

        /**
         * Makes one call for a message. Throws nothing.
         *
         * @return whether the message is done with; if not, it is given again
         */
        boolean handle(Object message);

        /** Called once after {@link Lane#close}, when no call is going on any more. */
        void closed();

        /** A burst has been handled, on the loop or on a worker: what it emitted has to leave. */
        void burstHandled();

        /** Time, on a worker, for what must not wait for the end of the queue. Throws nothing. */
        void betweenCalls();

        /** A call has taken long, on the loop. */
        void slowOnLoop(long atLeastNanos);

        /** No thread could be had, or the one there was has broken down: no call begins any more, nor {@link #closed}. */
        void broken(Throwable cause);
    }

    /** In the place of a burst: the lane has been closed. */
    private static final Burst CLOSED = new Burst();

    /** On a worker, what a burst has emitted leaves when this has passed, handled or not. */
    private static final long FLUSH_INTERVAL_NANOS = 1_000_000;

    private final Work work;
    private final Executor workers;
    private final LoopWatch loopWatch;
    private final CallClock clock;
    private final BooleanSupplier hasRoomForOutput;
    private final long slowTicks;
    private final ReadAheadBudget budget;

    private final ArrayDeque<Burst> queue = new ArrayDeque<>(1); // guarded by this
    private boolean running; // guarded by this: the loop, a worker, or a worker to be is at work; only one ever
    private boolean parked; // guarded by this: running, but out of room for output
    private boolean closed; // guarded by this

    private final Stopwatch parkedTime = new Stopwatch();
    private volatile boolean stop;
    private volatile long queuedBytes;
    private volatile boolean offLoop;

    Lane(
            Work work,
            Executor workers,
            LoopWatch loopWatch,
            CallClock clock,
            BooleanSupplier hasRoomForOutput,
            boolean offLoop,
            long slowCallNanos,
            ReadAheadBudget budget) {
        this.work = work;
        this.workers = workers;
        this.loopWatch = loopWatch;
        this.clock = clock;
        this.hasRoomForOutput = hasRoomForOutput;
        this.offLoop = offLoop;
        // So many ticks, the first of them at any time, are at least so long.
        this.slowTicks = (slowCallNanos - 1) / LoopWatch.TICK_NANOS + 2;
        this.budget = budget;
    }

    /** Takes a burst, and handles it at once if it may be handled here. */
    void submit(Burst burst) {
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
        runOnLoop();
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
        runOnLoop();
    }

    /** Input that has not been handled, in bytes on the wire. */
    long queuedBytes() {
        return queuedBytes;
    }

    /** For how long calls on the loop had to wait for room. */
    long parkedNanos() {
        return parkedTime.nanos();
    }

    /** Whether calls are going on or waiting. */
    synchronized boolean isBusy() {
        return running;
    }

    /** Lets no call begin any more, forgets what waits, and has {@link Work#closed} called by a worker once no call is going on. */
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
        startWorker();
    }

    private synchronized void shut() {
        closed = true;
        stop = true;
        parkedTime.stop();
        queue.clear();
        budget.giveBack(queuedBytes);
        queuedBytes = 0;
    }

    private void runOnLoop() {
        if (offLoop) {
            startWorker();
            return;
        }
        loopWatch.active();
        boolean goesOn;
        try {
            goesOn = handleOnLoop();
        } catch (Throwable e) {
            breakDown(e);
            return;
        }
        if (goesOn) {
            startWorker();
        }
    }

    /** Handles what may be handled here; tells whether a worker has to go on with it. */
    private boolean handleOnLoop() {
        Thread thread = Thread.currentThread();
        ThreadLook lookBefore = ThreadLook.of(thread);
        clock.runBy(thread);
        work.enter();
        try {
            long begunAtTick = loopWatch.ticks();
            Burst burst;
            while ((burst = nextBurst()) != null) {
                Next next = burst == CLOSED ? Next.WORKER : timedOnLoop(burst, begunAtTick);
                if (next == Next.BURST) {
                    burstHandled(burst);
                    continue;
                }
                flush();
                if (next == Next.PARK && hasRoomForOutput.getAsBoolean()) {
                    continue;
                }
                clock.runBy(null);
                return next == Next.WORKER || !park();
            }
            return false;
        } finally {
            work.leave();
            lookBefore.restore(thread);
        }
    }

    /** How the loop goes on. */
    private enum Next {
        BURST,
        WORKER,
        PARK
    }

    /** The calls of a burst are timed together: a clock that is read at each would cost as much as a small handler. */
    private Next timedOnLoop(Burst burst, long begunAtTick) {
        long calls = clock.calls();
        long begunNanos = System.nanoTime();
        Next next = handleOnLoop(burst, begunAtTick);
        clock.took(clock.calls() - calls, System.nanoTime() - begunNanos);
        return next;
    }

    private Next handleOnLoop(Burst burst, long begunAtTick) {
        long ticksSeen = loopWatch.ticks();
        boolean heldTooLong = ticksSeen - begunAtTick >= slowTicks;
        Object message;
        while (!stop && (message = burst.peek()) != null) {
            // The loop is every connection's: calls that are short but many must not hold it either.
            if (offLoop || heldTooLong || !work.isData(message)) {
                return Next.WORKER;
            }
            if (!hasRoomForOutput.getAsBoolean()) {
                return Next.PARK;
            }
            clock.begin();
            boolean isDone = work.handle(message);
            clock.end();
            if (isDone) {
                burst.advance();
            }
            long ticks = loopWatch.ticks();
            if (ticks != ticksSeen) {
                if (ticks - ticksSeen >= slowTicks) {
                    offLoop = true;
                    work.slowOnLoop((ticks - ticksSeen - 1) * LoopWatch.TICK_NANOS);
                }
                heldTooLong = ticks - begunAtTick >= slowTicks;
                flush();
                ticksSeen = loopWatch.ticks();
            }
        }
        return Next.BURST;
    }

    private void flush() {
        // The JDK closes a channel that is written to by an interrupted thread.
        Thread.interrupted();
        work.burstHandled();
    }

    /** Waits for room, unless the lane has been closed. Only the loop makes room, so none can have come meanwhile. */
    private synchronized boolean park() {
        parked = !closed;
        if (parked) {
            parkedTime.start();
        }
        return parked;
    }

    private void startWorker() {
        try {
            workers.execute(this::runOnWorker);
        } catch (RejectedExecutionException | OutOfMemoryError e) {
            breakDown(e);
        }
    }

    private void breakDown(Throwable cause) {
        clock.runBy(null);
        synchronized (this) {
            shut();
            running = false;
        }
        work.broken(cause);
    }

    private void runOnWorker() {
        try {
            handleOnWorker();
        } catch (Throwable e) {
            breakDown(e);
        }
    }

    private void handleOnWorker() {
        Thread thread = Thread.currentThread();
        ThreadLook lookBefore = ThreadLook.of(thread);
        clock.runBy(thread);
        work.enter();
        try {
            Burst burst;
            while ((burst = nextBurst()) != null && burst != CLOSED) {
                handleOnWorker(burst);
                burstHandled(burst);
                betweenCalls();
            }
            if (burst == CLOSED) {
                runClosed();
            }
        } finally {
            work.leave();
            lookBefore.restore(thread);
        }
    }

    private void handleOnWorker(Burst burst) {
        long flushedAt = System.nanoTime();
        long before = flushedAt;
        Object message;
        while (!stop && (message = burst.peek()) != null) {
            clock.begin();
            boolean isDone = work.handle(message);
            clock.end();
            if (isDone) {
                burst.advance();
            }
            long now = System.nanoTime();
            clock.took(1, now - before);
            before = now;
            if (now - flushedAt > FLUSH_INTERVAL_NANOS) {
                flushedAt = now;
                work.burstHandled();
                betweenCalls();
                before = System.nanoTime();
            }
        }
    }

    private void betweenCalls() {
        if (!stop) {
            clock.begin();
            work.betweenCalls();
            clock.end();
        }
    }

    /** The burst at the head of the queue, or {@link #CLOSED}; null, with nobody running any more, when there is neither. */
    private synchronized Burst nextBurst() {
        if (closed) {
            return CLOSED;
        }
        Burst burst = queue.peek();
        if (burst == null) {
            clock.runBy(null);
            running = false;
        }
        return burst;
    }

    private void burstHandled(Burst burst) {
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
        clock.runBy(null);
        Thread.interrupted();
        clock.runBy(Thread.currentThread());
        clock.begin();
        work.closed();
        clock.end();
        clock.runBy(null);
        synchronized (this) {
            running = false;
        }
    }
}
