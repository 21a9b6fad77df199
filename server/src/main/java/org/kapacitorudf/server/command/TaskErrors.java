package org.kapacitorudf.server.command;

import java.util.LinkedHashMap;
import java.util.Map;

/** What to do about the error that ended a task: docs/troubleshooting.md, by a part of the text. */
public final class TaskErrors {
    private static final Map<String, String> CURES = new LinkedHashMap<>();

    static {
        CURES.put(
                "failed to initialize processes",
                "correct the options in the TICKscript; the text names all that is wrong");
        CURES.put("System.exit", "the function must not end its process; the log has the stack trace");
        CURES.put("OutOfMemoryError", "KAPACITOR_UDF_JAVA_OPTS=-Xmx512m, or let groups expire");
        CURES.put(
                "restarts within",
                "kapacitor-udf snapshot show kapacitor.db; delete the task to begin without its state");
        CURES.put("did not return within", "--call-limit, or a time limit on what the call waits for");
        CURES.put("snapshot: foreign", "docs/coming-from-go-and-python.md says how a task moves over");
        CURES.put("seed: ", "save the state again, delete its file, or use --on-bad-snapshot fresh");
        CURES.put("error restoring snapshot", "--on-bad-snapshot fresh gives the state up");
        CURES.put("keepalive timedout", "timeout = \"10s\" or more, and look at what follows the function in the task");
        CURES.put("broken pipe", "see that the server runs, or why the process ended: its log, and the kernel's");
        CURES.put("connection reset", "see that the server runs; its log says why it ended");
        CURES.put("cannot parse invalid wire-format data", "nothing but the protocol may be printed to STDOUT");
        CURES.put(
                "expected: at least one)",
                "the function has to make points that a consumer can take: docs/handlers.md");
        CURES.put(
                "expected: no line break",
                "the function has to make points that a consumer can take: docs/handlers.md");
        CURES.put("expected: not empty", "the function has to make points that a consumer can take: docs/handlers.md");
        CURES.put(": point: ", "the function, or --on-error skip: docs/failures.md");
        CURES.put(": batch: ", "the function, or --on-error skip: docs/failures.md");
        CURES.put("no such file or directory", "start the server before Kapacitor");
        CURES.put("permission denied", "let Kapacitor's user reach the socket");
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
