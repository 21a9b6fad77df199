package org.kapacitorudf.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.kapacitorudf.Batch;
import org.kapacitorudf.Context;
import org.kapacitorudf.Counter;
import org.kapacitorudf.Description;
import org.kapacitorudf.EdgeType;
import org.kapacitorudf.Handler;
import org.kapacitorudf.Handlers;
import org.kapacitorudf.Output;
import org.kapacitorudf.Point;
import org.kapacitorudf.Udf;
import org.kapacitorudf.agent.AgentConfig;
import org.kapacitorudf.client.PointBatch;
import org.kapacitorudf.client.Points;
import org.kapacitorudf.client.StandInException;
import org.kapacitorudf.errors.FailurePolicy;
import org.kapacitorudf.errors.FieldException;
import org.kapacitorudf.errors.UdfException;
import org.kapacitorudf.option.Option;
import org.kapacitorudf.state.GroupState;

@Timeout(600)
class UdfDriverTest {
    private static final Option<String> FIELD = Option.string("field").orElse("value");
    private static final Option<List<Long>> ADD = Option.integer("add").repeated();
    private static final Option<Duration> WAIT = Option.duration("wait").orElse(Duration.ZERO);

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

    private static Udf stream(Creating creating) {
        return new Function(Description.stream("f", "a function").options(FIELD, ADD, WAIT), creating);
    }

    private static Udf stream(Handler handler) {
        return stream(context -> handler);
    }

    private static Udf batches(Creating creating) {
        return new Function(Description.batch("f", "a function"), creating);
    }

    private static Udf mirrorOfBatches() {
        return batches(context -> Handlers.batches(context, (batch, output) -> output.batch(batch)));
    }

    private static Udf mirror() {
        return stream((point, output) -> output.point(point));
    }

    /** Counts the points of each group. */
    private static Udf counter() {
        return stream(context -> {
            GroupState<Count> counts = context.groupState("counts", Count.class, Count::new);
            return (point, output) ->
                    output.point(point.withField("n", counts.of(point.group()).next()));
        });
    }

    static final class Count {
        private long value;

        long next() {
            return ++value;
        }
    }

    /** A handler with an action in stop. */
    private static Handler stopping(Consumer<Output> stop) {
        return new Handler() {
            @Override
            public void point(Point point, Output output) {
                output.point(point);
            }

            @Override
            public void stop(Output output) {
                stop.accept(output);
            }
        };
    }

    private static Point point(long value) {
        return Point.of("m", value).withField("value", value);
    }

    // Expectations

    @Test
    void whatIsExpectedIsComparedPointByPoint() {
        var driver = UdfDriver.of(mirror()).start();
        driver.pipe("cpu,host=a,rack=r value=1,n=2i 5", "cpu value=2 6");
        driver.expect("""
                cpu,rack=r,host=a n=2i,value=1.0 5
                cpu value=2 6
                """);
        driver.expect();
        driver.pipe("cpu value=1 0");
        driver.expect(Points.of("cpu value=1 0"));
    }

    @Test
    void aFailureSaysWhichPointsDifferInWhat() {
        var driver = UdfDriver.of(mirror()).start();
        driver.pipe("a v=0 0", "a v=0 1", "a v=0 2", "a v=1,w=1i,x=t 3", "b v=1 4", "c,t=1 v=1 5", "d v=1 6");
        assertThatThrownBy(() -> driver.expect(
                        "a v=0 0", "a v=0 1", "a v=0 2", "a v=2,w=1,y=\"s\" 3", "c,t=2 v=1 7", "d v=1 6", "e v=1 7"))
                .isInstanceOf(AssertionError.class)
                .hasMessage("""
                        output: 7 lines (expected: 7), 1 differs, 2 missing, 2 unexpected
                            ...
                            a v=0.0 1
                            a v=0.0 2
                          ~ a v=1.0,w=1i,x=true 3
                                v: 1.0 (expected: 2.0)
                                w: 1i (expected: 1.0)
                                x: true (expected: none)
                                y: missing (expected: "s")
                          - c,t=2 v=1.0 7
                          + b v=1.0 4
                          + c,t=1 v=1.0 5
                            d v=1.0 6
                          - e v=1.0 7""");
        driver.expect();
    }

