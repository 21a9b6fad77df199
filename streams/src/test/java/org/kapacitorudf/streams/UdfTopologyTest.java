package org.kapacitorudf.streams;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.errors.StreamsException;
import org.apache.kafka.streams.test.TestRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.kapacitorudf.Batch;
import org.kapacitorudf.BatchBegin;
import org.kapacitorudf.BatchEnd;
import org.kapacitorudf.Context;
import org.kapacitorudf.Description;
import org.kapacitorudf.Handler;
import org.kapacitorudf.Handlers;
import org.kapacitorudf.Output;
import org.kapacitorudf.Point;
import org.kapacitorudf.agent.AgentConfig;
import org.kapacitorudf.errors.FailurePolicy;
import org.kapacitorudf.errors.OutputClosedException;
import org.kapacitorudf.errors.UdfException;
import org.kapacitorudf.examples.MovingAverage;
import org.kapacitorudf.option.Option;
import org.kapacitorudf.state.Expiry;
import org.kapacitorudf.state.GroupState;

/** The rows of the table in docs/scale.md, without a broker. */
@Timeout(600)
final class UdfTopologyTest {
    private static final Made MIRROR = Made.stream(context -> (point, output) -> output.point(point));

    /** Sums the field v of each group, and fails at 9. */
    private static final Made SUM = Made.stream(UdfTopologyTest::sum);

    private static Handler sum(Context context) {
        GroupState<Long> sums = context.groupState("sum", Long.class, () -> 0L);
        return (point, output) -> {
            sums.put(point.group(), sums.of(point.group()) + point.intField("v"));
            if (point.intField("v") == 9) {
                throw new IllegalStateException("nine");
            }
            output.point(point.withField("v", sums.of(point.group())));
        };
    }

    @Test
    void aFunctionRunsInAnApplicationInTenLines() {
        try (TestTopology test = TestTopology.of(
                new MovingAverage(),
                udf -> udf.option("field", "usage").option("size", 2).groupBy("host"))) {
            test.pipe("cpu,host=a usage=1 1", "cpu,host=a usage=3 2", "cpu,host=b usage=5 3");
            assertThat(test.out())
                    .containsExactly("cpu,host=a avg=1.0 1", "cpu,host=a avg=2.0 2", "cpu,host=b avg=5.0 3");
        }
    }

    @Test
    void recordsAreKeyedByKapacitorsGroup() {
        try (TestTopology test = TestTopology.of(MIRROR, udf -> udf.groupBy("rack", "host"))) {
            test.in.pipeInput("any key", "cpu,host=a,rack=1,zone=x v=1i 1");
            assertThat(test.driver.producedTopicNames()).contains("app-f-repartition");
            assertThat(test.records())
                    .singleElement()
                    .satisfies(record -> assertThat(record.key()).isEqualTo("host=a,rack=1"));
        }
    }

    @Test
    void measurementTagsAndDatabaseSurvive() {
        AtomicReference<Point> seen = new AtomicReference<>();
        Made udf = Made.stream(context -> (point, output) -> {
            seen.set(point);
            output.point(point);
        });
        try (TestTopology test = TestTopology.of(udf, each -> each.groupBy("*"))) {
            var record = new org.apache.kafka.streams.test.TestRecord<>("key", "cpu,host=a,rack=1 v=1i 1");
            record.headers().add("database", "telegraf".getBytes()).add("retention-policy", "autogen".getBytes());
            test.in.pipeInput(record);
            assertThat(seen.get().database()).isEqualTo("telegraf");
            assertThat(seen.get().retentionPolicy()).isEqualTo("autogen");
            assertThat(seen.get().dimensions()).containsExactly("host", "rack");
            assertThat(seen.get().group()).isEqualTo("host=a,rack=1");
            assertThat(test.records()).singleElement().satisfies(out -> {
                assertThat(out.value()).isEqualTo("cpu,host=a,rack=1 v=1i 1");
                assertThat(TestTopology.header(out, "database")).isEqualTo("telegraf");
                assertThat(TestTopology.header(out, "retention-policy")).isEqualTo("autogen");
            });
        }
    }

    @Test
    void aRecordHasOneLineOrMany() {
        try (TestTopology test = TestTopology.of(MIRROR)) {
            test.pipe("cpu v=1i 1\ncpu v=2i 2\n", "cpu v=3i 3");
            assertThat(test.out()).containsExactly("cpu v=1i 1", "cpu v=2i 2", "cpu v=3i 3");
        }
    }

