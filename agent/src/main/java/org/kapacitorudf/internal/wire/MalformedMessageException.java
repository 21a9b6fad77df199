package org.kapacitorudf.internal.wire;

/**
 * Bytes that are no protobuf message.
 *
 * <p>The message names the position and what was expected there: {@code length at byte 17: 300 (expected: <= 12, the bytes that are left)}.
 */
public final class MalformedMessageException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final int position;

    /**
     * @param what names what is wrong: {@code "length"}
     * @param position an index of the array that was decoded
     * @param problem what is there, and what was expected: {@code "300 (expected: <= 12, the bytes that are left)"}
     */
    public MalformedMessageException(String what, int position, String problem) {
        super(what + " at byte " + position + ": " + problem);
        this.position = position;
    }

    private MalformedMessageException(String message, MalformedMessageException cause) {
        super(message, cause);
        this.position = cause.position;
    }

    /** The same problem, with the name of the message it is in put before it. */
    public MalformedMessageException in(String message) {
        return new MalformedMessageException(message + ": " + getMessage(), this);
    }

    /** Where it is: an index of the array that was decoded. */
    public int position() {
        return position;
    }
}
