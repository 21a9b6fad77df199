package org.kapacitorudf;

import org.kapacitorudf.agent.AgentConfig;
import org.kapacitorudf.errors.FailurePolicy;
import org.kapacitorudf.errors.FieldException;

/**
 * Handles the data of one node of one task. Only {@link #point} must be implemented; the other methods have defaults.
 *
 * <p>Order of calls: {@link #restore} is called at most once, before any data. Then {@link #point} is called for each
 * point of a stream; for each batch, {@link #beginBatch}, {@code point} and {@link #endBatch} are called in this order.
 * {@link #snapshot} and {@linkplain Timer timers} may be called at any time in between, even inside a batch.
 * {@link #stop} is called once, as the last call. If a call throws an exception that ends the task, only {@code stop}
 * follows.
 *
 * <p>Threading: one call at a time, on a worker thread. Calls may run on different threads, but each call sees
 * everything that earlier calls have written. A call may block: this delays no other connection, and the agent keeps
 * sending keepalives to Kapacitor. A long call is logged after {@link AgentConfig#warnCallAfter} and ends its task
 * after {@link AgentConfig#callLimit}.
 *
 * <p>Errors: every method may throw. A {@link FieldException} skips the point. Any other exception ends the task with
 * an error, unless the function or the operator chose another {@link FailurePolicy}. A failed {@code snapshot} does not
 * end the task: Kapacitor receives the last good snapshot again.
 */
@FunctionalInterface
public interface Handler {
    /** Handles one point of the stream or of the current batch. */
    void point(Point point, Output output) throws Exception;

    /** Begins a batch; its points follow. */
    default void beginBatch(BatchBegin begin, Output output) throws Exception {}

    /** Ends the current batch. */
    default void endBatch(BatchEnd end, Output output) throws Exception {}

    /**
     * Returns state that the handler encodes itself. The state in {@link Context#state} and {@link Context#groupState}
     * is saved automatically and does not belong here.
     *
     * @return the state; empty if there is none
     */
    default byte[] snapshot(Output output) throws Exception {
        return new byte[0];
    }

    /**
     * Restores what {@link #snapshot} returned earlier, possibly in an older version of the function. The snapshot is
     * never empty.
     */
    default void restore(byte[] snapshot, Output output) throws Exception {}

    /**
     * Called when the input has ended or the server stops. Points that are emitted here are still sent. Also called
     * after a failure, when the task has ended or another handler replaces this one; in that case output is rejected.
     */
    default void stop(Output output) throws Exception {}
}
