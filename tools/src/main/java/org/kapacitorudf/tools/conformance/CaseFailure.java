package org.kapacitorudf.tools.conformance;

/** Thrown when an agent does not meet the requirement of a case. */
final class CaseFailure extends RuntimeException {
    private static final long serialVersionUID = 1L;

    CaseFailure(String message) {
        super(message);
    }
}
