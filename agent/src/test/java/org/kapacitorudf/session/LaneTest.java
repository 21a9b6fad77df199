package org.kapacitorudf.session;

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

/** Texts in capitals are control messages, the others are data. */
@Tag("jvm")
@Tag("slow")
final class LaneTest {
    private final ExecutorService workers = Executors.newCachedThreadPool();
    private final ReadAheadBudget budget = new ReadAheadBudget(1_000);
    private final CallClock clock = new CallClock();
    private final Recorder work = new Recorder();
    private volatile boolean room = true;

    @AfterEach
    void endWorkers() {
        workers.shutdownNow();
    }

    private Lane lane() {
        return lane(() -> false);
    }

    private Lane lane(BooleanSupplier isAnotherWaiting) {
        return new Lane(work, workers, isAnotherWaiting, clock, () -> room, budget);
    }

    private static Burst burst(String... messages) {
        Burst burst = new Burst();
        for (String message : messages) {
            burst.add(message, 10);
        }
        return burst;
    }

    private static void awaitIdle(Lane lane) {
        while (lane.isBusy()) {
            Thread.onSpinWait();
        }
    }

    private static void awaitParked(Lane lane) {
        while (lane.parkedNanos() == 0) {
            Thread.onSpinWait();
        }
    }

    @Test
    void everythingRunsOnAWorkerOneAtATimeAndInOrder() throws InterruptedException {
        Lane lane = lane();
        for (int i = 0; i < 1_000; i++) {
            lane.submit(burst("m" + i));
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
        Lane lane = lane();
        work.on("b", message -> room = false);
        lane.submit(burst("a", "b", "c"));
        work.awaitHandled(2);
        awaitParked(lane);
        while (!workersAreIdle()) {
            Thread.onSpinWait();
        }
        lane.submit(burst("d"));
        assertThat(work.handled).containsExactly("a", "b");
        assertThat(lane.queuedBytes()).isEqualTo(40);
        assertThat(lane.isBusy()).isTrue();
        room = true;
        lane.resume();
        work.awaitHandled(4);
        awaitIdle(lane);
        assertThat(work.handled).containsExactly("a", "b", "c", "d");
        assertThat(lane.queuedBytes()).isZero();
        assertThat(budget.usedBytes()).isZero();
    }

    private boolean workersAreIdle() {
        return ((ThreadPoolExecutor) workers).getActiveCount() == 0;
    }

    @Test
    void aControlMessageDoesNotWaitForRoom() throws InterruptedException {
        Lane lane = lane();
        room = false;
        lane.submit(burst("INIT", "a"));
        work.awaitHandled(1);
        awaitParked(lane);
        assertThat(work.handled).containsExactly("INIT");
    }

    @Test
    void roomThatComesWhileTheLaneIsAboutToParkIsNotMissed() throws InterruptedException {
        AtomicInteger taken = new AtomicInteger();
        Lane lane = lane();
        Thread reader = new Thread(() -> {
            while (taken.get() < 20_000) {
                if (!room) {
                    room = true;
                    lane.resume();
                }
            }
        });
        work.on("a", message -> {
            taken.incrementAndGet();
            room = false;
        });
        reader.start();
        for (int i = 0; i < 20_000; i++) {
            lane.submit(burst("a"));
        }
        work.awaitHandled(20_000);
        reader.join();
    }

    @Test
    void aLaneHasATurnOfOneBurstWhileOthersWait() throws InterruptedException {
        work.on("a", message -> work.await("gate"));
        Lane lane = lane(() -> true);
        lane.submit(burst("a", "b"));
        lane.submit(burst("c"));
        work.open("gate");
        work.awaitHandled(3);
        awaitIdle(lane);
        assertThat(work.handled).containsExactly("a", "b", "c");
        assertThat(work.turns).hasValue(3); // the last one finds nothing
    }

    @Test
    void afterCloseNothingIsHandledAndClosedIsCalledOnceByAWorker() throws InterruptedException {
        Lane lane = lane();
        room = false;
        lane.submit(burst("a"));
        awaitParked(lane);
        lane.close();
        lane.close();
        lane.submit(burst("b"));
        work.awaitClosed();
        assertThat(work.handled).isEmpty();
        assertThat(work.closedBy).hasSize(1).doesNotContain(Thread.currentThread());
        assertThat(budget.usedBytes()).isZero();
    }

    @Test
    void aClosedLaneHasNoTimeBetweenCalls() throws InterruptedException {
        Lane lane = lane();
        work.on("c", message -> lane.close());
        lane.submit(burst("c"));
        work.awaitClosed();
        assertThat(work.handledBetweenCalls).isEmpty();
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
        CallClock.Observer observer = new CallClock.Observer(clock);
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
        Lane lane = lane();
        List<Object> seen = Collections.synchronizedList(new ArrayList<>());
        work.on("a", message -> seen.add(lane.message()));
        work.on("b", message -> seen.add(lane.message()));
        lane.submit(burst("a", "b"));
        work.awaitHandled(2);
        awaitIdle(lane);
        assertThat(seen).containsExactly("a", "b");
        assertThat(lane.message()).isNull();
    }

    @Test
    void roomThatComesWithTheFlushIsUsedWithoutAnotherStackFrame() throws InterruptedException {
        Lane lane = lane();
        work.onBurstHandled = () -> room = true;
        Burst burst = new Burst();
        for (int i = 0; i < 50_000; i++) {
            burst.add("a", 1);
        }
        work.on("a", message -> room = false);
        lane.submit(burst);
        work.awaitHandled(50_000);
        awaitIdle(lane);
    }

    @Test
    void anInterruptedHandlerLeavesNoFlagForTheWrite() throws InterruptedException {
        AtomicBoolean interrupted = new AtomicBoolean();
        work.on("a", message -> Thread.currentThread().interrupt());
        work.onBurstHandled = () -> interrupted.set(Thread.currentThread().isInterrupted());
        Lane lane = lane();
        lane.submit(burst("a"));
        work.awaitHandled(1);
        awaitIdle(lane);
        assertThat(interrupted).isFalse();
    }

    @Test
    void closeWaitsForTheCallThatIsGoingOn() throws InterruptedException {
        Lane lane = lane();
        work.on("a", message -> work.await("gate"));
        lane.submit(burst("a", "b"));
        work.awaitBegun("a");
        lane.close();
        assertThat(work.closedBy).isEmpty();
        work.open("gate");
        work.awaitClosed();
        assertThat(work.handled).containsExactly("a");
    }

    @Test
    void aWorkerHasTimeBetweenCallsAfterEachBurstAndInsideALongOne() throws InterruptedException {
        Lane lane = lane();
        work.on("a", message -> work.await("gate"));
        work.on("b", message -> spinFor(Duration.ofMillis(2)));
        lane.submit(burst("a"));
        lane.submit(burst("b", "c"));
        lane.submit(burst("d"));
        work.open("gate");
        work.awaitHandled(4);
        while (lane.isBusy()) {
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
        Lane lane = lane();
        work.on("a", message -> {
            Thread.currentThread().interrupt();
            lane.close();
        });
        lane.submit(burst("a"));
        work.awaitClosed();
        assertThat(work.interruptedInClosed).isFalse();
    }

    @Test
    void closedRunsOnceAndNotBesideACallHoweverTheLastOneEnds() throws InterruptedException {
        work.on("b", message -> spinFor(Duration.ofNanos(20_000)));
        for (int round = 0; round < 1_000; round++) {
            Lane lane = lane();
            lane.submit(burst("a"));
            spinFor(Duration.ofNanos(round % 64 * 500L));
            lane.submit(burst("b"));
            spinFor(Duration.ofNanos(round % 16 * 1_000L));
            lane.close();
            while (lane.isBusy()) {
                Thread.onSpinWait();
            }
        }
        assertThat(work.overlaps).isFalse();
        assertThat(work.closedBy).hasSize(1_000);
    }

    @Test
    void aThreadThatBreaksDownEndsTheLane() throws InterruptedException {
        Lane lane = lane();
        work.on("a", message -> {
            throw new OutOfMemoryError("made up");
        });
        lane.submit(burst("a", "b"));
        work.awaitBroken();
        assertThat(work.broken).isInstanceOf(OutOfMemoryError.class);
        assertThat(lane.isBusy()).isFalse();
        assertThat(budget.usedBytes()).isZero();
        lane.submit(burst("c"));
        assertThat(work.handled).isEmpty();
    }

    @Test
    void withoutAThreadTheLaneSaysSo() {
        Lane lane = new Lane(
                work,
                task -> {
                    throw new RejectedExecutionException("no more threads");
                },
                () -> false,
                clock,
                () -> room,
                budget);
        lane.submit(burst("a"));
        assertThat(work.broken).isInstanceOf(RejectedExecutionException.class);
        assertThat(lane.isBusy()).isFalse();
    }

    /** Writes down what is handled, by whom. */
    private static final class Recorder implements Lane.Work {
        private static final long LIMIT_SECONDS = 300;

        final List<String> handled = Collections.synchronizedList(new ArrayList<>());
        final List<Thread> threads = Collections.synchronizedList(new ArrayList<>());
        final List<Thread> closedBy = Collections.synchronizedList(new ArrayList<>());
        volatile boolean overlaps;
        final List<Long> looks = Collections.synchronizedList(new ArrayList<>());
        volatile Throwable broken;
        volatile boolean interruptedInClosed;
        volatile Runnable onBurstHandled = () -> {};
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

        /** Has a message given so often. */
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
