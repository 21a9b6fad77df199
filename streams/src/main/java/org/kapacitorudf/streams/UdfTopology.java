package org.kapacitorudf.streams;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.KStream;
import org.apache.kafka.streams.kstream.Named;
import org.apache.kafka.streams.kstream.Produced;
import org.apache.kafka.streams.kstream.Repartitioned;
import org.apache.kafka.streams.state.Stores;
import org.jspecify.annotations.Nullable;
import org.kapacitorudf.Batch;
import org.kapacitorudf.Output;
import org.kapacitorudf.Point;
import org.kapacitorudf.Udf;
import org.kapacitorudf.agent.AgentConfig;
import org.kapacitorudf.errors.UdfException;
import org.kapacitorudf.internal.host.HandlerHost;
import org.kapacitorudf.internal.host.UdfFunction;
import org.kapacitorudf.internal.line.GivenOption;
import org.kapacitorudf.internal.line.Grouping;
import org.kapacitorudf.internal.line.LineReader;
import org.kapacitorudf.internal.line.OptionAccess;
import org.kapacitorudf.internal.line.Precision;
import org.kapacitorudf.internal.snapshot.SnapshotSeed;
import org.kapacitorudf.option.Option;
import org.kapacitorudf.option.OptionValues;

/**
 * A function as a part of a Kafka Streams application: it reads topics with line protocol, and writes line protocol to
 * a topic.
 *
 * <pre>{@code
 * StreamsBuilder builder = new StreamsBuilder();
 * UdfTopology.of(new MovingAverage())
 *         .option("field", "usage_idle")
 *         .option("size", 10)
 *         .groupBy("host")
 *         .input("metrics")
 *         .output("averages")
 *         .addTo(builder);
 * KafkaStreams streams = new KafkaStreams(builder.build(), properties);
 * streams.start();
 * }</pre>
 *
 * <p>There is a handler for each partition of the repartition topic, and a handler sees only the groups of its
 * partition. State is in a store in memory, with a changelog. {@code docs/scale.md} lists the differences from
 * Kapacitor's UDFs.
 *
 * <p>Threading: one thread until {@link #addTo} has returned; after that, the counts are safe for use by any thread.
 *
 * <p>Errors: {@link #addTo} throws {@link UdfException} for options that the function rejects, and
 * {@link IllegalArgumentException} for settings that exclude each other. If a call fails and the policy does not let
 * the handler continue, the stream thread throws {@link UdfException}.
 */
public final class UdfTopology {
    /** The default of {@link #maxOpenPoints}. */
    public static final int DEFAULT_MAX_OPEN_POINTS = 500_000;

    /** The default of {@link #maxValueBytes}, below Kafka's limit for a record. */
    public static final int DEFAULT_MAX_VALUE_BYTES = 1_000_000;

    /** The default of {@link #maxUnwrittenGroups}. */
    public static final int DEFAULT_MAX_UNWRITTEN_GROUPS = 100_000;

    /** The default of {@link #maxUnwrittenBytes}: half of the 32 MiB that Kafka's producer buffers by default. */
    public static final int DEFAULT_MAX_UNWRITTEN_BYTES = 16 * 1024 * 1024;

    /** The default of {@link #maxLineBytes}. */
    public static final int DEFAULT_MAX_LINE_BYTES = LineReader.DEFAULT_MAX_LINE_BYTES;

    private static final OptionAccess<Option<?>, OptionValues> OPTIONS = OptionAccess.of(OptionValues.class);

