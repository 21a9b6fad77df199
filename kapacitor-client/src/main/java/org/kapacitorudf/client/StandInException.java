package org.kapacitorudf.client;

/**
 * Says what a {@link Kapacitor} could not get done with its agent, why, and how the use stood then; or a {@code UdfDriver}
 * with its function.
 */
public final class StandInException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public StandInException(String message) {
        super(message);
    }

    public StandInException(String message, Throwable cause) {
        super(message, cause);
    }
}
