package org.kapacitorudf.testkit.load;

import java.time.Duration;
import java.util.List;

/**
 * What is measured, with which load, and how often.
 *
 * <p>Threading: immutable.
 *
 * @param measure what is measured
 * @param connections how many at once; of a process, how many children
 * @param batchPoints the size of the batches; 0 for points of a stream
 * @param groups over how many groups the points are spread
 * @param chunkBytes how much is written at once, wherever that cuts the messages; 0 for Kapacitor's two writes for each
 *     message, the length and the body
 * @param sendBufferBytes how much of what is sent to a socket the system may hold; 0 for what it does by itself
 * @param options of the function, each {@code name=value}, or {@code name=value,value} for one with several arguments
 * @param allReturn whether each point gives one; if not, a snapshot shows that all have been handled
 * @param keepaliveEvery how often each connection is asked for a sign of life while there is load; zero for never
 * @param warmUp how long there is load before anything counts
 * @param duration how long a run takes
 * @param runs how many runs each subject has; they take turns
 * @param withEcho whether a raw echo of bytes is measured beside the subjects
 */
public record Plan(
        Measure measure,
        int connections,
        int batchPoints,
        int groups,
        int chunkBytes,
        int sendBufferBytes,
        List<String> options,
        boolean allReturn,
        Duration keepaliveEvery,
        Duration warmUp,
        Duration duration,
        int runs,
        boolean withEcho) {
    private static final int MAX_CONNECTIONS = 10_000;
    private static final int CHUNK_BYTES = 64 * 1024;

    public Plan {
        require("connections", connections, 1, MAX_CONNECTIONS);
        require("batchPoints", batchPoints, 0, Traffic.MAX_BATCH_POINTS);
        require("groups", groups, 1, Traffic.MAX_GROUPS);
        require("chunkBytes", chunkBytes, 0, Integer.MAX_VALUE);
        require("sendBufferBytes", sendBufferBytes, 0, Integer.MAX_VALUE);
        require("runs", runs, 1, Integer.MAX_VALUE);
        require("keepaliveEvery", keepaliveEvery, Duration.ZERO);
        require("warmUp", warmUp, Duration.ZERO);
        require("duration", duration, Duration.ofMillis(1));
        for (String option : options) {
            if (option.indexOf('=') < 1) {
                throw new IllegalArgumentException("option: " + option + " (expected: name=value)");
            }
        }
        options = List.copyOf(options);
    }

    private static void require(String name, int value, int min, int max) {
        if (value < min || value > max) {
            String range = max == Integer.MAX_VALUE ? ">= " + min : min + " to " + max;
            throw new IllegalArgumentException(name + ": " + value + " (expected: " + range + ")");
        }
    }

    private static void require(String name, Duration value, Duration min) {
        if (value.compareTo(min) < 0) {
            throw new IllegalArgumentException(name + ": " + value + " (expected: >= " + min + ")");
        }
    }

    /** One connection, points of 100 groups, in writes of 64 KiB, and all else as it is usual. */
    public static Plan of(Measure measure) {
        return new Plan(
                measure,
                1,
                0,
                100,
                CHUNK_BYTES,
                0,
                List.of(),
                true,
                Duration.ofMillis(100),
                Duration.ofSeconds(3),
                Duration.ofSeconds(2),
                5,
                true);
    }

    public Plan withConnections(int count) {
        return new Plan(
                measure,
                count,
                batchPoints,
                groups,
                chunkBytes,
                sendBufferBytes,
                options,
                allReturn,
                keepaliveEvery,
                warmUp,
                duration,
                runs,
                withEcho);
    }

    public Plan withBatchPoints(int count) {
        return new Plan(
                measure,
                connections,
                count,
                groups,
                chunkBytes,
                sendBufferBytes,
                options,
                allReturn,
                keepaliveEvery,
                warmUp,
                duration,
                runs,
                withEcho);
    }

    public Plan withGroups(int count) {
        return new Plan(
                measure,
                connections,
                batchPoints,
                count,
                chunkBytes,
                sendBufferBytes,
                options,
                allReturn,
                keepaliveEvery,
                warmUp,
                duration,
                runs,
                withEcho);
    }

    public Plan withChunkBytes(int bytes) {
        return new Plan(
                measure,
                connections,
                batchPoints,
                groups,
                bytes,
                sendBufferBytes,
                options,
                allReturn,
                keepaliveEvery,
                warmUp,
                duration,
                runs,
                withEcho);
    }

    /** Two writes for each message, as Kapacitor does it. */
    public Plan withTwoWrites() {
        return withChunkBytes(0);
    }

    public Plan withSendBufferBytes(int bytes) {
        return new Plan(
                measure,
                connections,
                batchPoints,
                groups,
                chunkBytes,
                bytes,
                options,
                allReturn,
                keepaliveEvery,
                warmUp,
                duration,
                runs,
                withEcho);
    }

    public Plan withOptions(List<String> nameValues) {
        return new Plan(
                measure,
                connections,
                batchPoints,
                groups,
                chunkBytes,
                sendBufferBytes,
                nameValues,
                allReturn,
                keepaliveEvery,
                warmUp,
                duration,
                runs,
                withEcho);
    }

    public Plan withAllReturn(boolean all) {
        return new Plan(
                measure,
                connections,
                batchPoints,
                groups,
                chunkBytes,
                sendBufferBytes,
                options,
                all,
                keepaliveEvery,
                warmUp,
                duration,
                runs,
                withEcho);
    }

    public Plan withKeepaliveEvery(Duration interval) {
        return new Plan(
                measure,
                connections,
                batchPoints,
                groups,
                chunkBytes,
                sendBufferBytes,
                options,
                allReturn,
                interval,
                warmUp,
                duration,
                runs,
                withEcho);
    }

    public Plan withWarmUp(Duration time) {
        return new Plan(
                measure,
                connections,
                batchPoints,
                groups,
                chunkBytes,
                sendBufferBytes,
                options,
                allReturn,
                keepaliveEvery,
                time,
                duration,
                runs,
                withEcho);
    }

    public Plan withDuration(Duration time) {
        return new Plan(
                measure,
                connections,
                batchPoints,
                groups,
                chunkBytes,
                sendBufferBytes,
                options,
                allReturn,
                keepaliveEvery,
                warmUp,
                time,
                runs,
                withEcho);
    }

    public Plan withRuns(int count) {
        return new Plan(
                measure,
                connections,
                batchPoints,
                groups,
                chunkBytes,
                sendBufferBytes,
                options,
                allReturn,
                keepaliveEvery,
                warmUp,
                duration,
                count,
                withEcho);
    }

    public Plan withEcho(boolean echo) {
        return new Plan(
                measure,
                connections,
                batchPoints,
                groups,
                chunkBytes,
                sendBufferBytes,
                options,
                allReturn,
                keepaliveEvery,
                warmUp,
                duration,
                runs,
                echo);
    }

    boolean isTwoWrites() {
        return chunkBytes == 0;
    }

    Traffic traffic() {
        return batchPoints == 0 ? Traffic.points(groups) : Traffic.batches(batchPoints, groups);
    }
}
