package org.kapacitorudf.session;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The test's own thread is the event loop; texts in capitals are control messages, the others are data. */
@Tag("slow")
final class LaneTest {
    private static final long SLOW_NANOS = Duration.ofMillis(50).toNanos();

    private final ExecutorService workers = Executors.newCachedThreadPool();
    private final ReadAheadBudget budget = new ReadAheadBudget(1_000);
    private final LoopWatch loopWatch = new LoopWatch();
    private final CallClock clock = new CallClock();
    private final Recorder work = new Recorder();
    private volatile boolean room = true;

    @AfterEach
    void endWorkers() {
        workers.shutdownNow();
    }

    private Lane lane(boolean offLoop) {
        return new Lane(work, workers, loopWatch, clock, () -> room, offLoop, SLOW_NANOS, budget);
    }

    private static Burst burst(String... messages) {
        Burst burst = new Burst();
        for (String message : messages) {
            burst.add(message, 10);
        }
        return burst;
    }

    @Test
    void dataOfANonBlockingFunctionRunsOnTheLoopBeforeSubmitReturns() {
        lane(false).submit(burst("a", "b"));
        assertThat(work.handled).containsExactly("a", "b");
        assertThat(work.threads).containsOnly(Thread.currentThread());
    }

    @Test
    void aControlMessageAndWhatFollowsItRunOnAWorkerInOrder() throws InterruptedException {
        Lane lane = lane(false);
        work.on("INIT", message -> work.await("gate"));
        lane.submit(burst("a", "INIT", "b"));
        lane.submit(burst("c"));
        assertThat(work.handled).containsExactly("a");
        work.open("gate");
        work.awaitHandled(4);
        assertThat(work.handled).containsExactly("a", "INIT", "b", "c");
        assertThat(work.threads.get(3)).isNotSameAs(Thread.currentThread());
    }

    @Test
    void everythingOfAnOrdinaryFunctionRunsOnAWorkerOneAtATime() throws InterruptedException {
        Lane lane = lane(true);
        for (int i = 0; i < 1_000; i++) {
            lane.submit(burst("m" + i));
        }
        work.awaitHandled(1_000);
        assertThat(work.handled)
                .hasSize(1_000)
                .isSortedAccordingTo(
                        (a, b) -> Integer.compare(Integer.parseInt(a.substring(1)), Integer.parseInt(b.substring(1))));
        assertThat(work.overlaps).isFalse();
    }

    @Test
    void withoutRoomForOutputTheLoopParksAndGoesOnWhereItStopped() {
        Lane lane = lane(false);
        work.on("b", message -> room = false);
        lane.submit(burst("a", "b", "c"));
        assertThat(work.handled).containsExactly("a", "b");
        lane.submit(burst("d"));
        assertThat(lane.queuedBytes()).isEqualTo(40);
        room = true;
        lane.resume();
        assertThat(work.handled).containsExactly("a", "b", "c", "d");
        assertThat(lane.queuedBytes()).isZero();
        assertThat(budget.usedBytes()).isZero();
    }

    @Test
    void afterCloseNothingIsHandledAndClosedIsCalledOnceByAWorker() throws InterruptedException {
        Lane lane = lane(false);
        room = false;
        lane.submit(burst("a"));
        lane.close();
        lane.close();
        lane.submit(burst("b"));
        work.awaitClosed();
        assertThat(work.handled).isEmpty();
        assertThat(work.closedBy).hasSize(1).doesNotContain(Thread.currentThread());
        assertThat(budget.usedBytes()).isZero();
    }

