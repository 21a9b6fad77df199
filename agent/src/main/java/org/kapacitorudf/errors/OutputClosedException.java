package org.kapacitorudf.errors;

/**
 * The connection has ended, or Kapacitor has stopped reading for good, or the handler has been {@linkplain FailurePolicy#RESTART replaced}: nothing can be sent
 * this way any more.
 */
public final class OutputClosedException extends OutputException {
    private static final long serialVersionUID = 1;

    public OutputClosedException(String message) {
        super(message);
    }
}
