package org.kapacitorudf.internal.session;

import java.util.EnumSet;
import java.util.Set;

/**
 * The state of a session.
 *
 * <pre>
 *   CONNECTED --Init succeeded--> RUNNING
 *       |                            |
 *       +--input ended, stopped------+--> DRAINING --handler ended--> FLUSHING --output ended--> OUTPUT_ENDED
 *       |                            |        | failed                   ^                            | input ended
 *       +--failed, refused-----------+--> FAILED ------ input ended -----+                            +--> CLOSED
 *
 *   any -- the other side has disconnected, given up --> CLOSED
 * </pre>
 */
enum SessionState {
    /** Only Info, Keepalive and Init are valid. */
    CONNECTED,
    /** The handler has been created. */
    RUNNING,
    /** The handler handles the data that was read; no more data is read. */
    DRAINING,
    /**
     * An error has been sent. If the connection were closed before the end of the input, the error would be lost.
     * Kapacitor ends the input after it has read the error.
     */
    FAILED,
    /** The remaining output is being sent. */
    FLUSHING,
    /** The output has ended. The connection is closed when the input has ended, too. */
    OUTPUT_ENDED,
    CLOSED;

    private Set<SessionState> next() {
        return switch (this) {
            case CONNECTED -> EnumSet.of(RUNNING, DRAINING, FAILED, CLOSED);
            case RUNNING -> EnumSet.of(DRAINING, FAILED, CLOSED);
            case DRAINING -> EnumSet.of(FAILED, FLUSHING, CLOSED);
            case FAILED -> EnumSet.of(FLUSHING, CLOSED);
            case FLUSHING -> EnumSet.of(OUTPUT_ENDED, CLOSED);
            case OUTPUT_ENDED -> EnumSet.of(CLOSED);
            case CLOSED -> EnumSet.noneOf(SessionState.class);
        };
    }

    /** Returns {@code next}. Throws an {@link IllegalStateException} if the transition is illegal. */
    SessionState to(SessionState next) {
        if (!next().contains(next)) {
            throw new IllegalStateException(
                    "session state: " + next + " after " + this + " (expected: one of " + next() + ")");
        }
        return next;
    }

    /** Whether data goes to the handler. */
    boolean isOpen() {
        return this == CONNECTED || this == RUNNING;
    }

    /** Whether the shutdown has begun and is not complete. */
    boolean isEnding() {
        return !isOpen() && this != CLOSED;
    }

    /** Whether nothing more can be sent. */
    boolean isOver() {
        return this == FLUSHING || this == OUTPUT_ENDED || this == CLOSED;
    }

    /** Whether the session is waiting for the end of the input. */
    boolean isForEndOfInput() {
        return this == FAILED || this == OUTPUT_ENDED;
    }
}
