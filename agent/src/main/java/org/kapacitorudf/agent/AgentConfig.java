package org.kapacitorudf.agent;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import org.kapacitorudf.BatchHandler;
import org.kapacitorudf.Context;
import org.kapacitorudf.Description;
import org.kapacitorudf.Handlers;
import org.kapacitorudf.Output;
import org.kapacitorudf.errors.FailurePolicy;

/**
 * The limits and policies of an agent or a server. {@link #defaults} suits most users; each {@code with...} method
 * returns a changed copy.
 *
 * <p>Immutable, safe for any thread. Each value is checked: an invalid one throws an {@link IllegalArgumentException}
 * with {@code name: value (expected: ...)}.
 *
 * @param maxFrameBytes the longest message in either direction; Kapacitor itself accepts points of 20 MB
 * @param readAheadBytes how much input of one connection may wait for its handler before reading stops
 * @param totalReadAheadBytes how much input of all connections together may wait before reading stops on those that
 *     have waiting input
 * @param outputBufferBytes how much output of one connection may wait for Kapacitor before {@link Output} blocks
 * @param maxBatchBytes the largest batch that may be sent
 * @param maxCollectedBatchBytes the largest batch that {@link Handlers#batches(Context, BatchHandler)} collects: the
 *     encodings of its points plus about 70 bytes per point
 * @param maxSnapshotBytes the largest snapshot that is sent to Kapacitor or restored, before compression
 * @param maxOptionBytes the longest argument of an option, in UTF-8
 * @param maxConnections how many connections a server accepts at the same time; further ones are closed immediately
 * @param callLimit how long one call of a handler may take, unless its {@link Description#callLimit} says otherwise
 * @param warnCallAfter how long one call of a handler may take before a warning with its thread's stack is logged; the
 *     warning is repeated at growing intervals
 * @param drainDeadline how long the remaining work may take after the input has ended
 * @param writeStallLimit how long output may make no progress before the connection is closed; once Kapacitor's
 *     keepalive timeout is known, twice that timeout is used instead
 * @param keepaliveInterval how often a busy connection sends a keepalive; once Kapacitor's keepalive timeout is known,
 *     a quarter of that timeout is used instead
 * @param maxEventTimeAhead how far a time may be ahead of the wall clock and still move a handler's
 *     {@linkplain Context#eventTime event time}
 * @param onError what happens when a handler throws an exception
 * @param maxRestarts how often a handler may be replaced after failures within {@code restartInterval}; a further
 *     failure ends the task with an error
 * @param restartInterval see {@code maxRestarts}
 * @param onBadSnapshot what happens when a snapshot cannot be restored
 * @param nonFinite what happens to a NaN or an infinity that a function has produced
 * @param seedDir a directory of snapshots: a node for which Kapacitor has no state starts from the file
 *     {@code TASK.NODE} in it; empty for none
 */
