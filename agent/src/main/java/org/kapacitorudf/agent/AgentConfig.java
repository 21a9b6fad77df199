package org.kapacitorudf.agent;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.kapacitorudf.BatchHandler;
import org.kapacitorudf.Context;
import org.kapacitorudf.Description;
import org.kapacitorudf.Handlers;
import org.kapacitorudf.Output;
import org.kapacitorudf.errors.FailurePolicy;
import org.kapacitorudf.errors.NonFinite;
import org.kapacitorudf.errors.OnBadSnapshot;

/**
 * The limits and policies of an agent or a server. The {@linkplain #defaults defaults} suit most users. The methods of
 * {@link Builder} describe the settings.
 *
 * <pre>{@code
 * AgentConfig config = AgentConfig.builder().callLimit(Duration.ofMinutes(5)).maxConnections(100).build();
 * AgentConfig stricter = config.toBuilder().maxOptionBytes(1024).build();
 * }</pre>
 *
 * <p>Threading: immutable, safe for use by any thread.
 */
public final class AgentConfig {
    private static final int KIB = 1024;
    private static final int MIB = 1024 * KIB;
    private static final int MAX_FRAME_BYTES = 1024 * MIB;

    /**
     * The highest value of {@link Builder#maxRestarts}. Limited, because the time of each restart is kept in memory.
     */
    private static final int MAX_RESTARTS = 1_000;

    /** The maximum of a duration: the sum of several durations in nanoseconds must fit into a long. */
    private static final Duration LONGEST = Duration.ofDays(365);

    private final Values values;

    private AgentConfig(Values values) {
        this.values = values;
    }

    public static AgentConfig defaults() {
        return builder().build();
    }

    /** Returns a builder with the defaults. */
    public static Builder builder() {
        return new Builder(new Values());
    }

    /** Returns a builder with these settings. */
    public Builder toBuilder() {
        return new Builder(values.copy());
    }

    public int maxFrameBytes() {
        return values.maxFrameBytes;
    }

    public int readAheadBytes() {
        return values.readAheadBytes;
    }

    public long totalReadAheadBytes() {
        return values.totalReadAheadBytes;
    }

    public int outputBufferBytes() {
        return values.outputBufferBytes;
    }

    public int maxBatchBytes() {
        return values.maxBatchBytes;
    }

    public int maxCollectedBatchBytes() {
        return values.maxCollectedBatchBytes;
    }

    public int maxSnapshotBytes() {
        return values.maxSnapshotBytes;
    }

    public int maxOptionBytes() {
        return values.maxOptionBytes;
    }

    public int maxConnections() {
        return values.maxConnections;
    }

    public Duration callLimit() {
        return values.callLimit;
    }

    public Duration warnCallAfter() {
        return values.warnCallAfter;
    }

    public Duration drainDeadline() {
        return values.drainDeadline;
    }

    public Duration writeStallLimit() {
        return values.writeStallLimit;
    }

    public Duration keepaliveInterval() {
        return values.keepaliveInterval;
    }

    public Duration maxEventTimeAhead() {
        return values.maxEventTimeAhead;
    }

    public FailurePolicy onError() {
        return values.onError;
    }

    public int maxRestarts() {
        return values.maxRestarts;
    }

    public Duration restartInterval() {
        return values.restartInterval;
    }

    public OnBadSnapshot onBadSnapshot() {
        return values.onBadSnapshot;
    }

    public NonFinite nonFinite() {
        return values.nonFinite;
    }

    public Optional<Path> seedDir() {
        return values.seedDir;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof AgentConfig config && values.all().equals(config.values.all());
    }

    @Override
    public int hashCode() {
        return values.all().hashCode();
    }

    @Override
    public String toString() {
        return "AgentConfig" + values.all();
    }

    /**
     * Builds a configuration from the defaults, or from another configuration.
     *
     * <p>Threading: one thread at a time.
     *
     * <p>Errors: {@link IllegalArgumentException} with {@code name: value (expected: ...)} if a value is out of bounds.
     */
    public static final class Builder {
        private final Values values;

        private Builder(Values values) {
            this.values = values;
        }

