package org.kapacitorudf.tools.load;

/** Says why a measurement could not be made: the agent did not start, failed, stalled, or gave back something else. */
public final class LoadException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    LoadException(String message) {
        super(message);
    }

    LoadException(String message, Throwable cause) {
        super(message, cause);
    }
}
