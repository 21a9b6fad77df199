package org.kapacitorudf.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.kapacitorudf.Context;
import org.kapacitorudf.Description;
import org.kapacitorudf.Handler;
import org.kapacitorudf.OnExpire;
import org.kapacitorudf.Output;
import org.kapacitorudf.Point;
import org.kapacitorudf.Udf;
import org.kapacitorudf.agent.AgentConfig;
import org.kapacitorudf.errors.FailurePolicy;
import org.kapacitorudf.state.Expiry;
import org.kapacitorudf.state.GroupState;

/** Groups that expire among data and timers, in the driver's virtual time. */
@Timeout(600)
class UdfDriverExpiryTest {
    private static final Instant START = Instant.ofEpochSecond(1_000);
    private static final Expiry EVENT_10 = Expiry.afterEventTime(Duration.ofNanos(10));
    private static final Expiry WALL_10 = Expiry.afterWallTime(Duration.ofSeconds(10));

    /** The handler of a test, which also counts the points of each group. */
    private interface Creating {
        void create(Context context, GroupState<Long> counts) throws Exception;
    }

    private static final Creating NOTHING_MORE = (context, counts) -> {};

    /** Counts the points of each group, and reports the count when the group expires. */
    private record Counting(Expiry expiry, OnExpire<Long> onExpire, Creating more) implements Udf {
        @Override
        public Description describe() {
            return Description.stream("counting", "counts the points of each group until it expires");
        }

        @Override
        public Handler create(Context context) throws Exception {
            GroupState<Long> counts = context.groupState("counts", Long.class, () -> 0L, expiry, onExpire);
            more.create(context, counts);
            return (point, output) -> {
                counts.put(point.group(), counts.of(point.group()) + 1);
                output.point(point);
            };
        }
    }

    private static final OnExpire<Long> SAYS =
            (group, count, output) -> say(output, "gone", group.substring(group.indexOf('=') + 1), count);

    private static void say(Output output, String name, String host, long count) {
        output.point(Point.of(name, 0).withTag("host", host).withField("count", count));
    }

    private static UdfDriver.Builder driver(Expiry expiry, Creating more) {
        return UdfDriver.of(new Counting(expiry, SAYS, more)).groupBy("host").startAt(START);
    }

    @Test
    void aGroupGoesBeforeThePointThatTakesEventTimeThere() {
        var driver = driver(EVENT_10, NOTHING_MORE).start();
        driver.pipe("m,host=a v=1 100", "m,host=a v=1 105", "m,host=b v=1 114");
        assertThat(driver.read()).containsExactly("m,host=a v=1.0 100", "m,host=a v=1.0 105", "m,host=b v=1.0 114");
        driver.pipe("m,host=a v=1 115");
        assertThat(driver.read()).containsExactly("gone,host=a count=2i 0", "m,host=a v=1.0 115");
        driver.pipe("m,host=c v=1 125");
        assertThat(driver.read())
                .containsExactly("gone,host=b count=1i 0", "gone,host=a count=1i 0", "m,host=c v=1.0 125");
    }

    @Test
    void lateDataExpiresNothing() {
        var driver = driver(EVENT_10, NOTHING_MORE).start();
        driver.pipe("m,host=a v=1 100", "m,host=b v=1 50", "m,host=b v=1 60");
        driver.read();
        driver.pipe("m,host=c v=1 110");
        assertThat(driver.read())
                .containsExactly("gone,host=a count=1i 0", "gone,host=b count=2i 0", "m,host=c v=1.0 110");
    }

    @Test
    void aTimeFarAheadOfTheWallClockExpiresNothing() {
        var driver = driver(EVENT_10, NOTHING_MORE).start();
        driver.pipe(
                "m,host=a v=1 100",
                "m,host=b v=1 " + Instant.parse("2100-01-01T00:00:00Z").getEpochSecond() * 1_000_000_000L);
        assertThat(driver.read()).hasSize(2).noneMatch(line -> line.startsWith("gone"));
    }

    @Test
    void groupsAndTimersGoInTheOrderOfEventTime() {
        var driver = driver(EVENT_10, (context, counts) -> {
                    context.at(
                            Instant.ofEpochSecond(0, 109),
                            (time, output) -> say(output, "timer", "109", counts.size()));
                    context.at(
                            Instant.ofEpochSecond(0, 110),
                            (time, output) -> say(output, "timer", "110", counts.size()));
                })
                .start();
        driver.pipe("m,host=a v=1 100", "m,host=b v=1 200");
        assertThat(driver.read())
                .containsExactly(
                        "m,host=a v=1.0 100",
                        "timer,host=109 count=1i 0",
                        "gone,host=a count=1i 0",
                        "timer,host=110 count=0i 0",
                        "m,host=b v=1.0 200");
    }