    @Test
    void aLineWithoutATimeHasThatOfItsRecord() {
        try (TestTopology test = TestTopology.of(MIRROR)) {
            test.in.pipeInput("k", "cpu v=1i", Instant.ofEpochMilli(7));
            assertThat(test.out()).containsExactly("cpu v=1i 7000000");
        }
        try (TestTopology test = TestTopology.of(MIRROR, udf -> udf.precision("s"))) {
            test.pipe("cpu v=1i 7");
            assertThat(test.out()).containsExactly("cpu v=1i 7000000000");
        }
    }

    @Test
    void aMalformedLineGoesToTheDeadLettersAndTheNextLinesAreProcessed() {
        try (TestTopology test = TestTopology.of(MIRROR)) {
            test.pipe("cpu v=1i 1\nnonsense\ncpu v=2i 2", "{}");
            test.in.pipeInput("k", (String) null);
            assertThat(test.out()).containsExactly("cpu v=1i 1", "cpu v=2i 2");
            assertThat(test.dead()).hasSize(3).first().satisfies(letter -> {
                assertThat(letter.value()).isEqualTo("nonsense");
                assertThat(TestTopology.header(letter, DeadLetters.REASON)).contains("line 2");
                assertThat(TestTopology.header(letter, DeadLetters.FUNCTION)).isEqualTo("f");
                assertThat(TestTopology.header(letter, DeadLetters.TOPIC)).isEqualTo("in");
                assertThat(TestTopology.header(letter, DeadLetters.PARTITION)).isEqualTo("0");
                assertThat(TestTopology.header(letter, DeadLetters.OFFSET)).isEqualTo("0");
            });
        }
    }

    @Test
    void aLineThatIsTooLongGoesToTheDeadLetters() {
        try (TestTopology test = TestTopology.of(MIRROR, udf -> udf.maxLineBytes(12))) {
            test.pipe("cpu v=1i 123", "cpu v=1i 1234");
            assertThat(test.out()).containsExactly("cpu v=1i 123");
            assertThat(test.letters()).singleElement().asString().contains("more than 12 bytes");
        }
    }

    /** Kafka's producer accepts at most 1,048,576 bytes of key, value and headers. */
    private static final int MAX_RECORD_BYTES = 1_000_000;

    @Test
    void aLineWhoseRecordKafkaWouldRefuseGoesToTheDeadLettersAndTheNextLinesAreProcessed() {
        String fields =
                IntStream.range(0, 100_000).mapToObj(i -> "f" + i + "=1").collect(Collectors.joining(","));
        try (TestTopology test = TestTopology.of(MIRROR)) {
            test.pipe("cpu " + fields + " 1\ncpu v=1i 2", "cpu v=1i 3");
            assertThat(test.out()).containsExactly("cpu v=1i 2", "cpu v=1i 3");
            assertThat(test.dead()).singleElement().satisfies(letter -> {
                assertThat(letter.value()).startsWith("cpu f0=1.0,").hasSizeLessThanOrEqualTo(MAX_RECORD_BYTES);
                assertThat(TestTopology.header(letter, DeadLetters.REASON))
                        .matches("line: \\d+ bytes in a record \\(expected: <= 1000000, which Kafka accepts\\)");
            });
        }
    }

    @Test
    void aNameIsInTheRecordOfAnOpenWindowTwice() {
        try (TestTopology test = TestTopology.of(COUNT, udf -> udf.window(Duration.ofSeconds(10)))) {
            test.pipe("x".repeat(600_000) + " v=1i 1");
            assertThat(test.dead()).hasSize(1);
        }
    }

    @Test
    void outputThatKafkaWouldRefuseIsAnErrorOfTheCall() {
        Made udf = Made.stream(context ->
                (point, output) -> output.point(point.withField("text", "x".repeat((int) point.intField("v")))));
        try (TestTopology test = TestTopology.of(
                udf,
                each -> each.config(
                        AgentConfig.builder().onError(FailurePolicy.SKIP).build()))) {
            test.pipe("cpu v=1000000i 1", "cpu v=1i 2");
            assertThat(test.out()).containsExactly("cpu text=\"x\",v=1i 2");
            assertThat(test.letters())
                    .singleElement()
                    .asString()
                    .startsWith("cpu v=1000000i 1 | point: ")
                    .contains("output: 1000024 bytes in a record (expected: <= 1000000, which Kafka accepts)");
        }
        try (TestTopology test = TestTopology.of(udf)) {
            assertThatThrownBy(() -> test.pipe("cpu v=1000000i 1")).hasCauseInstanceOf(UdfException.class);
        }
    }

