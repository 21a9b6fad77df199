package org.kapacitorudf.server.tasks;

import org.jspecify.annotations.Nullable;

/** A request to Kapacitor's HTTP API failed. */
final class KapacitorException extends Exception {
    private static final long serialVersionUID = 1;

    private final Kind kind;

    KapacitorException(Kind kind, String message, @Nullable Throwable cause) {
        super(message, cause);
        this.kind = kind;
    }

    Kind kind() {
        return kind;
    }

    /** The kind of failure, and its consequence. */
    enum Kind {
        /** Kapacitor was not reached, or denied access: nothing has been done. */
        UNREACHABLE,
        /** No response arrived in time: the request may or may not have been executed, or may be executed later. */
        LATE,
        /** The connection was closed before a response arrived: Kapacitor has exited, or part of it has crashed. */
        BROKEN_OFF,
        /** The response is an error, or not from Kapacitor. */
        REFUSED
    }
}
