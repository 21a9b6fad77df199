package org.kapacitorudf.tools.conformance;

/** How bad it is when an agent fails a case. */
public enum Severity {
    /** Kapacitor dies, hangs or does not start, or a task ends. */
    MUST("kills, hangs or stops Kapacitor or a task"),
    /** Data or state is lost, or somebody is misled. */
    SHOULD("loses data or state, or misleads"),
    /** Nothing that Kapacitor does leads there; but a program that somebody else relies on would not do it. */
    MAY("not what Kapacitor does to it, but fragile");

    private final String meaning;

    Severity(String meaning) {
        this.meaning = meaning;
    }

    /** What it means when an agent fails such a case. */
    public String meaning() {
        return meaning;
    }
}
