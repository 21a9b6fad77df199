package org.kapacitorudf.tools.load;

import java.time.Duration;
import java.util.List;

/**
 * The parameters of a measurement.
 *
 * <p>Threading: immutable.
 *
 * @param measure what is measured
 * @param connections the number of connections, or of child processes
 * @param batchPoints the size of the batches; 0 for points of a stream
 * @param groups the number of groups of the points
 * @param chunkBytes the size of a write, regardless of where messages end; 0 for two writes per message, the length and
 *     the body, as in Kapacitor
 * @param sendBufferBytes the size of the system's send buffer for a socket; 0 for the default
 * @param options the options of the function, each {@code name=value}, or {@code name=value,value} for one with several
 *     arguments
 * @param allReturn whether each point produces exactly one result; if not, the answer to a snapshot marks the end of
 *     the output
 * @param keepaliveEvery the interval of keepalive requests per connection under load; zero for none
 * @param warmUp the duration of the warm-up
 * @param duration the duration of a run
 * @param runs the number of runs of each subject; subjects take turns
 * @param withEcho whether a raw byte echo is measured as well
 * @param startLimit how long a subject that listens on a socket may take to start
 */
public record LoadPlan(
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
        boolean withEcho,
        Duration startLimit) {
    private static final int MAX_CONNECTIONS = 10_000;
    private static final int CHUNK_BYTES = 64 * 1024;

    public LoadPlan {
        require("connections", connections, 1, MAX_CONNECTIONS);
        require("batchPoints", batchPoints, 0, Traffic.MAX_BATCH_POINTS);
        require("groups", groups, 1, Traffic.MAX_GROUPS);
        require("chunkBytes", chunkBytes, 0, Integer.MAX_VALUE);
        require("sendBufferBytes", sendBufferBytes, 0, Integer.MAX_VALUE);
        require("runs", runs, 1, Integer.MAX_VALUE);
        require("keepaliveEvery", keepaliveEvery, Duration.ZERO);
        require("warmUp", warmUp, Duration.ZERO);
        require("duration", duration, Duration.ofMillis(1));
        require("startLimit", startLimit, Duration.ofMillis(1));
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

    /** A plan with one connection, points of 100 groups, writes of 64 KiB, and defaults otherwise. */
    public static LoadPlan of(Measure measure) {
        return new LoadPlan(
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
                true,
                Duration.ofMinutes(2));
    }

    public LoadPlan withConnections(int count) {
        Draft draft = new Draft(this);
        draft.connections = count;
        return draft.finished();
    }

    public LoadPlan withBatchPoints(int count) {
        Draft draft = new Draft(this);
        draft.batchPoints = count;
        return draft.finished();
    }

    public LoadPlan withGroups(int count) {
        Draft draft = new Draft(this);
        draft.groups = count;
        return draft.finished();
    }

    public LoadPlan withChunkBytes(int bytes) {
        Draft draft = new Draft(this);
        draft.chunkBytes = bytes;
        return draft.finished();
    }

    /** Returns a copy with two writes per message, as in Kapacitor. */
    public LoadPlan withTwoWrites() {
        return withChunkBytes(0);
    }

    public LoadPlan withSendBufferBytes(int bytes) {
        Draft draft = new Draft(this);
        draft.sendBufferBytes = bytes;
        return draft.finished();
    }

    public LoadPlan withOptions(List<String> nameValues) {
        Draft draft = new Draft(this);
        draft.options = nameValues;
        return draft.finished();
    }

    public LoadPlan withAllReturn(boolean all) {
        Draft draft = new Draft(this);
        draft.allReturn = all;
        return draft.finished();
    }

    public LoadPlan withKeepaliveEvery(Duration interval) {
        Draft draft = new Draft(this);
        draft.keepaliveEvery = interval;
        return draft.finished();
    }

    public LoadPlan withWarmUp(Duration time) {
        Draft draft = new Draft(this);
        draft.warmUp = time;
        return draft.finished();
    }

    public LoadPlan withDuration(Duration time) {
        Draft draft = new Draft(this);
        draft.duration = time;
        return draft.finished();
    }

    public LoadPlan withRuns(int count) {
        Draft draft = new Draft(this);
        draft.runs = count;
        return draft.finished();
    }

    public LoadPlan withEcho(boolean echo) {
        Draft draft = new Draft(this);
        draft.withEcho = echo;
        return draft.finished();
    }

    public LoadPlan withStartLimit(Duration limit) {
        Draft draft = new Draft(this);
        draft.startLimit = limit;
        return draft.finished();
    }

    boolean isTwoWrites() {
        return chunkBytes == 0;
    }

    Traffic traffic() {
        return batchPoints == 0 ? Traffic.points(groups) : Traffic.batches(batchPoints, groups);
    }

    /** A mutable copy, used by the {@code with...} methods. */
    private static final class Draft {
        private Measure measure;
        private int connections;
        private int batchPoints;
        private int groups;
        private int chunkBytes;
        private int sendBufferBytes;
        private List<String> options;
        private boolean allReturn;
        private Duration keepaliveEvery;
        private Duration warmUp;
        private Duration duration;
        private int runs;
        private boolean withEcho;
        private Duration startLimit;

        Draft(LoadPlan from) {
            measure = from.measure;
            connections = from.connections;
            batchPoints = from.batchPoints;
            groups = from.groups;
            chunkBytes = from.chunkBytes;
            sendBufferBytes = from.sendBufferBytes;
            options = from.options;
            allReturn = from.allReturn;
            keepaliveEvery = from.keepaliveEvery;
            warmUp = from.warmUp;
            duration = from.duration;
            runs = from.runs;
            withEcho = from.withEcho;
            startLimit = from.startLimit;
        }

        LoadPlan finished() {
            return new LoadPlan(
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
                    withEcho,
                    startLimit);
        }
    }
}
