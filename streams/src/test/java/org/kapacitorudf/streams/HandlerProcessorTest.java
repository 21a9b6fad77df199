package org.kapacitorudf.streams;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.File;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.processor.StateStore;
import org.apache.kafka.streams.processor.TaskId;
import org.apache.kafka.streams.processor.api.MockProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.Stores;
import org.junit.jupiter.api.Test;
import org.kapacitorudf.Batch;
import org.kapacitorudf.Context;
import org.kapacitorudf.Description;
import org.kapacitorudf.Handler;
import org.kapacitorudf.Handlers;
import org.kapacitorudf.Output;
import org.kapacitorudf.Point;
import org.kapacitorudf.Udf;
import org.kapacitorudf.agent.AgentConfig;
import org.kapacitorudf.errors.FailurePolicy;
import org.kapacitorudf.errors.UdfException;
import org.kapacitorudf.internal.host.HandlerHost;
import org.kapacitorudf.internal.host.UdfFunction;
import org.kapacitorudf.internal.line.Grouping;
import org.kapacitorudf.internal.line.Precision;
import org.kapacitorudf.internal.snapshot.SnapshotSeed;
import org.kapacitorudf.state.GroupState;
import org.kapacitorudf.state.State;

/** What moves with a partition: a processor starts with the stores of another one. */
final class HandlerProcessorTest {
    private static final int MAX_OPEN_POINTS = 10;

    private WriteBehindStore state = newState();
    private final KeyValueStore<Bytes, byte[]> windows = Stores.keyValueStoreBuilder(
                    Stores.inMemoryKeyValueStore("f-windows"), Serdes.Bytes(), Serdes.ByteArray())
            .withLoggingDisabled()
            .build();
    private final List<String> out = new ArrayList<>();
    private boolean isCommitRequested;
    private int partition;
    private AgentConfig config = AgentConfig.defaults();
    private int maxValueBytes = 1_000;
    private int maxUnwrittenGroups = 1_000;
    private int maxUnwrittenBytes = 100_000;
    private Optional<SnapshotSeed> seed = Optional.empty();
    private Optional<Duration> window = Optional.empty();

    private static WriteBehindStore newState() {
        return WriteBehindStore.builder("f-state", false).withLoggingDisabled().build();
    }

    /** A worker takes over the partition, receives points, and ends after a commit. */
    private void worker(Udf udf, Point... points) {
        worker(udf, state::flushCache, points);
    }

    /** @param end what happens after the points */
    private void worker(Udf udf, Runnable end, Point... points) {
        MockProcessorContext<byte[], byte[]> context =
                new MockProcessorContext<>(new Properties(), new TaskId(1, partition), new File("."));
        context.setCurrentSystemTimeMs(Instant.parse("2026-01-01T00:00:00Z").toEpochMilli());
        for (StateStore store : List.of(state, windows)) {
            store.init(context.getStateStoreContext(), store);
            context.addStateStore(store);
        }
        UdfFunction function = UdfFunction.of(udf);
        Settings settings = new Settings(
                function,
                "f",
                List.of(),
                config,
                List.of("in"),
                "out",
                Optional.empty(),
                Grouping.NONE,
                Precision.NANOSECONDS,
                seed.isPresent() ? 4 : 0,
                false,
                window,
                Duration.ZERO,
                MAX_OPEN_POINTS,
                maxValueBytes,
                maxUnwrittenGroups,
                maxUnwrittenBytes,
                1_000,
                seed);
        HandlerProcessor processor =
                new HandlerProcessor(settings, new FunctionCounts("f"), new PartitionCheck(false, "f"));
        try {
            processor.init(context);
            for (Point point : points) {
                processor.process(new Record<>(point.group().getBytes(), point.encoded(), 5));
            }
            end.run();
        } finally {
            processor.close();
        }
        isCommitRequested = context.committed();
        out.clear();
        context.forwarded()
                .forEach(forwarded -> out.add(new String(forwarded.record().value())));
    }

