package org.kapacitorudf.errors;

import org.kapacitorudf.Description;

/** What an exception of a handler does; a {@link FieldException} always skips the point alone. */
public enum FailurePolicy {
    /** What the function's {@linkplain Description#onError description} says. */
    DECLARED,
    /** Ends the task with an error. */
    FAIL,
    /** Skips the point or batch, counts it and logs it at a limited rate. */
    SKIP,
    /**
     * Replaces the handler by a new one, which begins with the last good snapshot, on the same connection. What came since that snapshot is gone, the point that
     * failed too, and the rest of its batch.
     */
    RESTART
}
