package org.kapacitorudf.internal.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.kapacitorudf.BatchEnd;
import org.kapacitorudf.Point;
import org.kapacitorudf.TimedCall;
import org.kapacitorudf.Timer;
import org.kapacitorudf.agent.AgentConfig;
import org.slf4j.helpers.NOPLogger;

/** The test makes the handler's calls, and acts as the connection with its clocks. */
final class TimersTest {
    private static final Instant START = Instant.parse("2024-05-01T12:00:00Z");
    private static final Duration SECOND = Duration.ofSeconds(1);

    private final Connection connection = new Connection();
    private final Timers timers = new Timers(
            connection,
            AgentConfig.builder().maxEventTimeAhead(Duration.ofDays(1)).build(),
            NOPLogger.NOP_LOGGER);
    private final List<String> ran = new ArrayList<>();

    private TimedCall says(String text) {
        return (time, output) -> ran.add(text);
    }

    /** Makes all calls that are due, as {@link HandlerInvoker} does after each call. */
    private void runDue() {
        TimerEntry timer;
        while ((timer = timers.next()) != null) {
            run(timer);
        }
    }

    private void run(TimerEntry timer) {
        try {
            timers.run(timer, null);
        } catch (Exception e) {
            ran.add("thrown " + e.getMessage());
        }
    }

    private void begun() {
        timers.initAnswered();
        timers.begin();
        runDue();
    }

    /** Advances time from wake-up to wake-up. */
    private void pass(Duration duration) {
        long end = connection.nanos + duration.toNanos();
        while (connection.isWished && connection.wishedNanos <= end) {
            connection.nanos = Math.max(connection.nanos, connection.wishedNanos);
            connection.isWished = false;
            timers.woken();
            runDue();
        }
        connection.nanos = Math.max(connection.nanos, end);
    }

    /** A point, with its timers before and after. */
    private void point(Instant time) {
        point(time, "point " + Duration.between(START, time).toSeconds());
    }

    private void point(Instant time, String text) {
        message(Point.of("m", EventClock.nanosOf(time)), () -> ran.add(text));
    }

    private void message(Object message, Runnable call) {
        TimerEntry timer;
        while ((timer = timers.nextBefore(message)) != null) {
            run(timer);
        }
        call.run();
        runDue();
    }

    private static Instant at(long seconds) {
        return START.plusSeconds(seconds);
    }

    // ---- groups that expire

    @Test
    void theWakeUpForAGroupIsWishedForOnceAndForItsTime() {
        begun();
        timers.wishForWakeForExpiry(Long.MAX_VALUE);
        assertThat(connection.isWished).isFalse();
        long before = connection.nanos;
        timers.wishForWakeForExpiry(EventClock.nanosOf(connection.now().plusSeconds(10)));
        assertThat(connection.wishedNanos - before)
                .isEqualTo(Duration.ofSeconds(10).toNanos());
        pass(Duration.ofSeconds(10));
        assertThat(connection.isWished).isFalse();
    }

    @Test
    void aGroupThatExpiresSoonerThanTheOthersHasAWakeUpOfItsOwn() {
        begun();
        long before = connection.nanos;
        timers.wishForWakeForExpiry(EventClock.nanosOf(connection.now().plusSeconds(3600)));
        timers.wishForWakeForExpiry(EventClock.nanosOf(connection.now().plusSeconds(1)));
        timers.wishForWakeForExpiry(EventClock.nanosOf(connection.now().plusSeconds(60)));
        assertThat(connection.wishedNanos - before)
                .isEqualTo(Duration.ofSeconds(1).toNanos());
    }

    @Test
    void groupsThatExpireCloseTogetherAreOneWakeUp() {
        begun();
        long before = connection.nanos;
        timers.wishForWakeForExpiry(EventClock.nanosOf(connection.now().plusNanos(1)));
        assertThat(connection.wishedNanos - before)
                .isEqualTo(Duration.ofMillis(10).toNanos());
    }