    @Test
    void aDeadLetterIsTruncatedToWhatKafkaAccepts() {
        Made udf = Made.stream(context -> (point, output) -> {
            throw new IllegalStateException("\u00FC".repeat(100_000));
        });
        try (TestTopology test = TestTopology.of(
                udf,
                each -> each.config(
                        AgentConfig.builder().onError(FailurePolicy.SKIP).build()))) {
            test.in.pipeInput("k".repeat(900_000), "#".repeat(10) + "\nno line " + "\u00FC".repeat(400_000));
            test.in.pipeInput("k", "cpu v=1i 1");
            List<TestRecord<String, String>> letters = test.dead();
            assertThat(letters).hasSize(2);
            assertThat(letters.get(0).value()).startsWith("no line \u00FC").endsWith("\u00FC");
            for (TestRecord<String, String> letter : letters) {
                assertThat(letter.key().length()
                                + letter.value().getBytes(StandardCharsets.UTF_8).length
                                + TestTopology.header(letter, DeadLetters.REASON)
                                        .length())
                        .isLessThanOrEqualTo(MAX_RECORD_BYTES);
            }
        }
    }

    @Test
    void aFailureToSaveStateBeforeACommitIsKept() {
        UdfTopology topology = UdfTopology.of(SUM).maxValueBytes(1);
        assertThatThrownBy(() -> {
            try (TestTopology test = TestTopology.of(topology)) {
                test.pipe("cpu v=1i 1");
            }
        });
        assertThat(topology.saveFailure()).get().asString().contains("(expected: <= 1, maxValueBytes)");
    }

    @Test
    void aPointThatTheFunctionCannotHandleGoesToTheDeadLetters() {
        try (TestTopology test = TestTopology.of(SUM)) {
            test.pipe("cpu other=1i 1", "cpu v=2i 2");
            assertThat(test.out()).containsExactly("cpu v=2i 2");
            assertThat(test.letters())
                    .singleElement()
                    .asString()
                    .startsWith("cpu other=1i 1 | point: field \"v\": missing");
        }
    }

    @Test
    void stateIsInTheChangelogBeforeTheCommit() {
        try (TestTopology test = TestTopology.of(SUM, udf -> udf.groupBy("host"))) {
            // The driver commits after each record. What is sent later is not in the commit's transaction.
            test.pipe("cpu,host=a v=1i 1");
            assertThat(test.changelog()).containsExactly("host=a");
            test.pipe("cpu,host=b v=1i 1", "cpu,host=a v=1i 2");
            assertThat(test.changelog()).containsExactly("host=b", "host=a");
            assertThat(test.stored()).isEqualTo(2);
        }
    }

    @Test
    void aHandlerWithoutChangesWritesNothing() {
        try (TestTopology test = TestTopology.of(MIRROR)) {
            test.pipe("cpu v=1i 1");
            test.driver.advanceWallClockTime(Duration.ofSeconds(1));
            assertThat(test.changelog()).isEmpty();
        }
    }

    @Test
    void aCallThatFailsStopsTheClientAndTheRecordComesAgain() {
        try (TestTopology test = TestTopology.of(SUM)) {
            test.pipe("cpu v=1i 1");
            assertThatThrownBy(() -> test.pipe("cpu v=9i 2"))
                    .isInstanceOf(StreamsException.class)
                    .hasRootCauseMessage("nine")
                    .cause()
                    .isInstanceOf(UdfException.class)
                    .hasMessage("f (task app, node f-0): point: java.lang.IllegalStateException: nine");
            assertThat(test.out()).containsExactly("cpu v=1i 1");
        }
    }

    @Test
    void aCallThatFailsIsSkippedByPolicy() {
        try (TestTopology test = TestTopology.of(
                SUM,
                udf -> udf.config(
                        AgentConfig.builder().onError(FailurePolicy.SKIP).build()))) {
            test.pipe("cpu v=1i 1", "cpu v=9i 2", "cpu v=2i 3");
            assertThat(test.out()).containsExactly("cpu v=1i 1", "cpu v=12i 3");
            assertThat(test.letters()).containsExactly("cpu v=9i 2 | point: java.lang.IllegalStateException: nine");
        }
    }

