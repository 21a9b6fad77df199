package org.kapacitorudf.server;

/** A command cannot be carried out, for a reason that its user can mend: the message is shown, without a stack trace. */
final class CommandException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final ExitStatus status;

    CommandException(ExitStatus status, String message) {
        super(message);
        this.status = status;
    }

    ExitStatus status() {
        return status;
    }
}