    @Test
    void closeWaitsForTheCallThatIsGoingOn() throws InterruptedException {
        Lane lane = lane(true);
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
    void aLoopThatWasClosedInTheMiddleOfACallLeavesTheRestToAWorker() throws InterruptedException {
        Lane lane = lane(false);
        work.on("a", message -> lane.close());
        lane.submit(burst("a", "b"));
        work.awaitClosed();
        assertThat(work.handled).containsExactly("a");
        assertThat(work.closedBy).doesNotContain(Thread.currentThread());
    }

    @Test
    void aCallThatTakesLongOnTheLoopIsTheLastOne() throws InterruptedException {
        Lane lane = lane(false);
        loopWatch.watch(clock, Long.MAX_VALUE, () -> {});
        work.on("slow", message -> {
            try {
                // The duration is what is tested.
                Thread.sleep(200);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        lane.submit(burst("slow", "next"));
        work.awaitHandled(2);
        assertThat(work.slow).isTrue();
        assertThat(work.threads.get(work.handled.indexOf("slow"))).isSameAs(Thread.currentThread());
        assertThat(work.threads.get(work.handled.indexOf("next"))).isNotSameAs(Thread.currentThread());
    }

    @Test
    void manyCallsThatHoldTheLoopTogetherGoOnOnAWorkerAndTheNextIsBackOnTheLoop() throws InterruptedException {
        long slowTicks = 10;
        Lane lane =
                new Lane(work, workers, loopWatch, clock, () -> room, false, slowTicks * LoopWatch.TICK_NANOS, budget);
        loopWatch.watch(clock, Long.MAX_VALUE, () -> {});
        String[] messages = new String[4 * (int) slowTicks];
        for (int i = 0; i < messages.length; i++) {
            messages[i] = "m" + i;
            work.on(messages[i], message -> awaitTick());
        }
        lane.submit(burst(messages));
        int onLoop = work.handled.size();
        work.awaitHandled(messages.length);
        assertThat(onLoop).isBetween(2, (int) slowTicks + 2);
        assertThat(work.slow).isFalse();
        assertThat(work.burstsHandled.get()).as("flushes").isGreaterThanOrEqualTo(onLoop);
        while (lane.isBusy()) {
            Thread.onSpinWait();
        }
        lane.submit(burst("last"));
        assertThat(work.threads.get(work.handled.indexOf("last"))).isSameAs(Thread.currentThread());
    }

    @Test
    void aWorkerHasTimeBetweenCallsAfterEachBurstAndInsideALongOne() throws InterruptedException {
        Lane lane = lane(true);
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

    @Test
    void theLoopHasNoTimeBetweenCallsAndAClosedLaneNeither() throws InterruptedException {
        lane(false).submit(burst("a", "b"));
        assertThat(work.handledBetweenCalls).isEmpty();
        Lane lane = lane(true);
        work.on("c", message -> lane.close());
        lane.submit(burst("c"));
        work.awaitClosed();
        assertThat(work.handledBetweenCalls).isEmpty();
    }

    private void awaitTick() {
        long seen = loopWatch.ticks();
        while (loopWatch.ticks() == seen) {
            loopWatch.active();
            Thread.onSpinWait();
        }
    }

    private static void spinFor(Duration duration) {
        long end = System.nanoTime() + duration.toNanos();
        while (System.nanoTime() < end) {
            Thread.onSpinWait();
        }
    }

    @Test
    void aMessageIsGivenAgainUntilItIsDoneWithOnTheLoopAndOnAWorker() throws InterruptedException {
        work.turns("a", 3);
        work.turns("B", 2);
        lane(false).submit(burst("a", "B", "c"));
        work.awaitHandled(6);
        assertThat(work.handled).containsExactly("a", "a", "a", "B", "B", "c");
        assertThat(work.threads.subList(0, 3)).containsOnly(Thread.currentThread());
        assertThat(work.threads.subList(3, 6)).doesNotContain(Thread.currentThread());
    }

    @Test
    void aMessageThatIsNoDataAnyMoreWhenItIsGivenAgainGoesOnOnAWorker() throws InterruptedException {
        work.turns("b", 2);
        work.on("b", work.control::add);
        lane(false).submit(burst("a", "b"));
        work.awaitHandled(3);
        assertThat(work.handled).containsExactly("a", "b", "b");
        assertThat(work.threads.get(1)).isSameAs(Thread.currentThread());
        assertThat(work.threads.get(2)).isNotSameAs(Thread.currentThread());
    }

    @Test
    void eachTurnOfAMessageIsACallForItself() {
        CallClock.Observer observer = new CallClock.Observer(clock);
        List<Long> seenNanos = new ArrayList<>();
        AtomicInteger looks = new AtomicInteger();
        work.turns("a", 3);
        work.on("a", message -> {
            observer.look(looks.incrementAndGet());
            seenNanos.add(observer.look(looks.incrementAndGet()));
        });
        lane(false).submit(burst("a"));
        assertThat(seenNanos).containsExactly(1L, 1L, 1L);
    }

    @Test
    void betweenTwoTurnsOfAMessageTheLoopParksWithoutRoomAndEndsWhenClosed() {
        Lane lane = lane(false);
        work.turns("a", 9);
        work.on("a", message -> room = false);
        lane.submit(burst("a"));
        assertThat(work.handled).hasSize(1);
        room = true;
        lane.resume();
        assertThat(work.handled).hasSize(2);
        work.on("a", message -> lane.close());
        room = true;
        lane.resume();
        assertThat(work.handled).hasSize(3);
    }

    @Test
    void roomThatComesWithTheFlushIsUsedWithoutAnotherStackFrame() {
        Lane lane = lane(false);
        work.onBurstHandled = () -> room = true;
        Burst burst = new Burst();
        for (int i = 0; i < 50_000; i++) {
            burst.add("a", 1);
        }
        work.on("a", message -> room = false);
        lane.submit(burst);
        assertThat(work.handled).hasSize(50_000);
        assertThat(lane.isBusy()).isFalse();
    }

    @Test
    void anInterruptedHandlerLeavesNoFlagOnTheLoop() {
        Lane lane = lane(false);
        AtomicBoolean interrupted = new AtomicBoolean();
        work.on("a", message -> Thread.currentThread().interrupt());
        work.onBurstHandled = () -> interrupted.set(Thread.currentThread().isInterrupted());
        lane.submit(burst("a"));
        assertThat(Thread.interrupted()).isFalse();
        assertThat(interrupted).as("while the output is written").isFalse();
    }

    @Test
    void anInterruptedHandlerIsClosedWithoutTheFlag() throws InterruptedException {
        Lane lane = lane(true);
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
            Lane lane = lane(true);
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
        Lane lane = lane(true);
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
                loopWatch,
                clock,
                () -> room,
                true,
                SLOW_NANOS,
                budget);
        lane.submit(burst("a"));
        assertThat(work.broken).isInstanceOf(RejectedExecutionException.class);
        assertThat(lane.isBusy()).isFalse();
    }

    /** Writes down what is handled, by whom. */
    private static final class Recorder implements Lane.Work {
        private static final long LIMIT_SECONDS = 300;

        /** What is a control message in spite of its letters. */
        final Set<String> control = ConcurrentHashMap.newKeySet();

        final List<String> handled = Collections.synchronizedList(new ArrayList<>());
        final List<Thread> threads = Collections.synchronizedList(new ArrayList<>());
        final List<Thread> closedBy = Collections.synchronizedList(new ArrayList<>());
        volatile boolean overlaps;
        volatile boolean slow;
        volatile Throwable broken;
        volatile boolean interruptedInClosed;
        volatile Runnable onBurstHandled = () -> {};
        final AtomicInteger burstsHandled = new AtomicInteger();
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
            return !control.contains(message)
                    && !message.equals(message.toString().toUpperCase(Locale.ROOT));
        }

        @Override
        public void enter() {}

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
            burstsHandled.incrementAndGet();
            onBurstHandled.run();
        }

        @Override
        public void betweenCalls() {
            overlaps |= handling;
            handledBetweenCalls.add(handled.size());
        }

        @Override
        public void slowOnLoop(long atLeastNanos) {
            slow = true;
        }

        @Override
        public void broken(Throwable cause) {
            broken = cause;
            open("broken");
        }
    }
}
