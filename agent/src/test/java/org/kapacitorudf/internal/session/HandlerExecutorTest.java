package org.kapacitorudf.internal.session;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.kapacitorudf.internal.host.CallTracker;

/** Upper-case texts are control messages, others are data. */
@Tag("jvm")
@Tag("slow")
final class HandlerExecutorTest {
    private final ExecutorService workers = Executors.newCachedThreadPool();
    private final ReadAheadBudget budget = new ReadAheadBudget(1_000);
    private final CallTracker tracker = new CallTracker();
    private final Recorder work = new Recorder();
    private volatile boolean room = true;

    @AfterEach
    void endWorkers() {
        workers.shutdownNow();
    }

    private HandlerExecutor lane() {
        return lane(() -> false);
    }

    private HandlerExecutor lane(BooleanSupplier isAnotherWaiting) {
        return new HandlerExecutor(work, workers, isAnotherWaiting, tracker, () -> room, budget);
    }

    private static ReadBurst burst(String... messages) {
        ReadBurst burst = new ReadBurst();
        for (String message : messages) {
            burst.add(message, 10);
        }
        return burst;
    }

    private static void awaitIdle(HandlerExecutor executor) {
        while (executor.isBusy()) {
            Thread.onSpinWait();
        }
    }

    private static void awaitParked(HandlerExecutor executor) {
        while (executor.parkedNanos() == 0) {
            Thread.onSpinWait();
        }
    }

    @Test
    void everythingRunsOnAWorkerOneAtATimeAndInOrder() throws InterruptedException {
        HandlerExecutor executor = lane();
        for (int i = 0; i < 1_000; i++) {
            executor.submit(burst("m" + i));
        }
        work.awaitHandled(1_000);
        assertThat(work.handled)
                .hasSize(1_000)
                .isSortedAccordingTo(
                        (a, b) -> Integer.compare(Integer.parseInt(a.substring(1)), Integer.parseInt(b.substring(1))));
        assertThat(work.overlaps).isFalse();
        assertThat(work.threads).doesNotContain(Thread.currentThread());
    }

    @Test
    void withoutRoomForOutputTheLaneGivesItsThreadBackAndGoesOnWhereItStopped() throws InterruptedException {
        HandlerExecutor executor = lane();
        work.on("b", message -> room = false);
        executor.submit(burst("a", "b", "c"));
        work.awaitHandled(2);
        awaitParked(executor);
        while (!workersAreIdle()) {
            Thread.onSpinWait();
        }
        executor.submit(burst("d"));
        assertThat(work.handled).containsExactly("a", "b");
        assertThat(executor.queuedBytes()).isEqualTo(40);
        assertThat(executor.isBusy()).isTrue();
        room = true;
        executor.resume();
        work.awaitHandled(4);
        awaitIdle(executor);
        assertThat(work.handled).containsExactly("a", "b", "c", "d");
        assertThat(executor.queuedBytes()).isZero();
        assertThat(budget.usedBytes()).isZero();
    }

    private boolean workersAreIdle() {
        return ((ThreadPoolExecutor) workers).getActiveCount() == 0;
    }

    @Test
    void aControlMessageDoesNotWaitForRoom() throws InterruptedException {
        HandlerExecutor executor = lane();
        room = false;
        executor.submit(burst("INIT", "a"));
        work.awaitHandled(1);
        awaitParked(executor);
        assertThat(work.handled).containsExactly("INIT");
    }

    @Test
    void roomThatComesWhileTheLaneIsAboutToParkIsNotMissed() throws InterruptedException {
        int bursts = Boolean.getBoolean("udf.full") ? 20_000 : 4_000;
        AtomicInteger taken = new AtomicInteger();
        HandlerExecutor executor = lane();
        Thread reader = new Thread(() -> {
            while (taken.get() < bursts) {
                if (!room) {
                    room = true;
                    executor.resume();
                }
            }
        });
        work.on("a", message -> {
            taken.incrementAndGet();
            room = false;
        });
        reader.start();
        for (int i = 0; i < bursts; i++) {
            executor.submit(burst("a"));
        }
        work.awaitHandled(bursts);
        reader.join();
    }