        /** Sets the maximum size of a message in either direction. Kapacitor itself accepts points of 20 MB. */
        public Builder maxFrameBytes(int maxFrameBytes) {
            values.maxFrameBytes = (int) checked("maxFrameBytes", maxFrameBytes, KIB, MAX_FRAME_BYTES);
            return this;
        }

        /** Sets how much input of one connection may wait for its handler before reading stops. */
        public Builder readAheadBytes(int readAheadBytes) {
            values.readAheadBytes = (int) checked("readAheadBytes", readAheadBytes, KIB, MAX_FRAME_BYTES);
            return this;
        }

        /**
         * Sets how much input of all connections together may wait; a quarter of the heap by default. Above this limit,
         * reading stops on all connections with waiting input.
         */
        public Builder totalReadAheadBytes(long totalReadAheadBytes) {
            values.totalReadAheadBytes = checked("totalReadAheadBytes", totalReadAheadBytes, KIB, Long.MAX_VALUE);
            return this;
        }

        /** Sets how much output of one connection may wait for Kapacitor before {@link Output} blocks. */
        public Builder outputBufferBytes(int outputBufferBytes) {
            values.outputBufferBytes = (int) checked("outputBufferBytes", outputBufferBytes, KIB, MAX_FRAME_BYTES);
            return this;
        }

        /** Sets the maximum size of a batch that a function sends. */
        public Builder maxBatchBytes(int maxBatchBytes) {
            values.maxBatchBytes = (int) checked("maxBatchBytes", maxBatchBytes, KIB, MAX_FRAME_BYTES);
            return this;
        }

        /**
         * Sets the maximum size of a batch that {@link Handlers#batches(Context, BatchHandler)} collects: the encodings
         * of its points plus about 70 bytes per point.
         */
        public Builder maxCollectedBatchBytes(int maxCollectedBatchBytes) {
            values.maxCollectedBatchBytes =
                    (int) checked("maxCollectedBatchBytes", maxCollectedBatchBytes, KIB, MAX_FRAME_BYTES);
            return this;
        }

        /** Sets the maximum size of a snapshot that is sent to Kapacitor or restored, before compression. */
        public Builder maxSnapshotBytes(int maxSnapshotBytes) {
            values.maxSnapshotBytes = (int) checked("maxSnapshotBytes", maxSnapshotBytes, 0, MAX_FRAME_BYTES);
            return this;
        }

        /** Sets the maximum length of an option's argument in bytes of UTF-8. */
        public Builder maxOptionBytes(int maxOptionBytes) {
            values.maxOptionBytes = (int) checked("maxOptionBytes", maxOptionBytes, 1, MAX_FRAME_BYTES);
            return this;
        }

        /** Sets the maximum number of connections of a server. Further connections are closed immediately. */
        public Builder maxConnections(int maxConnections) {
            values.maxConnections = (int) checked("maxConnections", maxConnections, 1, Integer.MAX_VALUE);
            return this;
        }

        /**
         * Sets how long one call of a handler may take, unless the function sets its own limit with
         * {@link Description#callLimit}.
         */
        public Builder callLimit(Duration callLimit) {
            values.callLimit = checked("callLimit", callLimit);
            return this;
        }

        /**
         * Sets how long one call of a handler may take before a warning is logged, with the stack of the handler's
         * thread. The warning is repeated at growing intervals.
         */
        public Builder warnCallAfter(Duration warnCallAfter) {
            values.warnCallAfter = checked("warnCallAfter", warnCallAfter);
            return this;
        }

        /** Sets how long the remaining work may take after the input has ended. */
        public Builder drainDeadline(Duration drainDeadline) {
            values.drainDeadline = checked("drainDeadline", drainDeadline);
            return this;
        }

        /**
         * Sets how long output may make no progress before the connection is closed. Once Kapacitor's keepalive timeout
         * is known, the limit is twice that timeout.
         */
        public Builder writeStallLimit(Duration writeStallLimit) {
            values.writeStallLimit = checked("writeStallLimit", writeStallLimit);
            return this;
        }

        /**
         * Sets how often a busy connection sends a keepalive. Once Kapacitor's keepalive timeout is known, the interval
         * is a quarter of that timeout.
         */
        public Builder keepaliveInterval(Duration keepaliveInterval) {
            values.keepaliveInterval = checked("keepaliveInterval", keepaliveInterval);
            return this;
        }

