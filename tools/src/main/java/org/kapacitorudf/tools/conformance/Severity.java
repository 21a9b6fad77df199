package org.kapacitorudf.tools.conformance;

/** The severity of a failed case. */
public enum Severity {
    /** Kapacitor crashes, hangs or does not start, or a task ends. */
    MUST,
    /** Data or state is lost, or users are misled. */
    SHOULD,
    /** Kapacitor never causes this, but a reliable program would handle it. */
    MAY
}