    @Test
    void aLaneHasATurnOfOneBurstWhileOthersWait() throws InterruptedException {
        work.on("a", message -> work.await("gate"));
        HandlerExecutor executor = lane(() -> true);
        executor.submit(burst("a", "b"));
        executor.submit(burst("c"));
        work.open("gate");
        work.awaitHandled(3);
        awaitIdle(executor);
        assertThat(work.handled).containsExactly("a", "b", "c");
        assertThat(work.turns).hasValue(3); // the last one finds nothing
    }

    @Test
    void afterCloseNothingIsHandledAndClosedIsCalledOnceByAWorker() throws InterruptedException {
        HandlerExecutor executor = lane();
        room = false;
        executor.submit(burst("a"));
        awaitParked(executor);
        executor.close();
        executor.close();
        executor.submit(burst("b"));
        work.awaitClosed();
        assertThat(work.handled).isEmpty();
        assertThat(work.closedBy).hasSize(1).doesNotContain(Thread.currentThread());
        assertThat(budget.usedBytes()).isZero();
    }

    @Test
    void aClosedLaneHasNoTimeBetweenCalls() throws InterruptedException {
        HandlerExecutor executor = lane();
        work.on("c", message -> executor.close());
        executor.submit(burst("c"));
        work.awaitClosed();
        assertThat(work.handledBetweenCalls).isEmpty();
    }

    @Test
    void aClosedLaneKeepsNoMessage() throws InterruptedException {
        HandlerExecutor executor = lane();
        work.on("c", message -> executor.close());
        executor.submit(burst("c"));
        work.awaitClosed();
        assertThat(executor.message()).isNull();
    }

    @Test
    void aMessageIsGivenAgainUntilItIsDoneWith() throws InterruptedException {
        work.turns("a", 3);
        work.turns("B", 2);
        lane().submit(burst("a", "B", "c"));
        work.awaitHandled(6);
        assertThat(work.handled).containsExactly("a", "a", "a", "B", "B", "c");
    }

    @Test
    void eachTurnOfAMessageIsACallForItself() throws InterruptedException {
        CallTracker.Observer observer = new CallTracker.Observer(tracker);
        List<Long> seenNanos = Collections.synchronizedList(new ArrayList<>());
        AtomicInteger looks = new AtomicInteger();
        work.turns("a", 3);
        work.on("a", message -> {
            observer.look(looks.incrementAndGet());
            seenNanos.add(observer.look(looks.incrementAndGet()));
        });
        lane().submit(burst("a"));
        work.awaitHandled(3);
        assertThat(seenNanos).containsExactly(1L, 1L, 1L);
    }

    @Test
    void whatTheCallAtHandWasMadeForCanBeSeen() throws InterruptedException {
        HandlerExecutor executor = lane();
        List<Object> seen = Collections.synchronizedList(new ArrayList<>());
        work.on("a", message -> seen.add(executor.message()));
        work.on("b", message -> seen.add(executor.message()));
        executor.submit(burst("a", "b"));
        work.awaitHandled(2);
        awaitIdle(executor);
        assertThat(seen).containsExactly("a", "b");
        assertThat(executor.message()).isNull();
    }

    @Test
    void roomThatComesWithTheFlushIsUsedWithoutAnotherStackFrame() throws InterruptedException {
        HandlerExecutor executor = lane();
        work.onBurstHandled = () -> room = true;
        ReadBurst burst = new ReadBurst();
        for (int i = 0; i < 50_000; i++) {
            burst.add("a", 1);
        }
        work.on("a", message -> room = false);
        executor.submit(burst);
        work.awaitHandled(50_000);
        awaitIdle(executor);
    }

    @Test
    void anInterruptedHandlerLeavesNoFlagForTheWrite() throws InterruptedException {
        AtomicBoolean interrupted = new AtomicBoolean();
        work.on("a", message -> Thread.currentThread().interrupt());
        work.onBurstHandled = () -> interrupted.set(Thread.currentThread().isInterrupted());
        HandlerExecutor executor = lane();
        executor.submit(burst("a"));
        work.awaitHandled(1);
        awaitIdle(executor);
        assertThat(interrupted).isFalse();
    }