    @Test
    void aCallThatFailsIsFollowedByANewHandlerOverTheStateOfTheLastGoodCallByPolicy() {
        try (TestTopology test = TestTopology.of(
                SUM,
                udf -> udf.config(
                        AgentConfig.builder().onError(FailurePolicy.RESTART).build()))) {
            test.pipe("cpu v=1i 1", "cpu v=9i 2", "cpu v=2i 3");
            assertThat(test.out()).containsExactly("cpu v=1i 1", "cpu v=3i 3");
            assertThat(test.changelog()).hasSize(2);
            assertThat(test.letters()).containsExactly("cpu v=9i 2 | point: java.lang.IllegalStateException: nine");
        }
    }

    @Test
    void timersByTheWallClockRunByOnePunctuator() {
        Made udf = Made.stream(context -> {
            context.every(
                    Duration.ofSeconds(10),
                    (time, output) -> output.point(
                            Point.of("tick", context.now().getEpochSecond()).withField("v", 1)));
            return (point, output) -> {};
        });
        try (TestTopology test = TestTopology.of(udf)) {
            test.driver.advanceWallClockTime(Duration.ofSeconds(9));
            assertThat(test.out()).isEmpty();
            test.driver.advanceWallClockTime(Duration.ofSeconds(1));
            test.driver.advanceWallClockTime(Duration.ofSeconds(10));
            long start = TestTopology.START.getEpochSecond();
            assertThat(test.out()).containsExactly("tick v=1i " + (start + 10), "tick v=1i " + (start + 20));
        }
    }

    @Test
    void groupsExpireByTheEventTimeOfTheirPartition() {
        Made udf = Made.stream(context -> {
            GroupState<Long> last = context.groupState(
                    "last",
                    Long.class,
                    () -> 0L,
                    Expiry.afterEventTime(Duration.ofSeconds(1)),
                    (group, value, output) -> output.point(
                            Point.of("gone", value).withTag("group", group).withField("v", 1)));
            return (point, output) -> last.put(point.group(), point.timeNanos());
        });
        try (TestTopology test = TestTopology.of(udf, each -> each.groupBy("host"))) {
            test.pipe("cpu,host=a v=1i 1", "cpu,host=b v=1i 2000000000");
            assertThat(test.out()).containsExactly("gone,group=host\\=a v=1i 1");
            assertThat(test.stored()).isEqualTo(1);
        }
    }

    private static final Made COUNT = Made.batch(context -> Handlers.batches(context, (batch, output) -> {
        Point first = batch.points().get(0);
        output.batch(batch.withPoints(List.of(
                Point.of("", batch.tmaxNanos()).withField("n", batch.points().size()), first)));
    }));

    private static final String S = "000000000";

    @Test
    void batchesAreWindowsThatEventTimeClosesAfterTheGrace() {
        try (TestTopology test = TestTopology.of(
                COUNT, udf -> udf.groupBy("host").window(Duration.ofSeconds(10)).grace(Duration.ofSeconds(2)))) {
            test.pipe("cpu,host=a v=1i 1" + S, "cpu,host=b v=1i 11" + S, "cpu,host=a v=2i 9" + S);
            assertThat(test.out()).isEmpty();
            test.pipe("cpu,host=b v=2i 12" + S);
            assertThat(test.records()).singleElement().satisfies(batch -> {
                assertThat(batch.key()).isEqualTo("host=a");
                assertThat(batch.value())
                        .as("a batch is a record")
                        .isEqualTo("cpu,host=a n=2i 10" + S + "\ncpu,host=a v=1i 1" + S);
            });
            test.pipe("cpu,host=a v=3i 8" + S);
            assertThat(test.letters()).containsExactly("cpu,host=a v=3i 8" + S + " | late: its window has been closed");
            assertThat(test.driver.<Object, byte[]>getKeyValueStore("f-windows").approximateNumEntries())
                    .as("two open points, and the progress")
                    .isEqualTo(3);
        }
    }

