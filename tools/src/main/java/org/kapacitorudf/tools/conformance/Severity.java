package org.kapacitorudf.tools.conformance;

/** The severity of a failed case. */
public enum Severity {
    /** Kapacitor crashes, hangs or does not start, or a task ends. */
    MUST("kills, hangs or stops Kapacitor or a task"),
    /** Data or state is lost, or users are misled. */
    SHOULD("loses data or state, or misleads"),
    /** Kapacitor never causes this, but a reliable program would handle it. */
    MAY("not caused by Kapacitor, but fragile");

    private final String meaning;

    Severity(String meaning) {
        this.meaning = meaning;
    }

    /** The meaning of a failure. */
    public String meaning() {
        return meaning;
    }
}
