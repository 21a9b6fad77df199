package org.kapacitorudf.embed;

import java.time.Duration;
import org.slf4j.LoggerFactory;

/**
 * Ends this JVM for certain. Kapacitor waits for its child's end without a limit and under a lock: a thread that a handler left behind, a shutdown hook that
 * hangs, a grandchild that holds STDERR open, or a log line that nobody reads would freeze every task operation of that Kapacitor.
 */
final class ProcessEnd {
    private static final Duration LIMIT = Duration.ofSeconds(2);

    private ProcessEnd() {}

    /** Ends the process's own children, then the process: with its shutdown hooks if they come to an end, without them if not. Does not return. */
    static void exit(int status) {
        try {
            endChildrenInTime();
            within(LIMIT, () -> Runtime.getRuntime().exit(status));
        } finally {
            Runtime.getRuntime().halt(status);
        }
    }

    /** Does what may block, a line for the log too, on a thread of its own, and waits for it no longer than that. */
    static void within(Duration limit, Runnable work) {
        Thread thread = new Thread(work, "udf-end");
        thread.setDaemon(true);
        thread.start();
        try {
            thread.join(limit.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** A child of the process that lives on would hold its STDERR open, and Kapacitor waits for the end of that. */
    static void endChildrenInTime() {
        within(LIMIT, ProcessEnd::endChildren);
    }

    private static void endChildren() {
        try {
            ProcessHandle.current().descendants().forEach(ProcessHandle::destroyForcibly);
        } catch (RuntimeException e) {
            // Without /proc, or a descriptor to read it, child processes cannot be found.
            LoggerFactory.getLogger(ProcessEnd.class).debug("child processes cannot be listed: {}", e.toString());
        }
    }
}