    @Test
    void pointsInABatchAreAsKapacitorHasThem() {
        List<String> calls = new ArrayList<>();
        Made udf = Made.batch(context -> new Handler() {
            @Override
            public void beginBatch(BatchBegin begin, Output output) {
                calls.add(begin + " " + begin.size());
            }

            @Override
            public void point(Point point, Output output) {
                calls.add(point.name() + "|" + point.database() + "|" + point.dimensions() + "|" + point.group() + "|"
                        + point.tags());
            }

            @Override
            public void endBatch(BatchEnd end, Output output) {
                calls.add(end.toString());
            }
        });
        try (TestTopology test =
                TestTopology.of(udf, each -> each.groupBy("host").window(Duration.ofSeconds(1)))) {
            test.pipe("cpu,host=a,x=y v=1i 1", "cpu,host=b v=1i 2" + S);
            assertThat(calls)
                    .containsExactly("batch cpu,host=a 1", "||[]|host=a|{host=a, x=y}", "batch cpu,host=a until 1" + S);
        }
    }

    @Test
    void aPointFarAheadOfTheClockClosesNoWindowAndGoesToTheDeadLetters() {
        try (TestTopology test = TestTopology.of(COUNT, udf -> udf.window(Duration.ofSeconds(10)))) {
            test.pipe("cpu v=1i 1" + S, "cpu v=1i 9000000000" + S);
            assertThat(test.out()).isEmpty();
            assertThat(test.letters())
                    .containsExactly("cpu v=1i 9000000000" + S + " | time: 2255-03-14T16:00:00Z (expected: <="
                            + " 2026-01-02T00:00:00Z, as far ahead of the wall clock as maxEventTimeAhead allows)");
        }
    }

    @Test
    void theFirstWindowIsClosedEarlyWhenTooManyPointsAreOpen() {
        try (TestTopology test = TestTopology.of(
                COUNT,
                udf -> udf.window(Duration.ofSeconds(10))
                        .grace(Duration.ofHours(1))
                        .maxOpenPoints(2))) {
            test.pipe("cpu v=1i 1" + S, "cpu v=1i 2" + S, "cpu v=1i 11" + S);
            assertThat(test.out()).singleElement().asString().startsWith("cpu n=2i 10" + S);
        }
    }

    @Test
    void whatOtherThreadsEmitIsSentByTheStreamThread() throws Exception {
        AtomicReference<Context> kept = new AtomicReference<>();
        Made udf = Made.stream(context -> {
            kept.set(context);
            return (point, output) -> {};
        });
        try (TestTopology test = TestTopology.of(udf)) {
            Thread sender =
                    new Thread(() -> kept.get().output().point(Point.of("m", 1).withField("v", 1)));
            sender.start();
            sender.join();
            assertThat(test.out()).isEmpty();
            test.driver.advanceWallClockTime(Duration.ofMillis(100));
            assertThat(test.out()).containsExactly("m v=1i 1");
        }
    }

    @Test
    void aThreadThatEmitsMoreThanTheQueueHoldsWaits() throws Exception {
        AtomicReference<Context> kept = new AtomicReference<>();
        AtomicInteger sent = new AtomicInteger();
        Made udf = Made.stream(context -> {
            kept.set(context);
            return (point, output) -> {};
        });
        try (TestTopology test = TestTopology.of(
                udf,
                each -> each.config(
                        AgentConfig.builder().outputBufferBytes(1024).build()))) {
            Thread sender = new Thread(() -> {
                for (int i = 0; i < 3; i++) {
                    kept.get().output().point(Point.of("m", i).withField("v", "x".repeat(1024)));
                    sent.incrementAndGet();
                }
            });
            sender.start();
            while (sender.getState() != Thread.State.WAITING) {
                Thread.onSpinWait();
            }
            assertThat(sent).hasValue(1);
            while (sender.isAlive()) {
                test.driver.advanceWallClockTime(Duration.ofMillis(100));
            }
            test.driver.advanceWallClockTime(Duration.ofMillis(100));
            assertThat(test.out()).hasSize(3);
        }
    }

    @Test
    void stopMayNotEmit() {
        AtomicReference<Throwable> refused = new AtomicReference<>();
        Made udf = Made.stream(context -> new Handler() {
            @Override
            public void point(Point point, Output output) {}

            @Override
            public void stop(Output output) {
                try {
                    output.point(Point.of("m", 1).withField("v", 1));
                } catch (OutputClosedException e) {
                    refused.set(e);
                }
            }
        });
        try (TestTopology test = TestTopology.of(udf)) {
            test.pipe("cpu v=1i 1");
        }
        assertThat(refused.get()).isNotNull();
    }

