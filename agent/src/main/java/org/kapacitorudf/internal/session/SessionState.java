package org.kapacitorudf.internal.session;

import java.util.EnumSet;
import java.util.Set;

/**
 * Where a connection stands.
 *
 * <pre>
 *   CONNECTED ----------------> RUNNING -----------------> DRAINING ----------> CLOSED
 *       |      Init succeeded      |     input ended,          |    output ended    ^
 *       |                          |     failed, stopped       |    or given up     |
 *       +--------------------------|-------------------------> +                    |
 *       +--------------------------+------------------------------------------------+
 *                                        peer gone
 * </pre>
 */
enum SessionState {
    /** Nothing but Info, Keepalive and Init is in order. */
    CONNECTED,
    /** The handler exists. */
    RUNNING,
    /** No more input is handled than has been read; what is left is flushed. */
    DRAINING,
    CLOSED;

    private Set<SessionState> next() {
        return switch (this) {
            case CONNECTED -> EnumSet.of(RUNNING, DRAINING, CLOSED);
            case RUNNING -> EnumSet.of(DRAINING, CLOSED);
            case DRAINING -> EnumSet.of(CLOSED);
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
}
