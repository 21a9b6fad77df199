package org.kapacitorudf.server;

import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.slf4j.LoggerFactory;

/**
 * Says in the log who ends a server that nobody asked to end: a function, or a library in it, that calls {@link System#exit}. Its connections break without a
 * word, and nothing else would tell why.
 *
 * <p>Threading: safe for any thread.
 */
final class UnaskedEnd implements AutoCloseable {
    private static final String RUNTIME = Runtime.class.getName();

    private final Thread hook = new Thread(UnaskedEnd::report, "unasked-end");

    private UnaskedEnd() {}

    /** Watches until it is closed. */
    static UnaskedEnd watch() {
        UnaskedEnd watch = new UnaskedEnd();
        Runtime.getRuntime().addShutdownHook(watch.hook);
        return watch;
    }

    private static void report() {
        whoExits(Thread.getAllStackTraces())
                .ifPresent(who -> LoggerFactory.getLogger(UnaskedEnd.class)
                        .error("System.exit was called, which ends this server and all its connections; {}", who));
    }

    /** The thread that waits in {@link Runtime#exit}, and how it came there; none when a signal ends the JVM. */
    static Optional<String> whoExits(Map<Thread, StackTraceElement[]> stacks) {
        return stacks.entrySet().stream()
                .filter(entry -> Arrays.stream(entry.getValue()).anyMatch(UnaskedEnd::isExit))
                .map(entry -> "thread " + entry.getKey().getName() + ", at\n"
                        + Arrays.stream(entry.getValue())
                                .dropWhile(frame -> !isExit(frame))
                                .map(frame -> "\tat " + frame)
                                .collect(Collectors.joining("\n")))
                .findFirst();
    }

    private static boolean isExit(StackTraceElement frame) {
        return frame.getClassName().equals(RUNTIME) && frame.getMethodName().equals("exit");
    }

    @Override
    public void close() {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            // The JVM is ending already, and the hook has run.
        }
    }
}
