package org.kapacitorudf.errors;

/**
 * A failure whose message is meant for the owner of the task.
 *
 * <p>It reads {@code name: value (expected: ...)} wherever a value is at fault. Any other exception is reported with its class and message; this one with its
 * message alone.
 */
public class UdfException extends RuntimeException {
    private static final long serialVersionUID = 1;

    public UdfException(String message) {
        super(message);
    }

    public UdfException(String message, Throwable cause) {
        super(message, cause);
    }
}