    private static Handler sum(Context context) {
        GroupState<Long> sums = context.groupState("sum", Long.class, () -> 0L);
        State<Long> all = context.state("all", Long.class, () -> 0L);
        return (point, output) -> {
            sums.put(point.group(), sums.of(point.group()) + point.intField("v"));
            all.set(all.get() + 1);
            output.point(Point.of("sum", all.get()).withField("v", sums.of(point.group())));
        };
    }

    private static Point point(String group, long value) {
        return Point.of("m", value).withGroup(group).withField("v", value);
    }

    @Test
    void theNextWorkerGoesOnWithTheState() {
        worker(Made.stream(HandlerProcessorTest::sum), point("a", 1), point("b", 2));
        worker(Made.stream(HandlerProcessorTest::sum), point("a", 3));
        assertThat(out).containsExactly("sum v=4i 3");
    }

    private long stored() {
        return state.values().approximateNumEntries();
    }

    @Test
    void stateIsWrittenBeforeACommitAndNotAfterEachCall() {
        Udf udf = Made.stream(HandlerProcessorTest::sum);
        worker(udf, () -> assertThat(stored()).isZero(), point("a", 1), point("b", 2), point("a", 3));
        worker(udf, point("a", 1), point("b", 2));
        assertThat(out).as("without a commit nothing is kept").containsExactly("sum v=1i 1", "sum v=2i 2");
        assertThat(stored()).isEqualTo(3);
    }

    @Test
    void aProcessorThatIsClosedWritesNothingAtTheNextCommit() {
        worker(Made.stream(HandlerProcessorTest::sum), () -> {}, point("a", 1));
        state.flushCache();
        assertThat(stored()).isZero();
    }

    @Test
    void stateIsWrittenAfterEachCallIfANewHandlerMayStartFromIt() {
        config = AgentConfig.builder().onError(FailurePolicy.RESTART).build();
        worker(
                Made.stream(HandlerProcessorTest::sum),
                () -> assertThat(stored()).isEqualTo(3),
                point("a", 1),
                point("b", 2));
    }

    @Test
    void stateIsWrittenEarlyIfManyGroupsHaveChanged() {
        maxUnwrittenGroups = 2;
        worker(
                Made.stream(HandlerProcessorTest::sum),
                () -> assertThat(stored())
                        .as("three groups, and the state of the whole handler")
                        .isEqualTo(4),
                point("a", 1),
                point("b", 1),
                point("c", 1),
                point("d", 1));
    }

    @Test
    void stateIsWrittenEarlyIfManyBytesHaveChanged() {
        maxUnwrittenBytes = 1_000;
        Made udf = Made.stream(context -> {
            GroupState<String> texts = context.groupState("text", String.class, () -> "");
            return (point, output) -> texts.put(point.group(), "x".repeat(300));
        });
        worker(udf, () -> assertThat(stored()).isEqualTo(1), point("a", 1));
        worker(
                udf,
                () -> assertThat(stored())
                        .as("three values are not 1,000 bytes yet")
                        .isEqualTo(5),
                point("b", 1),
                point("c", 1),
                point("d", 1),
                point("e", 1),
                point("f", 1));
    }

    @Test
    void theHandlersOwnBytesAreInTheStore() {
        Made udf = Made.stream(context -> new Handler() {
            private byte count;

            @Override
            public void point(Point point, Output output) {
                output.point(Point.of("count", ++count).withField("v", 1));
            }

            @Override
            public byte[] snapshot(Output output) {
                return new byte[] {count};
            }

            @Override
            public void restore(byte[] snapshot, Output output) {
                count = snapshot[0];
            }
        });
        worker(udf, point("a", 1), point("a", 1));
        worker(udf, point("a", 1));
        assertThat(out).containsExactly("count v=1i 3");
    }

