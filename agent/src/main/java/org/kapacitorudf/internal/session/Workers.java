package org.kapacitorudf.internal.session;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BiFunction;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/**
 * The threads that run handlers, timers and listeners. Event loops never run this code.
 *
 * <pre>
 *   execute -->  [task][task][task]  -->  worker  worker  worker  worker
 *                                           ^ every 10 ms
 *                                         watchdog
 * </pre>
 *
 * <p>The number of concurrent tasks is the number of cores plus two; other tasks wait in FIFO order. A task that has
 * run for more than 10 ms is no longer counted, because it may wait for Kapacitor in {@code Output}, block, or loop
 * forever. The pool then provides another thread for waiting tasks, so no task has to wait until another task ends.
 *
 * <p>The watchdog is a daemon thread. Only the watchdog takes stack traces, because taking a stack trace waits for the
 * other thread's safepoint, for seconds in the worst case. The watchdog sleeps while no task runs.
 *
 * <p>Threading: safe for use by any thread.
 */
final class Workers implements Executor {
    /** A task that the watchdog observes. */
    interface Turn extends Runnable {
        /**
         * Called by the watchdog every 10 ms while the task runs, and sometimes once more just after it has ended.
         *
         * @param nowNanos the time for which the watchdog has been active
         */
        void look(long nowNanos);

        /** Called when the task will not be run, because there is no thread for it. */
        void rejected(RejectedExecutionException cause);
    }

    private static final long TICK_NANOS = Duration.ofMillis(10).toNanos();
    private static final int TICKS_BEFORE_SLEEP = 50;

    /** The number of threads is reduced when it has been too high for this many ticks. */
    private static final int TICKS_BEFORE_SHRINKING = 100;

    private static final int SPARE_WORKERS = 2;
    private static final long IDLE_NANOS = Duration.ofSeconds(10).toNanos();

    /**
     * The maximum time that is counted between two observations. If the whole process was suspended for longer, no
     * handler is responsible.
     */
    private static final long LONGEST_STEP_NANOS = Duration.ofSeconds(1).toNanos();

    /** How long to wait before the next attempt to start a thread, if the system has refused one. */
    private static final long RETRY_NANOS = Duration.ofMillis(500).toNanos();

    /** If the system refuses a thread, a task is rejected after it has waited this long. */
    private static final long NO_THREAD_LIMIT_NANOS = Duration.ofSeconds(10).toNanos();

    static final String MORE_THREADS = "(expected: more; see ulimit -u, TasksMax, pids.max)";

    private final int base;
    private final LongSupplier nanoTime;
    private final WorkerPool pool;

    private volatile boolean awake; // written under this

    @GuardedBy("this")
    private @Nullable Thread watchdog;

    // Used by the watchdog only:
    private long lastLookNanos;
    private long watchedNanos;
    private int lowerSize;
    private int lowerTicks;
    private long refusedAtNanos;
    private boolean refused;
    private long turnsSeen;
    private long stuckSinceNanos;
    private @Nullable Throwable failed; // thrown by the work of the watchdog; logged at the next observation

    /** Creates plain threads, because each of Netty's threads would keep a cache of buffers. */
    Workers() {
        this(Runtime.getRuntime().availableProcessors() + SPARE_WORKERS, Thread::new, System::nanoTime);
    }

    /** @param threads the function that creates a thread with a given name, but does not start it */
    Workers(int base, BiFunction<Runnable, String, Thread> threads, LongSupplier nanoTime) {
        this.base = base;
        this.nanoTime = nanoTime;
        this.pool = new WorkerPool(base, IDLE_NANOS, threads, this::wakeIfAsleep);
    }

    /**
     * Runs a task as soon as its turn comes.
     *
     * @throws RejectedExecutionException if there is no thread at all, and the system refuses one
     */
    @Override
    public void execute(Runnable task) {
        pool.execute(task);
        wakeIfAsleep();
    }

    /** Whether a task is waiting. If so, a task that has run for a while should yield. */
    boolean isAnyWaiting() {
        return pool.isAnyQueued();
    }

    /** Whether the watchdog is active; it sleeps after a while without tasks. */
    boolean isAwake() {
        return awake;
    }

    // ---- the watchdog

    private void wakeIfAsleep() {
        if (!awake) {
            wake();
        }
    }

    private synchronized void wake() {
        if (awake) {
            return;
        }
        awake = true;
        if (watchdog == null) {
            try {
                Thread thread = new Thread(this::watch, "udf-watchdog");
                thread.setDaemon(true);
                thread.start();
                watchdog = thread;
            } catch (OutOfMemoryError e) {
                awake = false; // the next task tries again
            }
        } else {
            LockSupport.unpark(watchdog);
        }
    }

