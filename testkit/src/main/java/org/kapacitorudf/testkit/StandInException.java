package org.kapacitorudf.testkit;

/**
 * Says what a {@link Kapacitor} could not get done with its agent, why, and how the use stood then; or a {@link UdfDriver}
 * with its function.
 */
public final class StandInException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    StandInException(String message) {
        super(message);
    }

    StandInException(String message, Throwable cause) {
        super(message, cause);
    }
}