    @Test
    void aNewVersionMigratesEachValueAndTheOldOneRefusesWhatItCannotRead() {
        worker(Made.stream(HandlerProcessorTest::sum), point("a", 1), point("b", 2));
        Made second = new Made(
                Description.stream("f", "").version(2, value -> value.set(((Number) value.value()).longValue() * 10)),
                HandlerProcessorTest::sum);
        worker(second, point("a", 1));
        assertThat(out).containsExactly("sum v=11i 21");
        worker(second, point("b", 1));
        assertThat(out).as("of version 1 until it is used").containsExactly("sum v=21i 22");
        assertThatThrownBy(() -> worker(Made.stream(HandlerProcessorTest::sum)))
                .isInstanceOf(UdfException.class)
                .hasMessageContaining("of version 2 of UDF \"f\" (expected: 1)");
    }

    private static final Made COUNT = Made.batch(context -> Handlers.batches(
            context,
            (batch, output) -> output.batch(batch.withPoints(List.of(Point.of("", batch.tmaxNanos())
                    .withField("n", batch.points().size()))))));

    /** A point of a wrong clock, some months ahead. */
    private static Point farAhead(int number) {
        return point("a", TimeUnit.SECONDS.toNanos(FAR_AHEAD.getEpochSecond() + number));
    }

    private static final Instant FAR_AHEAD = Instant.parse("2026-06-01T00:00:00Z");

    @Test
    void openWindowsAreInTheStore() {
        window = Optional.of(Duration.ofNanos(10));
        worker(COUNT, point("a", 1), point("a", 2));
        assertThat(out).isEmpty();
        worker(COUNT, point("a", 3), point("a", 12));
        assertThat(out).containsExactly("m n=3i 10");
        worker(COUNT, point("a", 4), point("a", 20));
        assertThat(out).as("a window is closed once").containsExactly("m n=1i 20");
    }

    private static final Bytes PROGRESS = Bytes.wrap(new byte[] {(byte) 0xFF});

    @Test
    void aClosedWindowIsNotInTheStoreBeforeTheStateOfTheHandler() {
        window = Optional.of(Duration.ofNanos(10));
        Made sum = Made.batch(context -> {
            GroupState<Long> counts = context.groupState("count", Long.class, () -> 0L);
            return Handlers.batches(context, (batch, output) -> {
                counts.put(
                        batch.group(), counts.of(batch.group()) + batch.points().size());
                output.batch(batch.withPoints(
                        List.of(Point.of("", batch.tmaxNanos()).withField("n", counts.of(batch.group())))));
            });
        });
        worker(sum, () -> assertThat(windows.get(PROGRESS)).isNull(), point("a", 1), point("a", 2), point("a", 12));
        assertThat(out).containsExactly("m n=2i 10");
        worker(sum, point("a", 1), point("a", 2), point("a", 12));
        assertThat(out).as("without a commit the points come again").containsExactly("m n=2i 10");
        assertThat(windows.get(PROGRESS)).isNotNull();
        worker(sum, point("a", 20));
        assertThat(out).containsExactly("m n=3i 20");
    }

    @Test
    void aCommitIsRequestedIfPointsOfManyBytesAreNotWritten() {
        window = Optional.of(Duration.ofNanos(10));
        worker(COUNT, point("a", 1));
        assertThat(isCommitRequested).isFalse();
        maxUnwrittenBytes = 1;
        worker(COUNT, point("a", 2));
        assertThat(isCommitRequested).isTrue();
    }

    @Test
    void aPointFarAheadOfTheClockDoesNotKeepTheWindowsOpenForTheNextWorker() {
        window = Optional.of(Duration.ofNanos(10));
        worker(COUNT, point("a", 1), farAhead(1));
        assertThat(windows.approximateNumEntries()).isEqualTo(1);
        worker(COUNT, point("a", 12));
        assertThat(out).containsExactly("m n=1i 10");
    }