    @Test
    void asManyLinesAsExpectedAreComparedInTheirOrder() {
        var driver = UdfDriver.of(mirror()).start();
        driver.pipe("cpu,host=a v=1 5");
        assertThatThrownBy(() -> driver.expect("mem,host=b,rack=r v=1 6")).hasMessage("""
                        output: 1 line (expected: 1), 1 differs
                          ~ cpu,host=a v=1.0 5
                                name: cpu (expected: mem)
                                tag host: a (expected: b)
                                tag rack: missing (expected: r)
                                time: 5 (expected: 6)""");
        assertThatThrownBy(() -> driver.expect("a v=1 0"))
                .hasMessage("output: nothing (expected: 1), 1 missing\n  - a v=1.0 0");
        driver.pipe("a v=1 0");
        assertThatThrownBy(driver::expect).hasMessage("output: 1 line (expected: none), 1 unexpected\n  + a v=1.0 0");
    }

    @Test
    void aDoubleMayBeAsFarOffAsTheToleranceAllows() {
        var driver = UdfDriver.of(mirror()).tolerance(0.5).start();
        driver.pipe("a v=1 0", "a v=1 1");
        driver.expect("a v=1.5 0", "a v=0.5 1");
        driver.pipe("a v=1 0");
        assertThatThrownBy(() -> driver.expect("a v=1.51 0")).hasMessageContaining("v: 1.0 (expected: 1.51)");
        assertThatThrownBy(() -> UdfDriver.of(mirror()).tolerance(-1)).hasMessage("difference: -1.0 (expected: >= 0)");
    }

    @Test
    void aFailureSaysWhatHasBeenSkipped() {
        var driver = UdfDriver.of(stream((point, output) -> output.point(point.withField("n", point.intField("n")))))
                .start();
        driver.pipe("a v=1 0");
        assertThatThrownBy(() -> driver.expect("a n=1i 0"))
                .hasMessage("output: nothing (expected: 1), 1 missing\n  - a n=1i 0\n"
                        + "    skipped: point: field \"n\": missing (expected: an int)");
    }

    @Test
    void batchesAreExpectedAsLinesOrAsObjects() {
        var driver = UdfDriver.of(mirrorOfBatches()).groupBy("host").start();
        driver.pipeBatch("cpu,host=a value=1 5", "cpu,host=b value=2 6");
        driver.expect("batch cpu,host=a until 5", "cpu,host=a value=1 5", """
                batch cpu,host=b until 6
                  cpu,host=b value=2 6""");
        driver.pipeBatch("cpu,host=a value=1 5");
        driver.expectBatches(
                Points.of("cpu,host=a value=1 5").groupBy("host").batches().get(0));
        driver.pipeBatch("cpu,host=a value=1 5");
        assertThatThrownBy(() -> driver.expect("batch cpu,host=a until 6", "cpu,host=a value=2 5"))
                .hasMessage("""
                        output: 2 lines (expected: 2), 2 differ
                          ~ batch cpu,host=a until 5
                                (expected: batch cpu,host=a until 6)
                          ~ cpu,host=a value=1.0 5
                                value: 1.0 (expected: 2.0)""");
        assertThatThrownBy(() -> driver.expect(Points.of("a v=1 0")))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("expectBatches");
    }

    @Test
    void aLongOutputThatIsAllWrongIsComparedAllTheSame() {
        var driver = UdfDriver.of(mirror()).start();
        String[] lines = IntStream.range(0, 5_000).mapToObj(i -> "a v=1 " + i).toArray(String[]::new);
        driver.pipe(lines);
        String[] other = IntStream.range(0, 5_000).mapToObj(i -> "a v=2 " + i).toArray(String[]::new);
        assertThatThrownBy(() -> driver.expect(other))
                .hasMessageStartingWith("output: 5000 lines (expected: 5000), 5000 differ\n")
                .hasMessageEndingWith("\n    ... and so on")
                .satisfies(error -> assertThat(error.getMessage().lines()).hasSize(202));
    }

    // Errors and logs

    @Test
    void errorsHaveAllThatWentWrongOnce() {
        var driver = UdfDriver.of(stream((point, output) -> {
                    if (point.intField("n") == 0) {
                        throw new IllegalStateException("zero");
                    }
                }))
                .start();
        assertThat(driver.errors()).isEmpty();
        driver.pipe("a v=1 0", "a n=0i 1");
        assertThat(driver.errors()).hasSize(2).first().isEqualTo("point: field \"n\": missing (expected: an int)");
        assertThat(driver.errors()).hasSize(1).first().asString().contains("zero");
    }