    private final UdfFunction function;
    private final List<GivenOption> options = new ArrayList<>();
    private final List<String> inputs = new ArrayList<>();
    private String name;
    private String output = "";
    private Optional<String> deadLetters = Optional.empty();
    private AgentConfig config = AgentConfig.defaults();
    private Grouping grouping = Grouping.NONE;
    private Precision precision = Precision.NANOSECONDS;
    private int partitions;
    private boolean isPartitioned;
    private Optional<Duration> window = Optional.empty();
    private Duration grace = Duration.ZERO;
    private int maxOpenPoints = DEFAULT_MAX_OPEN_POINTS;
    private int maxValueBytes = DEFAULT_MAX_VALUE_BYTES;
    private int maxUnwrittenGroups = DEFAULT_MAX_UNWRITTEN_GROUPS;
    private int maxUnwrittenBytes = DEFAULT_MAX_UNWRITTEN_BYTES;
    private int maxLineBytes = DEFAULT_MAX_LINE_BYTES;
    private Optional<SnapshotSeed> seed = Optional.empty();
    private @Nullable Settings triedOut; // null for none
    private Optional<FunctionCounts> counts = Optional.empty();

    private UdfTopology(UdfFunction function) {
        this.function = function;
        this.name = function.name();
    }

    /** Creates an instance for a function; its settings have their defaults. */
    public static UdfTopology of(Udf udf) {
        return new UdfTopology(UdfFunction.of(udf));
    }

    /** Sets an option of the function; the arguments are Java values. */
    public UdfTopology option(String option, Object... arguments) {
        options.add(GivenOption.of(option, arguments));
        return this;
    }

    /** Sets options in command line syntax: {@code size=10}. */
    public UdfTopology optionTexts(List<String> texts) {
        options.addAll(OPTIONS.fromText(function.description().options(), texts));
        return this;
    }

    /**
     * Sets the name of the function in the topology; by default, the function's own name. Two functions of one
     * application need different names. The name is the prefix of topics and stores.
     */
    public UdfTopology name(String inTopology) {
        name = Objects.requireNonNull(inTopology, "inTopology");
        return this;
    }

    /** Sets the input topics. Their records contain line protocol, one or more lines each. */
    public UdfTopology input(String... topics) {
        inputs.addAll(List.of(topics));
        return this;
    }

    /**
     * Sets the topic for the results, in line protocol, keyed by group: one line for each point. The lines of a batch
     * are in one record, or in several records if they exceed 512 KiB.
     */
    public UdfTopology output(String topic) {
        output = Objects.requireNonNull(topic, "topic");
        return this;
    }

    /**
     * Sets a topic for dropped data: invalid lines, points that the function could not handle, late points, and points
     * for a window whose time is too far ahead. The headers contain the reason. What would be too large for a record is
     * truncated.
     */
    public UdfTopology deadLetters(String topic) {
        deadLetters = Optional.of(topic);
        return this;
    }

    /**
     * Groups by tags, like {@code groupBy('host')}; {@code "*"} alone means all tags. By default, all points are one
     * group.
     */
    public UdfTopology groupBy(String... tags) {
        List<String> names = List.of(tags);
        grouping = names.equals(List.of("*")) ? Grouping.ALL : Grouping.by(names);
        return this;
    }

    /** Sets the unit of input times: ns, us, ms, s, m or h; ns by default. */
    public UdfTopology precision(String unit) {
        precision = Precision.of(unit);
        return this;
    }

    /**
     * Sets limits and policies, in place of the defaults. The call limit has no effect: use Kafka's
     * {@code max.poll.interval.ms}.
     */
    public UdfTopology config(AgentConfig agentConfig) {
        config = Objects.requireNonNull(agentConfig, "agentConfig");
        return this;
    }

    /**
     * Sets the number of partitions of the repartition topic; by default, it has as many as the input. The number
     * cannot be changed once the topic exists.
     */
    public UdfTopology partitions(int count) {
        if (count < 1) {
            throw new IllegalArgumentException("partitions: " + count + " (expected: >= 1)");
        }
        partitions = count;
        return this;
    }

    /**
     * Declares that each group is already in a single partition of the input, so that no repartition topic is needed.
     * This cannot be verified for the whole input.
     */
    public UdfTopology partitioned() {
        isPartitioned = true;
        return this;
    }

