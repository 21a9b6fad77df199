package org.kapacitorudf.agent;

/** How a session with Kapacitor ended. Each ending has an exit status for a process. */
public enum Ending {
    /** The input ended, and all data was handled and sent. */
    CLEAN(0, "the input ended"),
    /** The agent was asked to stop, and all data that had been read was handled and sent. */
    STOPPED(0, "stopped"),
    /** The task was ended with an error: the handler failed, or an internal error has lost output. */
    FAILED(10, "failed"),
    /** Kapacitor disconnected before all data was handled and sent. */
    PEER_GONE(11, "the other side has disconnected"),
    /** Kapacitor stopped reading, and the remaining output was dropped. */
    GIVEN_UP(12, "given up"),
    /** The function was not started because its options or its snapshot are invalid. */
    REFUSED(14, "not started"),
    /** The task was ended with an error because Kapacitor violated the protocol. */
    PROTOCOL(15, "protocol violated"),
    /**
     * The task was ended with an error because a call, or the work after the end of the input, exceeded its time limit.
     */
    OVERDUE(16, "took too long");

    private final int exitStatus;
    private final String text;

    Ending(int exitStatus, String text) {
        this.exitStatus = exitStatus;
        this.text = text;
    }

    /** Returns the exit status of a process whose session ended this way. */
    public int exitStatus() {
        return exitStatus;
    }

    /** Returns the text in the log, such as {@code the input ended}. */
    public String text() {
        return text;
    }
}
