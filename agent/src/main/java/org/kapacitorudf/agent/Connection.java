package org.kapacitorudf.agent;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import org.kapacitorudf.Context;

/**
 * A read-only view of a connection to Kapacitor, for metrics, a status page, or programs that supervise tasks.
 *
 * <p>Values may be a moment old. They no longer change after the connection has ended.
 *
 * <p>Threading: safe for use by any thread; no method waits for the handler.
 */
public interface Connection {
    /** The number of the connection within its agent or server, counted from 1. */
    long number();

    /** The name of the function. */
    String function();

    /** The name of the task; empty before Init. */
    String taskId();

    /** The name of the node; empty before Init. */
    String nodeId();

    Instant openedAt();

    /** Whether the handler has been created and Init has been answered without an error. */
    boolean isStarted();

    /**
     * The options of the handler, in the form used in the log: {@code field=usage size=10}. Secret values are hidden.
     * Empty before Init.
     */
    String options();

    /** The state from which the handler started; empty if it started without state. */
    Optional<Restored> restored();

    /** The reasons for which points and batches were skipped, most recent first. */
    List<Skip> skips();

    /** All counts so far. */
    Counts counts();

    /** The number of input bytes that wait for the handler. */
    long queuedBytes();

    /** The number of output bytes that wait for Kapacitor. */
    long unsentBytes();

    /**
     * The number of groups in the handler's state after its last piece of work; empty if the handler has no state per
     * group.
     */
    OptionalLong groups();

    /** The last snapshot that was taken on this connection. */
    Optional<Snapshot> lastSnapshot();

    /** The call that the handler is executing; empty if there is none. */
    Optional<Call> currentCall();

    /** The last failure of a call or of the connection itself. Skipped points are in {@link #skips}. */
    Optional<Failure> lastFailure();

    /**
     * A call of the handler.
     *
     * @param method the handler's method: {@code point}, {@code timer}, {@code create} and so on
     * @param seenFor how long the call has been observed running; sampled every 10 ms, so zero for a short call. Time
     *     spent waiting in {@code Output} is not included
     * @param waiting whether the call waits in {@code Output} until Kapacitor has read
     */
    record Call(String method, Duration seenFor, boolean waiting) {}

    /**
     * A failure.
     *
     * @param text the text in the log, cut to a few thousand characters
     */
    record Failure(Instant time, String text) {}

    /**
     * A snapshot that was sent to Kapacitor.
     *
     * @param at when the snapshot was sent
     * @param bytes the size of the snapshot as it was sent
     * @param time the time from the request to the answer, during which the handler kept running
     */
    record Snapshot(Instant at, int bytes, Duration time) {}

    /**
     * State that was restored from a snapshot.
     *
     * @param groups the number of groups in the restored state
     * @param bytes the size of the snapshot
     * @param version the version of the state, as declared by the function that saved it
     */
    record Restored(Instant at, long groups, int bytes, int version) {}

    /**
     * A reason for which points or batches were skipped.
     *
     * @param reason the method that threw, and the text of the last exception; exceptions whose text differs only in
     *     values are one reason. {@code (other)} stands for the reasons that are counted together
     * @param lastAt when a point or batch was last skipped for this reason
     */
    record Skip(String reason, long count, Instant lastAt) {}

