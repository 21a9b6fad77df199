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
 * What a handler knows of the place it works in: its options, its task and node, its state, the time.
 *
 * <p>Timers run as calls of the handler: one at a time, in order with the data, and may emit. They begin when the state is there: with the answer to Restore, with
 * the first data, or a second after Init, whichever comes first. So {@code context.after(Duration.ZERO, ...)} in {@link Udf#create} is the place for what has to be
 * done once the state has been restored and before the first point: to set timers again, for example. All timers end before {@link Handler#stop}; one set in
 * {@code stop} never runs.
 *
 * <p>Threading: {@link #state} and {@link #groupState} belong into {@link Udf#create}; {@link #after}, {@link #every}, {@link #at} and {@link #eventTime} into
 * {@code create} and the handler's calls (any other thread gets an {@link IllegalStateException}); the rest is safe for any thread.
 */
public interface Context {
    /** The value of an option, parsed and checked. {@link IllegalArgumentException} for one that the function's description does not declare. */
    <T> T option(Option<T> option);

    /** The task's name, as Kapacitor gives it. */
    String taskId();

    /** The node's name in the task, {@code movingAvg2} for example. */
    String nodeId();

    /**
     * One value for each group, made by {@code fresh} on first use, part of the snapshot. Groups stay until they are removed.
     *
     * @param name names the state in the snapshot; unique in the handler
     * @param type a record or a plain class with fields
     */
    default <T> GroupState<T> groupState(String name, Class<T> type, Supplier<? extends T> fresh) {
        return groupState(name, type, fresh, Expiry.never());
    }

    /** One value for each group, as {@link #groupState(String, Class, Supplier)}, for as long as {@code expiry} lets it stay. */
    <T> GroupState<T> groupState(String name, Class<T> type, Supplier<? extends T> fresh, Expiry expiry);

    /** One value for each group for as long as {@code expiry} lets it stay; {@code onExpire} is told of each that goes, and may emit. */
    <T> GroupState<T> groupState(
            String name, Class<T> type, Supplier<? extends T> fresh, Expiry expiry, OnExpire<T> onExpire);

    /** One value for the whole handler, made by {@code fresh} on first use, part of the snapshot. */
    <T> State<T> state(String name, Class<T> type, Supplier<? extends T> fresh);

    /**
     * A count of the function's own: of anomalies, for example. It is on the status page, in the metrics as
     * {@code kapacitor_udf_counter_total}, and in the log line that ends a connection. It belongs to the connection: it is not part of the snapshot, and a new
     * handler after a failure goes on with it.
     *
     * <p>A function has a fixed set of at most 32 names. A name must not be made from data.
     *
     * @param name of the letters a to z and underscores
     * @return always the same for the same name
     * @throws IllegalArgumentException for another name, or the 33rd of the function
     */
    Counter counter(String name);

    /** The largest snapshot that the agent gives to Kapacitor, in bytes before compression; {@link AgentConfig} sets it. */
    int maxSnapshotBytes();

    /** How much memory may be used to collect one batch, in bytes; {@link AgentConfig} sets it. */
    int maxCollectedBatchBytes();

    /**
     * Does something once, when so much wall time has passed from now on. Data that was read before that time is handled first.
     *
     * @throws IllegalArgumentException for a delay that is negative, or more than 365 days
     */
    Timer after(Duration delay, TimedCall call);

    /**
     * Does something again and again, the first time when one interval of wall time has passed. It keeps its rhythm; ticks for which the handler had no time are
     * dropped.
     *
     * @throws IllegalArgumentException for an interval that is not positive, or more than 365 days
     */
    Timer every(Duration interval, TimedCall call);

    /**
     * Does something once, when {@linkplain #eventTime event time} gets to an instant: before the call of the first point (of batches: of the first
     * {@link Handler#endBatch}) that is as late. If event time is there already, it is done right after the current call.
     *
     * <p>Timers run in the order of their instants, those for the same one in the order in which they were set. While one runs, event time is at its instant. Without
     * data, event time stands still.
     */
    Timer at(Instant eventTime, TimedCall call);

    /** The time on the wall clock. */
    Instant now();

    /**
     * Event time: the highest time of a point so far (of batches: the highest {@code tmax}), that of the current one included. It never goes back: data that is
     * late is handled like any other and moves nothing, and neither does a time that is {@linkplain AgentConfig#maxEventTimeAhead too far ahead} of the wall clock.
     *
     * <p>To read the time of every point costs. So it is done from the first use of event time on (this method or {@link #at}); of what came before, only the latest
     * point counts. Who uses it in {@code create} misses nothing.
     *
     * @return empty before the first data
     */
    Optional<Instant> eventTime();

    /** For threads of the handler's own. It opens when {@link Udf#create} has returned: until then other threads wait, and {@code create} itself is refused. */
    Output output();

    /** Logs with the task and the node in every line. */
    Logger logger();
}
