package org.kapacitorudf.errors;

/**
 * Nothing can be sent any longer: the connection has ended, Kapacitor has stopped reading for good, or the handler has
 * been {@linkplain FailurePolicy#RESTART replaced}.
 */
public final class OutputClosedException extends OutputException {
    private static final long serialVersionUID = 1;

    public OutputClosedException(String message) {
        super(message);
    }
}
