package org.kapacitorudf.internal.process;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Detects threads that have called {@code System.exit}. These threads wait for the end of the JVM and never return, so
 * do not wait for them.
 */
public final class SystemExitCalls {
    private static final String RUNTIME = Runtime.class.getName();

    private SystemExitCalls() {}

    /** Whether a thread, which may be null, has called {@code System.exit}. Safe for use by any thread. */
    public static boolean isMadeBy(@Nullable Thread thread) {
        return thread != null && Arrays.stream(thread.getStackTrace()).anyMatch(SystemExitCalls::isExit);
    }

    /** Whether a stack frame is the one in which a thread that has called {@code System.exit} waits. */
    public static boolean isExit(StackTraceElement frame) {
        return frame.getClassName().equals(RUNTIME) && frame.getMethodName().equals("exit");
    }
}
