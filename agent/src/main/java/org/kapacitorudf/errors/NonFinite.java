package org.kapacitorudf.errors;

import org.kapacitorudf.Description;
import org.kapacitorudf.Output;

/**
 * What the agent does with a NaN or an infinity that a function has put into a field. Kapacitor's alerts and HTTP
 * outputs fail on such a value, and InfluxDB rejects it. A value that came from Kapacitor is passed on unchanged.
 */
public enum NonFinite {
    /** Uses the policy of the function's {@linkplain Description#nonFinite description}. */
    DECLARED,
    /** Sends the value. */
    KEEP,
    /**
     * Drops the field, and the point if it has no fields left. The field is counted, and one line is logged for each
     * node.
     */
    DROP,
    /** {@link Output} throws an {@link OutputException} and does not send the point. */
    FAIL
}
