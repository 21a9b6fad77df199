package org.kapacitorudf.tools.conformance;

/** Thrown when a case does not apply to this agent. */
final class NotApplicable extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final String text;

    NotApplicable(String text) {
        super(text);
        this.text = text;
    }

    /** Returns the reason; never null. */
    @Override
    public String getMessage() {
        return text;
    }
}