    @Test
    void eachReasonForSkippingHasALogLineOfItsOwn() {
        var driver = UdfDriver.of(stream((point, output) -> point.doubleField(point.name())))
                .start();
        driver.pipe("a v=1 0", "a v=1 1", "b v=1 2", "a v=1 3");
        assertThat(driver.logs())
                .filteredOn(line -> line.contains("skipped"))
                .containsExactly(
                        "WARN point skipped: field \"a\": missing (expected: a number); the call was given a v=1.0 0",
                        "WARN point skipped: field \"b\": missing (expected: a number); the call was given b v=1.0 2");
        assertThat(driver.skips()).extracting(UdfDriver.Skip::point).containsExactly(1L, 2L, 3L, 4L);
    }

    @Test
    void aBatchThatIsSkippedIsLoggedAsLineProtocol() {
        var driver = UdfDriver.of(batches(context -> Handlers.batches(context, (batch, output) -> {
                    throw new IllegalStateException("boom");
                })))
                .config(AgentConfig.builder().onError(FailurePolicy.SKIP).build())
                .groupBy("host")
                .start();
        driver.pipeBatch("cpu,host=a\\ b value=1 5");
        assertThat(driver.logs())
                .anySatisfy(line -> assertThat(line)
                        .startsWith("WARN endBatch skipped: java.lang.IllegalStateException: boom;"
                                + " the call was given batch cpu,host=a\\ b until 5"));
    }

    @Test
    void aStateThatIsRestoredIsLoggedWithItsSizeAndVersion() {
        var driver = UdfDriver.of(counter()).groupBy("host").start();
        driver.pipe("cpu,host=a value=1 1", "cpu,host=b value=1 1");
        byte[] small = driver.snapshot();
        driver.restartFrom(small);
        assertThat(driver.logs()).contains("INFO restored: 2 groups, " + small.length + " bytes, saved by version 1");
        driver.pipe(IntStream.range(0, 40)
                .mapToObj(i -> "cpu,host=" + "x".repeat(300) + i + " value=1 2")
                .toArray(String[]::new));
        driver.restartFrom(driver.snapshot());
        assertThat(driver.logs())
                .anyMatch(line -> line.matches("INFO restored: 42 groups, (\\d+ kB|\\d+ bytes), saved by version 1"));
    }

    @Test
    void aFunctionsOwnCountsCanBeReadAndAreInTheLastLine() {
        var driver = UdfDriver.of(stream(context -> {
                    Counter late = context.counter("late");
                    context.counter("anomalies");
                    return (point, output) -> late.add(point.intField("n"));
                }))
                .start();
        assertThat(driver.counters()).isEqualTo(Map.of("anomalies", 0L, "late", 0L));
        driver.pipe("a n=1i 0", "a n=2i 1");
        assertThat(driver.counters()).isEqualTo(Map.of("anomalies", 0L, "late", 3L));
        driver.endOfInput();
        assertThat(driver.logs())
                .anyMatch(line -> line.matches("INFO ended: .*; skipped 0; counted anomalies 0, late 3"));
    }

    @Test
    void aCounterSurvivesARestartOfTheHandler() {
        var driver = UdfDriver.of(stream(context -> {
                    Counter seen = context.counter("seen");
                    return (point, output) -> {
                        seen.increment();
                        throw new IllegalStateException("boom");
                    };
                }))
                .config(AgentConfig.builder().onError(FailurePolicy.RESTART).build())
                .start();
        driver.pipe("a v=1 0", "a v=1 1");
        assertThat(driver.counters()).isEqualTo(Map.of("seen", 2L));
    }

    @Test
    void whatFunctionAndAgentLogIsKept() {
        var driver = UdfDriver.of(stream(context -> (point, output) -> {
                    context.logger().info("got {}", point.name());
                    context.logger().error("bad", new IllegalStateException("zero"));
                }))
                .start();
        driver.pipe("a v=1 0");
        assertThat(driver.logs())
                .anyMatch(line -> line.startsWith("INFO started: "))
                .containsSubsequence("INFO got a", "ERROR bad: java.lang.IllegalStateException: zero");
    }

    // Data

    @Test
    void whatComesOutIsReadAsLinesOnce() {
        var driver = UdfDriver.of(mirror()).start();
        driver.pipe("cpu,host=a value=1,n=2i,s=\"x y\",ok=true 5", "cpu value=2 6");
        assertThat(driver.read()).containsExactly("cpu,host=a n=2i,ok=true,s=\"x y\",value=1.0 5", "cpu value=2.0 6");
        assertThat(driver.read()).isEmpty();
    }