    @Test
    void theWakeUpForAGroupAndThatForATimerComeEachAtItsTime() {
        begun();
        timers.after(Duration.ofHours(1), says("late"));
        long before = connection.nanos;
        timers.wishForWakeForExpiry(EventClock.nanosOf(connection.now().plusSeconds(10)));
        assertThat(connection.wishedNanos - before)
                .isEqualTo(Duration.ofSeconds(10).toNanos());
        timers.after(SECOND, says("early"));
        assertThat(connection.wishedNanos - before).isEqualTo(SECOND.toNanos());
        pass(Duration.ofHours(1));
        assertThat(ran).containsExactly("early", "late");
    }

    @Test
    void eventTimeGoesOnFromWhereASnapshotLeftIt() {
        timers.useEventTime();
        timers.restored(EventClock.nanosOf(at(10)));
        begun();
        assertThat(timers.eventTime()).contains(at(10));
        point(at(5));
        assertThat(timers.eventTime()).contains(at(10));
    }

    // ---- wall time

    @Test
    void aTimerRunsOnceAtItsTime() {
        begun();
        Timer timer = timers.after(Duration.ofSeconds(5), says("a"));
        pass(Duration.ofSeconds(5).minusNanos(1));
        assertThat(ran).isEmpty();
        assertThat(timer.isPending()).isTrue();
        pass(Duration.ofNanos(1));
        assertThat(ran).containsExactly("a");
        assertThat(timer.isPending()).isFalse();
        pass(Duration.ofDays(1));
        assertThat(ran).hasSize(1);
        assertThat(connection.isWished).as("nothing is left that costs").isFalse();
    }

    @Test
    void timersRunInTheOrderOfTheirTimesAndThenAsTheyWereSet() {
        begun();
        timers.after(Duration.ofSeconds(2), says("c"));
        timers.after(SECOND, says("a"));
        timers.after(SECOND, says("b"));
        connection.nanos += Duration.ofSeconds(3).toNanos();
        pass(Duration.ZERO);
        assertThat(ran).containsExactly("a", "b", "c");
    }

    @Test
    void aTimerMayBeCancelledAtAnyTimeAndAnyNumberOfTimes() {
        begun();
        Timer early = timers.after(SECOND, says("early"));
        early.cancel();
        early.cancel();
        assertThat(early.isPending()).isFalse();
        Timer[] self = new Timer[1];
        self[0] = timers.after(SECOND, (time, output) -> {
            assertThat(self[0].isPending()).isFalse();
            self[0].cancel();
            ran.add("self");
        });
        pass(SECOND);
        self[0].cancel();
        assertThat(ran).containsExactly("self");
    }

    @Test
    void everyKeepsItsRhythmAndDropsWhatItMissed() {
        begun();
        Timer timer = timers.every(Duration.ofSeconds(10), (time, output) -> {
            ran.add("tick " + Duration.ofNanos(connection.nanos).toSeconds());
            if (ran.size() == 2) {
                connection.nanos += Duration.ofSeconds(25).toNanos();
            }
        });
        pass(Duration.ofSeconds(25));
        pass(Duration.ofSeconds(25));
        assertThat(ran).containsExactly("tick 10", "tick 20", "tick 50", "tick 60", "tick 70");
        assertThat(timer.isPending()).isTrue();
    }

    @Test
    void everyEndsWhenItIsCancelledAlsoWithinItself() {
        begun();
        Timer[] self = new Timer[1];
        self[0] = timers.every(SECOND, (time, output) -> {
            ran.add("tick");
            if (ran.size() == 2) {
                self[0].cancel();
            }
        });
        pass(Duration.ofSeconds(9));
        assertThat(ran).containsExactly("tick", "tick");
        assertThat(self[0].isPending()).isFalse();
        assertThat(connection.isWished).isFalse();
    }

    @Test
    void everyGoesOnAfterATickThatThrew() {
        begun();
        timers.every(SECOND, (time, output) -> {
            throw new IllegalStateException("no");
        });
        pass(Duration.ofSeconds(2));
        assertThat(ran).containsExactly("thrown no", "thrown no");
    }

