package org.kapacitorudf.internal.host;

import java.util.List;
import org.kapacitorudf.internal.line.GivenOption;

/**
 * What a handler is asked to do in its turn, among its data. Points, beginnings and ends of batches are not wrapped in
 * it: there are too many of them.
 */
public sealed interface Work {
    /** Asks for something, and gets exactly one {@link Answer}. Requests differ by identity. */
    sealed interface Request extends Work {}

    /**
     * Makes the handler. Answered by an {@link Answer.Outcome}.
     *
     * @param options as the task gives them, not checked
     */
    record Init(String taskId, String nodeId, List<GivenOption> options) implements Request {}

    /** Gives the handler its state back; the array is not copied. Answered by an {@link Answer.Outcome}. */
    record Restore(byte[] snapshot) implements Request {}

    /** Saves the handler's state. Answered by an {@link Answer.SavedState}. */
    record Snapshot() implements Request {}

    /** What a host itself sends. It travels through the same queue as the data: past the queue it would be too early. */
    enum Internal implements Work {
        /** A timer of the handler is due. */
        WAKE_UP,
        /** The snapshot that is being made goes on. */
        SNAPSHOT_SLICE,
        END_OF_INPUT
    }
}
