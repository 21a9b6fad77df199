package org.kapacitorudf.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.kapacitorudf.Batch;
import org.kapacitorudf.Context;
import org.kapacitorudf.Description;
import org.kapacitorudf.Handler;
import org.kapacitorudf.Handlers;
import org.kapacitorudf.Output;
import org.kapacitorudf.Point;
import org.kapacitorudf.TimedCall;
import org.kapacitorudf.Timer;
import org.kapacitorudf.Udf;
import org.kapacitorudf.agent.AgentConfig;
import org.kapacitorudf.client.StandInException;
import org.kapacitorudf.errors.FailurePolicy;
import org.kapacitorudf.errors.FieldException;
import org.kapacitorudf.errors.OnBadSnapshot;
import org.kapacitorudf.state.State;

/** Timers in the driver's virtual time, with the real encoding and the real agent, without waiting. */
@Timeout(600)
class UdfDriverTimeTest {
    private static final Duration SECOND = Duration.ofSeconds(1);
    private static final Duration HOUR = Duration.ofHours(1);
    private static final Instant START = Instant.parse("2024-05-01T12:00:00Z");

    /** Creates a handler. */
    private interface Creating {
        Handler create(Context context) throws Exception;
    }

    private record Function(Description description, Creating creating) implements Udf {
        @Override
        public Description describe() {
            return description;
        }

        @Override
        public Handler create(Context context) throws Exception {
            return creating.create(context);
        }
    }

    private static UdfDriver.Builder driver(Creating creating) {
        return UdfDriver.of(new Function(Description.stream("f", "a function"), creating))
                .startAt(START);
    }

    private static final Handler MIRROR = (point, output) -> output.point(point);

    private static TimedCall says(Context context, String text) {
        return (time, output) -> say(context, output, text);
    }

    /** A point with the seconds since the start as its time. */
    private static void say(Context context, Output output, String text) {
        output.point(Point.of(text, Duration.between(START, context.now()).toSeconds())
                .withField("i", 1L));
    }

    // Wall time

    @Test
    void timersRunInOrderEachAtItsTime() {
        var driver = driver(context -> {
                    context.after(Duration.ofSeconds(30), says(context, "once"));
                    context.every(Duration.ofSeconds(20), says(context, "tick"));
                    return MIRROR;
                })
                .start();
        driver.advance(Duration.ofSeconds(45));
        assertThat(driver.read()).containsExactly("tick i=1i 20", "once i=1i 30", "tick i=1i 40");
        driver.advance(Duration.ofSeconds(15));
        assertThat(driver.read()).containsExactly("tick i=1i 60");
        assertThat(driver.now()).isEqualTo(START.plusSeconds(60));
    }

