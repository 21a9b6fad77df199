package org.kapacitorudf.embed;

import org.kapacitorudf.internal.session.Session;

/** How a conversation with Kapacitor ended, with the exit status that a process gives. */
public enum Ending {
    /** The input ended, and everything was handled and sent. */
    CLEAN(0),
    /** This side was asked to stop, and everything that had been read was handled and sent. */
    STOPPED(0),
    /** The task was ended with an error: the handler failed. */
    FAILED(10),
    /** Kapacitor went away before everything was handled and sent. */
    PEER_GONE(11),
    /** Kapacitor did not read any more: what was left was dropped. */
    GIVEN_UP(12),
    /** The function was not started: its options, or its snapshot, are not right. */
    REFUSED(14),
    /** The task was ended with an error: Kapacitor broke the protocol. */
    PROTOCOL(15),
    /** The task was ended with an error: a call, or the work after the end of the input, went over its limit. */
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
