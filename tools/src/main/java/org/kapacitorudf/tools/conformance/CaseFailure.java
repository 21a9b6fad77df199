package org.kapacitorudf.tools.conformance;

/** Thrown when an agent does not meet the requirement of a case. */
final class CaseFailure extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final String text;

    CaseFailure(String text) {
        super(text);
        this.text = text;
    }

    /** Creates a failure with the message of another exception, or with its class if it has no message. */
    CaseFailure(Exception cause) {
        this(cause.getMessage() == null ? cause.toString() : cause.getMessage());
    }

    /** Returns the reason; never null. */
    @Override
    public String getMessage() {
        return text;
    }
}
