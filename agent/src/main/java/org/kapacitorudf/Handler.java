package org.kapacitorudf;

import org.kapacitorudf.agent.AgentConfig;
import org.kapacitorudf.errors.FailurePolicy;
import org.kapacitorudf.errors.FieldException;

/**
 * The work of a function for one node of one task. One method to write; the rest has defaults.
 *
 * <p>Order of calls: {@link #restore} at most once and before any data; then points (a stream), or {@link #beginBatch}, points, {@link #endBatch}, over and over
 * (batches); {@link #snapshot} and {@linkplain Timer timers} at any time in between, also inside a batch; {@link #stop} once, last. After a call has thrown and the
 * task has ended with it, no further call comes but {@code stop}.
 *
 * <p>Threading: one call at a time, on a worker thread, each seeing all that the one before it wrote; not always on the
 * same thread. A call may block: it holds up no other connection, and Kapacitor is kept informed that this one lives. One
 * that takes long is logged after {@link AgentConfig#warnCallAfter}, and ends its task after {@link AgentConfig#callLimit}.
 *
 * <p>Errors: every method may throw. A {@link FieldException} skips the point; anything else ends the task with an error, unless the function or whoever runs it
 * chose otherwise: see {@link FailurePolicy}. A failed {@code snapshot} ends nothing: Kapacitor is given the last good one again.
 */
@FunctionalInterface
public interface Handler {
    /** Takes one point, of the stream or of the batch that is open. */
    void point(Point point, Output output) throws Exception;

    /** A batch begins; its points follow. */
    default void beginBatch(BatchBegin begin, Output output) throws Exception {}

    /** The batch that was open is complete. */
    default void endBatch(BatchEnd end, Output output) throws Exception {}

    /**
     * Gives state of the handler's own making, beside what {@link Context#state} and {@link Context#groupState} hold, which is kept without a line of code.
     *
     * @return the state; empty for none
     */
    default byte[] snapshot(Output output) throws Exception {
        return new byte[0];
    }

    /** Takes back what {@link #snapshot} once gave, never empty; possibly from an older version of the function. */
    default void restore(byte[] snapshot, Output output) throws Exception {}

    /**
     * The input has ended, or the server stops. What is emitted here is still sent. Also called after a failure, when the task has ended or another handler takes this
     * one's place; then output is refused.
     */
    default void stop(Output output) throws Exception {}
}
