package org.kapacitorudf.internal.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.kapacitorudf.Description;
import org.kapacitorudf.Handler;
import org.kapacitorudf.Output;
import org.kapacitorudf.Point;
import org.kapacitorudf.agent.AgentConfig;
import org.kapacitorudf.internal.line.OptionAccess;
import org.kapacitorudf.internal.snapshot.States;
import org.kapacitorudf.option.Option;
import org.kapacitorudf.option.OptionValues;
import org.kapacitorudf.state.Expiry;
import org.kapacitorudf.state.GroupState;

/** A clock that advances by a millisecond each time it is read, so that each written group takes one. */
final class SnapshotsTest {
    private static final long MILLI = TimeUnit.MILLISECONDS.toNanos(1);
    private static final int MAX = 100_000_000;

    private final Recorder peer = new Recorder();
    private final Queue<Runnable> worker = new ConcurrentLinkedQueue<>();
    private long nanos;
    private boolean workersAreShut;
    private final Snapshots snapshots = new Snapshots(peer, this::execute, MAX, () -> nanos += MILLI);
    private byte[] handlerBytes = {};

    private final States states = new States(Description.stream("f", ""), MAX, () -> 0);
    private final GroupState<String> groups = states.groupState("groups", String.class, () -> "", Expiry.never(), null);
    private final HandlerInstance instance = new HandlerInstance(new Bytes(), context(), null);

    private HandlerContext context() {
        ConnectionLog log = ConnectionLog.of(1, "f", "task", "node", UnaryOperator.identity());
        return new HandlerContext(
                new HandlerInstance.InitParameters(
                        OptionAccess.<Option<?>, OptionValues>of(OptionValues.class)
                                .parse(List.of(), List.of()),
                        "task",
                        "node",
                        log,
                        null),
                AgentConfig.defaults(),
                states,
                null,
                null);
    }

    private final class Bytes implements Handler {
        @Override
        public void point(Point point, Output output) {}

        @Override
        public byte[] snapshot(Output output) {
            if (handlerBytes == null) {
                throw new IllegalStateException("no snapshot today");
            }
            return handlerBytes;
        }
    }

    private void execute(Runnable task) {
        if (workersAreShut) {
            throw new RejectedExecutionException();
        }
        worker.add(task);
    }

    private static final class Recorder implements Snapshots.SnapshotCallbacks {
        private final List<Work.Request> requests = new ArrayList<>();
        private final List<byte[]> answers = new ArrayList<>();
        private final List<String> thrown = new ArrayList<>();
        private final List<String> failures = new ArrayList<>();
        private int slices;
        private int answersWithoutMemory;

        @Override
        public void answer(Work.Request request, Answer answer) {
            if (answersWithoutMemory-- > 0) {
                throw new OutOfMemoryError("made up");
            }
            requests.add(request);
            answers.add(((Answer.SavedState) answer).snapshot());
        }

        @Override
        public void thrown(String text, Throwable cause) {
            thrown.add(text);
        }

        @Override
        public void fail(String text, Throwable cause) {
            failures.add(text);
        }

        @Override
        public Instant now() {
            return Instant.EPOCH;
        }

        @Override
        public void goOnWithSnapshotSoon() {
            slices++;
        }
    }

    @Test
    void whatNoWorkerHasBegunToAnswerTheHandlersThreadAnswersAtTheEnd() {
        fill(1_000, 100);
        begin();
        snapshots.finish();
        assertThat(peer.answers).hasSize(1);
        worker.remove().run();
        assertThat(peer.answers).hasSize(1);
        assertThat(snapshots.isAtWork()).isFalse();
    }

    private void fill(int count, int bytes) {
        for (int i = 0; i < count; i++) {
            groups.put("g" + i, "x".repeat(bytes));
        }
    }

    private Work.Snapshot begin() {
        Work.Snapshot request = new Work.Snapshot();
        snapshots.begin(request, instance);
        return request;
    }

    /** Runs all requested slices; returns their number. */
    private int runSlices() {
        int slices = 0;
        while (peer.slices > 0) {
            peer.slices--;
            snapshots.goOn();
            slices++;
        }
        return slices;
    }

    private static Map<String, String> groupsOf(byte[] snapshot) {
        States later = new States(Description.stream("f", ""), MAX, () -> 0);
        GroupState<String> groups = later.groupState("groups", String.class, () -> "", Expiry.never(), null);
        later.restore(snapshot);
        Map<String, String> read = new HashMap<>();
        groups.forEach(read::put);
        return read;
    }

