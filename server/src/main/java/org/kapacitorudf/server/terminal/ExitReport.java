package org.kapacitorudf.server.terminal;

import java.util.Arrays;
import java.util.Map;
import java.util.stream.Collectors;
import org.kapacitorudf.internal.process.SystemExitCalls;

/**
 * Reports which thread has called {@link System#exit}. A server contains many functions and libraries that could do
 * this.
 */
public final class ExitReport {
    private ExitReport() {}

    /**
     * Returns the name and the stack of the thread that has called {@link System#exit}; empty if there is none, for
     * example because a signal ends the JVM.
     *
     * @param stacks the stacks of all threads
     */
    public static String text(Map<Thread, StackTraceElement[]> stacks) {
        return stacks.entrySet().stream()
                .filter(entry -> Arrays.stream(entry.getValue()).anyMatch(SystemExitCalls::isExit))
                .map(entry -> "; thread " + entry.getKey().getName() + ", at\n"
                        + Arrays.stream(entry.getValue())
                                .dropWhile(frame -> !SystemExitCalls.isExit(frame))
                                .map(frame -> "\tat " + frame)
                                .collect(Collectors.joining("\n")))
                .findFirst()
                .orElse("");
    }
}
