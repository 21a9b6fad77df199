package org.kapacitorudf.client;

import org.jspecify.annotations.Nullable;

/**
 * Thrown when an operation of a {@link Kapacitor} or of a {@code UdfDriver} fails. The message contains the reason and
 * the state of the session.
 */
public final class StandInException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public StandInException(String message) {
        super(message);
    }

    public StandInException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
