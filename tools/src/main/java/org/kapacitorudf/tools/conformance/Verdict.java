package org.kapacitorudf.tools.conformance;

/** What came out of a case. */
public enum Verdict {
    PASSED("pass"),
    FAILED("FAIL"),
    NOT_APPLICABLE("n/a");

    private final String text;

    Verdict(String text) {
        this.text = text;
    }

    /** As the table shows it. */
    public String text() {
        return text;
    }
}