        /**
         * Sets how far the time of a point may be ahead of the wall clock and still move a handler's
         * {@linkplain Context#eventTime event time}.
         */
        public Builder maxEventTimeAhead(Duration maxEventTimeAhead) {
            values.maxEventTimeAhead = checked("maxEventTimeAhead", maxEventTimeAhead);
            return this;
        }

        /** Sets what happens when a handler throws an exception. */
        public Builder onError(FailurePolicy onError) {
            values.onError = Objects.requireNonNull(onError, "onError");
            return this;
        }

        /**
         * Sets how many times a handler may be replaced by a new one within {@link #restartInterval}. A further failure
         * ends the task with an error.
         */
        public Builder maxRestarts(int maxRestarts) {
            values.maxRestarts = (int) checked("maxRestarts", maxRestarts, 0, MAX_RESTARTS);
            return this;
        }

        /** Sets the length of the interval to which {@link #maxRestarts} applies. */
        public Builder restartInterval(Duration restartInterval) {
            values.restartInterval = checked("restartInterval", restartInterval);
            return this;
        }

        /** Sets what happens when a snapshot cannot be restored. */
        public Builder onBadSnapshot(OnBadSnapshot onBadSnapshot) {
            values.onBadSnapshot = Objects.requireNonNull(onBadSnapshot, "onBadSnapshot");
            return this;
        }

        /** Sets what happens to a NaN or an infinity that a function has produced. */
        public Builder nonFinite(NonFinite nonFinite) {
            values.nonFinite = Objects.requireNonNull(nonFinite, "nonFinite");
            return this;
        }

        /**
         * Sets a directory with snapshots; none by default. A node for which Kapacitor has no state starts from the
         * file {@code TASK.NODE} in this directory.
         */
        public Builder seedDir(Path seedDir) {
            values.seedDir = Optional.of(seedDir);
            return this;
        }

        /** Returns a configuration with the current settings. */
        public AgentConfig build() {
            return new AgentConfig(values.copy());
        }

        private static long checked(String name, long value, long least, long most) {
            if (value < least || value > most) {
                throw new IllegalArgumentException(name + ": " + value + " (expected: " + least + " to " + most + ")");
            }
            return value;
        }

        private static Duration checked(String name, Duration value) {
            if (value.isZero() || value.isNegative() || value.compareTo(LONGEST) > 0) {
                throw new IllegalArgumentException(name + ": " + value + " (expected: > 0 and <= " + LONGEST + ")");
            }
            return value;
        }
    }

    /**
     * The settings, with their defaults. Each builder modifies its own instance. The instance of a configuration does
     * not change.
     */
    private static final class Values implements Cloneable {
        private int maxFrameBytes = 64 * MIB;
        private int readAheadBytes = 128 * KIB;
        private long totalReadAheadBytes = Math.max(MIB, Runtime.getRuntime().maxMemory() / 4);
        private int outputBufferBytes = MIB;
        private int maxBatchBytes = 64 * MIB;
        private int maxCollectedBatchBytes = 128 * MIB;
        private int maxSnapshotBytes = 64 * MIB;
        private int maxOptionBytes = 64 * KIB;
        private int maxConnections = 4096;
        private Duration callLimit = Duration.ofSeconds(60);
        private Duration warnCallAfter = Duration.ofSeconds(1);
        private Duration drainDeadline = Duration.ofSeconds(5);
        private Duration writeStallLimit = Duration.ofSeconds(30);
        private Duration keepaliveInterval = Duration.ofMillis(100);
        private Duration maxEventTimeAhead = Duration.ofDays(1);
        private FailurePolicy onError = FailurePolicy.DECLARED;
        private int maxRestarts = 5;
        private Duration restartInterval = Duration.ofMinutes(1);
        private OnBadSnapshot onBadSnapshot = OnBadSnapshot.FAIL;
        private NonFinite nonFinite = NonFinite.DECLARED;
        private Optional<Path> seedDir = Optional.empty();

        Values copy() {
            try {
                return (Values) clone();
            } catch (CloneNotSupportedException e) {
                throw new AssertionError(e);
            }
        }

        List<Object> all() {
            return List.of(
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
