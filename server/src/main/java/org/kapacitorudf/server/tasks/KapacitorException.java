package org.kapacitorudf.server.tasks;

/** Kapacitor's HTTP API did not do what it was asked for. */
final class KapacitorException extends Exception {
    private static final long serialVersionUID = 1;

    private final Kind kind;

    KapacitorException(Kind kind, String message, Throwable cause) {
        super(message, cause);
        this.kind = kind;
    }

    Kind kind() {
        return kind;
    }

    /** What one has to make of it. */
    enum Kind {
        /** Nobody was reached, or nobody lets us in: nothing has been done. */
        UNREACHABLE,
        /** No answer in time: it may or may not have been done, and may still be. */
        LATE,
        /** The connection ended in place of an answer: something in Kapacitor crashed, or it ended. */
        BROKEN_OFF,
        /** An answer that says no, or that is none of Kapacitor's. */
        REFUSED
    }
}