    @Test
    void anInterruptedHandlerLeavesNoFlagForTheNextCallOfTheBurst() throws InterruptedException {
        List<Boolean> interrupted = Collections.synchronizedList(new ArrayList<>());
        work.on("a", message -> Thread.currentThread().interrupt());
        work.on("b", message -> interrupted.add(Thread.currentThread().isInterrupted()));
        HandlerExecutor executor = lane();
        executor.submit(burst("a", "b"));
        work.awaitHandled(2);
        assertThat(interrupted).containsExactly(false);
    }

    @Test
    void workBetweenCallsLeavesNoFlagForTheNextCall() throws InterruptedException {
        List<Boolean> interrupted = Collections.synchronizedList(new ArrayList<>());
        work.onBetweenCalls = () -> Thread.currentThread().interrupt();
        work.on("b", message -> interrupted.add(Thread.currentThread().isInterrupted()));
        HandlerExecutor executor = lane();
        work.on("a", message -> executor.submit(burst("b")));
        executor.submit(burst("a"));
        work.awaitHandled(2);
        assertThat(interrupted).containsExactly(false);
    }

    @Test
    void closeWaitsForTheCallThatIsGoingOn() throws InterruptedException {
        HandlerExecutor executor = lane();
        work.on("a", message -> work.await("gate"));
        executor.submit(burst("a", "b"));
        work.awaitBegun("a");
        executor.close();
        assertThat(work.closedBy).isEmpty();
        work.open("gate");
        work.awaitClosed();
        assertThat(work.handled).containsExactly("a");
    }

    @Test
    void aWorkerHasTimeBetweenCallsAfterEachBurstAndInsideALongOne() throws InterruptedException {
        HandlerExecutor executor = lane();
        work.on("a", message -> work.await("gate"));
        work.on("b", message -> spinFor(Duration.ofMillis(2)));
        executor.submit(burst("a"));
        executor.submit(burst("b", "c"));
        executor.submit(burst("d"));
        work.open("gate");
        work.awaitHandled(4);
        while (executor.isBusy()) {
            Thread.onSpinWait();
        }
        assertThat(work.handledBetweenCalls).contains(1, 2, 3, 4);
        assertThat(work.overlaps).isFalse();
    }

    private static void spinFor(Duration duration) {
        long end = System.nanoTime() + duration.toNanos();
        while (System.nanoTime() < end) {
            Thread.onSpinWait();
        }
    }

    @Test
    void anInterruptedHandlerIsClosedWithoutTheFlag() throws InterruptedException {
        HandlerExecutor executor = lane();
        work.on("a", message -> {
            Thread.currentThread().interrupt();
            executor.close();
        });
        executor.submit(burst("a"));
        work.awaitClosed();
        assertThat(work.interruptedInClosed).isFalse();
    }

    @Test
    void closedRunsOnceAndNotBesideACallHoweverTheLastOneEnds() throws InterruptedException {
        work.on("b", message -> spinFor(Duration.ofNanos(20_000)));
        for (int round = 0; round < 1_000; round++) {
            HandlerExecutor executor = lane();
            executor.submit(burst("a"));
            spinFor(Duration.ofNanos(round % 64 * 500L));
            executor.submit(burst("b"));
            spinFor(Duration.ofNanos(round % 16 * 1_000L));
            executor.close();
            while (executor.isBusy()) {
                Thread.onSpinWait();
            }
        }
        assertThat(work.overlaps).isFalse();
        assertThat(work.closedBy).hasSize(1_000);
    }

    @Test
    void aThreadThatBreaksDownEndsTheLane() throws InterruptedException {
        HandlerExecutor executor = lane();
        work.on("a", message -> {
            throw new OutOfMemoryError("made up");
        });
        executor.submit(burst("a", "b"));
        work.awaitBroken();
        assertThat(work.broken).isInstanceOf(OutOfMemoryError.class);
        assertThat(executor.isBusy()).isFalse();
        assertThat(budget.usedBytes()).isZero();
        executor.submit(burst("c"));
        assertThat(work.handled).isEmpty();
    }

