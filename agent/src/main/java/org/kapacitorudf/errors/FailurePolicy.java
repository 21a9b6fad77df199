package org.kapacitorudf.errors;

import org.kapacitorudf.Description;

/** What happens when a handler throws an exception. A {@link FieldException} always skips only the point. */
public enum FailurePolicy {
    /** Uses the policy of the function's {@linkplain Description#onError description}. */
    DECLARED,
    /** Ends the task with an error. */
    FAIL,
    /**
     * Skips the point or batch, counts it and logs it at a limited rate. If the handler throws an {@link Error}, the
     * task ends with an error.
     */
    SKIP,
    /**
     * Replaces the handler on the same connection by a new one, which starts from the last good snapshot. Changes since
     * that snapshot are lost, as are the failed point and the rest of its batch.
     */
    RESTART
}
