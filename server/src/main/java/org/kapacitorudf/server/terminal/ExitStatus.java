package org.kapacitorudf.server.terminal;

import org.kapacitorudf.agent.Ending;

/**
 * The exit status of the program, for the process that started it.
 *
 * <p>0 to 2 are what most programs mean by them; 3 to 9 are failures before a conversation with Kapacitor; 10 and above are how a conversation ended, see
 * {@link Ending}.
 */
public enum ExitStatus {
    OK(0, "a clean end: the input ended and everything was handled and sent, or a signal asked for the end"),
    INTERNAL_ERROR(
            1,
            "kapacitor-udf cannot begin, because of Java or a limit of the system; or an error in kapacitor-udf itself, whose stack trace is in the log"),
    USAGE(2, "a command line that is not understood, or run on a terminal"),
    UNKNOWN_FUNCTION(3, "a function of that name is not installed"),
    CANNOT_LISTEN(4, "a socket or the task file cannot be had: in use, no permission, no such group"),
    UNREACHABLE(5, "Kapacitor's HTTP API cannot be used"),
    BAD_INPUT(6, "the input of call cannot be used: it cannot be read, or is not line protocol"),
    FAILED(Ending.FAILED.exitStatus(), "the task was ended with an error: the function failed"),
    PEER_GONE(Ending.PEER_GONE.exitStatus(), "Kapacitor went away before everything was handled and sent"),
    GIVEN_UP(Ending.GIVEN_UP.exitStatus(), "Kapacitor did not read any more"),
    REFUSED(Ending.REFUSED.exitStatus(), "the function was not started: its options, or its snapshot, are not right"),
    PROTOCOL(Ending.PROTOCOL.exitStatus(), "the task was ended with an error: Kapacitor broke the protocol"),
    OVERDUE(
            Ending.OVERDUE.exitStatus(),
            "the task was ended with an error: a call, or the work after the end of the input, took too long");

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
