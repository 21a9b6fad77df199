package org.kapacitorudf.streams;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.kapacitorudf.Description;
import org.kapacitorudf.EdgeType;
import org.kapacitorudf.agent.AgentConfig;
import org.kapacitorudf.errors.FailurePolicy;
import org.kapacitorudf.internal.host.UdfFunction;
import org.kapacitorudf.internal.line.GivenOption;
import org.kapacitorudf.internal.line.Grouping;
import org.kapacitorudf.internal.line.Precision;
import org.kapacitorudf.internal.snapshot.SnapshotSeed;

/**
 * How a function runs on Kafka Streams.
 *
 * @param name the name of the function in the topology, which is the prefix of its topics and stores
 * @param partitions the number of partitions of the repartition topic; 0 for the number of partitions of the input
 * @param isPartitioned whether each group is already in a single partition of the input
 * @param window the length of windows; empty for a function that takes points
 * @param maxOpenPoints the maximum number of points in the open windows of a partition
 * @param maxValueBytes the maximum size of a value of a state
 * @param maxUnwrittenGroups the maximum number of groups of a partition that have changed and are not in the store
 * @param maxUnwrittenBytes the maximum size of the values of these groups, as an estimate
 * @param maxLineBytes the maximum length of a line
 */
record Settings(
        UdfFunction function,
        String name,
        List<GivenOption> options,
        AgentConfig config,
        List<String> inputs,
        String output,
        Optional<String> deadLetters,
        Grouping grouping,
        Precision precision,
        int partitions,
        boolean isPartitioned,
        Optional<Duration> window,
        Duration grace,
        int maxOpenPoints,
        int maxValueBytes,
        int maxUnwrittenGroups,
        int maxUnwrittenBytes,
        int maxLineBytes,
        Optional<SnapshotSeed> seed) {

    /** Errors: {@link IllegalArgumentException}, {@code name: value (expected: ...)}. */
    Settings {
        Description description = function.description();
        require(name.matches("[a-zA-Z0-9._-]+"), "name", name, "letters, digits, . _ -");
        require(!inputs.isEmpty(), "input", "none", "a topic");
        require(!output.isEmpty(), "output", "none", "a topic");
        boolean wantsBatches = description.wants() == EdgeType.BATCH;
        require(
                wantsBatches == window.isPresent(),
                "window",
                window.map(Duration::toString).orElse("none"),
                wantsBatches
                        ? "a duration, because " + description.name() + " takes batches"
                        : "none, because " + description.name() + " takes points");
        window.ifPresent(length -> require(
                !length.isNegative() && !length.isZero() && length.compareTo(LONGEST) <= 0,
                "window",
                length.toString(),
                "> 0 and <= " + LONGEST));
        require(
                !grace.isNegative() && grace.compareTo(LONGEST) <= 0,
                "grace",
                grace.toString(),
                ">= 0 and <= " + LONGEST);
        require(partitions >= 0, "partitions", Integer.toString(partitions), ">= 1");
        require(maxOpenPoints >= 1, "maxOpenPoints", Integer.toString(maxOpenPoints), ">= 1");
        require(maxValueBytes >= 1, "maxValueBytes", Integer.toString(maxValueBytes), ">= 1");
        require(maxUnwrittenGroups >= 1, "maxUnwrittenGroups", Integer.toString(maxUnwrittenGroups), ">= 1");
        require(maxUnwrittenBytes >= 1, "maxUnwrittenBytes", Integer.toString(maxUnwrittenBytes), ">= 1");
        require(
                !description.needsWholeNode() || partitions == 1 || grouping.equals(Grouping.NONE) && !isPartitioned,
                "partitions",
                partitions == 0 ? "those of the input" : Integer.toString(partitions),
                "1, because " + description.name() + " has to see all groups of a node in one handler");
        require(
                seed.isEmpty() || !isPartitioned && partitions > 0,
                "seed",
                isPartitioned ? "with groups as the producers partitioned them" : "without a number of partitions",
                "a number of partitions, into which the groups are divided here");
        inputs = List.copyOf(inputs);
        options = List.copyOf(options);
    }

    private static final Duration LONGEST = Duration.ofDays(365);

    private static void require(boolean condition, String name, String value, String expected) {
        if (!condition) {
            throw new IllegalArgumentException(name + ": " + value + " (expected: " + expected + ")");
        }
    }

    /** Whether the state is written after each call, because a new handler may start from it. */
    boolean writesEachCall() {
        FailurePolicy policy = config.onError();
        return FailurePolicy.RESTART
                == (policy == FailurePolicy.DECLARED ? function.description().onError() : policy);
    }

    /**
     * The maximum size of the key, the value and the headers of a record that is sent. It is below the default of
     * Kafka's {@code max.request.size}, which has to be larger if {@code maxValueBytes} is.
     */
    int maxRecordBytes() {
        return Math.max(UdfTopology.DEFAULT_MAX_VALUE_BYTES, maxValueBytes);
    }

    String stateStore() {
        return name + "-state";
    }

    String windowStore() {
        return name + "-windows";
    }

    /** The node that sends to the topic of the results. */
    String outputNode() {
        return name + "-output";
    }

    /** The node that sends to the topic of dead letters. */
    String deadLettersNode() {
        return name + "-dead-letters";
    }

    /** The node that receives invalid lines. */
    String badLinesNode() {
        return name + "-bad-lines";
    }

    /** The node that receives the points of the input. */
    String pointsNode() {
        return isPartitioned ? name : name + "-points";
    }
}
