package org.kapacitorudf.tools.conformance;

/** Thrown when an agent does not do what a case demands. */
final class CaseFailure extends RuntimeException {
    private static final long serialVersionUID = 1L;

    CaseFailure(String message) {
        super(message);
    }
}
