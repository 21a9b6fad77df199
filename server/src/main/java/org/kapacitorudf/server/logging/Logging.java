package org.kapacitorudf.server.logging;

import java.util.Collection;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The program's logging, for the whole JVM.
 *
 * <p>Threading: safe for use by any thread; call {@link #install} first, before a logger is requested from SLF4J.
 */
public final class Logging {
    /** The default maximum number of lines that a node of a task may log within ten seconds. */
    public static final int DEFAULT_MAX_LINES = 500;

    private static volatile LogLevel level = LogLevel.INFO;
    private static volatile boolean colours;
    private static volatile LogFormat format = LogFormat.TEXT;
    private static volatile int maxLineBytes = Integer.MAX_VALUE;
    private static volatile int maxLines = DEFAULT_MAX_LINES;
    private static volatile @Nullable LongSupplier droppedLines; // null if System.err never drops lines

    /** The prefix of the names of loggers for the messages of connections. The name of the function follows it. */
    private static final String TRACE_LOGGER_PREFIX = "org.kapacitorudf.trace.";

    private static final Set<String> TRACED_LOGGERS = ConcurrentHashMap.newKeySet();

    /**
     * The prefixes of the names of loggers of {@linkplain #quiet quiet libraries}. Netty is one of these libraries,
     * because its {@code debug} messages are not useful for functions.
     */
    private static final Set<String> QUIET_PREFIXES = ConcurrentHashMap.newKeySet();

    static {
        QUIET_PREFIXES.add("io.netty.");
    }

    private Logging() {}

    /**
     * Makes SLF4J use this package. Lines go to the stream that is {@link System#err} when the first line is logged.
     *
     * @param colours whether STDERR is a terminal that supports colours
     */
    public static void install(boolean colours) {
        Logging.colours = colours;
        System.setProperty("slf4j.provider", LoggingProvider.class.getName());
        // Otherwise SLF4J reports on STDERR that it uses the property.
        System.setProperty("slf4j.internal.verbosity", "WARN");
    }

    /**
     * Limits the loggers of a library to {@code warn}, unless the level is {@code trace}. Call this method before the
     * first of these loggers is created.
     */
    public static void quiet(String prefix) {
        QUIET_PREFIXES.add(prefix);
    }

    static boolean isQuiet(String logger) {
        return QUIET_PREFIXES.stream().anyMatch(logger::startsWith);
    }

    /** Sets the log level. */
    public static void level(LogLevel level) {
        Logging.level = level;
    }

    /** Enables the trace of a function: all messages of its new connections are logged, regardless of the level. */
    public static void trace(String function) {
        TRACED_LOGGERS.add(TRACE_LOGGER_PREFIX + function);
    }

    /** Enables the {@linkplain #trace trace} of these functions, and disables it for all others. */
    public static void traceOnly(Collection<String> functions) {
        TRACED_LOGGERS.clear();
        functions.forEach(Logging::trace);
    }

    /** Whether a logger is for the messages of connections. */
    static boolean isForTraces(String logger) {
        return logger.startsWith(TRACE_LOGGER_PREFIX);
    }

    static boolean isTraced(String logger) {
        return TRACED_LOGGERS.contains(logger);
    }

    /** The log level. */
    public static LogLevel level() {
        return level;
    }

    /** Sets the format of lines. Call this method before the first line is written. */
    public static void format(LogFormat format) {
        Logging.format = format;
    }

    static LogFormat format() {
        return format;
    }

    /** Sets the length, in bytes, up to which the output does not cut a line. */
    public static void maxLineBytes(int bytes) {
        maxLineBytes = bytes;
    }

    static int maxLineBytes() {
        return maxLineBytes;
    }

    /**
     * Sets the maximum number of lines that a node of a task may log within {@value LineRate#INTERVAL_SECONDS} seconds.
     */
    public static void maxLines(int lines) {
        if (lines < 1) {
            throw new IllegalArgumentException("maxLogLines: " + lines + " (expected: >= 1)");
        }
        maxLines = lines;
    }

    static int maxLines() {
        return maxLines;
    }

    /** Sets the supplier of the number of lines that {@link System#err} has dropped. The log reports this number. */
    public static void droppedLines(LongSupplier lines) {
        droppedLines = lines;
    }

    /** The number of lines that were lost because STDERR was not read or could not be written. */
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
