package org.kapacitorudf.internal.process;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Detects threads that have called {@code System.exit}. Never wait for one of these threads, because it waits for the
 * end of the JVM itself.
 */
public final class SystemExitCalls {
    private static final String RUNTIME = Runtime.class.getName();

    private SystemExitCalls() {}

    /** Whether a thread, which may be null, has called {@code System.exit}. Safe for use by any thread. */
    public static boolean isMadeBy(@Nullable Thread thread) {
        return thread != null && Arrays.stream(thread.getStackTrace()).anyMatch(SystemExitCalls::isExit);
    }

    /** Whether a stack frame is that of {@code Runtime.exit}, which {@code System.exit} calls. */
    public static boolean isExit(StackTraceElement frame) {
        return frame.getClassName().equals(RUNTIME) && frame.getMethodName().equals("exit");
    }
}