    @Test
    void aGroupGoesByWallTimeAlthoughNoDataComes() {
        var driver = driver(WALL_10, NOTHING_MORE).start();
        driver.pipe("m,host=a v=1 1");
        driver.advance(Duration.ofSeconds(5));
        driver.pipe("m,host=b v=1 2");
        driver.read();
        driver.advance(Duration.ofMillis(4_999));
        assertThat(driver.read()).isEmpty();
        driver.advance(Duration.ofMillis(1));
        assertThat(driver.read()).containsExactly("gone,host=a count=1i 0");
        driver.advance(Duration.ofSeconds(5));
        assertThat(driver.read()).containsExactly("gone,host=b count=1i 0");
        driver.pipe("m,host=c v=1 3");
        driver.advance(Duration.ofSeconds(10));
        assertThat(driver.read()).containsExactly("m,host=c v=1.0 3", "gone,host=c count=1i 0");
    }

    @Test
    void eachUseKeepsAGroupByWallTimeToo() {
        var driver = driver(WALL_10, NOTHING_MORE).start();
        for (int i = 0; i < 10; i++) {
            driver.pipe("m,host=a v=1 1");
            driver.advance(Duration.ofSeconds(9));
        }
        assertThat(driver.read()).hasSize(10);
        driver.advance(Duration.ofSeconds(1));
        assertThat(driver.read()).containsExactly("gone,host=a count=10i 0");
    }

    @Test
    void wallTimersAndGroupsHaveEachTheirTime() {
        var driver = driver(
                        WALL_10,
                        (context, counts) -> context.every(
                                Duration.ofSeconds(7), (time, output) -> say(output, "tick", "x", counts.size())))
                .start();
        driver.pipe("m,host=a v=1 1");
        driver.read();
        driver.advance(Duration.ofSeconds(21));
        assertThat(driver.read())
                .containsExactly(
                        "tick,host=x count=1i 0",
                        "gone,host=a count=1i 0",
                        "tick,host=x count=0i 0",
                        "tick,host=x count=0i 0");
    }

    @Test
    void aTimerAndGroupsForTheSameInstantAllHaveTheirTurn() {
        var driver = driver(WALL_10, (context, counts) -> {
                    context.after(Duration.ofSeconds(10), (time, output) -> say(output, "timer", "x", counts.size()));
                    context.after(Duration.ofSeconds(10), (time, output) -> say(output, "timer", "y", counts.size()));
                })
                .start();
        driver.pipe("m,host=a v=1 1", "m,host=b v=1 1");
        driver.read();
        driver.advance(Duration.ofSeconds(10));
        assertThat(driver.read())
                .containsExactly(
                        "gone,host=a count=1i 0",
                        "gone,host=b count=1i 0",
                        "timer,host=x count=0i 0",
                        "timer,host=y count=0i 0");
    }

    @Test
    void aGroupThatIsOneTooManyGoesRightAfterTheCall() {
        var driver = driver(Expiry.atMost(1), NOTHING_MORE).start();
        driver.pipe("m,host=a v=1 1", "m,host=b v=1 2");
        assertThat(driver.read()).containsExactly("m,host=a v=1.0 1", "m,host=b v=1.0 2", "gone,host=a count=1i 0");
    }

    @Test
    void whatExpiredWhileNothingRanIsRemovedAtTheStart() {
        var driver = driver(WALL_10, NOTHING_MORE).start();
        driver.pipe("m,host=a v=1 1");
        byte[] snapshot = driver.snapshot();
        driver.read();
        driver.close();
        var later = UdfDriver.of(new Counting(WALL_10, SAYS, NOTHING_MORE))
                .groupBy("host")
                .startAt(START.plusSeconds(11))
                .start();
        later.restartFrom(snapshot);
        assertThat(later.read()).containsExactly("gone,host=a count=1i 0");
    }

    @Test
    void eventTimeGoesOnWhereTheSnapshotLeftIt() {
        var driver = driver(
                        EVENT_10,
                        (context, counts) -> context.after(Duration.ZERO, (time, output) -> {
                            long nanos =
                                    context.eventTime().map(Instant::getNano).orElse(-1);
                            say(output, "start", "x", nanos);
                        }))
                .start();
        driver.pipe("m,host=a v=1 100", "m,host=b v=1 107");
        byte[] snapshot = driver.snapshot();
        driver.read();
        driver.restartFrom(snapshot);
        assertThat(driver.read()).containsExactly("start,host=x count=107i 0");
        driver.pipe("m,host=c v=1 50");
        assertThat(driver.read()).containsExactly("m,host=c v=1.0 50");
        driver.pipe("m,host=d v=1 110", "m,host=e v=1 117");
        assertThat(driver.read())
                .containsExactly(
                        "gone,host=a count=1i 0",
                        "m,host=d v=1.0 110",
                        "gone,host=b count=1i 0",
                        "gone,host=c count=1i 0",
                        "m,host=e v=1.0 117");
    }