    @Test
    void aTextMayHoldAnyNumberOfLines() {
        var driver = UdfDriver.of(mirror()).start();
        driver.pipe("""
                # two points
                cpu value=1 1

                cpu value=2 2
                """, "cpu value=3 3");
        driver.pipe();
        assertThat(driver.read()).containsExactly("cpu value=1.0 1", "cpu value=2.0 2", "cpu value=3.0 3");
    }

    @Test
    void linesAreGroupedAsTheBuilderSays() {
        var driver = UdfDriver.of(mirror()).groupBy("host", "core").start();
        driver.pipe("cpu,host=a,core=0,x=y value=1 0");
        assertThat(driver.readPoints()).singleElement().satisfies(point -> {
            assertThat(point.getGroup()).isEqualTo("core=0,host=a");
            assertThat(point.getDimensionsList()).containsExactly("core", "host");
        });
        assertThat(driver.read()).isEmpty();
    }

    @Test
    void pointsGoInAsTheyAre() {
        var driver = UdfDriver.of(mirror()).groupBy("host").start();
        Points points = Points.of("cpu,host=a value=1 0").in("db", "rp").groupByMeasurement();
        driver.pipe(points);
        assertThat(driver.readPoints()).isEqualTo(points.list());
    }

    @Test
    void linesBecomeABatchForEachGroup() {
        var driver = UdfDriver.of(mirrorOfBatches()).groupBy("host").start();
        driver.pipeBatch("cpu,host=b value=1 1", "cpu,host=a value=2 2", "cpu,host=b value=3 3");
        assertThat(driver.read())
                .containsExactly(
                        "batch cpu,host=b until 3",
                        "cpu,host=b value=1.0 1",
                        "cpu,host=b value=3.0 3",
                        "batch cpu,host=a until 2",
                        "cpu,host=a value=2.0 2");
        assertThat(driver.readBatches()).isEmpty();
    }

    @Test
    void aBatchMayHaveNoPoints() {
        var driver = UdfDriver.of(mirrorOfBatches()).start();
        driver.pipeBatch("cpu,host=a\\ b", 40);
        assertThat(driver.read()).containsExactly("batch cpu,host=a\\ b until 40");
    }

    @Test
    void aBatchHasTheTimeThatIsGiven() {
        var driver = UdfDriver.of(mirrorOfBatches()).start();
        driver.pipeBatch("cpu,host=a", 40, "cpu,host=a,core=0 value=1 1");
        assertThat(driver.readBatches()).singleElement().satisfies(batch -> {
            assertThat(batch.begin().getGroup()).isEqualTo("host=a");
            assertThat(batch.begin().getSize()).isEqualTo(1);
            assertThat(batch.end().getTmax()).isEqualTo(40);
            assertThat(batch.lines()).containsExactly("cpu,core=0,host=a value=1.0 1");
        });
    }

