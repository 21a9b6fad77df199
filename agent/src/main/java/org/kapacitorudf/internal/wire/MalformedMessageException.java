package org.kapacitorudf.internal.wire;

/**
 * Thrown if bytes are not a valid protobuf message.
 *
 * <p>The message names the position, and what was expected there:
 * {@code length at byte 17: 300 (expected: <= 12, the bytes that are left)}.
 */
public final class MalformedMessageException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final int position;

    /**
     * @param what the invalid element: {@code "length"}
     * @param position an index in the decoded array
     * @param problem what was found there, and what was expected:
     *     {@code "300 (expected: <= 12, the bytes that are left)"}
     */
    public MalformedMessageException(String what, int position, String problem) {
        super(what + " at byte " + position + ": " + problem);
        this.position = position;
    }

    private MalformedMessageException(String message, MalformedMessageException cause) {
        super(message, cause);
        this.position = cause.position;
    }

    /**
     * Returns an exception for the same problem. Its text begins with the name of the message that contains the
     * problem.
     */
    public MalformedMessageException in(String message) {
        return new MalformedMessageException(message + ": " + getMessage(), this);
    }

    /** The position: an index in the decoded array. */
    public int position() {
        return position;
    }
}