    @Test
    void anEventTimeOfASnapshotThatIsTooFarAheadIsForgotten() {
        Instant ahead = START.plus(Duration.ofDays(3650));
        var wrong = UdfDriver.of(new Counting(EVENT_10, SAYS, NOTHING_MORE))
                .groupBy("host")
                .startAt(ahead)
                .start();
        wrong.pipe("m,host=a v=1 " + nanosOf(ahead));
        byte[] snapshot = wrong.snapshot();
        wrong.close();
        var right = UdfDriver.of(new Counting(EVENT_10, SAYS, NOTHING_MORE))
                .groupBy("host")
                .startAt(START)
                .start();
        right.restartFrom(snapshot);
        long now = nanosOf(START);
        right.pipe("m,host=b v=1 " + now, "m,host=c v=1 " + (now + 10));
        assertThat(right.read())
                .containsExactly(
                        "m,host=b v=1.0 " + now,
                        "gone,host=a count=1i 0",
                        "gone,host=b count=1i 0",
                        "m,host=c v=1.0 " + (now + 10));
    }

    private static long nanosOf(Instant instant) {
        return TimeUnit.SECONDS.toNanos(instant.getEpochSecond()) + instant.getNano();
    }

    @Test
    void aFailureOfOnExpireIsThePoliciesBusiness() {
        OnExpire<Long> fails = (group, count, output) -> {
            throw new IllegalStateException("cannot say goodbye to " + group);
        };
        var skipping = UdfDriver.of(new Counting(EVENT_10, fails, NOTHING_MORE))
                .groupBy("host")
                .config(AgentConfig.builder().onError(FailurePolicy.SKIP).build())
                .start();
        skipping.pipe("m,host=a v=1 100", "m,host=b v=1 101", "m,host=c v=1 200");
        assertThat(skipping.read()).hasSize(3);
        assertThat(skipping.skipped())
                .containsExactly(
                        "onExpire: java.lang.IllegalStateException: cannot say goodbye to host=a",
                        "onExpire: java.lang.IllegalStateException: cannot say goodbye to host=b");
        var failing = UdfDriver.of(new Counting(EVENT_10, fails, NOTHING_MORE))
                .groupBy("host")
                .start();
        failing.pipe("m,host=a v=1 100", "m,host=c v=1 200");
        assertThat(failing.error())
                .hasValueSatisfying(error -> assertThat(error).contains("cannot say goodbye to host=a"));
        var restarting = UdfDriver.of(new Counting(EVENT_10, fails, NOTHING_MORE))
                .groupBy("host")
                .config(AgentConfig.builder().onError(FailurePolicy.RESTART).build())
                .start();
        restarting.pipe("m,host=a v=1 100", "m,host=b v=1 101", "m,host=c v=1 200", "m,host=c v=1 201");
        assertThat(restarting.read())
                .as("the new handler has no groups that could go")
                .hasSize(4);
        assertThat(restarting.error()).isEmpty();
    }

    @Test
    void expiryIsNotReportedBeforeTheStateIsRestored() {
        var driver = driver(Expiry.atMost(1), (context, counts) -> {
                    counts.of("host=x");
                    counts.of("host=y");
                })
                .start();
        assertThat(driver.read()).isEmpty();
        driver.pipe("m,host=a v=1 1");
        assertThat(driver.read())
                .containsExactly("gone,host=x count=0i 0", "m,host=a v=1.0 1", "gone,host=y count=0i 0");
    }

    @Test
    void aFunctionThatMakesAGroupForEachItLosesIsAnErrorAndNotWithoutEnd() {
        AtomicLong made = new AtomicLong();
        AtomicReference<GroupState<Long>> state = new AtomicReference<>();
        OnExpire<Long> replaces = (group, count, output) -> state.get().of("another " + made.incrementAndGet());
        var driver = UdfDriver.of(new Counting(Expiry.atMost(3), replaces, (context, counts) -> state.set(counts)))
                .groupBy("host")
                .start();
        driver.pipe("m,host=a v=1 1", "m,host=b v=1 2", "m,host=c v=1 3");
        driver.pipe("m,host=d v=1 4");
        assertThat(driver.error())
                .hasValueSatisfying(error -> assertThat(error)
                        .contains("onExpire: created 4 groups in place of expired ones (expected: <= 3"));
        assertThat(made).hasValue(4);
    }

    @Test
    void whatOnExpireMakesMayDriveOutOthers() {
        AtomicReference<GroupState<Long>> state = new AtomicReference<>();
        OnExpire<Long> adds = (group, count, output) -> {
            state.get().put("rest", state.get().of("rest") + count);
            say(output, "rest", group, state.get().of("rest"));
        };
        var driver = UdfDriver.of(new Counting(Expiry.atMost(2), adds, (context, counts) -> state.set(counts)))
                .groupBy("host")
                .start();
        for (String host : List.of("a", "b", "c", "d", "e", "f", "g")) {
            driver.pipe("m,host=" + host + " v=1 1");
        }
        assertThat(driver.read())
                .filteredOn(line -> line.startsWith("rest"))
                .last()
                .asString()
                .endsWith("count=6i 0");
    }
}
