package org.kapacitorudf.embed;

import org.kapacitorudf.internal.session.Session;

/** How a session with Kapacitor ended, and the exit status of a process for it. */
public enum Ending {
    /** The input ended, and all data was handled and sent. */
    CLEAN(0),
    /** This side was asked to stop, and all data that had been read was handled and sent. */
    STOPPED(0),
    /** The task was ended with an error: the handler failed. */
    FAILED(10),
    /** Kapacitor disconnected before all data was handled and sent. */
    PEER_GONE(11),
    /** Kapacitor stopped reading, and the remaining output was dropped. */
    GIVEN_UP(12),
    /** The function was not started because its options or its snapshot are invalid. */
    REFUSED(14),
    /** The task was ended with an error because Kapacitor violated the protocol. */
    PROTOCOL(15),
    /**
     * The task was ended with an error because a call, or the work after the end of the input, exceeded its time limit.
     */
    OVERDUE(16);

    private final int exitStatus;

    Ending(int exitStatus) {
        this.exitStatus = exitStatus;
    }

    public int exitStatus() {
        return exitStatus;
    }

    static Ending of(Session.Ending ending) {
        return switch (ending) {
            case CLEAN -> CLEAN;
            case STOPPED -> STOPPED;
            case FAILED -> FAILED;
            case PEER_GONE -> PEER_GONE;
            case GIVEN_UP -> GIVEN_UP;
            case REFUSED -> REFUSED;
            case PROTOCOL -> PROTOCOL;
            case OVERDUE -> OVERDUE;
        };
    }
}
