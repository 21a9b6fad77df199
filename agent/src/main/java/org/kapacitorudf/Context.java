package org.kapacitorudf;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.function.Supplier;
import org.kapacitorudf.agent.AgentConfig;
import org.kapacitorudf.option.Option;
import org.kapacitorudf.state.Expiry;
import org.kapacitorudf.state.GroupState;
import org.kapacitorudf.state.State;
import org.slf4j.Logger;

/**
 * The environment of a handler: its options, task and node, state, timers and clock.
 *
 * <p>Timers run as calls of the handler: one at a time, in order with the data, and they may emit. They start once the
 * state is available: with the answer to Restore, with the first data, or one second after Init, whichever comes first.
 * Use {@code context.after(Duration.ZERO, ...)} in {@link Udf#create} for work that needs the restored state but must
 * happen before the first point, such as setting timers again. All timers are cancelled before {@link Handler#stop} is
 * called, and a timer that is set in {@code stop} never runs.
 *
 * <p>Threading: call {@link #state} and {@link #groupState} only in {@link Udf#create}. Call {@link #after},
 * {@link #every}, {@link #at} and {@link #eventTime} only in {@code create} and in the handler's calls; other threads
 * get an {@link IllegalStateException}. Everything else is safe for use by any thread.
 */
public interface Context {
    /**
     * Returns the value of an option, parsed and checked.
     *
     * @throws IllegalArgumentException if the function's description does not declare the option
     */
    <T> T option(Option<T> option);

    /** The name of the task. */
    String taskId();

    /** The name of the node in the task, for example {@code movingAvg2}. */
    String nodeId();

    /**
     * Declares a state with one value for each group. {@code fresh} creates a group's value on first use; all values
     * are saved in the snapshot. Groups stay until the handler removes them.
     *
     * @param name the name of the state in the snapshot; unique within the handler
     * @param type a record or a plain class with fields, which may be added or removed in later versions of the
     *     function
     */
    default <T> GroupState<T> groupState(String name, Class<T> type, Supplier<? extends T> fresh) {
        return groupState(name, type, fresh, Expiry.never());
    }

    /** Like {@link #groupState(String, Class, Supplier)}, but {@code expiry} defines when groups are removed. */
    <T> GroupState<T> groupState(String name, Class<T> type, Supplier<? extends T> fresh, Expiry expiry);

    /**
     * Like {@link #groupState(String, Class, Supplier, Expiry)}, but also calls {@code onExpire} for each expired
     * group. {@code onExpire} may emit.
     */
    <T> GroupState<T> groupState(
            String name, Class<T> type, Supplier<? extends T> fresh, Expiry expiry, OnExpire<T> onExpire);

    /**
     * Declares a state with one value for the whole handler. {@code fresh} creates the value on first use; it is saved
     * in the snapshot.
     */
    <T> State<T> state(String name, Class<T> type, Supplier<? extends T> fresh);

    /**
     * Returns a counter of the function, for example of anomalies. The counter is shown on the status page, in the
     * metrics as {@code kapacitor_udf_counter_total}, and in the log line at the end of a connection. It belongs to the
     * connection: it is not part of the snapshot, and it keeps its value when a handler is replaced after a failure.
     *
     * <p>A function has at most 32 counter names. Do not derive a name from data.
     *
     * @param name lower-case letters a to z and underscores
     * @return the same counter for the same name
     * @throws IllegalArgumentException if the name is invalid or is the 33rd of the function
     */
    Counter counter(String name);

    /**
     * The maximum size, in bytes before compression, of a snapshot that is sent to Kapacitor; set by
     * {@link AgentConfig}.
     */
    int maxSnapshotBytes();

    /** The maximum size of a collected batch, in bytes; set by {@link AgentConfig}. */
    int maxCollectedBatchBytes();

    /**
     * Runs {@code call} once, after this much wall time. Data that was read before that moment is handled first.
     *
     * @throws IllegalArgumentException if the delay is negative or longer than 365 days
     */
    Timer after(Duration delay, TimedCall call);

    /**
     * Runs {@code call} repeatedly, first after one interval of wall time. The rate is fixed: calls that were missed
     * because the handler was busy are dropped.
     *
     * @throws IllegalArgumentException if the interval is not positive or is longer than 365 days
     */
    Timer every(Duration interval, TimedCall call);

    /**
     * Runs {@code call} once, when {@linkplain #eventTime event time} reaches the instant. It runs before the handler
     * is called for the first point at or after that time; for batches, before the first {@link Handler#endBatch} whose
     * {@code tmax} is at or after it. If event time has already reached the instant, {@code call} runs right after the
     * current call.
     *
     * <p>Timers run in the order of their instants; timers for the same instant run in the order in which they were
     * set. While a timer runs, event time is the timer's instant. Event time does not advance without data.
     */
    Timer at(Instant eventTime, TimedCall call);

    /** The current wall-clock time. */
    Instant now();

    /**
     * Returns event time: the highest time of all points so far, including the current one; for batches, the highest
     * {@code tmax}. It never goes back. Late data is handled like any other data and does not move event time. A time
     * that is {@linkplain AgentConfig#maxEventTimeAhead too far ahead} of the wall clock does not move it either.
     *
     * <p>Reading the time of every point is costly, so event time is tracked only from the first use of this method or
     * {@link #at}; of the points before that, only the latest is taken into account. Call this method in {@code create}
     * to take every point into account.
     *
     * @return empty before the first data
     */
    Optional<Instant> eventTime();

    /**
     * The output for the handler's own threads. It opens when {@link Udf#create} has returned. Until then, it blocks
     * other threads that send data, and rejects data that {@code create} itself sends.
     */
    Output output();

    /** A logger that adds the task and the node to every line. */
    Logger logger();
}
