package org.kapacitorudf.internal.host;

import java.util.List;
import org.kapacitorudf.internal.line.GivenOption;

/**
 * Work for a handler that is queued with its data. Points, begins and ends of batches are not wrapped, because there
 * are too many of them.
 */
public sealed interface Work {
    /** A request. It gets exactly one {@link Answer}. Requests are compared by identity. */
    sealed interface Request extends Work {}

    /**
     * Creates the handler. Answered by an {@link Answer.Outcome}.
     *
     * @param options the options in the TICKscript, unchecked
     */
    record Init(String taskId, String nodeId, List<GivenOption> options) implements Request {}

    /** Restores the handler's state; the array is not copied. Answered by an {@link Answer.Outcome}. */
    record Restore(byte[] snapshot) implements Request {}

    /** Saves the handler's state. Answered by an {@link Answer.SavedState}. */
    record Snapshot() implements Request {}

    /** Messages from the host itself. They pass through the same queue as the data, so that they do not overtake it. */
    enum Internal implements Work {
        /** Runs the timers that are due. */
        WAKE_UP,
        /** Continues the snapshot in progress. */
        SNAPSHOT_SLICE,
        END_OF_INPUT
    }
}
