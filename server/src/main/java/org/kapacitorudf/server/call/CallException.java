package org.kapacitorudf.server.call;

import org.jspecify.annotations.Nullable;

/** A call failed. */
public final class CallException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** The kind of failure. */
    public enum Kind {
        /** The function was not started because its options are invalid. */
        REFUSED,
        /** The function has failed. */
        FAILED,
        /** The input cannot be read, or is invalid. */
        INPUT,
        /** Too many points are in incomplete batches. */
        TOO_MANY_WAITING,
        /** The reader of the output has closed it. */
        OUTPUT_GONE
    }

    private final Kind kind;

    CallException(Kind kind, @Nullable String message) {
        super(message);
        this.kind = kind;
    }

    /** Returns the message; never null. */
    @Override
    public String getMessage() {
        return String.valueOf(super.getMessage());
    }

    /** The kind of failure. */
    public Kind kind() {
        return kind;
    }
}
