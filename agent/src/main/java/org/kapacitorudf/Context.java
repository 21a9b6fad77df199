package org.kapacitorudf;

import java.util.function.Supplier;
import org.slf4j.Logger;

/**
 * What a handler knows of the place it works in: its options, its task and node, its state.
 *
 * <p>Threading: {@link #state} and {@link #groupState} belong into {@link Udf#create}; the rest is safe for any thread.
 */
public interface Context {
    /** The value of an option, parsed and checked. {@link IllegalArgumentException} for one that the function's description does not declare. */
    <T> T option(Option<T> option);

    /** The task's name, as Kapacitor gives it. */
    String taskId();

    /** The node's name in the task, {@code movingAvg2} for example. */
    String nodeId();

    /**
     * One value for each group, made by {@code fresh} on first use, part of the snapshot.
     *
     * @param name names the state in the snapshot; unique in the handler
     * @param type a record or a plain class with fields
     */
    <T> GroupState<T> groupState(String name, Class<T> type, Supplier<? extends T> fresh);

    /** One value for the whole handler, made by {@code fresh} on first use, part of the snapshot. */
    <T> State<T> state(String name, Class<T> type, Supplier<? extends T> fresh);

    /** The limits and policies of the agent or server that it works in. */
    AgentConfig config();

    /** For threads of the handler's own. It opens when {@link Udf#create} has returned: until then other threads wait, and {@code create} itself is refused. */
    Output output();

    /** Logs with the task and the node in every line. */
    Logger logger();
}
