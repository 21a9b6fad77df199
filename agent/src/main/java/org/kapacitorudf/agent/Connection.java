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
 * A connection to Kapacitor as one sees it from outside: for metrics, a status page, or whoever looks after tasks. It only shows; nothing can be done to it.
 *
 * <p>What is shown is of now, or of a moment ago. After the connection's end it stays as it was then.
 *
 * <p>Threading: safe for any thread; no method waits for the handler.
 */
public interface Connection {
    /** Counts the connections of an agent or a server, from 1. */
    long number();

    /** The name of the function. */
    String function();

    /** Empty before Init. */
    String taskId();

    /** Empty before Init. */
    String nodeId();

    Instant openedAt();

    /** Whether the handler exists: Init has been answered without an error. */
    boolean isStarted();

    /** The options with which it was started, as in the log: {@code field=usage size=10}. Secret values are hidden. Empty before that. */
    String options();

    /** The state that the handler began with; empty if it began without. */
    Optional<Restored> restored();

    /** Why points and batches were skipped, the reason that occurred last first. */
    List<Skip> skips();

    /** All that has been counted so far. */
    Counts counts();

    /** Input that waits for the handler, in bytes. */
    long queuedBytes();

    /** Output that waits for Kapacitor, in bytes. */
    long unsentBytes();

    /** How many groups the handler's state holds, as its last piece of work left it; empty for a handler without state per group. */
    OptionalLong groups();

    /** The last snapshot that was made here. */
    Optional<Snapshot> lastSnapshot();

    /** What the handler is doing just now; empty when no call is going on. */
    Optional<Call> currentCall();

    /** What went wrong last: in a call, or with the connection itself. What was skipped is in {@link #skips}. */
    Optional<Failure> lastFailure();

    /**
     * A call of the handler.
     *
     * @param method of the handler: {@code point}, {@code timer}, {@code create} and so on
     * @param seenFor for how long it has been seen at work; looked at every 10 ms, so a short call is at zero. Waiting in {@code Output} does not
     *     count
     * @param waiting whether it waits in {@code Output} until Kapacitor has read
     */
    record Call(String method, Duration seenFor, boolean waiting) {}

    /**
     * Something that went wrong.
     *
     * @param text as in the log, cut to a few thousand characters
     */
    record Failure(Instant time, String text) {}

    /**
     * A snapshot that was given to Kapacitor.
     *
     * @param at when it was given
     * @param bytes as it was sent
     * @param time from the request to the answer; the handler went on meanwhile
     */
    record Snapshot(Instant at, int bytes, Duration time) {}

    /**
     * State that was restored from a snapshot.
     *
     * @param groups that it holds
     * @param bytes of the snapshot
     * @param version of the state, as the function that saved it declared it
     */
    record Restored(Instant at, long groups, int bytes, int version) {}

    /**
     * A reason for which points or batches were skipped.
     *
     * @param reason the method with the text of the last such exception; texts that differ in values alone are one reason. {@code (other)} for the reasons
     *     that are counted together
     * @param lastAt when it occurred last
     */
    record Skip(String reason, long count, Instant lastAt) {}

    /**
     * What has happened on a connection since it was opened, or on several together. It only grows.
     *
     * @param bytesIn of all messages, as they came over the wire
     * @param bytesOut as the operating system has taken them
     * @param calls of the handler, of every kind, with the time they took without the waiting in {@code Output}
     * @param outputWait for how long the handler's calls had to wait until Kapacitor had read
     * @param readingPaused for how long nothing was read, because the handler did not keep up
     * @param unaskedKeepalives signs of life that were sent because the handler was busy
     * @param errors calls that threw, whatever came of it, but for points that were skipped because a field is missing or has another type
     * @param skipped calls whose point or batch was left out after they threw
     * @param nonFinite values of fields that were not finite and that the function has made, whatever became of them
     * @param restarts how often the handler has been replaced after it threw
     * @param snapshots that were given to Kapacitor
     * @param failedSnapshots in whose place the last good one was given again
     * @param snapshotTime from request to answer, of all of {@code snapshots}
     * @param counters the function's own, by name: see {@link Context#counter}
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
        /** Of no connection at all. */
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

        /** Of both together. */
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
     * How long calls took.
     *
     * @param total of all, the one that is going on included
     * @param within how many took no longer than each of {@link #BOUNDS} and longer than the one before; the last element, one more than there are bounds, is of
     *     those that took longer than all
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

        /** How many calls there were. */
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
