package org.kapacitorudf;

/** The connection has ended, or Kapacitor has stopped reading for good: nothing can be sent on it any more. */
public final class OutputClosedException extends OutputException {
    private static final long serialVersionUID = 1;

    public OutputClosedException(String message) {
        super(message);
    }
}
