package org.kapacitorudf.server.command;

import java.util.LinkedHashMap;
import java.util.Map;

/** Advice about the error that ended a task, selected by a part of the error's text. See docs/troubleshooting.md. */
public final class TaskErrors {
    private static final Map<String, String> CURES = new LinkedHashMap<>();

    static {
        CURES.put(
                "failed to initialize processes", "correct the options in the TICKscript; the text lists all problems");
        CURES.put("System.exit", "the function must not end its process; the log has the stack trace");
        CURES.put("OutOfMemoryError", "KAPACITOR_UDF_JAVA_OPTS=-Xmx4g, or let groups expire");
        CURES.put(
                "restarts within",
                "kapacitor-udf snapshot show kapacitor.db; delete the task to start without its state");
        CURES.put("did not return within", "--call-limit, or a time limit on what the call waits for");
        CURES.put("snapshot: foreign", "see docs/coming-from-go-and-python.md for the migration of a task");
        CURES.put("seed: ", "save the state again, delete its file, or use --on-bad-snapshot fresh");
        CURES.put("error restoring snapshot", "--on-bad-snapshot fresh discards the state");
        CURES.put(
                "keepalive timedout", "timeout = \"10s\" or more; also check the nodes after the function in the task");
        CURES.put(
                "broken pipe",
                "check whether the server is running, or why the process ended: see its log, and that of the kernel");
        CURES.put("connection reset", "check whether the server is running; its log gives the reason");
        CURES.put(
                "cannot parse invalid wire-format data", "print nothing to STDOUT, which is reserved for the protocol");
        CURES.put("expected: at least one)", "the function must create points that consumers accept: docs/handlers.md");
        CURES.put("expected: no line break", "the function must create points that consumers accept: docs/handlers.md");
        CURES.put("expected: not empty", "the function must create points that consumers accept: docs/handlers.md");
        CURES.put(": point: ", "fix the function, or use --on-error skip: docs/failures.md");
        CURES.put(": batch: ", "fix the function, or use --on-error skip: docs/failures.md");
        CURES.put("no such file or directory", "start the server before Kapacitor");
        CURES.put("permission denied", "give Kapacitor's user access to the socket");
    }

    private TaskErrors() {}

    public static String cure(String error) {
        return CURES.entrySet().stream()
                .filter(entry -> error.contains(entry.getKey()))
                .map(Map.Entry::getValue)
                .findFirst()
                .orElse("see docs/troubleshooting.md and the logs");
    }
}