    private void watch() {
        int idleTicks = 0;
        while (true) {
            LockSupport.parkNanos(TICK_NANOS);
            idleTicks = lookSafely() ? 0 : idleTicks + 1;
            if (idleTicks >= TICKS_BEFORE_SLEEP) {
                if (!sleepSafely()) {
                    return;
                }
                idleTicks = 0;
            }
        }
    }

    /** Like {@link #sleep}, but stays awake if there is an exception, because nothing would replace the watchdog. */
    private boolean sleepSafely() {
        try {
            return sleep();
        } catch (Throwable e) {
            failed = e;
            wake();
            return true;
        }
    }

    /** Waits for tasks. Returns true when there is a task, and false if the watchdog must end. */
    private boolean sleep() {
        synchronized (this) {
            awake = false;
        }
        // Detects a task that began too early to see that the watchdog sleeps.
        if (isAnyAtWork()) {
            wake();
            return true;
        }
        long end = nanoTime.getAsLong() + IDLE_NANOS;
        while (!awake) {
            long left = end - nanoTime.getAsLong();
            if (left <= 0 && isEnded()) {
                return false;
            }
            LockSupport.parkNanos(this, Math.max(left, TICK_NANOS));
        }
        return true;
    }

    private synchronized boolean isEnded() {
        if (awake) {
            return false;
        }
        watchdog = null;
        return true;
    }

    private boolean isAnyAtWork() {
        for (WorkerPool.Worker worker : pool.workers()) {
            if ((worker.turns() & 1) == 1) {
                return true;
            }
        }
        return false;
    }

    /** Observes the tasks. Catches all exceptions: if the watchdog ended, hanging calls would block everything. */
    private boolean lookSafely() {
        try {
            return look();
        } catch (Throwable e) {
            failed = e;
            return true;
        }
    }

    /** Observes the tasks, and provides threads. Returns whether any task runs or waits. */
    private boolean look() {
        long now = nanoTime.getAsLong();
        watchedNanos += Math.min(now - lastLookNanos, LONGEST_STEP_NANOS);
        lastLookNanos = now;
        int atWork = 0;
        int held = 0;
        long turns = 0;
        for (WorkerPool.Worker worker : pool.workers()) {
            long turn = worker.turns();
            turns += turn;
            if ((turn & 1) == 1) {
                atWork++;
                held += turn == worker.turnsSeen ? 1 : 0;
            }
            worker.turnsSeen = turn;
        }
        // Threads are provided first, because an observation may take a long time if it takes a stack trace or logs a
        // line.
        grant(held);
        rejectWhatWaitsInVain(turns, held == atWork && atWork > 0);
        for (WorkerPool.Worker worker : pool.workers()) {
            look(worker.task());
        }
        logFailure();
        return atWork > 0 || isAnyWaiting();
    }

    private void look(@Nullable Runnable task) {
        if (task instanceof Turn turn) {
            try {
                turn.look(watchedNanos);
            } catch (Throwable e) {
                failed = e;
            }
        }
    }

    private void logFailure() {
        Throwable cause = failed;
        failed = null;
        if (cause != null) {
            LoggerFactory.getLogger(Workers.class).error("the watchdog has failed, and goes on", cause);
        }
    }

    /**
     * Sets the number of threads: the base number, plus one for each long-running task. The number is reduced only
     * after a while.
     *
     * @param held the number of long-running tasks
     */
    private void grant(int held) {
        int size = base + held;
        if (size > pool.size()) {
            lowerTicks = 0;
            if (refused && watchedNanos - refusedAtNanos < RETRY_NANOS) {
                return;
            }
            refused = !pool.resize(size);
            refusedAtNanos = watchedNanos;
        } else if (size < pool.size()) {
            lowerSize = lowerTicks == 0 ? size : Math.max(lowerSize, size);
            if (++lowerTicks >= TICKS_BEFORE_SHRINKING) {
                pool.resize(lowerSize);
                lowerTicks = 0;
            }
        } else {
            lowerTicks = 0;
        }
    }

    private void rejectWhatWaitsInVain(long turns, boolean allHeld) {
        if (turns != turnsSeen || !allHeld || !refused || !isAnyWaiting()) {
            turnsSeen = turns;
            stuckSinceNanos = watchedNanos;
            return;
        }
        if (watchedNanos - stuckSinceNanos < NO_THREAD_LIMIT_NANOS) {
            return;
        }
        RejectedExecutionException cause =
                new RejectedExecutionException("threads: " + pool.workers().size()
                        + ", each in a call that does not return; the system allows no more " + MORE_THREADS);
        for (Runnable task : pool.takeQueue()) {
            try {
                if (task instanceof Turn turn) {
                    turn.rejected(cause);
                } else {
                    pool.execute(task);
                }
            } catch (Throwable e) {
                failed = e;
            }
        }
    }
}