    @Test
    void withoutAThreadTheLaneSaysSo() {
        HandlerExecutor executor = new HandlerExecutor(
                work,
                task -> {
                    throw new RejectedExecutionException("no more threads");
                },
                () -> false,
                tracker,
                () -> room,
                budget);
        executor.submit(burst("a"));
        assertThat(work.broken).isInstanceOf(RejectedExecutionException.class);
        assertThat(executor.isBusy()).isFalse();
    }

    /** Records what is handled, and on which thread. */
    private static final class Recorder implements HandlerExecutor.ExecutorCallbacks {
        private static final long LIMIT_SECONDS = 300;

        final List<String> handled = Collections.synchronizedList(new ArrayList<>());
        final List<Thread> threads = Collections.synchronizedList(new ArrayList<>());
        final List<Thread> closedBy = Collections.synchronizedList(new ArrayList<>());
        volatile boolean overlaps;
        final List<Long> looks = Collections.synchronizedList(new ArrayList<>());
        volatile Throwable broken;
        volatile boolean interruptedInClosed;
        volatile Runnable onBurstHandled = () -> {};
        volatile Runnable onBetweenCalls = () -> {};
        final AtomicInteger turns = new AtomicInteger();
        final List<Integer> handledBetweenCalls = Collections.synchronizedList(new ArrayList<>());
        private volatile boolean handling;
        private final Map<String, Consumer<String>> actions = new ConcurrentHashMap<>();
        private final Map<String, Integer> turnsLeft = new ConcurrentHashMap<>();
        private final Map<String, CountDownLatch> gates = new ConcurrentHashMap<>();
        private final CountDownLatch closed = new CountDownLatch(1);

        void on(String message, Consumer<String> action) {
            actions.put(message, action);
        }

        /** Has a message returned this many times. */
        void turns(String message, int count) {
            turnsLeft.put(message, count);
        }

        void open(String gate) {
            gate(gate).countDown();
        }

        void await(String gate) {
            try {
                assertThat(gate(gate).await(LIMIT_SECONDS, TimeUnit.SECONDS))
                        .as(gate)
                        .isTrue();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }

        private CountDownLatch gate(String name) {
            return gates.computeIfAbsent(name, key -> new CountDownLatch(1));
        }

        void awaitBegun(String message) {
            await("begun " + message);
        }

        synchronized void awaitHandled(int count) throws InterruptedException {
            long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(LIMIT_SECONDS);
            while (handled.size() < count) {
                assertThat(System.nanoTime()).as("handled: %s", handled).isLessThan(deadline);
                wait(100);
            }
        }

        void awaitBroken() {
            await("broken");
        }

        void awaitClosed() throws InterruptedException {
            assertThat(closed.await(LIMIT_SECONDS, TimeUnit.SECONDS)).isTrue();
        }

        @Override
        public boolean isData(Object message) {
            return !message.equals(message.toString().toUpperCase(Locale.ROOT));
        }

        @Override
        public void enter() {
            turns.incrementAndGet();
        }

        @Override
        public void leave() {}

        @Override
        public boolean handle(Object message) {
            overlaps |= handling;
            handling = true;
            open("begun " + message);
            actions.getOrDefault(message.toString(), ignored -> {}).accept(message.toString());
            handling = false;
            threads.add(Thread.currentThread());
            synchronized (this) {
                handled.add(message.toString());
                notifyAll();
            }
            return turnsLeft.merge(message.toString(), -1, Integer::sum) <= 0;
        }

        @Override
        public void closed() {
            overlaps |= handling;
            interruptedInClosed = Thread.currentThread().isInterrupted();
            closedBy.add(Thread.currentThread());
            closed.countDown();
        }

        @Override
        public void burstHandled() {
            onBurstHandled.run();
        }

        @Override
        public void betweenCalls() {
            overlaps |= handling;
            handledBetweenCalls.add(handled.size());
            onBetweenCalls.run();
        }

        @Override
        public void look(long nowNanos) {
            looks.add(nowNanos);
        }

        @Override
        public void broken(Throwable cause) {
            broken = cause;
            open("broken");
        }
    }
}
