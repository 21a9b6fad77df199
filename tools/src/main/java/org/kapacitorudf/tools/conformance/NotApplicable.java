package org.kapacitorudf.tools.conformance;

/** Thrown when a case finds that it says nothing about this agent. */
final class NotApplicable extends RuntimeException {
    private static final long serialVersionUID = 1L;

    NotApplicable(String message) {
        super(message);
    }
}