    @Test
    void aCallGetsTheTimeAtWhichItWasDueHoweverLateItRuns() {
        begun();
        Instant set = connection.now();
        List<Instant> times = new ArrayList<>();
        timers.after(SECOND, (time, output) -> times.add(time));
        timers.every(Duration.ofSeconds(10), (time, output) -> times.add(time));
        timers.at(at(5), (time, output) -> times.add(time));
        timers.at(at(6), (time, output) -> timers.at(at(1), (late, more) -> times.add(late)));
        connection.nanos += Duration.ofSeconds(25).toNanos();
        pass(Duration.ofSeconds(6));
        assertThat(times).containsExactly(set.plusSeconds(1), set.plusSeconds(10), set.plusSeconds(30));
        times.clear();
        point(at(7));
        pass(Duration.ZERO);
        assertThat(times).containsExactly(at(5), at(1));
    }

    @Test
    void aTimerThatATimerSetsForNowWaitsForTheDataThatIsThere() {
        begun();
        timers.after(SECOND, (time, output) -> {
            ran.add("first");
            timers.after(Duration.ZERO, says("second"));
        });
        connection.nanos += SECOND.toNanos();
        timers.woken();
        runDue();
        assertThat(ran).containsExactly("first");
        point(at(0));
        pass(Duration.ZERO);
        assertThat(ran).containsExactly("first", "point 0", "second");
    }

    @Test
    void oneWakeUpIsWishedForAtATimeAndAnEarlierOneTakesItsPlace() {
        begun();
        timers.after(Duration.ofSeconds(3), says("a"));
        timers.after(Duration.ofSeconds(4), says("b"));
        assertThat(connection.wishes).containsExactly(SECOND.multipliedBy(3).toNanos());
        timers.after(SECOND, says("c"));
        assertThat(connection.wishes).hasSize(2).endsWith(SECOND.toNanos());
        for (int i = 0; i < 1_000; i++) {
            timers.after(Duration.ofSeconds(9), says("later")).cancel();
        }
        assertThat(connection.wishes).hasSize(2);
    }

    @Test
    void aWakeUpThatComesTooEarlyIsWishedForAgain() {
        begun();
        timers.after(SECOND, says("a"));
        timers.woken();
        runDue();
        assertThat(ran).isEmpty();
        pass(SECOND);
        assertThat(ran).containsExactly("a");
    }

