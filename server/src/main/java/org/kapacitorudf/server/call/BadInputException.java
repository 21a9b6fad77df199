package org.kapacitorudf.server.call;

/** Says what of an input is not a point, and where. */
public final class BadInputException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final transient byte[] line;

    /** @param line the line as it was read; empty if it is not known */
    public BadInputException(String message, byte[] line) {
        super(message, null, false, false);
        this.line = line;
    }

    /** The line as it was read. */
    public byte[] line() {
        return line;
    }
}
