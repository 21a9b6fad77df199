package org.kapacitorudf.server.terminal;

import org.kapacitorudf.agent.Ending;

/**
 * The exit statuses of the program.
 *
 * <p>0 to 2 have their usual meaning. 3 to 9 are failures before a session with Kapacitor. 10 and above are endings of
 * a session; see {@link Ending}.
 */
public enum ExitStatus {
    OK(0, "success: the input ended and everything was handled and sent, or a signal requested the end"),
    INTERNAL_ERROR(
            1,
            "kapacitor-udf cannot start because of Java or a system limit; or an internal error, whose stack trace is in the log"),
    USAGE(2, "invalid command line, or run on a terminal"),
    UNKNOWN_FUNCTION(3, "no function of that name is installed"),
    CANNOT_LISTEN(4, "a socket or the task file is unavailable: already in use, permission denied, or unknown group"),
    UNREACHABLE(5, "Kapacitor's HTTP API cannot be used"),
    BAD_INPUT(6, "the input of call cannot be read, or is not line protocol"),
    FAILED(
            Ending.FAILED.exitStatus(),
            "the task was ended with an error: the function failed, or an internal error has lost output"),
    PEER_GONE(
            Ending.PEER_GONE.exitStatus(),
            "Kapacitor disconnected before everything was handled and sent; or a result, on STDOUT or in a file, could not be written"),
    GIVEN_UP(Ending.GIVEN_UP.exitStatus(), "Kapacitor stopped reading"),
    REFUSED(
            Ending.REFUSED.exitStatus(),
            "the function was not started because its options or its snapshot are invalid"),
    PROTOCOL(Ending.PROTOCOL.exitStatus(), "the task was ended with an error: Kapacitor violated the protocol"),
    OVERDUE(
            Ending.OVERDUE.exitStatus(),
            "the task was ended with an error: a call, or the work after the end of the input, exceeded its time limit");

    private final int code;
    private final String meaning;

    ExitStatus(int code, String meaning) {
        this.code = code;
        this.meaning = meaning;
    }

    public int code() {
        return code;
    }

    public String meaning() {
        return meaning;
    }
}
