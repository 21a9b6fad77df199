package org.kapacitorudf.errors;

import org.jspecify.annotations.Nullable;

/**
 * A failure whose message is meant for the owner of the task.
 *
 * <p>If a value is invalid, the message has the form {@code name: value (expected: ...)}. Only the message of this
 * exception is reported. Of any other exception, the class and the message are reported.
 */
public class UdfException extends RuntimeException {
    private static final long serialVersionUID = 1;

    public UdfException(String message) {
        super(message);
    }

    public UdfException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }

    /** Returns the message; never null. */
    @Override
    public String getMessage() {
        String message = super.getMessage();
        return message == null ? getClass().getName() : message;
    }
}