    @Test
    void aPointThatIsNotOfItsBatchIsRefused() {
        var driver = UdfDriver.of(mirrorOfBatches()).start();
        assertThatThrownBy(() -> driver.pipeBatch("cpu,host=a", 40, "cpu,host=b value=1 1"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("line: \"cpu,host=b value=1.0 1\" (expected: one that begins with cpu,host=a)");
        assertThatThrownBy(() -> driver.pipeBatch("cpu value=1", 40))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("series: \" value=1\" (expected: a name and tags only) in \"cpu value=1\"");
    }

    @Test
    void wholeBatchesGoInAsTheyAre() {
        var driver = UdfDriver.of(mirrorOfBatches()).start();
        PointBatch batch = PointBatch.of(
                "cpu",
                Map.of("host", "a"),
                true,
                7,
                Points.of("cpu,host=a value=1 0").list());
        driver.pipeBatch(batch, batch);
        assertThat(driver.readBatches()).containsExactly(batch, batch);
        driver.pipeBatch(batch);
        assertThat(driver.read()).startsWith("batch cpu,host=a by measurement until 7");
    }

    @Test
    void edgesMayDiffer() {
        Description description = Description.of("f", "stream to batch", EdgeType.STREAM, EdgeType.BATCH);
        var driver = UdfDriver.of(new Function(
                        description,
                        context -> (point, output) -> output.batch(Batch.of("b", point.timeNanos(), List.of(point)))))
                .start();
        driver.pipe("cpu value=1 5");
        assertThat(driver.read()).containsExactly("batch b until 5", "b value=1.0 5");
    }

    @Test
    void dataOfTheWrongEdgeAreRefused() {
        var stream = UdfDriver.of(mirror()).start();
        assertThatThrownBy(() -> stream.pipeBatch("cpu value=1 0"))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("pipeBatch (expected: pipe, for f (STREAM -> STREAM))");
        assertThatThrownBy(stream::readBatches)
                .hasMessage("readBatches (expected: readPoints, for f (STREAM -> STREAM))");
        var batches = UdfDriver.of(mirrorOfBatches()).start();
        assertThatThrownBy(() -> batches.pipe("cpu value=1 0"))
                .hasMessage("pipe (expected: pipeBatch, for f (BATCH -> BATCH))");
        assertThatThrownBy(batches::readPoints)
                .hasMessage("readPoints (expected: readBatches, for f (BATCH -> BATCH))");
    }

    @Test
    void thousandsOfPointsGoThrough() {
        var driver = UdfDriver.of(mirror()).start();
        List<String> lines = IntStream.range(0, 20_000)
                .mapToObj(i -> "cpu value=" + i + ".0 " + i)
                .toList();
        driver.pipe(lines.toArray(String[]::new));
        assertThat(driver.read()).isEqualTo(lines);
    }

    @Test
    void aCallMaySendAnyAmount() {
        Handler flood = (point, output) -> IntStream.range(0, 1_000).forEach(i -> output.point(point));
        AgentConfig config = AgentConfig.builder().outputBufferBytes(1024).build();
        var driver = UdfDriver.of(stream(flood)).config(config).start();
        driver.pipe("cpu value=1 0");
        assertThat(driver.read()).hasSize(1_000);
    }

    // Start

    @Test
    void optionsTaskAndNodeReachTheHandler() {
        List<Object> seen = new ArrayList<>();
        UdfDriver.of(stream(context -> {
                    seen.addAll(List.of(context.option(FIELD), context.option(ADD), context.option(WAIT)));
                    seen.addAll(List.of(context.taskId(), context.nodeId()));
                    return (point, output) -> {};
                }))
                .option("field", "usage")
                .option("add", 1)
                .option("add", 2L)
                .option("wait", Duration.ofSeconds(3))
                .task("t")
                .node("n")
                .start();
        assertThat(seen).containsExactly("usage", List.of(1L, 2L), Duration.ofSeconds(3), "t", "n");
    }

    @Test
    void aStartThatFailsSaysWhy() {
        var builder = UdfDriver.of(mirror()).option("field", 1).option("sise", 2);
        assertThat(builder.startError()).startsWith("f: ").contains("field: ", "sise: ");
        assertThatThrownBy(builder::start)
                .isInstanceOf(StandInException.class)
                .hasMessage("start: " + builder.startError());
    }

    @Test
    void whatCreateThrowsIsTheCause() {
        IllegalStateException broken = new IllegalStateException("no model");
        Creating creating = context -> {
            throw broken;
        };
        assertThatThrownBy(() -> UdfDriver.of(stream(creating)).start())
                .hasMessage("start: f: java.lang.IllegalStateException: no model")
                .hasCause(broken);
    }

    @Test
    void aStartErrorThatDoesNotComeIsAFailure() {
        assertThatThrownBy(() -> UdfDriver.of(mirror()).startError())
                .isInstanceOf(StandInException.class)
                .hasMessage("start: succeeded (expected: an error)");
    }

    // Failures

    @Test
    void aSkipWithTheTextOfTheFailureIsNotItsCause() {
        UdfException failure = new UdfException("boom");
        var driver = UdfDriver.of(stream((point, output) -> {
                    if (point.timeNanos() == 0) {
                        throw new FieldException("boom");
                    }
                    throw failure;
                }))
                .start();
        driver.pipe("cpu value=1 0", "cpu value=2 1");
        assertThatThrownBy(driver::read).cause().isSameAs(failure);
        assertThat(driver.skipped()).containsExactly("point: boom");
    }

    @Test
    void aFailureMakesTheNextCallThrow() {
        IllegalStateException boom = new IllegalStateException("boom");
        var driver = UdfDriver.of(stream((point, output) -> {
                    output.point(point);
                    throw boom;
                }))
                .start();
        driver.pipe("cpu value=1 0", "cpu value=2 1");
        assertThatThrownBy(driver::read)
                .isInstanceOf(StandInException.class)
                .hasMessage(
                        "the function has failed: f (task task, node f2): point: java.lang.IllegalStateException: boom")
                .hasCause(boom);
        assertThat(driver.read()).containsExactly("cpu value=1.0 0");
    }

    @Test
    void aFailureThatIsAskedForMakesNothingThrow() {
        var driver = UdfDriver.of(stream((point, output) -> {
                    throw new IllegalStateException("boom");
                }))
                .start();
        assertThat(driver.error()).isEmpty();
        driver.pipe("cpu value=1 0");
        assertThat(driver.error()).hasValue("f (task task, node f2): point: java.lang.IllegalStateException: boom");
        assertThat(driver.read()).isEmpty();
        assertThat(driver.skipped()).isEmpty();
        assertThatThrownBy(() -> driver.pipe("cpu value=1 0"))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageStartingWith("pipe: after the function has failed")
                .hasMessageContaining("boom");
        driver.close();
    }

    @Test
    void closeReportsAFailureThatTheTestHasNotAskedFor() {
        var failed = UdfDriver.of(stream((point, output) -> {
                    throw new IllegalStateException("boom");
                }))
                .start();
        failed.pipe("cpu value=1 0");
        assertThatThrownBy(failed::close).hasMessageContaining("point: java.lang.IllegalStateException: boom");

        var failing = UdfDriver.of(stream(stopping(output -> {
                    throw new IllegalStateException("no end");
                })))
                .start();
        assertThatThrownBy(failing::close).hasMessageContaining("stop: java.lang.IllegalStateException: no end");
        failing.close();
    }

    @Test
    void whatIsThrownAfterTheFailureIsNotItsCause() {
        Handler handler = new Handler() {
            @Override
            public void point(Point point, Output output) {
                output.point(point.withField("d", point.doubleField("value")));
                throw new IllegalStateException("first");
            }

            @Override
            public void stop(Output output) {
                throw new IllegalStateException("second");
            }
        };
        var driver = UdfDriver.of(stream(handler)).start();
        driver.pipe("cpu other=1 0", "cpu value=1 1");
        assertThatThrownBy(driver::read).cause().hasMessage("first");
        assertThat(driver.skipped()).hasSize(1);
    }

    @Test
    void aHandlerThatHasFailedStopsAndItsOutputIsRefused() {
        List<String> refused = new ArrayList<>();
        Handler handler = new Handler() {
            @Override
            public void point(Point point, Output output) {
                throw new IllegalStateException("boom");
            }

            @Override
            public void stop(Output output) {
                try {
                    output.point(UdfDriverTest.point(1));
                } catch (RuntimeException e) {
                    refused.add(e.getMessage());
                }
            }
        };
        var driver = UdfDriver.of(stream(handler)).start();
        driver.pipe("cpu value=1 0");
        assertThat(driver.error()).isPresent();
        assertThat(refused).singleElement().asString().contains("the task has failed: point: ", "boom");
        assertThat(driver.read()).isEmpty();
    }

    @Test
    void pointsThatLackAFieldAreSkippedAndSayWhy() {
        var driver = UdfDriver.of(stream((point, output) -> {
                    point.doubleField("value");
                    output.point(point);
                }))
                .start();
        driver.pipe("cpu value=1 0", "cpu other=2 1", "cpu value=3 2");
        assertThat(driver.read()).containsExactly("cpu value=1.0 0", "cpu value=3.0 2");
        assertThat(driver.skipped())
                .singleElement()
                .asString()
                .isEqualTo("point: field \"value\": missing (expected: a number)");
        assertThat(driver.skipped()).isEmpty();
    }

    @Test
    void theConfigurationCounts() {
        var driver = UdfDriver.of(stream((point, output) -> {
                    throw new IllegalStateException("boom");
                }))
                .config(AgentConfig.builder().onError(FailurePolicy.SKIP).build())
                .start();
        driver.pipe("cpu value=1 0", "cpu value=2 1");
        assertThat(driver.skipped())
                .containsExactly(
                        "point: java.lang.IllegalStateException: boom", "point: java.lang.IllegalStateException: boom");
        assertThat(driver.error()).isEmpty();
    }

    // State

    @Test
    void aSnapshotRestoresTheState() {
        var driver = UdfDriver.of(counter()).groupBy("host").start();
        assertThat(driver.snapshot()).isEmpty();
        driver.pipe("cpu,host=a value=1 0", "cpu,host=a value=1 1", "cpu,host=b value=1 2");
        byte[] snapshot = driver.snapshot();
        driver.pipe("cpu,host=a value=1 3");
        driver.read();

        driver.restartFrom(snapshot);
        driver.pipe("cpu,host=a value=1 4", "cpu,host=b value=1 5");
        assertThat(driver.read()).containsExactly("cpu,host=a n=3i,value=1.0 4", "cpu,host=b n=2i,value=1.0 5");
    }

    @Test
    void anEmptySnapshotIsAFreshStart() {
        var driver = UdfDriver.of(counter()).start();
        driver.pipe("cpu value=1 0");
        driver.restartFrom(new byte[0]);
        driver.pipe("cpu value=1 1");
        assertThat(driver.read()).containsExactly("cpu n=1i,value=1.0 0", "cpu n=1i,value=1.0 1");
    }

    @Test
    void aSnapshotThatIsRefusedSaysWhy() {
        var driver = UdfDriver.of(counter()).start();
        assertThatThrownBy(() -> driver.restartFrom(new byte[] {1, 2, 3}))
                .isInstanceOf(StandInException.class)
                .hasMessageStartingWith("restart: f: ")
                .hasMessageContaining("snapshot");
        assertThatThrownBy(() -> driver.pipe("cpu value=1 0"))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("pipe: after a start that failed (expected: before, or restartFrom)");
        driver.restartFrom(new byte[0]);
        driver.pipe("cpu value=1 0");
        assertThat(driver.read()).hasSize(1);
    }

    @Test
    void aSnapshotThatFailsThrows() {
        Handler handler = new Handler() {
            @Override
            public void point(Point point, Output output) {}

            @Override
            public byte[] snapshot(Output output) {
                throw new IllegalStateException("not now");
            }
        };
        var driver = UdfDriver.of(stream(handler)).start();
        driver.pipe("cpu value=1 0");
        assertThatThrownBy(driver::snapshot)
                .isInstanceOf(StandInException.class)
                .hasMessage("snapshot: java.lang.IllegalStateException: not now")
                .hasCauseInstanceOf(IllegalStateException.class);
        assertThat(driver.skipped()).isEmpty();
        assertThat(driver.error()).isEmpty();
    }

    @Test
    void aSnapshotThatIsTooLargeThrows() {
        var driver = UdfDriver.of(counter())
                .config(AgentConfig.builder().maxSnapshotBytes(10).build())
                .start();
        driver.pipe("cpu value=1 0");
        assertThatThrownBy(driver::snapshot).hasMessageStartingWith("snapshot: ");
    }

    @Test
    void aSnapshotOfFourFifthsOfTheLimitIsWarnedOfOnce() {
        AtomicInteger bytes = new AtomicInteger();
        Handler handler = new Handler() {
            @Override
            public void point(Point point, Output output) {}

            @Override
            public byte[] snapshot(Output output) {
                return new byte[bytes.get()];
            }
        };
        var driver = UdfDriver.of(stream(handler))
                .config(AgentConfig.builder().maxSnapshotBytes(1_000).build())
                .start();
        driver.pipe("cpu value=1 0");
        bytes.set(1);
        bytes.addAndGet(799 - driver.snapshot().length);
        assertThat(driver.snapshot()).hasSize(799);
        assertThat(driver.logs()).noneMatch(line -> line.startsWith("WARN"));
        bytes.incrementAndGet();
        driver.snapshot();
        bytes.incrementAndGet();
        driver.snapshot();
        assertThat(driver.logs())
                .filteredOn(line -> line.startsWith("WARN"))
                .singleElement()
                .asString()
                .startsWith("WARN snapshot: 800 bytes before compression, of 0 groups"
                        + " (expected: less than 80 % of the limit, 1000 bytes).")
                .contains("let groups expire");
    }

    @Test
    void whatAHandlerEmitsAtARestartIsThrownAway() {
        var driver =
                UdfDriver.of(stream(stopping(output -> output.point(point(7))))).start();
        driver.pipe("cpu value=1 0");
        driver.restartFrom(new byte[0]);
        assertThat(driver.read()).containsExactly("cpu value=1.0 0");
    }

    @Test
    void afterAFailureATaskCanBeStartedAgain() {
        var driver = UdfDriver.of(stream((point, output) -> {
                    if (point.timeNanos() == 0) {
                        throw new IllegalStateException("boom");
                    }
                    output.point(point);
                }))
                .start();
        driver.pipe("cpu value=1 0");
        assertThat(driver.error()).isPresent();
        driver.restartFrom(new byte[0]);
        assertThat(driver.error()).isEmpty();
        driver.pipe("cpu value=1 1");
        assertThat(driver.read()).containsExactly("cpu value=1.0 1");
    }

    // The end

    @Test
    void theEndOfInputLetsTheHandlerEmit() {
        var driver =
                UdfDriver.of(stream(stopping(output -> output.point(point(7))))).start();
        driver.endOfInput();
        assertThat(driver.read()).containsExactly("m value=7i 7");
        assertThatThrownBy(() -> driver.pipe("cpu value=1 0"))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("pipe: after the end of the input (expected: before, or restartFrom)");
        assertThatThrownBy(driver::endOfInput).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void closeLetsTheHandlerStopOnce() {
        List<String> calls = new ArrayList<>();
        var driver = UdfDriver.of(stream(stopping(output -> calls.add("stop")))).start();
        driver.pipe("cpu value=1 0");
        driver.close();
        driver.close();
        assertThat(driver.read()).hasSize(1);
        assertThat(calls).containsExactly("stop");
    }

    // Threads

    @Test
    void theHandlerIsCalledInTheThreadOfTheTest() {
        List<Thread> threads = new ArrayList<>();
        var driver = UdfDriver.of(stream(context -> {
                    threads.add(Thread.currentThread());
                    return (point, output) -> threads.add(Thread.currentThread());
                }))
                .start();
        driver.pipe("cpu value=1 0");
        assertThat(threads).containsExactly(Thread.currentThread(), Thread.currentThread());
    }

    @Test
    void whatAThreadOfTheHandlerHasEmittedIsThereAtTheNextCall() throws Exception {
        List<Thread> threads = new ArrayList<>();
        Creating creating = context -> {
            Thread thread = new Thread(() -> context.output().point(point(7)));
            threads.add(thread);
            thread.start();
            return (point, output) -> {};
        };
        var driver = UdfDriver.of(stream(creating)).start();
        threads.get(0).join();
        assertThat(driver.read()).containsExactly("m value=7i 7");
    }

    @Test
    void aThreadThatEmitsForEverWaitsForTheDriver() throws Exception {
        List<Thread> threads = new ArrayList<>();
        Creating creating = context -> {
            Thread thread = new Thread(() -> {
                try {
                    for (long i = 0; ; i++) {
                        context.output().point(point(i));
                    }
                } catch (RuntimeException e) {
                    // The end.
                }
            });
            threads.add(thread);
            thread.start();
            return (point, output) -> {};
        };
        try (var driver = UdfDriver.of(stream(creating))
                .config(AgentConfig.builder().outputBufferBytes(1024).build())
                .start()) {
            List<String> lines = new ArrayList<>();
            while (lines.size() < 1_000) {
                List<String> some = driver.read();
                assertThat(some).hasSizeLessThan(500);
                lines.addAll(some);
            }
            assertThat(lines).startsWith("m value=0i 0", "m value=1i 1", "m value=2i 2");
        }
        threads.get(0).join();
    }

    @Test
    void aCallFromWithinTheHandlerIsRefused() {
        List<UdfDriver> drivers = new ArrayList<>();
        var driver =
                UdfDriver.of(stream((point, output) -> drivers.get(0).read())).start();
        drivers.add(driver);
        driver.pipe("cpu value=1 0");
        assertThat(driver.error()).get().asString().contains("while another call is in progress");
    }

    @Test
    void anyThreadMayDriveIfItIsAloneInThat() throws Exception {
        var driver = UdfDriver.of(mirror()).start();
        Thread thread = new Thread(() -> driver.pipe("cpu value=1 0"));
        thread.start();
        thread.join();
        assertThat(driver.read()).containsExactly("cpu value=1.0 0");
    }

    @Test
    void aDriverStartsNoThreads() {
        Set<Thread> before = Thread.getAllStackTraces().keySet();
        UdfDriver.of(stream((point, output) -> output.point(point))).start().pipe("cpu value=1 0");
        assertThat(Thread.getAllStackTraces().keySet())
                .filteredOn(thread -> !before.contains(thread))
                .noneMatch(thread -> thread.getName().startsWith("udf-"));
    }
}
