package org.kapacitorudf.tools.load;

import org.jspecify.annotations.Nullable;

/** Thrown when a measurement fails because the agent did not start, failed, stalled, or returned wrong data. */
public final class LoadException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    LoadException(String message) {
        super(message);
    }

    LoadException(@Nullable String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
