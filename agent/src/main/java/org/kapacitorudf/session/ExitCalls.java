package org.kapacitorudf.session;

import java.util.Arrays;

/** Tells of threads that have called {@code System.exit}. They wait for the end of the JVM, and never come back: nothing may wait for them. */
public final class ExitCalls {
    private ExitCalls() {}

    /** Whether a thread, null for none, has called it. Safe for any thread. */
    public static boolean isMadeBy(Thread thread) {
        return thread != null
                && Arrays.stream(thread.getStackTrace())
                        .anyMatch(frame -> frame.getClassName().equals("java.lang.Runtime")
                                && frame.getMethodName().equals("exit"));
    }
}
