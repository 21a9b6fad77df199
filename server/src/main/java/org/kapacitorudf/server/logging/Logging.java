package org.kapacitorudf.server.logging;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The program's logging, for the whole JVM.
 *
 * <p>Threading: safe for any thread; {@link #install} comes first, before anything asks SLF4J for a logger.
 */
public final class Logging {
    private static volatile LogLevel level = LogLevel.INFO;
    private static volatile boolean colours;

    /** What the agent logs the messages of a connection with, before the name of the function. */
    private static final String TRACE_LOGGER_PREFIX = "org.kapacitorudf.trace.";

    private static final Set<String> TRACED_LOGGERS = ConcurrentHashMap.newKeySet();

    private Logging() {}

    /**
     * Makes SLF4J use this package. Lines go to {@link System#err} as it is when the first one is written.
     *
     * @param colours whether STDERR is a terminal that shows them
     */
    public static void install(boolean colours) {
        Logging.colours = colours;
        System.setProperty("slf4j.provider", LoggingProvider.class.getName());
        // Or SLF4J reports on STDERR that it obeys the property.
        System.setProperty("slf4j.internal.verbosity", "WARN");
    }

    /** Sets how much is logged from now on. */
    public static void level(LogLevel level) {
        Logging.level = level;
    }

    /** Has every message logged of the connections of a function that begin from now on, whatever the level is. */
    public static void trace(String function) {
        TRACED_LOGGERS.add(TRACE_LOGGER_PREFIX + function);
    }

    static boolean isTraced(String logger) {
        return TRACED_LOGGERS.contains(logger);
    }

    /** How much is logged. */
    public static LogLevel level() {
        return level;
    }

    static boolean isEnabled(LogLevel wanted, LogLevel cap) {
        LogLevel current = level;
        return current.includes(wanted) && (cap.includes(wanted) || current == LogLevel.TRACE);
    }

    static boolean colours() {
        return colours;
    }
}
