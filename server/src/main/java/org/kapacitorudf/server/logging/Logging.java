package org.kapacitorudf.server.logging;

import java.util.Collection;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;

/**
 * The program's logging, for the whole JVM.
 *
 * <p>Threading: safe for any thread; {@link #install} comes first, before anything asks SLF4J for a logger.
 */
public final class Logging {
    /** How many lines a node of a task may log within ten seconds, unless set. */
    public static final int DEFAULT_MAX_LINES = 500;

    private static volatile LogLevel level = LogLevel.INFO;
    private static volatile boolean colours;
    private static volatile LogFormat format = LogFormat.TEXT;
    private static volatile int maxLineBytes = Integer.MAX_VALUE;
    private static volatile int maxLines = DEFAULT_MAX_LINES;
    private static volatile LongSupplier droppedLines; // null: none ever are

    /** What the agent logs the messages of a connection with, before the name of the function. */
    private static final String TRACE_LOGGER_PREFIX = "org.kapacitorudf.trace.";

    private static final Set<String> TRACED_LOGGERS = ConcurrentHashMap.newKeySet();

    /** Netty tells much at {@code debug} that says nothing about a function. */
    private static final Set<String> QUIET_PREFIXES = ConcurrentHashMap.newKeySet();

    static {
        QUIET_PREFIXES.add("io.netty.");
    }

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

    /** Stops the loggers of a library at {@code warn}, unless the level is {@code trace}. Before the first of them is made. */
    public static void quiet(String prefix) {
        QUIET_PREFIXES.add(prefix);
    }

    static boolean isQuiet(String logger) {
        return QUIET_PREFIXES.stream().anyMatch(logger::startsWith);
    }

    /** Sets how much is logged from now on. */
    public static void level(LogLevel level) {
        Logging.level = level;
    }

    /** Has every message logged of the connections of a function that begin from now on, whatever the level is. */
    public static void trace(String function) {
        TRACED_LOGGERS.add(TRACE_LOGGER_PREFIX + function);
    }

    /** As {@link #trace} for these functions, and no longer for others. */
    public static void traceOnly(Collection<String> functions) {
        TRACED_LOGGERS.clear();
        functions.forEach(Logging::trace);
    }

    static boolean isTraced(String logger) {
        return TRACED_LOGGERS.contains(logger);
    }

    /** How much is logged. */
    public static LogLevel level() {
        return level;
    }

    /** Sets how a line looks. Only before the first one is written. */
    public static void format(LogFormat format) {
        Logging.format = format;
    }

    static LogFormat format() {
        return format;
    }

    /** Sets after how many bytes a line is going to be cut by whoever writes it. */
    public static void maxLineBytes(int bytes) {
        maxLineBytes = bytes;
    }

    static int maxLineBytes() {
        return maxLineBytes;
    }

    /** Sets how many lines a node of a task may log within {@value LineRate#INTERVAL_SECONDS} seconds. */
    public static void maxLines(int lines) {
        if (lines < 1) {
            throw new IllegalArgumentException("maxLogLines: " + lines + " (expected: >= 1)");
        }
        maxLines = lines;
    }

    static int maxLines() {
        return maxLines;
    }

    /** Says where to look how many lines have been dropped behind {@link System#err}: the log tells of them. */
    public static void droppedLines(LongSupplier lines) {
        droppedLines = lines;
    }

    /** How many lines nobody will ever see, because STDERR was not read, or could not be written. */
    public static long droppedLines() {
        LongSupplier lines = droppedLines;
        return lines == null ? 0 : lines.getAsLong();
    }

    static boolean isEnabled(LogLevel wanted, LogLevel cap) {
        LogLevel current = level;
        return current.includes(wanted) && (cap.includes(wanted) || current == LogLevel.TRACE);
    }

    static boolean colours() {
        return colours;
    }
}