    @Test
    void timeStandsStillWithoutAdvance() {
        var driver = driver(context -> {
                    context.every(Duration.ofNanos(1), says(context, "tick"));
                    return MIRROR;
                })
                .start();
        driver.pipe("m v=1 1");
        assertThat(driver.read()).containsExactly("m v=1.0 1");
        driver.advance(Duration.ZERO);
        assertThat(driver.read()).isEmpty();
        assertThatThrownBy(() -> driver.advance(Duration.ofNanos(-1)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("duration: PT-0.000000001S (expected: >= 0)");
    }

    @Test
    void aHandlerMayPutItsAlarmOffWithEveryPoint() {
        var driver = driver(context -> {
                    Timer[] silence = {context.after(Duration.ofSeconds(10), says(context, "silent"))};
                    return (point, output) -> {
                        silence[0].cancel();
                        silence[0] = context.after(Duration.ofSeconds(10), says(context, "silent"));
                    };
                })
                .start();
        for (int i = 0; i < 5; i++) {
            driver.pipe("m v=1 1");
            driver.advance(Duration.ofSeconds(9));
        }
        assertThat(driver.read()).isEmpty();
        driver.advance(SECOND);
        assertThat(driver.read()).containsExactly("silent i=1i 46");
    }

    @Test
    void whatIsDueAtOnceRunsBeforeTheCallReturns() {
        var driver = driver(context -> (point, output) -> {
                    output.point(point);
                    context.after(Duration.ZERO, says(context, "soon"));
                })
                .start();
        driver.pipe("m v=1 1", "m v=2 2");
        assertThat(driver.read()).containsExactly("m v=1.0 1", "m v=2.0 2", "soon i=1i 0", "soon i=1i 0");
    }

    @Test
    void aTimerThatSetsAnotherForNowAndSoOnDoesNotHangATest() {
        var driver = driver(context -> {
                    TimedCall[] again = new TimedCall[1];
                    again[0] = (time, output) -> context.after(Duration.ZERO, again[0]);
                    context.after(Duration.ZERO, again[0]);
                    return MIRROR;
                })
                .start();
        assertThatThrownBy(() -> driver.advance(SECOND))
                .isInstanceOf(StandInException.class)
                .hasMessageContaining("timers at 2024-05-01T12:00:01Z");
    }

    @Test
    void theStartIsNowUnlessSet() {
        Instant before = Instant.now();
        var driver = UdfDriver.of(new Function(Description.stream("f", "a function"), context -> MIRROR))
                .start();
        assertThat(driver.now()).isBetween(before, Instant.now());
    }

    // The beginning and the end

    @Test
    void whatIsSetInCreateRunsBeforeTheFirstData() {
        Creating creating = context -> {
            context.after(Duration.ZERO, says(context, "start"));
            return MIRROR;
        };
        var withData = driver(creating).start();
        assertThat(withData.read()).isEmpty();
        withData.pipe("m v=1 1");
        assertThat(withData.read()).containsExactly("start i=1i 0", "m v=1.0 1");

        var without = driver(creating).start();
        without.advance(SECOND.minusNanos(1));
        assertThat(without.read()).isEmpty();
        without.advance(Duration.ofNanos(1));
        assertThat(without.read()).containsExactly("start i=1i 1");
    }

    @Test
    void timersBeginWithTheStateThatIsRestored() {
        Creating creating = context -> {
            State<Last> last = context.state("last", Last.class, Last::new);
            context.after(Duration.ZERO, (time, output) -> say(context, output, "last" + last.get().value));
            return (point, output) -> last.get().value = point.intField("v");
        };
        var driver = driver(creating).start();
        driver.pipe("m v=7i 1");
        assertThat(driver.read()).containsExactly("last0 i=1i 0");
        driver.restartFrom(driver.snapshot());
        assertThat(driver.read()).containsExactly("last7 i=1i 0");
    }

    static final class Last {
        private long value;
    }

    @Test
    void aFreshStartAfterABadSnapshotHasItsTimers() {
        var driver = driver(context -> {
                    State<Last> last = context.state("last", Last.class, Last::new);
                    context.after(Duration.ZERO, says(context, "start"));
                    return (point, output) -> last.get().value = 1;
                })
                .config(AgentConfig.builder().onBadSnapshot(OnBadSnapshot.FRESH).build())
                .start();
        driver.restartFrom(new byte[] {1, 2, 3});
        assertThat(driver.read()).containsExactly("start i=1i 0");
    }

    @Test
    void whatTimersDoIsInTheSnapshotEvenIfNoDataCame() {
        var driver = driver(context -> {
                    State<Last> last = context.state("last", Last.class, Last::new);
                    context.every(SECOND, (time, output) -> last.get().value++);
                    return (point, output) -> output.point(point.withField("last", last.get().value));
                })
                .start();
        assertThat(driver.snapshot()).isEmpty();
        driver.advance(Duration.ofSeconds(3));
        driver.restartFrom(driver.snapshot());
        driver.pipe("m v=1 1");
        assertThat(driver.read()).containsExactly("m last=3i,v=1.0 1");
    }

    @Test
    void allTimersEndBeforeStop() {
        var driver = driver(context -> {
                    Timer wall = context.every(SECOND, says(context, "tick"));
                    Timer event = context.at(START, says(context, "at"));
                    return new Handler() {
                        @Override
                        public void point(Point point, Output output) {}

                        @Override
                        public void stop(Output output) {
                            Timer late = context.after(Duration.ZERO, says(context, "late"));
                            output.point(Point.of("stop", 0)
                                    .withField("wall", wall.isPending())
                                    .withField("event", event.isPending())
                                    .withField("late", late.isPending()));
                        }
                    };
                })
                .start();
        driver.endOfInput();
        assertThat(driver.read()).containsExactly("stop event=false,late=false,wall=false 0");
        assertThatThrownBy(() -> driver.advance(SECOND)).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void timeGoesOnOverARestartAndTheOldTimersAreGone() {
        var driver = driver(context -> {
                    context.after(HOUR, says(context, "hour"));
                    return MIRROR;
                })
                .start();
        driver.advance(HOUR.minusSeconds(1));
        driver.restartFrom(new byte[0]);
        driver.advance(HOUR.minusSeconds(1));
        assertThat(driver.read()).isEmpty();
        driver.advance(SECOND);
        assertThat(driver.read()).containsExactly("hour i=1i 7199");
    }

    // Failures

    @Test
    void aTimerThatThrowsEndsTheTask() {
        var driver = driver(context -> {
                    context.after(SECOND, (time, output) -> {
                        throw new IllegalStateException("boom");
                    });
                    context.after(SECOND, says(context, "never"));
                    return MIRROR;
                })
                .start();
        driver.advance(HOUR);
        assertThatThrownBy(driver::read)
                .isInstanceOf(StandInException.class)
                .hasMessageEndingWith("timer: java.lang.IllegalStateException: boom")
                .hasRootCauseMessage("boom");
        assertThat(driver.read()).isEmpty();
    }

    @Test
    void aTimerThatFailsIsSkippedWhereFailuresAre() {
        Creating creating = context -> {
            context.every(SECOND, (time, output) -> {
                say(context, output, "tick");
                throw new IllegalStateException("boom");
            });
            return MIRROR;
        };
        var driver = driver(creating)
                .config(AgentConfig.builder().onError(FailurePolicy.SKIP).build())
                .start();
        driver.advance(Duration.ofSeconds(2));
        assertThat(driver.read()).containsExactly("tick i=1i 1", "tick i=1i 2");
        assertThat(driver.skipped()).hasSize(2).first().isEqualTo("timer: java.lang.IllegalStateException: boom");
    }

    @Test
    void aFieldExceptionInATimerSkipsThatCall() {
        var driver = driver(context -> {
                    context.after(SECOND, (time, output) -> {
                        throw new FieldException("field \"x\": missing");
                    });
                    context.after(HOUR, says(context, "later"));
                    return MIRROR;
                })
                .start();
        driver.advance(HOUR);
        assertThat(driver.skipped()).containsExactly("timer: field \"x\": missing");
        assertThat(driver.read()).containsExactly("later i=1i 3600");
    }

    @Test
    void timersOfAnotherThreadAreRefused() throws InterruptedException {
        Throwable[] thrown = new Throwable[1];
        Thread[] thread = new Thread[1];
        driver(context -> {
                    thread[0] = new Thread(() -> context.after(SECOND, (time, output) -> {}), "own");
                    thread[0].setUncaughtExceptionHandler((own, e) -> thrown[0] = e);
                    thread[0].start();
                    return MIRROR;
                })
                .start();
        thread[0].join();
        assertThat(thrown[0])
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("timer: after by the thread own (expected: a call of the handler)");
    }

    // Event time

    @Test
    void eventTimersGoByThePoints() {
        var driver = driver(context -> (point, output) -> {
                    output.point(point);
                    context.at(
                            Instant.ofEpochSecond(0, point.timeNanos() + 10),
                            (time, late) -> late.point(point.withName("ten_later")));
                })
                .start();
        driver.pipe("m v=1 1", "m v=2 5", "m v=3 11", "m v=4 40");
        assertThat(driver.read())
                .containsExactly(
                        "m v=1.0 1",
                        "m v=2.0 5",
                        "ten_later v=1.0 1",
                        "m v=3.0 11",
                        "ten_later v=2.0 5",
                        "ten_later v=3.0 11",
                        "m v=4.0 40");
        driver.advance(HOUR);
        assertThat(driver.read()).as("event time stands still without data").isEmpty();
    }

    @Test
    void theCurrentPointCountsForWhoAsksInPoint() {
        var driver = driver(context -> (point, output) -> {
                    if (point.timeNanos() > 5) {
                        Optional<Instant> time = context.eventTime();
                        output.point(
                                point.withField("t", (long) time.orElseThrow().getNano()));
                    }
                })
                .start();
        driver.pipe("m v=1 9", "m v=1 7", "m v=1 8", "m v=1 7");
        assertThat(driver.read())
                .containsExactly("m t=9i,v=1.0 9", "m t=9i,v=1.0 7", "m t=9i,v=1.0 8", "m t=9i,v=1.0 7");
    }

    @Test
    void ofBatchesTheEndMovesEventTime() {
        Creating creating = context -> {
            context.at(Instant.ofEpochSecond(0, 20), (time, output) -> output.batch(Batch.of("twenty", 20, List.of())));
            return Handlers.batches(context, (batch, output) -> output.batch(batch));
        };
        var driver = UdfDriver.of(new Function(Description.batch("f", "a function"), creating))
                .start();
        driver.pipeBatch("cpu", 19, "cpu v=1 30");
        driver.pipeBatch("cpu", 20, "cpu v=1 15");
        assertThat(driver.read())
                .containsExactly(
                        "batch cpu until 19",
                        "cpu v=1.0 30",
                        "batch twenty until 20",
                        "batch cpu until 20",
                        "cpu v=1.0 15");
    }

    @Test
    void aTimeFarAheadOfTheWallClockIsHandledAndMovesNothing() {
        var driver = driver(context -> {
                    context.at(START.plusSeconds(1), says(context, "at"));
                    return MIRROR;
                })
                .config(AgentConfig.builder().maxEventTimeAhead(HOUR).build())
                .start();
        long limit = nanos(START.plus(HOUR));
        driver.pipe("m v=1 " + (limit + 1));
        assertThat(driver.read()).hasSize(1);
        driver.pipe("m v=2 " + limit);
        assertThat(driver.read()).containsExactly("at i=1i 0", "m v=2.0 " + limit);
    }

    private static long nanos(Instant time) {
        return Duration.between(Instant.EPOCH, time).toNanos();
    }

    // Restarts

    private static final AgentConfig RESTARTING =
            AgentConfig.builder().onError(FailurePolicy.RESTART).build();

    /** Creates the first handler in one way, later ones in another. */
    private static UdfDriver firstAndLater(Creating first, Creating later) {
        AtomicBoolean made = new AtomicBoolean();
        return driver(context -> (made.getAndSet(true) ? later : first).create(context))
                .config(RESTARTING)
                .start();
    }

    private static TimedCall fails() {
        return (time, output) -> {
            throw new IllegalStateException("boom");
        };
    }

    @Test
    void afterARestartTimersStartAgain() {
        var driver = firstAndLater(
                context -> {
                    context.after(Duration.ofSeconds(20), fails());
                    context.after(Duration.ofSeconds(30), says(context, "former"));
                    return MIRROR;
                },
                context -> {
                    context.every(Duration.ofSeconds(15), says(context, "tick"));
                    return MIRROR;
                });
        driver.advance(Duration.ofSeconds(50));
        assertThat(driver.read()).containsExactly("tick i=1i 35", "tick i=1i 50");
        assertThat(driver.skipped()).containsExactly("timer: java.lang.IllegalStateException: boom");
    }

    @Test
    void aPointWhoseTimeSetsOffATimerThatFailsIsHandledByTheNewHandler() {
        var driver = firstAndLater(
                context -> {
                    context.at(Instant.ofEpochSecond(10), fails());
                    context.at(Instant.ofEpochSecond(10), says(context, "former"));
                    return MIRROR;
                },
                context -> {
                    context.after(Duration.ZERO, says(context, "begin"));
                    return MIRROR;
                });
        driver.pipe("m i=1i 9000000000", "m i=2i 11000000000", "m i=3i 12000000000");
        assertThat(driver.read())
                .containsExactly("m i=1i 9000000000", "begin i=1i 0", "m i=2i 11000000000", "m i=3i 12000000000");
        assertThat(driver.restarts()).isEqualTo(1);
    }

    @Test
    void aTimerThatIsDueAfterACallThatFailsIsNotRun() {
        var driver = firstAndLater(
                context -> (point, output) -> {
                    context.at(Instant.EPOCH, says(context, "former"));
                    throw new IllegalStateException("boom");
                },
                context -> {
                    context.after(Duration.ZERO, says(context, "begin"));
                    return MIRROR;
                });
        driver.pipe("m i=1i 9000000000");
        assertThat(driver.read()).containsExactly("begin i=1i 0");
    }

    @Test
    void aTimerThatFailsInABatchCostsTheRestOfTheBatch() {
        AtomicBoolean made = new AtomicBoolean();
        var driver = UdfDriver.of(new Function(Description.batch("f", "a function"), context -> {
                    if (!made.getAndSet(true)) {
                        context.at(Instant.ofEpochSecond(10), fails());
                    }
                    return Handlers.batches(context, batch -> batch);
                }))
                .config(RESTARTING)
                .start();
        driver.pipeBatch("m", 9_000_000_000L, "m i=1i 1");
        driver.pipeBatch("m", 11_000_000_000L, "m i=2i 2");
        driver.pipeBatch("m", 12_000_000_000L, "m i=3i 3");
        assertThat(driver.read())
                .containsExactly("batch m until 9000000000", "m i=1i 1", "batch m until 12000000000", "m i=3i 3");
        assertThat(driver.restarts()).isEqualTo(1);
    }

    @Test
    void restartsAreCountedInVirtualTime() {
        AgentConfig config =
                RESTARTING.toBuilder().maxRestarts(1).restartInterval(HOUR).build();
        for (Duration apart : List.of(HOUR, HOUR.minusNanos(1))) {
            var driver = driver(context -> (point, output) -> {
                        throw new IllegalStateException("boom");
                    })
                    .config(config)
                    .start();
            driver.pipe("m i=1i 1");
            driver.advance(apart);
            driver.pipe("m i=1i 1");
            assertThat(driver.error().isPresent()).isEqualTo(apart.compareTo(HOUR) < 0);
        }
    }
}
