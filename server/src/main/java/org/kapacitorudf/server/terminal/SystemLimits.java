package org.kapacitorudf.server.terminal;

import java.io.FileInputStream;
import java.io.IOException;
import java.util.Optional;

/**
 * Recognizes a system limit as the cause of a failure. The JVM often reports only the consequence:
 *
 * <pre>
 *   ulimit -n 16    ->    NoClassDefFoundError: the jar could not be opened
 * </pre>
 *
 * <p>Threading: safe for use by any thread.
 */
final class SystemLimits {
    private static final String DESCRIPTORS_IN_MESSAGE = "Too many open files";
    private static final String THREADS_IN_MESSAGE = "unable to create native thread";
    private static final String DESCRIPTORS =
            "file descriptors: none left (expected: a higher limit; ulimit -n and LimitNOFILE set it)";
    private static final String THREADS =
            "threads: none can be started (expected: a higher limit; ulimit -u, LimitNPROC and pids.max set it)";

    private SystemLimits() {}

    /**
     * Returns a message about the limit that caused a failure; empty if no limit is known to be the cause. Call this
     * method while the failed work still holds its resources.
     */
    static Optional<String> reached(Throwable failure) {
        if (isIn(failure, THREADS_IN_MESSAGE)) {
            return Optional.of(THREADS);
        }
        if (isIn(failure, DESCRIPTORS_IN_MESSAGE) || areDescriptorsUsedUp()) {
            return Optional.of(DESCRIPTORS);
        }
        return Optional.empty();
    }

    private static boolean isIn(Throwable failure, String text) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (String.valueOf(cause.getMessage()).contains(text)) {
                return true;
            }
        }
        return false;
    }

    private static boolean areDescriptorsUsedUp() {
        try (FileInputStream opened = new FileInputStream("/dev/null")) {
            return false;
        } catch (IOException e) {
            return isIn(e, DESCRIPTORS_IN_MESSAGE);
        }
    }
}