    @Test
    void manyPointsFarAheadOfTheClockMakeNoOtherPointLate() {
        window = Optional.of(Duration.ofNanos(10));
        Point[] ahead = IntStream.rangeClosed(0, MAX_OPEN_POINTS)
                .mapToObj(HandlerProcessorTest::farAhead)
                .toArray(Point[]::new);
        worker(COUNT, ahead);
        worker(COUNT, point("a", 1), point("a", 2), point("a", 12));
        assertThat(out).containsExactly("m n=2i 10");
    }

    @Test
    void timesInTheStoreThatAreFarAheadOfTheClockDoNotCount() {
        window = Optional.of(Duration.ofNanos(10));
        config = AgentConfig.builder().maxEventTimeAhead(Duration.ofDays(365)).build();
        worker(COUNT, point("a", 1), farAhead(1), farAhead(2));
        assertThat(out).hasSize(2);
        config = AgentConfig.defaults();
        worker(COUNT, point("a", 1), point("a", 2), point("a", 12));
        assertThat(out).containsExactly("m n=2i 10");
    }

    @Test
    void aValueThatKafkaWouldNotTakeIsRefused() {
        maxValueBytes = 20;
        Made udf = Made.stream(context -> {
            GroupState<String> texts = context.groupState("text", String.class, () -> "");
            return (point, output) -> texts.put(point.group(), "x".repeat(21));
        });
        assertThatThrownBy(() -> worker(udf, point("a", 1)))
                .isInstanceOf(UdfException.class)
                .hasMessageContaining("state \"text\": group \"a\": 28 bytes (expected: <= 20, maxValueBytes)");
    }

    @Test
    void seedingThatWasInterruptedIsRepeated() {
        state.values().init(new MockProcessorContext<>().getStateStoreContext(), state);
        StoreBackend backend = new StoreBackend(state.values(), 1_000);
        assertThatThrownBy(() -> backend.seed(values -> {
                    values.put("sum", "a", new byte[] {1});
                    throw new IllegalStateException("killed");
                }))
                .hasMessage("killed");
        assertThat(backend.seed(values -> {
                    values.put("sum", "a", new byte[] {1});
                    values.put("sum", "b", new byte[] {1});
                    return 2;
                }))
                .isEqualTo(2);
        assertThat(backend.seed(values -> 3)).as("once").isEqualTo(-1);
    }

    @Test
    void aSnapshotOfKapacitorGivesEachPartitionItsOwnGroups() {
        Made udf = Made.stream(HandlerProcessorTest::sum);
        byte[] snapshot;
        try (HandlerHost host = HandlerHost.of(UdfFunction.of(udf), Instant::now, new Output() {
                    @Override
                    public void point(Point point) {}

                    @Override
                    public void batch(Batch batch) {}

                    @Override
                    public boolean isWritable() {
                        return true;
                    }
                })
                .build()) {
            assertThat(host.start()).isEmpty();
            for (int i = 0; i < 100; i++) {
                host.point(point("group" + i, i));
            }
            snapshot = host.snapshot();
        }
        seed = Optional.of(SnapshotSeed.of(snapshot, udf.describe(), 100_000));
        List<String> all = new ArrayList<>();
        for (partition = 0; partition < 4; partition++) {
            state = newState();
            List<Point> own = new ArrayList<>();
            for (int i = 0; i < 100; i++) {
                if (GroupPartitioner.partition(("group" + i).getBytes(), 4) == partition) {
                    own.add(point("group" + i, 1));
                }
            }
            worker(udf, own.toArray(Point[]::new));
            all.addAll(out);
            assertThat(stored())
                    .as("its groups, the state of the whole handler, and that it has been seeded")
                    .isEqualTo(own.size() + 2);
            worker(udf, own.get(0));
            assertThat(out).as("it is seeded once").singleElement().asString().doesNotContain(" v=1i ");
        }
        List<String> expected = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            expected.add("sum v=" + (i + 1) + "i");
        }
        assertThat(all.stream().map(line -> line.substring(0, line.lastIndexOf(' '))))
                .containsExactlyInAnyOrderElementsOf(expected);
    }
}