    @Test
    void aSmallSnapshotIsAnsweredAtOnce() {
        fill(5, 10);
        Work.Request request = begin();
        assertThat(peer.requests).containsExactly(request);
        assertThat(groupsOf(peer.answers.get(0))).hasSize(5);
        assertThat(peer.slices).isZero();
        assertThat(worker).isEmpty();
        assertThat(snapshots.lastGood()).isEqualTo(peer.answers.get(0));
    }

    @Test
    void aSnapshotOfManyGroupsIsWrittenInSlicesOfTenMillisecondsWhileNothingElseIsDone() {
        fill(100, 10);
        begin();
        assertThat(peer.answers).isEmpty();
        assertThat(peer.slices).isEqualTo(1);
        assertThat(runSlices()).isBetween(9, 12);
        assertThat(groupsOf(peer.answers.get(0))).hasSize(100);
    }

    @Test
    void aSliceMayLastAsLongAsTheCallsBeforeItDid() {
        fill(1_000, 10);
        begin();
        nanos += 300 * MILLI;
        long before = nanos;
        snapshots.goOn();
        assertThat((nanos - before) / MILLI).isBetween(295L, 305L);
        assertThat(peer.answers).isEmpty();
    }

    @Test
    void aSliceLastsNoLongerThanHalfASecond() {
        fill(1_000, 10);
        begin();
        nanos += 10_000 * MILLI;
        long before = nanos;
        snapshots.goOn();
        assertThat((nanos - before) / MILLI).isBetween(495L, 505L);
    }

    @Test
    void whileThereAreCallsItIsDueOnceTheyHadAsLongAsTheShortestSlice() {
        assertThat(snapshots.isDue()).as("nothing is being made").isFalse();
        fill(100, 10);
        begin();
        assertThat(snapshots.isDue()).isFalse();
        nanos += 10 * MILLI;
        assertThat(snapshots.isDue()).isTrue();
        int asked = peer.slices;
        while (!snapshots.writeSlice()) {
            assertThat(snapshots.isDue()).isFalse();
        }
        assertThat(peer.slices).as("there is one already").isEqualTo(asked);
        assertThat(peer.answers).hasSize(1);
        assertThat(snapshots.isDue()).isFalse();
    }

    @Test
    void whatHappensBetweenSlicesIsInTheNextSnapshot() {
        fill(100, 10);
        Map<String, String> before = new HashMap<>();
        groups.forEach(before::put);
        begin();
        groups.put("g7", "changed");
        groups.put("new", "made");
        groups.remove("g99");
        runSlices();
        begin();
        runSlices();
        assertThat(groupsOf(peer.answers.get(0))).isEqualTo(before);
        assertThat(groupsOf(peer.answers.get(1)))
                .containsEntry("g7", "changed")
                .containsEntry("new", "made")
                .doesNotContainKey("g99");
    }

    @Test
    void aLargeSnapshotIsDeflatedByAWorkerWhileTheHandlerGoesOn() {
        fill(5, 20_000);
        begin();
        assertThat(peer.answers).isEmpty();
        groups.put("g1", "changed");
        worker.remove().run();
        assertThat(groupsOf(peer.answers.get(0)).get("g1")).hasSize(20_000);
        assertThat(peer.answers.get(0)).hasSizeLessThan(10_000);
        assertThat(worker).isEmpty();
    }

    @Test
    void aHandlerThatIsReplacedDuringASnapshotStartsFromThatSnapshot() {
        HandlerLifecycle lifecycle =
                new HandlerLifecycle(null, AgentConfig.defaults(), null, null, snapshots, new CallName(), null, null);
        assertThat(lifecycle.renewsFrom()).isEqualTo("nothing");
        fill(100, 1_000);
        begin();
        assertThat(lifecycle.renewsFrom()).as("in slices").isEqualTo("the snapshot in progress");
        runSlices();
        assertThat(lifecycle.renewsFrom()).as("by a worker").isEqualTo("the snapshot in progress");
        worker.remove().run();
        assertThat(lifecycle.renewsFrom()).matches("a snapshot of \\d+ bytes");
    }

    @Test
    void withoutAWorkerALargeSnapshotIsDeflatedWhereItIs() {
        fill(5, 20_000);
        workersAreShut = true;
        begin();
        assertThat(groupsOf(peer.answers.get(0))).hasSize(5);
    }

