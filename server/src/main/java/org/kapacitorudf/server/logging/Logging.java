package org.kapacitorudf.server.logging;

/**
 * The program's logging, for the whole JVM.
 *
 * <p>Threading: safe for any thread; {@link #install} comes first, before anything asks SLF4J for a logger.
 */
public final class Logging {
    private static volatile LogLevel level = LogLevel.INFO;
    private static volatile boolean colours;

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
