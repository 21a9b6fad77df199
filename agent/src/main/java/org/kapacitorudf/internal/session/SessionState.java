package org.kapacitorudf.internal.session;

import java.util.EnumSet;
import java.util.Set;

/**
 * Where a connection stands.
 *
 * <pre>
 *   CONNECTED --Init succeeded--> RUNNING
 *       |                            |
 *       +--input ended, stopped------+--> DRAINING --handler ended--> FLUSHING --output ended--> OUTPUT_ENDED
 *       |                            |        | failed                   ^                            | input ended
 *       +--failed, refused-----------+--> FAILED ------ input ended -----+                            +--> CLOSED
 *
 *   any -- the other side has gone, given up --> CLOSED
 * </pre>
 */
enum SessionState {
    /** Nothing but Info, Keepalive and Init is in order. */
    CONNECTED,
    /** The handler exists. */
    RUNNING,
    /** The handler works on what was read; no more is read for it. */
    DRAINING,
    /** An error has been sent. Closing before the input has ended would lose it, because Kapacitor ends its input when it has read the error. */
    FAILED,
    /** The rest of the output is on its way. */
    FLUSHING,
    /** The output has ended; closing waits for the end of the input. */
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

    /** Gives {@code next}, if that is a legal move. */
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

    /** Whether the end has begun, and something of it is waited for. */
    boolean isEnding() {
        return !isOpen() && this != CLOSED;
    }

    /** Whether nothing can be sent any more. */
    boolean isOver() {
        return this == FLUSHING || this == OUTPUT_ENDED || this == CLOSED;
    }

    /** Whether the end of the input is waited for. */
    boolean isForEndOfInput() {
        return this == FAILED || this == OUTPUT_ENDED;
    }
}
