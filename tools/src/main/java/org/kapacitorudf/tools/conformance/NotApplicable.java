package org.kapacitorudf.tools.conformance;

/** Thrown when a case does not apply to this agent. */
final class NotApplicable extends RuntimeException {
    private static final long serialVersionUID = 1L;

    NotApplicable(String message) {
        super(message);
    }
}
