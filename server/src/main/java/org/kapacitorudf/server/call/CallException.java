package org.kapacitorudf.server.call;

/** A call that has come to no good end. */
public final class CallException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** What has gone wrong. */
    public enum Kind {
        /** The function was not started: its options are not right. */
        REFUSED,
        /** The function has failed. */
        FAILED,
        /** The input cannot be read, or is no line protocol. */
        INPUT,
        /** The input would take too much memory. */
        TOO_MANY_WAITING,
        /** Nobody reads the output any more. */
        OUTPUT_GONE
    }

    private final Kind kind;

    CallException(Kind kind, String message) {
        super(message);
        this.kind = kind;
    }

    /** What has gone wrong. */
    public Kind kind() {
        return kind;
    }
}
