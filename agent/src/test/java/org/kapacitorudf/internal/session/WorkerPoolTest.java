package org.kapacitorudf.internal.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(600)
final class WorkerPoolTest {
    private final AtomicInteger begun = new AtomicInteger();
    private volatile boolean refuse;

    private WorkerPool pool(int size, Duration idle) {
        return new WorkerPool(size, idle.toNanos(), this::thread, begun::incrementAndGet);
    }

    private Thread thread(Runnable loop, String name) {
        if (refuse) {
            throw new OutOfMemoryError("unable to create native thread: made up");
        }
        Thread thread = new Thread(loop, name);
        thread.setUncaughtExceptionHandler((failed, cause) -> {});
        return thread;
    }

    /** A task that runs until it is released. */
    private static final class Held implements Runnable {
        final CompletableFuture<Thread> thread = new CompletableFuture<>();
        final CountDownLatch release = new CountDownLatch(1);

        @Override
        public void run() {
            thread.complete(Thread.currentThread());
            try {
                release.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }

        Thread thread() {
            try {
                return thread.get(5, TimeUnit.MINUTES);
            } catch (Exception e) {
                throw new IllegalStateException("the task has not begun", e);
            }
        }
    }

    private static List<Held> hold(WorkerPool pool, int count) {
        List<Held> tasks = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            Held held = new Held();
            pool.execute(held);
            tasks.add(held);
        }
        return tasks;
    }

    private static long idle(WorkerPool pool) {
        return pool.workers().stream().filter(worker -> worker.task() == null).count();
    }

    private static void release(WorkerPool pool, Held held) {
        long idleBefore = idle(pool);
        held.thread();
        held.release.countDown();
        while (idle(pool) == idleBefore) {
            assertThat(Thread.currentThread().isInterrupted()).as("timeout").isFalse();
            Thread.onSpinWait();
        }
    }

    @Test
    void theThreadThatBecameIdleLastRunsTheNextTask() {
        WorkerPool pool = pool(3, Duration.ofHours(1));
        List<Held> tasks = hold(pool, 3);
        release(pool, tasks.get(0));
        release(pool, tasks.get(2));
        release(pool, tasks.get(1));
        List<Held> next = hold(pool, 3);
        assertThat(next)
                .extracting(Held::thread)
                .containsExactly(
                        tasks.get(1).thread(),
                        tasks.get(2).thread(),
                        tasks.get(0).thread());
        next.forEach(held -> held.release.countDown());
    }

    @Test
    void tasksWithoutAThreadRunInOrder() {
        WorkerPool pool = pool(1, Duration.ofHours(1));
        Held first = hold(pool, 1).get(0);
        List<Integer> ran = new ArrayList<>();
        CountDownLatch done = new CountDownLatch(1);
        for (int i = 0; i < 3; i++) {
            int number = i;
            pool.execute(() -> ran.add(number));
        }
        assertThat(pool.isAnyQueued()).isTrue();
        pool.execute(done::countDown);
        first.release.countDown();
        await(done);
        assertThat(ran).containsExactly(0, 1, 2);
        assertThat(pool.isAnyQueued()).isFalse();
        assertThat(begun).hasValue(5);
    }

    private static void await(CountDownLatch latch) {
        try {
            assertThat(latch.await(5, TimeUnit.MINUTES)).isTrue();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void anIdleThreadEnds() throws InterruptedException {
        WorkerPool pool = pool(2, Duration.ofMillis(1));
        Held held = hold(pool, 1).get(0);
        held.release.countDown();
        held.thread().join();
        assertThat(pool.workers()).isEmpty();
        Held next = hold(pool, 1).get(0);
        assertThat(next.thread()).isNotSameAs(held.thread());
        next.release.countDown();
    }

    @Test
    void surplusThreadsEndAfterTheirTask() throws InterruptedException {
        WorkerPool pool = pool(3, Duration.ofHours(1));
        List<Held> tasks = hold(pool, 3);
        pool.resize(1);
        for (Held held : tasks.subList(0, 2)) {
            held.release.countDown();
            held.thread().join();
        }
        release(pool, tasks.get(2));
        assertThat(pool.workers()).hasSize(1);
    }

    @Test
    void aFailureEndsNoThread() {
        WorkerPool pool = pool(1, Duration.ofHours(1));
        CompletableFuture<Thread> failing = new CompletableFuture<>();
        pool.execute(() -> {
            failing.complete(Thread.currentThread());
            throw new IllegalStateException("made up");
        });
        Held next = hold(pool, 1).get(0);
        assertThat(next.thread()).isSameAs(failing.join());
        next.release.countDown();
    }

    @Test
    void anInterruptOfATaskDoesNotReachTheNextOne() throws Exception {
        WorkerPool pool = pool(1, Duration.ofHours(1));
        Held first = hold(pool, 1).get(0);
        CompletableFuture<Boolean> interrupted = new CompletableFuture<>();
        pool.execute(() -> Thread.currentThread().interrupt());
        pool.execute(() -> interrupted.complete(Thread.currentThread().isInterrupted()));
        first.release.countDown();
        assertThat(interrupted.get(5, TimeUnit.MINUTES)).isFalse();
    }

    @Test
    void anInterruptOfAnIdleThreadDoesNotReachTheNextTask() throws Exception {
        WorkerPool pool = pool(1, Duration.ofHours(1));
        Held first = hold(pool, 1).get(0);
        release(pool, first);
        first.thread().interrupt();
        CompletableFuture<Boolean> interrupted = new CompletableFuture<>();
        pool.execute(() -> interrupted.complete(Thread.currentThread().isInterrupted()));
        assertThat(interrupted.get(5, TimeUnit.MINUTES)).isFalse();
    }

    @Test
    void idleThreadsThatHaveEndedGetNoTask() throws InterruptedException {
        WorkerPool pool = pool(3, Duration.ofSeconds(1));
        List<Held> tasks = hold(pool, 3);
        for (Held held : tasks) {
            held.thread();
            held.release.countDown();
        }
        for (Held held : tasks) {
            held.thread().join();
        }
        assertThat(pool.workers()).isEmpty();
        Held next = hold(pool, 1).get(0);
        assertThat(next.thread()).isNotIn(tasks.stream().map(Held::thread).toList());
        next.release.countDown();
    }

    @Test
    void tasksWaitInOrderWhereTheSystemRefusesAThread() {
        refuse = true;
        WorkerPool pool = pool(1, Duration.ofHours(1));
        assertThatThrownBy(() -> pool.execute(() -> {})).isInstanceOf(RejectedExecutionException.class);
        refuse = false;
        Held first = hold(pool, 1).get(0);
        refuse = true;
        List<Held> waiting = hold(pool, 2);
        assertThat(pool.resize(3)).isFalse();
        assertThat(pool.size()).isEqualTo(1);
        refuse = false;
        assertThat(pool.resize(2)).isTrue();
        waiting.get(0).thread();
        assertThat(pool.takeQueue()).containsExactly(waiting.get(1));
        assertThat(pool.isAnyQueued()).isFalse();
        first.release.countDown();
        waiting.get(0).release.countDown();
    }
}
