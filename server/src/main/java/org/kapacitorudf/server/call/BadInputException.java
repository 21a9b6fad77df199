package org.kapacitorudf.server.call;

/** Input that is not a point. The message contains the position. */
public final class BadInputException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final transient byte[] line;

    /** @param line the line as read; empty if unknown */
    public BadInputException(String message, byte[] line) {
        super(message, null, false, false);
        this.line = line;
    }

    /** The line as read. */
    public byte[] line() {
        return line;
    }
}