    /**
     * Collects points in batches, for a function that takes batches: one per measurement, group and window. Windows
     * start at multiples of their length. A point whose time is further ahead of the wall clock than
     * {@code AgentConfig.maxEventTimeAhead} is not collected.
     */
    public UdfTopology window(Duration length) {
        window = Optional.of(length);
        return this;
    }

    /**
     * Sets how far event time must be past the end of a window before the window is closed; zero by default. Points
     * that arrive after that are late.
     */
    public UdfTopology grace(Duration afterEnd) {
        grace = Objects.requireNonNull(afterEnd, "afterEnd");
        return this;
    }

    /**
     * Sets the maximum number of points in the open windows of a partition; if it is exceeded, the windows that end
     * first are closed early.
     */
    public UdfTopology maxOpenPoints(int points) {
        maxOpenPoints = points;
        return this;
    }

    /**
     * Sets the maximum size of a value in the store. A value is the state of one group, or of the whole handler.
     * Kafka's {@code max.request.size} and {@code max.message.bytes} must allow it. If it is larger than the default,
     * it is also the maximum size of the other records.
     */
    public UdfTopology maxValueBytes(int bytes) {
        maxValueBytes = bytes;
        return this;
    }

    /**
     * Sets the maximum number of groups of a partition that have changed since the last commit; if it is exceeded, the
     * state of these groups is sent to the changelog before the commit. This limits how long a commit takes.
     */
    public UdfTopology maxUnwrittenGroups(int groups) {
        maxUnwrittenGroups = groups;
        return this;
    }

    /**
     * Like {@link #maxUnwrittenGroups}, but limits the size of the state of these groups in bytes, which is estimated
     * from the mean size of the values so far. If the points in open windows that have not been sent to the changelog
     * exceed it, a commit is requested.
     */
    public UdfTopology maxUnwrittenBytes(int bytes) {
        maxUnwrittenBytes = bytes;
        return this;
    }

    public UdfTopology maxLineBytes(int bytes) {
        maxLineBytes = bytes;
        return this;
    }

    /**
     * Sets a snapshot of a Kapacitor task: a partition without state starts with the state of its groups from the
     * snapshot. Requires {@link #partitions}.
     *
     * @throws org.kapacitorudf.errors.SnapshotException if the snapshot does not belong to this function
     */
    public UdfTopology seed(byte[] snapshot) {
        seed = Optional.of(SnapshotSeed.of(snapshot, function.description(), config.maxSnapshotBytes()));
        return this;
    }

    /**
     * Checks the settings, and creates and stops a handler, without Kafka. {@link #addTo} does this, too. If the
     * options and limits have not changed since a previous call, no further handler is created.
     *
     * @throws IllegalArgumentException if settings exclude each other
     * @throws UdfException if the function rejects its options
     */
    public UdfTopology tryOut() {
        checkedSettings();
        return this;
    }

    private Settings checkedSettings() {
        Settings settings = settings();
        boolean isTriedOut = triedOut != null
                && triedOut.options().equals(settings.options())
                && triedOut.config().equals(settings.config());
        if (!isTriedOut) {
            tryOut(settings);
            triedOut = settings;
        }
        return settings;
    }

    private Settings settings() {
        return new Settings(
                function,
                name,
                options,
                config,
                inputs,
                output,
                deadLetters,
                grouping,
                precision,
                partitions,
                isPartitioned,
                window,
                grace,
                maxOpenPoints,
                maxValueBytes,
                maxUnwrittenGroups,
                maxUnwrittenBytes,
                maxLineBytes,
                seed);
    }