public record AgentConfig(
        int maxFrameBytes,
        int readAheadBytes,
        long totalReadAheadBytes,
        int outputBufferBytes,
        int maxBatchBytes,
        int maxCollectedBatchBytes,
        int maxSnapshotBytes,
        int maxOptionBytes,
        int maxConnections,
        Duration callLimit,
        Duration warnCallAfter,
        Duration drainDeadline,
        Duration writeStallLimit,
        Duration keepaliveInterval,
        Duration maxEventTimeAhead,
        FailurePolicy onError,
        int maxRestarts,
        Duration restartInterval,
        OnBadSnapshot onBadSnapshot,
        NonFinite nonFinite,
        Optional<Path> seedDir) {

    /** What happens when a snapshot cannot be restored. */
    public enum OnBadSnapshot {
        /** The task fails to start, with an error that gives the reason. */
        FAIL,
        /** The function starts without state, and a warning is logged. */
        FRESH
    }

    /**
     * What the agent does with a NaN or an infinity that a function has put into a field. Kapacitor's alerts and HTTP
     * outputs fail on such a value, and InfluxDB refuses it. A value that came from Kapacitor is passed on unchanged.
     */
    public enum NonFinite {
        /** Uses the policy of the function's {@linkplain Description#nonFinite description}. */
        DECLARED,
        /** Sends the value. */
        KEEP,
        /**
         * Drops the field, and the point if it has no fields left. The field is counted, and one line is logged for
         * each node.
         */
        DROP,
        /** {@link Output} throws an exception and does not send the point. */
        FAIL
    }

    private static final int KIB = 1024;
    private static final int MIB = 1024 * KIB;
    private static final int MAX_FRAME_BYTES = 1024 * MIB;

    /** The time of each restart is kept in memory. */
    private static final int MAX_RESTARTS = 1_000;

    /** Leaves room in a long of nanoseconds, because durations are added. */
    private static final Duration LONGEST = Duration.ofDays(365);

    public AgentConfig {
        inRange("maxFrameBytes", maxFrameBytes, KIB, MAX_FRAME_BYTES);
        inRange("readAheadBytes", readAheadBytes, KIB, MAX_FRAME_BYTES);
        inRange("totalReadAheadBytes", totalReadAheadBytes, KIB, Long.MAX_VALUE);
        inRange("outputBufferBytes", outputBufferBytes, KIB, MAX_FRAME_BYTES);
        inRange("maxBatchBytes", maxBatchBytes, KIB, MAX_FRAME_BYTES);
        inRange("maxCollectedBatchBytes", maxCollectedBatchBytes, KIB, MAX_FRAME_BYTES);
        inRange("maxSnapshotBytes", maxSnapshotBytes, 0, MAX_FRAME_BYTES);
        inRange("maxOptionBytes", maxOptionBytes, 1, MAX_FRAME_BYTES);
        inRange("maxConnections", maxConnections, 1, Integer.MAX_VALUE);
        positive("callLimit", callLimit);
        positive("warnCallAfter", warnCallAfter);
        positive("drainDeadline", drainDeadline);
        positive("writeStallLimit", writeStallLimit);
        positive("keepaliveInterval", keepaliveInterval);
        positive("maxEventTimeAhead", maxEventTimeAhead);
        Objects.requireNonNull(onError, "onError");
        inRange("maxRestarts", maxRestarts, 0, MAX_RESTARTS);
        positive("restartInterval", restartInterval);
        Objects.requireNonNull(onBadSnapshot, "onBadSnapshot");
        Objects.requireNonNull(nonFinite, "nonFinite");
        Objects.requireNonNull(seedDir, "seedDir");
    }

    /** The defaults. {@code totalReadAheadBytes} is a quarter of the heap. */
    public static AgentConfig defaults() {
        return new AgentConfig(
                64 * MIB,
                MIB,
                Math.max(MIB, Runtime.getRuntime().maxMemory() / 4),
                MIB,
                64 * MIB,
                128 * MIB,
                64 * MIB,
                64 * KIB,
                4096,
                Duration.ofSeconds(60),
                Duration.ofSeconds(1),
                Duration.ofSeconds(5),
                Duration.ofSeconds(30),
                Duration.ofMillis(100),
                Duration.ofDays(1),
                FailurePolicy.DECLARED,
                5,
                Duration.ofMinutes(1),
                OnBadSnapshot.FAIL,
                NonFinite.DECLARED,
                Optional.empty());
    }

    public AgentConfig withMaxFrameBytes(int maxFrameBytes) {
        Draft draft = new Draft(this);
        draft.maxFrameBytes = maxFrameBytes;
        return draft.finished();
    }

    public AgentConfig withReadAheadBytes(int readAheadBytes) {
        Draft draft = new Draft(this);
        draft.readAheadBytes = readAheadBytes;
        return draft.finished();
    }

    public AgentConfig withTotalReadAheadBytes(long totalReadAheadBytes) {
        Draft draft = new Draft(this);
        draft.totalReadAheadBytes = totalReadAheadBytes;
        return draft.finished();
    }

    public AgentConfig withOutputBufferBytes(int outputBufferBytes) {
        Draft draft = new Draft(this);
        draft.outputBufferBytes = outputBufferBytes;
        return draft.finished();
    }

    public AgentConfig withMaxBatchBytes(int maxBatchBytes) {
        Draft draft = new Draft(this);
        draft.maxBatchBytes = maxBatchBytes;
        return draft.finished();
    }

    public AgentConfig withMaxCollectedBatchBytes(int maxCollectedBatchBytes) {
        Draft draft = new Draft(this);
        draft.maxCollectedBatchBytes = maxCollectedBatchBytes;
        return draft.finished();
    }

    public AgentConfig withMaxSnapshotBytes(int maxSnapshotBytes) {
        Draft draft = new Draft(this);
        draft.maxSnapshotBytes = maxSnapshotBytes;
        return draft.finished();
    }

    public AgentConfig withMaxOptionBytes(int maxOptionBytes) {
        Draft draft = new Draft(this);
        draft.maxOptionBytes = maxOptionBytes;
        return draft.finished();
    }

    public AgentConfig withMaxConnections(int maxConnections) {
        Draft draft = new Draft(this);
        draft.maxConnections = maxConnections;
        return draft.finished();
    }

    public AgentConfig withCallLimit(Duration callLimit) {
        Draft draft = new Draft(this);
        draft.callLimit = callLimit;
        return draft.finished();
    }

    public AgentConfig withWarnCallAfter(Duration warnCallAfter) {
        Draft draft = new Draft(this);
        draft.warnCallAfter = warnCallAfter;
        return draft.finished();
    }

    public AgentConfig withDrainDeadline(Duration drainDeadline) {
        Draft draft = new Draft(this);
        draft.drainDeadline = drainDeadline;
        return draft.finished();
    }

    public AgentConfig withWriteStallLimit(Duration writeStallLimit) {
        Draft draft = new Draft(this);
        draft.writeStallLimit = writeStallLimit;
        return draft.finished();
    }

    public AgentConfig withKeepaliveInterval(Duration keepaliveInterval) {
        Draft draft = new Draft(this);
        draft.keepaliveInterval = keepaliveInterval;
        return draft.finished();
    }

    public AgentConfig withMaxEventTimeAhead(Duration maxEventTimeAhead) {
        Draft draft = new Draft(this);
        draft.maxEventTimeAhead = maxEventTimeAhead;
        return draft.finished();
    }

    public AgentConfig withOnError(FailurePolicy onError) {
        Draft draft = new Draft(this);
        draft.onError = onError;
        return draft.finished();
    }

    public AgentConfig withMaxRestarts(int maxRestarts) {
        Draft draft = new Draft(this);
        draft.maxRestarts = maxRestarts;
        return draft.finished();
    }

    public AgentConfig withRestartInterval(Duration restartInterval) {
        Draft draft = new Draft(this);
        draft.restartInterval = restartInterval;
        return draft.finished();
    }

    public AgentConfig withOnBadSnapshot(OnBadSnapshot onBadSnapshot) {
        Draft draft = new Draft(this);
        draft.onBadSnapshot = onBadSnapshot;
        return draft.finished();
    }

    public AgentConfig withNonFinite(NonFinite nonFinite) {
        Draft draft = new Draft(this);
        draft.nonFinite = nonFinite;
        return draft.finished();
    }

    public AgentConfig withSeedDir(Path seedDir) {
        Draft draft = new Draft(this);
        draft.seedDir = Optional.of(seedDir);
        return draft.finished();
    }

    private static void inRange(String name, long value, long least, long most) {
        if (value < least || value > most) {
            throw new IllegalArgumentException(name + ": " + value + " (expected: " + least + " to " + most + ")");
        }
    }

    private static void positive(String name, Duration value) {
        if (value.isZero() || value.isNegative() || value.compareTo(LONGEST) > 0) {
            throw new IllegalArgumentException(name + ": " + value + " (expected: > 0 and <= " + LONGEST + ")");
        }
    }

    /** A mutable copy, used by the {@code with...} methods. */
    private static final class Draft {
        private int maxFrameBytes;
        private int readAheadBytes;
        private long totalReadAheadBytes;
        private int outputBufferBytes;
        private int maxBatchBytes;
        private int maxCollectedBatchBytes;
        private int maxSnapshotBytes;
        private int maxOptionBytes;
        private int maxConnections;
        private Duration callLimit;
        private Duration warnCallAfter;
        private Duration drainDeadline;
        private Duration writeStallLimit;
        private Duration keepaliveInterval;
        private Duration maxEventTimeAhead;
        private FailurePolicy onError;
        private int maxRestarts;
        private Duration restartInterval;
        private OnBadSnapshot onBadSnapshot;
        private NonFinite nonFinite;
        private Optional<Path> seedDir;

        Draft(AgentConfig from) {
            maxFrameBytes = from.maxFrameBytes;
            readAheadBytes = from.readAheadBytes;
            totalReadAheadBytes = from.totalReadAheadBytes;
            outputBufferBytes = from.outputBufferBytes;
            maxBatchBytes = from.maxBatchBytes;
            maxCollectedBatchBytes = from.maxCollectedBatchBytes;
            maxSnapshotBytes = from.maxSnapshotBytes;
            maxOptionBytes = from.maxOptionBytes;
            maxConnections = from.maxConnections;
            callLimit = from.callLimit;
            warnCallAfter = from.warnCallAfter;
            drainDeadline = from.drainDeadline;
            writeStallLimit = from.writeStallLimit;
            keepaliveInterval = from.keepaliveInterval;
            maxEventTimeAhead = from.maxEventTimeAhead;
            onError = from.onError;
            maxRestarts = from.maxRestarts;
            restartInterval = from.restartInterval;
            onBadSnapshot = from.onBadSnapshot;
            nonFinite = from.nonFinite;
            seedDir = from.seedDir;
        }

        AgentConfig finished() {
            return new AgentConfig(
                    maxFrameBytes,
                    readAheadBytes,
                    totalReadAheadBytes,
                    outputBufferBytes,
                    maxBatchBytes,
                    maxCollectedBatchBytes,
                    maxSnapshotBytes,
                    maxOptionBytes,
                    maxConnections,
                    callLimit,
                    warnCallAfter,
                    drainDeadline,
                    writeStallLimit,
                    keepaliveInterval,
                    maxEventTimeAhead,
                    onError,
                    maxRestarts,
                    restartInterval,
                    onBadSnapshot,
                    nonFinite,
                    seedDir);
        }
    }
}