    @Test
    void twoRequestsAreAnsweredInOrderEachWithItsOwnMoment() {
        fill(100, 10);
        Work.Request first = begin();
        groups.put("new", "made");
        Work.Request second = begin();
        assertThat(peer.requests).hasSize(1);
        runSlices();
        assertThat(peer.requests).hasSize(2);
        assertThat(peer.requests.get(0)).isSameAs(first);
        assertThat(peer.requests.get(1)).isSameAs(second);
        assertThat(groupsOf(peer.answers.get(0))).hasSize(100);
        assertThat(groupsOf(peer.answers.get(1))).hasSize(101);
    }

    @Test
    void theEndFinishesWhatIsBeingMade() {
        fill(100, 10);
        begin();
        snapshots.finish();
        assertThat(groupsOf(peer.answers.get(0))).hasSize(100);
        assertThat(runSlices()).isEqualTo(1);
        snapshots.finish();
        assertThat(peer.answers).hasSize(1);
    }

    @Test
    void theEndWaitsForTheWorkerThatDeflates() throws InterruptedException {
        fill(5, 20_000);
        begin();
        AtomicInteger answersAtTheEnd = new AtomicInteger(-1);
        Thread ending = new Thread(() -> {
            snapshots.finish();
            answersAtTheEnd.set(peer.answers.size());
        });
        ending.start();
        while (ending.getState() != Thread.State.WAITING && ending.getState() != Thread.State.TERMINATED) {
            Thread.onSpinWait();
        }
        worker.remove().run();
        ending.join();
        assertThat(answersAtTheEnd).hasValue(1);
    }

    @Test
    void afterADropNothingIsAnsweredAndTheStateIsAsBefore() {
        fill(100, 10);
        begin();
        snapshots.drop();
        groups.put("g1", "changed");
        runSlices();
        assertThat(peer.answers).isEmpty();
        begin();
        runSlices();
        assertThat(groupsOf(peer.answers.get(0))).containsEntry("g1", "changed");
    }

    @Test
    void onceThereWasASnapshotAnEmptyOneReplacesIt() {
        begin();
        assertThat(peer.answers.get(0)).as("there never was anything").isEmpty();
        fill(1, 10);
        begin();
        groups.remove("g0");
        begin();
        assertThat(peer.answers.get(2)).isNotEmpty();
        assertThat(groupsOf(peer.answers.get(2))).isEmpty();
    }

    @Test
    void whatWasRestoredIsReplacedToo() {
        snapshots.restored(new byte[] {1});
        begin();
        assertThat(peer.answers.get(0)).isNotEmpty();
    }

    @Test
    void aFailureGivesTheLastGoodOneAgain() {
        fill(5, 10);
        begin();
        handlerBytes = null;
        begin();
        assertThat(peer.answers.get(1)).isEqualTo(peer.answers.get(0)).isNotEmpty();
        assertThat(peer.thrown).containsExactly("snapshot: java.lang.IllegalStateException: no snapshot today");
        assertThat(peer.failures).isEmpty();
    }

    @Test
    void aFailureInTheMiddleGivesTheLastGoodOneAgainAndTheNextOneWorks() {
        fill(100, 10);
        begin();
        runSlices();
        groups.put("\ud800", "");
        begin();
        runSlices();
        assertThat(peer.answers.get(1)).isEqualTo(peer.answers.get(0));
        groups.remove("\ud800");
        groups.put("new", "");
        begin();
        runSlices();
        assertThat(groupsOf(peer.answers.get(2))).hasSize(101);
    }

    @Test
    void withoutMemoryForAnAnswerTheLastGoodOneIsGivenAndWithoutEvenThatNothing() {
        fill(5, 10);
        begin();
        groups.put("new", "");
        peer.answersWithoutMemory = 1;
        begin();
        assertThat(peer.answers.get(1)).isEqualTo(peer.answers.get(0));
        peer.answersWithoutMemory = 2;
        begin();
        assertThat(peer.answers.get(2)).isEmpty();
        assertThat(snapshots.lastGood()).isEqualTo(peer.answers.get(0));
        peer.answersWithoutMemory = 3;
        begin();
        assertThat(peer.failures).containsExactly("snapshot: java.lang.OutOfMemoryError: made up");
    }
}
