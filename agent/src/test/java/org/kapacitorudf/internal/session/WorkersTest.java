package org.kapacitorudf.internal.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(600)
final class WorkersTest {
    private final AtomicInteger threadsLeft = new AtomicInteger(1_000);
    private final AtomicLong nanos = new AtomicLong(); // the watchdog's time
    private final CountDownLatch gate = new CountDownLatch(1);
    private final AtomicInteger sleepFailures = new AtomicInteger();
    private final Workers workers = new Workers(2, this::thread, this::nanoTime);

    private Thread thread(Runnable task, String name) {
        if (threadsLeft.getAndDecrement() <= 0) {
            throw new OutOfMemoryError("unable to create native thread: made up");
        }
        return new Thread(task, name);
    }

    /** While the watchdog is not awake, only its sleep reads the clock. */
    private long nanoTime() {
        if (!workers.isAwake() && sleepFailures.getAndDecrement() > 0) {
            throw new OutOfMemoryError("made up");
        }
        return nanos.get();
    }

    @AfterEach
    void endCalls() {
        gate.countDown();
    }

    private static void await(CountDownLatch latch) {
        try {
            assertThat(latch.await(5, TimeUnit.MINUTES)).isTrue();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** A task that runs until the test ends, and the events from the watchdog. */
    private final class Held implements Workers.Turn {
        final CountDownLatch begun = new CountDownLatch(1);
        final CountDownLatch looked = new CountDownLatch(3);
        final CountDownLatch rejected = new CountDownLatch(1);
        final List<Long> looks = new CopyOnWriteArrayList<>();
        volatile Throwable cause;

        @Override
        public void run() {
            begun.countDown();
            await(gate);
        }

        @Override
        public void look(long nowNanos) {
            looks.add(nowNanos);
            looked.countDown();
        }

        @Override
        public void rejected(RejectedExecutionException cause) {
            this.cause = cause;
            rejected.countDown();
        }
    }

    private Held hold() {
        Held held = new Held();
        workers.execute(held);
        return held;
    }

    @Test
    void noTaskWaitsForTheEndOfOthersHoweverManyStay() {
        for (int i = 0; i < 40; i++) {
            hold();
        }
        CountDownLatch ran = new CountDownLatch(1);
        workers.execute(ran::countDown);
        await(ran);
    }

    @Test
    void tasksThatAreShortRunOnAsManyThreadsAsThereAreAtFirst() throws InterruptedException {
        Semaphore mayLook = new Semaphore(0);
        Semaphore looked = new Semaphore(0);
        Workers driven = new Workers(2, this::thread, () -> {
            looked.release(); // the look before
            mayLook.acquireUninterruptibly();
            return 0;
        });
        Set<Thread> threads = ConcurrentHashMap.newKeySet();
        List<CountDownLatch> begun = new ArrayList<>();
        List<CountDownLatch> mayEnd = new ArrayList<>();
        int looks = 20;
        for (int i = 0; i < looks; i++) {
            CountDownLatch bothBegun = new CountDownLatch(2);
            CountDownLatch bothMayEnd = new CountDownLatch(1);
            begun.add(bothBegun);
            mayEnd.add(bothMayEnd);
            for (int task = 0; task < 2; task++) {
                driven.execute(() -> {
                    threads.add(Thread.currentThread());
                    bothBegun.countDown();
                    await(bothMayEnd);
                });
            }
        }
        looked.acquire();
        for (int i = 0; i < looks; i++) {
            await(begun.get(i)); // each look finds two other tasks than the one before
            mayLook.release();
            looked.acquire();
            mayEnd.get(i).countDown();
        }
        mayLook.release(Integer.MAX_VALUE / 2);
        assertThat(threads).hasSize(2);
    }

    @Test
    void aTaskThatWaitsIsSeen() throws InterruptedException {
        assertThat(workers.isAnyWaiting()).isFalse();
        threadsLeft.set(1);
        Held held = hold();
        await(held.begun);
        hold();
        assertThat(workers.isAnyWaiting()).isTrue();
    }

    @Test
    void theWatchdogLooksAtEachTaskWhileItRuns() {
        Held first = hold();
        Held second = hold();
        await(first.looked);
        await(second.looked);
        assertThat(first.looks).isSorted();
    }

    @Test
    void aTaskThatBeginsWhileTheWatchdogSleepsIsLookedAt() throws InterruptedException {
        CountDownLatch ran = new CountDownLatch(1);
        workers.execute(ran::countDown);
        await(ran);
        while (workers.isAwake()) {
            Thread.onSpinWait();
        }
        await(hold().looked);
    }

    @Test
    void aWatchdogThatFailsToSleepGoesOn() {
        sleepFailures.set(1);
        CountDownLatch ran = new CountDownLatch(1);
        workers.execute(ran::countDown);
        await(ran);
        while (sleepFailures.get() > 0) {
            Thread.onSpinWait();
        }
        await(hold().looked);
    }

    @Test
    void aThreadThatIsRefusedIsAskedForAgain() {
        threadsLeft.set(1);
        await(hold().begun);
        hold();
        letTimePassUntil(() -> threadsLeft.get() <= -3);
    }

    @Test
    void aLookThatFailsEndsNoOthers() {
        workers.execute(new Workers.Turn() {
            @Override
            public void run() {
                await(gate);
            }

            @Override
            public void look(long nowNanos) {
                throw new IllegalStateException("made up");
            }

            @Override
            public void rejected(RejectedExecutionException cause) {}
        });
        await(hold().looked);
    }

    @Test
    void aStandstillOfTheProcessCountsASecondAtMost() {
        Held held = hold();
        await(held.looked);
        int before = held.looks.size();
        nanos.addAndGet(Duration.ofHours(1).toNanos());
        while (held.looks.size() < before + 2) {
            Thread.onSpinWait();
        }
        assertThat(held.looks.get(before + 1) - held.looks.get(before - 1))
                .isLessThan(Duration.ofMinutes(30).toNanos());
    }

    @Test
    void withoutAnyThreadATaskIsRejectedWithTheLimitsName() {
        threadsLeft.set(0);
        assertThatThrownBy(() -> workers.execute(() -> {}))
                .isInstanceOf(RejectedExecutionException.class)
                .hasMessageContaining("threads: the system allows none")
                .hasMessageContaining("ulimit -u");
    }

    @Test
    void whereTheSystemAllowsNoMoreThreadsThoseThatThereAreTakeIt() {
        threadsLeft.set(1);
        CountDownLatch done = new CountDownLatch(100);
        for (int i = 0; i < 100; i++) {
            workers.execute(done::countDown);
        }
        await(done);
    }

    @Test
    void whatWaitsForAThreadInVainIsRejectedWithTheLimitsName() {
        threadsLeft.set(1);
        await(hold().begun);
        Held waiting = hold();
        letTimePassUntil(() -> waiting.rejected.getCount() == 0);
        assertThat(waiting.cause)
                .hasMessageContaining("threads: 1, each in a call that does not return")
                .hasMessageContaining("ulimit -u");
    }

    /** Lets time pass for the watchdog, which otherwise stands still. */
    private void letTimePassUntil(BooleanSupplier condition) {
        while (!condition.getAsBoolean()) {
            nanos.addAndGet(Duration.ofMillis(500).toNanos());
            Thread.onSpinWait();
        }
    }

    @Test
    void aThreadThatIsAllowedLaterIsHad() {
        threadsLeft.set(1);
        await(hold().begun);
        Held waiting = hold();
        letTimePassUntil(() -> threadsLeft.get() <= -2); // requested twice more without success
        threadsLeft.set(1);
        letTimePassUntil(() -> waiting.begun.getCount() == 0);
        assertThat(waiting.rejected.getCount()).isEqualTo(1);
    }
}