    @Test
    void theLongestDelayIsAYear() {
        Duration year = Duration.ofDays(365);
        timers.after(year, says("a"));
        timers.every(year, says("b"));
        timers.every(Duration.ofNanos(1), says("c"));
        assertThatThrownBy(() -> timers.after(Duration.ofNanos(-1), says("d")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("delay: PT-0.000000001S (expected: >= 0 and <= PT8760H)");
        assertThatThrownBy(() -> timers.after(year.plusNanos(1), says("d"))).hasMessageStartingWith("delay: ");
        assertThatThrownBy(() -> timers.every(year.plusNanos(1), says("d"))).hasMessageStartingWith("interval: ");
        assertThatThrownBy(() -> timers.every(Duration.ZERO, says("d")))
                .hasMessage("interval: PT0S (expected: > 0 and <= PT8760H)");
    }

    // ---- the beginning and the end

    @Test
    void whatIsSetInCreateRunsBeforeTheFirstDataAndNotBefore() {
        timers.after(Duration.ZERO, says("start"));
        assertThat(connection.isWished).isFalse();
        timers.initAnswered();
        runDue();
        assertThat(ran).isEmpty();
        point(at(0));
        assertThat(ran).containsExactly("start", "point 0");
    }

    @Test
    void withoutDataTimersBeginASecondAfterInit() {
        timers.after(Duration.ZERO, says("start"));
        timers.after(Duration.ofSeconds(5), says("five"));
        connection.nanos += SECOND.toNanos();
        timers.initAnswered();
        pass(SECOND.minusNanos(1));
        assertThat(ran).isEmpty();
        pass(Duration.ofNanos(1));
        assertThat(ran).containsExactly("start");
        pass(Duration.ofSeconds(3));
        assertThat(ran).containsExactly("start", "five");
    }

    @Test
    void afterRestoreTheyBeginAtOnce() {
        timers.after(Duration.ZERO, says("start"));
        timers.initAnswered();
        timers.begin();
        runDue();
        assertThat(ran).containsExactly("start");
        assertThat(timers.haveRun()).isTrue();
        point(at(0));
        assertThat(ran).containsExactly("start", "point 0");
    }

    @Test
    void whoSetsNoTimerIsNeverWoken() {
        timers.initAnswered();
        point(at(0));
        assertThat(connection.wishes).isEmpty();
        assertThat(timers.haveRun()).isFalse();
    }

    @Test
    void afterTheEndNothingRunsAndWhatIsSetIsNotPending() {
        begun();
        Timer byWall = timers.after(SECOND, says("a"));
        Timer byEvent = timers.at(at(1), says("b"));
        timers.end();
        assertThat(byWall.isPending()).isFalse();
        assertThat(byEvent.isPending()).isFalse();
        byWall.cancel();
        assertThat(timers.after(Duration.ZERO, says("c")).isPending()).isFalse();
        assertThat(timers.at(at(0), says("d")).isPending()).isFalse();
        pass(Duration.ofMinutes(1));
        assertThat(ran).isEmpty();
    }

    @Test
    void aTimerThatEndsItsOwnLifeDoesNotComeBack() {
        begun();
        Timer timer = timers.every(SECOND, (time, output) -> timers.end());
        pass(Duration.ofMinutes(1));
        assertThat(timer.isPending()).isFalse();
        assertThat(connection.isWished).isFalse();
    }

    @Test
    void outsideOfTheHandlersCallsTimersAreRefused() {
        Timer timer = timers.after(SECOND, says("a"));
        connection.inCall = false;
        for (Runnable use : List.<Runnable>of(
                () -> timers.after(SECOND, says("a")),
                () -> timers.every(SECOND, says("a")),
                () -> timers.at(at(0), says("a")),
                timers::eventTime,
                timer::cancel,
                timer::isPending)) {
            assertThatThrownBy(use::run)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining(
                            "by the thread " + Thread.currentThread().getName() + " (expected: a call of the handler)");
        }
        assertThat(timers.now()).isEqualTo(connection.now());
    }

    // ---- event time

    @Test
    void anEventTimerRunsBeforeTheFirstPointThatIsAsLate() {
        begun();
        timers.at(at(10), says("ten"));
        point(at(9));
        point(at(10));
        point(at(11));
        assertThat(ran).containsExactly("point 9", "ten", "point 10", "point 11");
    }

    @Test
    void eventTimersRunInTheOrderOfTheirInstantsAndThenAsTheyWereSet() {
        begun();
        timers.at(at(3), says("c"));
        timers.at(at(1), says("a"));
        timers.at(at(1), says("b"));
        Timer cancelled = timers.at(at(2), says("cancelled"));
        cancelled.cancel();
        point(at(9));
        assertThat(ran).containsExactly("a", "b", "c", "point 9");
    }

    @Test
    void whileATimerRunsEventTimeIsItsInstantSoARhythmCatchesUp() {
        begun();
        point(at(0));
        repeatEvery(3);
        point(at(10));
        assertThat(ran).containsExactly("point 0", "tick 3", "tick 6", "tick 9", "point 10");
        assertThat(timers.eventTime()).contains(at(10));
    }

    private void repeatEvery(long seconds) {
        Instant next = timers.eventTime().orElseThrow().plusSeconds(seconds);
        timers.at(next, (time, output) -> {
            ran.add("tick "
                    + Duration.between(START, timers.eventTime().orElseThrow()).toSeconds());
            repeatEvery(seconds);
        });
    }

    @Test
    void lateDataMovesNothing() {
        begun();
        timers.at(at(10), says("ten"));
        point(at(9));
        point(at(3));
        assertThat(timers.eventTime()).contains(at(9));
        point(at(9));
        assertThat(ran).containsExactly("point 9", "point 3", "point 9");
    }

    @Test
    void aTimerForAnInstantThatIsReachedRunsRightAfterTheCall() {
        begun();
        message(Point.of("m", EventClock.nanosOf(at(5))), () -> {
            timers.at(at(5), says("five"));
            timers.at(at(4), says("four"));
            ran.add("point");
        });
        assertThat(ran).containsExactly("point", "four", "five");
    }

    @Test
    void aChainOfTimersForReachedInstantsLetsTheDataThrough() {
        begun();
        message(Point.of("m", EventClock.nanosOf(at(5))), this::setChain);
        assertThat(ran).containsExactly("link");
        point(at(6));
        pass(Duration.ZERO);
        assertThat(ran).startsWith("link", "point 6", "link");
    }

    private void setChain() {
        timers.at(at(5), (time, output) -> {
            ran.add("link");
            if (ran.size() < 10) {
                setChain();
            }
        });
    }

    @Test
    void untilEventTimeIsUsedOnlyTheLatestPointCounts() {
        begun();
        point(at(9));
        point(at(3));
        assertThat(timers.eventTime()).contains(at(3));
        point(at(7));
        point(at(5));
        assertThat(timers.eventTime()).contains(at(7));
    }

    @Test
    void whoUsesEventTimeAtTheBeginningMissesNothing() {
        assertThat(timers.eventTime()).isEmpty();
        begun();
        point(at(9));
        point(at(3));
        assertThat(timers.eventTime()).contains(at(9));
    }

    @Test
    void ofBatchesTheTmaxCounts() {
        begun();
        timers.at(at(10), says("ten"));
        message(new BatchEnd("m", "", EventClock.nanosOf(at(10)), Map.of()), () -> ran.add("end"));
        assertThat(ran).containsExactly("ten", "end");
    }

    @Test
    void aTimeAheadOfTheWallClockCountsUpToTheLimit() {
        begun();
        Instant limit = START.plus(Duration.ofDays(1));
        timers.at(limit.plusNanos(1), says("beyond"));
        point(limit.plusNanos(1), "over");
        assertThat(timers.eventTime()).isEmpty();
        point(limit, "at");
        assertThat(timers.eventTime()).contains(limit);
        point(limit.minusNanos(1), "under");
        assertThat(ran).containsExactly("over", "at", "under");
        connection.nanos += 1;
        point(limit.plusNanos(1), "a moment later");
        assertThat(ran).endsWith("beyond", "a moment later");
    }

    @Test
    void aTimeTooFarAheadBeforeTheFirstUseDoesNotCountEither() {
        begun();
        point(at(0).plus(Duration.ofDays(2)), "ahead");
        assertThat(timers.eventTime()).isEmpty();
    }

    @Test
    void instantsThatNoPointCanHaveAreTheFirstAndTheLast() {
        begun();
        timers.at(Instant.MIN, says("min"));
        Timer max = timers.at(Instant.MAX, says("max"));
        runDue();
        assertThat(ran).as("before any data").isEmpty();
        point(at(0));
        assertThat(ran).containsExactly("min", "point 0");
        assertThat(max.isPending()).isTrue();
        assertThat(EventClock.nanosOf(Instant.EPOCH.minusNanos(1))).isEqualTo(-1);
        assertThat(EventClock.nanosOf(Instant.MAX)).isEqualTo(Long.MAX_VALUE);
        assertThat(EventClock.nanosOf(Instant.MIN)).isEqualTo(Long.MIN_VALUE + 1);
    }

    private static final class Connection implements Timers.TimerCallbacks {
        final List<Long> wishes = new ArrayList<>();
        long nanos;
        boolean isWished;
        long wishedNanos;
        boolean inCall = true;

        @Override
        public long nanoTime() {
            return nanos;
        }

        @Override
        public Instant now() {
            return START.plusNanos(nanos);
        }

        @Override
        public boolean isInCall() {
            return inCall;
        }

        @Override
        public void wakeAt(long nanoTime) {
            wishes.add(nanoTime);
            isWished = true;
            wishedNanos = nanoTime;
        }
    }
}