    @Test
    void optionsAreCheckedBeforeTheFirstRecord() {
        Option<Long> size = Option.integer("size").required().atLeast(1);
        Made udf = new Made(Description.stream("f", "").options(size), context -> (point, output) -> {});
        assertThatThrownBy(() -> TestTopology.of(udf, each -> each.option("size", 0)))
                .isInstanceOf(UdfException.class)
                .hasMessage("f: size: 0 (expected: >= 1)");
        assertThatThrownBy(() -> TestTopology.of(udf, each -> each.optionTexts(List.of("size=x"))))
                .isInstanceOf(UdfException.class)
                .hasMessageContaining("size: ");
    }

    @Test
    void aFunctionIsTriedOutOnceUnlessItsOptionsChange() {
        AtomicInteger created = new AtomicInteger();
        Made udf = new Made(
                Description.stream("f", "").options(Option.integer("size").orElse(1L)), context -> {
                    created.incrementAndGet();
                    return (point, output) -> {};
                });
        UdfTopology topology = UdfTopology.of(udf).input("in").output("out");
        topology.tryOut().partitions(3).tryOut();
        topology.addTo(new StreamsBuilder());
        assertThat(created).hasValue(1);
        topology.option("size", 2).tryOut();
        assertThat(created).hasValue(2);
    }

    @Test
    void aFunctionThatHasToSeeAllGroupsIsRefusedUnlessThereIsOnePartition() {
        Made udf = new Made(Description.stream("f", "").wholeNode(), context -> (point, output) -> {});
        assertThatThrownBy(() -> TestTopology.of(udf, each -> each.groupBy("host")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("partitions: those of the input (expected: 1, because f has to see all groups of a node in"
                        + " one handler)");
        TestTopology.of(udf, each -> each.groupBy("host").partitions(1)).close();
        TestTopology.of(udf).close();
    }

    @Test
    void settingsThatDoNotGoTogetherAreRefused() {
        assertThatThrownBy(() -> TestTopology.of(COUNT))
                .hasMessage("window: none (expected: a duration, because f takes batches)");
        assertThatThrownBy(() -> TestTopology.of(SUM, udf -> udf.window(Duration.ofSeconds(1))))
                .hasMessage("window: PT1S (expected: none, because f takes points)");
        assertThatThrownBy(() -> UdfTopology.of(SUM).output("out").addTo(new StreamsBuilder()))
                .hasMessage("input: none (expected: a topic)");
        assertThatThrownBy(() -> UdfTopology.of(SUM).input("in").addTo(new StreamsBuilder()))
                .hasMessage("output: none (expected: a topic)");
    }

    @Test
    void groupsThatAreInOnePartitionAlreadyNeedNoRepartitionTopic() {
        try (TestTopology test = TestTopology.of(SUM, udf -> udf.groupBy("host").partitioned())) {
            test.pipe("cpu,host=a v=1i 1", "cpu,host=a v=2i 2");
            assertThat(test.out()).containsExactly("cpu,host=a v=1i 1", "cpu,host=a v=3i 2");
            assertThat(test.driver.producedTopicNames()).noneMatch(topic -> topic.contains("repartition"));
        }
    }

    @Test
    void twoFunctionsOfOneApplicationHaveNamesOfTheirOwn() {
        StreamsBuilder builder = new StreamsBuilder();
        UdfTopology.of(SUM).input("in").output("out").addTo(builder);
        UdfTopology.of(SUM).name("second").input("in").output("out2").addTo(builder);
        assertThat(builder.build().describe().toString()).contains("second-state", "f-state");
    }

    @Test
    void aBatchOfManyBytesIsSeveralRecords() {
        Made udf = new Made(
                Description.of("f", "", org.kapacitorudf.EdgeType.STREAM, org.kapacitorudf.EdgeType.BATCH),
                context -> (point, output) -> {
                    List<Point> points = new ArrayList<>();
                    for (int i = 0; i < 30; i++) {
                        points.add(Point.of("", i).withField("v", "x".repeat(30_000)));
                    }
                    output.batch(Batch.of("m", 1, points).withTags(Map.of("host", "a")));
                });
        try (TestTopology test = TestTopology.of(udf)) {
            test.pipe("cpu v=1i 1");
            List<String> out = test.out();
            assertThat(out).hasSize(2);
            assertThat(String.join("\n", out).lines()).hasSize(30).allMatch(line -> line.startsWith("m,host=a v="));
        }
    }
}