    /** Adds the function to a topology. Throws the exceptions of {@link #tryOut}. */
    public UdfTopology addTo(StreamsBuilder builder) {
        Settings settings = checkedSettings();
        FunctionCounts functionCounts = new FunctionCounts(name);
        counts = Optional.of(functionCounts);
        PartitionCheck check = new PartitionCheck(isPartitioned, name);

        KStream<byte[], byte[]> lines = builder.stream(
                        inputs,
                        Consumed.with(Serdes.ByteArray(), Serdes.ByteArray())
                                .withTimestampExtractor(UdfTopology::timestamp)
                                .withName(name + "-input"))
                .process(() -> new LineProcessor(settings, functionCounts), Named.as(name + "-lines"));
        // A processor sends each record to one of the nodes that follow it, selected by the node's name.
        KStream<byte[], byte[]> results = (isPartitioned ? lines : repartitioned(lines, settings))
                .process(
                        () -> new HandlerProcessor(settings, functionCounts, check),
                        Named.as(name),
                        stores(builder, settings));
        results.to(output, produced(settings.outputNode()));
        deadLetters.ifPresent(topic -> {
            lines.to(topic, produced(settings.badLinesNode()));
            results.to(topic, produced(settings.deadLettersNode()));
        });
        return this;
    }

    private static Produced<byte[], byte[]> produced(String node) {
        return Produced.with(Serdes.ByteArray(), Serdes.ByteArray()).withName(node);
    }

    private static long timestamp(ConsumerRecord<Object, Object> record, long partitionMillis) {
        return record.timestamp() >= 0 ? record.timestamp() : Math.max(0, partitionMillis);
    }

    private KStream<byte[], byte[]> repartitioned(KStream<byte[], byte[]> lines, Settings settings) {
        Repartitioned<byte[], byte[]> by = Repartitioned.<byte[], byte[]>as(name)
                .withKeySerde(Serdes.ByteArray())
                .withValueSerde(Serdes.ByteArray())
                .withStreamPartitioner(new GroupPartitioner());
        // The filter lets everything through. It is a node with a known name; the name of the first node of a
        // repartition is not known here.
        return lines.filter((key, value) -> true, Named.as(settings.pointsNode()))
                .repartition(partitions == 0 ? by : by.withNumberOfPartitions(partitions));
    }

    private static String[] stores(StreamsBuilder builder, Settings settings) {
        List<String> stores = new ArrayList<>(List.of(settings.stateStore()));
        builder.addStateStore(WriteBehindStore.builder(settings.stateStore(), settings.writesEachCall()));
        if (settings.window().isPresent()) {
            stores.add(settings.windowStore());
            // No cache, because Kafka Streams writes a full cache at any time: OpenWindows writes before a commit.
            builder.addStateStore(Stores.keyValueStoreBuilder(
                    Stores.inMemoryKeyValueStore(settings.windowStore()), Serdes.Bytes(), Serdes.ByteArray()));
        }
        return stores.toArray(String[]::new);
    }

    /** Detects wrong options before the first record. */
    private static void tryOut(Settings settings) {
        try (HandlerHost trial = HandlerHost.of(settings.function(), Instant::now, new NoOutput())
                .config(settings.config())
                .options(settings.options())
                .place("trial", settings.name())
                .build()) {
            trial.start().ifPresent(error -> {
                throw new UdfException(error);
            });
        }
    }

    /** The output of a handler that gets no data. */
    private static final class NoOutput implements Output {
        @Override
        public void point(Point point) {}

        @Override
        public void batch(Batch batch) {}

        @Override
        public boolean isWritable() {
            return true;
        }
    }

    /**
     * The counts of each partition that has been in this process, ordered by partition number. Safe for use by any
     * thread after {@link #addTo}.
     */
    public List<PartitionStatus> partitions() {
        return counts.map(FunctionCounts::partitions).orElse(List.of());
    }

    /** The number of invalid lines. Safe for use by any thread after {@link #addTo}. */
    public long badLines() {
        return counts.map(FunctionCounts::badLines).orElse(0L);
    }

    /**
     * The first failure to save the function's state before a commit; empty if there is none. Call this method after
     * {@code KafkaStreams.close}, because Kafka Streams only logs a failure of the last commit. Safe for use by any
     * thread after {@link #addTo}.
     */
    public Optional<UdfException> saveFailure() {
        return counts.flatMap(FunctionCounts::saveFailure);
    }

    /** The name in the topology. */
    public String name() {
        return name;
    }
}
