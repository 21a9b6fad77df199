package org.kapacitorudf.tools.conformance;

/** The outcome of a case. */
public enum Verdict {
    PASSED("pass"),
    FAILED("FAIL"),
    NOT_APPLICABLE("n/a");

    private final String text;

    Verdict(String text) {
        this.text = text;
    }

    /** The text in the table. */
    public String text() {
        return text;
    }
}