    /**
     * The counts of one connection since it was opened, or the sum of the counts of several connections. Counts only
     * grow.
     *
     * @param bytesIn the size of all received messages on the wire
     * @param bytesOut the bytes that the operating system has accepted
     * @param calls the calls of the handler, of every kind, with their durations excluding time spent waiting in
     *     {@code Output}
     * @param outputWait how long the handler's calls waited in {@code Output} because Kapacitor did not keep up
     * @param readingPaused how long reading was paused because the handler did not keep up
     * @param unaskedKeepalives keepalives that were sent because the handler was busy
     * @param errors calls that threw an exception; points that were skipped because a field is missing or has another
     *     type are not counted
     * @param skipped calls that threw an exception, after which the point or batch was skipped
     * @param nonFinite field values that the function produced and that were not finite, whether or not they were sent
     * @param restarts how often the handler was replaced after it had thrown an exception
     * @param snapshots snapshots that were taken and sent to Kapacitor
     * @param failedSnapshots failed snapshots, for which the last good one was sent again
     * @param snapshotTime the sum of the times from request to answer of all {@code snapshots}
     * @param counters the function's own counters by name; see {@link Context#counter}
     */
    record Counts(
            long pointsIn,
            long pointsOut,
            long batchesIn,
            long batchesOut,
            long bytesIn,
            long bytesOut,
            CallTimes calls,
            Duration outputWait,
            Duration readingPaused,
            long unaskedKeepalives,
            long errors,
            long skipped,
            long nonFinite,
            long restarts,
            long snapshots,
            long failedSnapshots,
            Duration snapshotTime,
            Map<String, Long> counters) {
        /** The counts before any connection. */
        public static final Counts NONE = new Counts(
                0,
                0,
                0,
                0,
                0,
                0,
                CallTimes.NONE,
                Duration.ZERO,
                Duration.ZERO,
                0,
                0,
                0,
                0,
                0,
                0,
                0,
                Duration.ZERO,
                Map.of());

        public Counts {
            counters = Map.copyOf(counters);
        }

        /** Returns the sum of these counts and the given ones. */
        public Counts plus(Counts other) {
            return new Counts(
                    pointsIn + other.pointsIn,
                    pointsOut + other.pointsOut,
                    batchesIn + other.batchesIn,
                    batchesOut + other.batchesOut,
                    bytesIn + other.bytesIn,
                    bytesOut + other.bytesOut,
                    calls.plus(other.calls),
                    outputWait.plus(other.outputWait),
                    readingPaused.plus(other.readingPaused),
                    unaskedKeepalives + other.unaskedKeepalives,
                    errors + other.errors,
                    skipped + other.skipped,
                    nonFinite + other.nonFinite,
                    restarts + other.restarts,
                    snapshots + other.snapshots,
                    failedSnapshots + other.failedSnapshots,
                    snapshotTime.plus(other.snapshotTime),
                    sum(counters, other.counters));
        }

        private static Map<String, Long> sum(Map<String, Long> one, Map<String, Long> other) {
            if (one.isEmpty() || other.isEmpty()) {
                return one.isEmpty() ? other : one;
            }
            Map<String, Long> sum = new TreeMap<>(one);
            other.forEach((name, count) -> sum.merge(name, count, Long::sum));
            return sum;
        }
    }

    /**
     * The durations of calls.
     *
     * @param total the total of all calls, including the current one
     * @param within for each of {@link #BOUNDS}, the number of calls that took at most this long, but longer than the
     *     previous bound; the last element is the number of calls that took longer than all bounds
     */
    record CallTimes(Duration total, List<Long> within) {
        public static final List<Duration> BOUNDS = List.of(
                Duration.ofNanos(1_000),
                Duration.ofNanos(10_000),
                Duration.ofNanos(100_000),
                Duration.ofMillis(1),
                Duration.ofMillis(5),
                Duration.ofMillis(10),
                Duration.ofMillis(50),
                Duration.ofMillis(100),
                Duration.ofMillis(500),
                Duration.ofSeconds(1),
                Duration.ofSeconds(5),
                Duration.ofSeconds(10),
                Duration.ofMinutes(1));

        public static final CallTimes NONE = new CallTimes(Duration.ZERO, Collections.nCopies(BOUNDS.size() + 1, 0L));

        public CallTimes {
            within = List.copyOf(within);
            if (within.size() != BOUNDS.size() + 1) {
                throw new IllegalArgumentException(
                        "within: " + within.size() + " elements (expected: " + (BOUNDS.size() + 1) + ")");
            }
        }

        /** The number of calls. */
        public long count() {
            return within.stream().mapToLong(Long::longValue).sum();
        }

        CallTimes plus(CallTimes other) {
            List<Long> sums = new ArrayList<>();
            for (int i = 0; i < within.size(); i++) {
                sums.add(within.get(i) + other.within.get(i));
            }
            return new CallTimes(total.plus(other.total), sums);
        }
    }
}
