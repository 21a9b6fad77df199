package org.kapacitorudf.embed;

import java.time.Duration;
import org.slf4j.LoggerFactory;

/**
 * Ends this JVM under all circumstances. Kapacitor waits for its child process to exit, without a time limit and under
 * a lock. A leftover thread of a handler, a hanging shutdown hook, a grandchild that holds STDERR open, or a log line
 * that is not read would block every task operation of that Kapacitor.
 */
final class ProcessEnd {
    private static final Duration LIMIT = Duration.ofSeconds(2);

    private ProcessEnd() {}

    /**
     * Ends the child processes of this process, then the process itself. Shutdown hooks run, but are cut off if they do
     * not return. Does not return.
     */
    static void exit(int status) {
        try {
            endChildrenInTime();
            within(LIMIT, () -> Runtime.getRuntime().exit(status));
        } finally {
            Runtime.getRuntime().halt(status);
        }
    }

    /** Runs work that may block, such as logging, on a new thread, and waits for at most {@code limit}. */
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

    /**
     * Ends the child processes, within a time limit. A child process that survives would hold STDERR open, and
     * Kapacitor waits until STDERR is closed.
     */
    static void endChildrenInTime() {
        within(LIMIT, ProcessEnd::endChildren);
    }

    private static void endChildren() {
        try {
            ProcessHandle.current().descendants().forEach(ProcessHandle::destroyForcibly);
        } catch (RuntimeException e) {
            // Child processes cannot be found without /proc or without a free file descriptor to read it.
            LoggerFactory.getLogger(ProcessEnd.class).debug("child processes cannot be listed: {}", e.toString());
        }
    }
}
