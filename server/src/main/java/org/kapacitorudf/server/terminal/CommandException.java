package org.kapacitorudf.server.terminal;

import java.nio.file.InvalidPathException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/** A command failed for a reason that the user can fix. The message is shown without a stack trace. */
public final class CommandException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final ExitStatus status;

    public CommandException(ExitStatus status, @Nullable String message) {
        super(message);
        this.status = status;
    }

    /** Returns the message; never null. */
    @Override
    public String getMessage() {
        return String.valueOf(super.getMessage());
    }

    public ExitStatus status() {
        return status;
    }

    /** Prints the error, and returns the exit status. */
    public static int failed(Terminal terminal, Throwable failure) {
        Optional<String> limit = SystemLimits.reached(failure);
        if (limit.isPresent()) {
            terminal.say(terminal.program() + ": " + limit.get());
            return ExitStatus.INTERNAL_ERROR.code();
        }
        if (failure instanceof CommandException e) {
            terminal.say(terminal.program() + ": " + e.getMessage());
            return e.status().code();
        }
        if (failure instanceof InvalidPathException e) {
            terminal.say(terminal.program() + ": path: " + e.getInput() + ": " + e.getReason()
                    + (ProcessText.isUtf8() ? "" : " (expected: ASCII only, or a locale with UTF-8, such as C.UTF-8)"));
            return ExitStatus.USAGE.code();
        }
        LoggerFactory.getLogger(CommandException.class).error("internal error", failure);
        return ExitStatus.INTERNAL_ERROR.code();
    }
}
