package org.kapacitorudf.internal.session;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/**
 * Threads that run tasks, and the queue of tasks for which there is no thread.
 *
 * <p>A task is run by the thread that became idle last, so one thread stays warm and the others end. The threads of a
 * {@link java.util.concurrent.ThreadPoolExecutor} take tasks in turns, which costs more CPU with small reads, and more
 * memory with many connections.
 *
 * <p>If the system refuses a thread, tasks wait for the existing threads. The size then is the number of threads, so
 * {@link #resize} requests more.
 *
 * <p>Threading: safe for use by any thread.
 */
final class WorkerPool {
    private final long idleNanos;
    private final BiFunction<Runnable, String, Thread> threads;
    private final Runnable taskBegins;
    private final Set<Worker> workers = ConcurrentHashMap.newKeySet(); // changed under this

    private final Queue<Runnable> queue = new ConcurrentLinkedQueue<>(); // changed under this

    @GuardedBy("this")
    private @Nullable Worker idle; // the top of a stack; the queue is empty if the stack is not

    @GuardedBy("this")
    private int threadNumber;

    private volatile int size; // written under this

    /**
     * @param size the maximum number of threads
     * @param idleNanos how long a thread waits for a task before it ends
     * @param threads the function that creates a thread with a given name, but does not start it
     * @param taskBegins called by a thread before each task
     */
    WorkerPool(int size, long idleNanos, BiFunction<Runnable, String, Thread> threads, Runnable taskBegins) {
        this.size = size;
        this.idleNanos = idleNanos;
        this.threads = threads;
        this.taskBegins = taskBegins;
    }

    /** A thread and its current task. */
    final class Worker implements Runnable {
        private volatile @Nullable Runnable task;
        private volatile long turns; // written by its thread only
        private @Nullable Thread thread;
        private @Nullable Worker nextIdle; // guarded by the pool
        long turnsSeen; // used by the watchdog only

        private Worker(Runnable firstTask) {
            task = firstTask;
        }

        /** The current task; null if the thread is idle. */
        @Nullable
        Runnable task() {
            return task;
        }

        /** Incremented when a task begins, and when it ends: odd while a task runs. */
        long turns() {
            return turns;
        }

        @Override
        public void run() {
            Runnable current = task;
            while (current != null) {
                turns++;
                // An interrupt of the last task must not affect this one, which may be another connection's.
                Thread.interrupted();
                try {
                    taskBegins.run();
                    current.run();
                } catch (Throwable e) {
                    report(e);
                }
                turns++;
                current = next(this);
            }
        }

        private void report(Throwable thrown) {
            Thread current = Thread.currentThread();
            try {
                current.getUncaughtExceptionHandler().uncaughtException(current, thrown);
            } catch (Throwable e) {
                // As in a JVM's thread that ends: an exception of the exception handler is ignored.
            }
        }
    }

    /**
     * Runs a task on an idle thread or a new one; queues it if there are as many threads as allowed.
     *
     * @throws RejectedExecutionException if there is no thread at all, and the system refuses one
     */
    void execute(Runnable task) {
        Worker worker;
        synchronized (this) {
            worker = idle;
            if (worker == null) {
                if (workers.size() >= size || !start(task)) {
                    queue.add(task);
                }
                return;
            }
            idle = worker.nextIdle;
            worker.nextIdle = null;
            worker.task = task;
        }
        LockSupport.unpark(worker.thread);
    }

    /** Starts a thread for a task. Returns false if the system refuses a thread. */
    @GuardedBy("this")
    private boolean start(Runnable task) {
        Worker worker;
        try {
            worker = new Worker(task);
            Thread thread = threads.apply(worker, "udf-handler-" + (threadNumber + 1));
            thread.setDaemon(true); // it may be stuck forever
            worker.thread = thread;
            thread.start();
        } catch (OutOfMemoryError e) {
            if (workers.isEmpty()) {
                throw new RejectedExecutionException("threads: the system allows none " + Workers.MORE_THREADS, e);
            }
            size = workers.size();
            return false;
        }
        threadNumber++;
        try {
            workers.add(worker);
        } catch (OutOfMemoryError e) {
            // The tasks of this thread run, but the watchdog does not observe them.
        }
        return true;
    }

    /** Returns the next task of a thread; null if the thread must end. */
    private @Nullable Runnable next(Worker worker) {
        Runnable task;
        synchronized (this) {
            boolean isSurplus = workers.size() > size;
            task = isSurplus ? null : queue.poll();
            worker.task = task;
            if (isSurplus) {
                workers.remove(worker);
                return null;
            }
            if (task == null) {
                worker.nextIdle = idle;
                idle = worker;
            }
        }
        return task == null ? awaitTask(worker) : task;
    }

    private @Nullable Runnable awaitTask(Worker worker) {
        long end = System.nanoTime() + idleNanos;
        Runnable task;
        while ((task = worker.task) == null) {
            long left = end - System.nanoTime();
            if (left <= 0 && retire(worker)) {
                return null;
            }
            LockSupport.parkNanos(this, left);
            // A late interrupt of the last task must not make the wait a busy loop.
            Thread.interrupted();
        }
        return task;
    }

    /** Removes an idle thread. Returns false if it has just got a task. */
    private synchronized boolean retire(Worker worker) {
        if (worker.task != null) {
            return false;
        }
        removeIdle(worker);
        workers.remove(worker);
        return true;
    }

    @GuardedBy("this")
    private void removeIdle(Worker worker) {
        if (idle == worker) {
            idle = worker.nextIdle;
            return;
        }
        for (Worker above = idle; above != null; above = above.nextIdle) {
            if (above.nextIdle == worker) {
                above.nextIdle = worker.nextIdle;
                return;
            }
        }
    }

    /**
     * Changes the maximum number of threads, and starts threads for queued tasks. Surplus threads end after their task.
     *
     * @return whether the system has allowed all threads that are needed
     */
    synchronized boolean resize(int maxThreads) {
        size = maxThreads;
        while (workers.size() < size && !queue.isEmpty()) {
            if (!start(queue.element())) {
                return false;
            }
            queue.remove();
        }
        return true;
    }

    /** Removes and returns all tasks of the queue, in order. */
    synchronized List<Runnable> takeQueue() {
        List<Runnable> tasks = new ArrayList<>(queue);
        queue.clear();
        return tasks;
    }

    /** The threads, idle or not. The set changes when threads start or end. */
    Set<Worker> workers() {
        return Collections.unmodifiableSet(workers);
    }

    /** The maximum number of threads. */
    int size() {
        return size;
    }

    boolean isAnyQueued() {
        return !queue.isEmpty();
    }
}
