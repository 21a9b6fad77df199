package org.kapacitorudf.errors;

import org.kapacitorudf.Description;
import org.kapacitorudf.Output;

/**
 * What the agent does with a NaN or an infinity that a function has put into a field. Kapacitor's alerts and HTTP
 * outputs fail on such a value, and InfluxDB refuses it. A value that came from Kapacitor is passed on unchanged.
 */
public enum NonFinite {
    /** What the function's {@linkplain Description#nonFinite description} says. */
    DECLARED,
    /** It is sent. */
    KEEP,
    /** The field is dropped, and the point when none is left. It is counted, and the log has one line for each node. */
    DROP,
    /** {@link Output} refuses the point with an exception. */
    FAIL
}
