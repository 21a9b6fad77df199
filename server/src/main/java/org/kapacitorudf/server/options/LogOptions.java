package org.kapacitorudf.server.options;

import java.io.OutputStream;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;
import org.kapacitorudf.server.logging.LogFormat;
import org.kapacitorudf.server.logging.LogLevel;
import org.kapacitorudf.server.logging.Logging;
import org.kapacitorudf.server.terminal.LineLimit;
import org.kapacitorudf.server.terminal.Terminal;

/** The options that control the output to STDERR. All commands have them. They take effect when they are read. */
public final class LogOptions {
    public static final String LEVEL = "--log-level";
    public static final String FORMAT = "--log-format";
    public static final String MAX_LINES = "--max-log-lines";
    public static final String MAX_LINE_BYTES = "--max-log-line-bytes";
    public static final String BUFFER_BYTES = "--log-buffer-bytes";

    public static final String BUFFER_BYTES_HELP =
            "How much of the log of run and serve may wait for the reader of STDERR; further lines are dropped and counted.";

    private LogOptions() {}

    /**
     * Applies an option.
     *
     * @return false if there is no option with that name
     * @throws IllegalArgumentException if the value is invalid; the message says what is expected
     */
    public static boolean apply(Terminal terminal, String option, String value) {
        switch (option) {
            case LEVEL -> Logging.level(level(value));
            case FORMAT -> Logging.format(format(value));
            case MAX_LINES -> Logging.maxLines(Quantities.parseCount(value));
            case MAX_LINE_BYTES -> {
                int bytes = lineBytes(value);
                terminal.limitLines(bytes);
                Logging.maxLineBytes(LineLimit.keptBytes(bytes));
            }
            case BUFFER_BYTES -> terminal.limitWaiting(Quantities.parseBytes(value));
            default -> {
                return false;
            }
        }
        return true;
    }

    /**
     * Checks the value of an option without applying it.
     *
     * @return false if there is no option with that name
     * @throws IllegalArgumentException if the value is invalid; the message says what is expected
     */
    public static boolean check(String option, String value) {
        Terminal other = new Terminal(OutputStream.nullOutputStream(), OutputStream.nullOutputStream(), "", false);
        switch (option) {
            case LEVEL -> level(value);
            case FORMAT -> format(value);
            case MAX_LINES -> Quantities.parsePositiveCount(value);
            case MAX_LINE_BYTES -> other.limitLines(lineBytes(value));
            case BUFFER_BYTES -> other.limitWaiting(Quantities.parseBytes(value));
            default -> {
                return false;
            }
        }
        return true;
    }

    /** Restores the defaults of the options that can change at run time. */
    public static void reset(Terminal terminal) {
        Logging.level(LogLevel.INFO);
        Logging.maxLines(Logging.DEFAULT_MAX_LINES);
        apply(terminal, MAX_LINE_BYTES, Integer.toString(LineLimit.DEFAULT_BYTES));
    }

    private static int lineBytes(String value) {
        return (int) Math.min(Integer.MAX_VALUE, Quantities.parseBytes(value));
    }

    static String levels() {
        return Arrays.stream(LogLevel.values()).map(LogOptions::lowerCase).collect(Collectors.joining("|"));
    }

    private static LogLevel level(String text) {
        for (LogLevel level : LogLevel.values()) {
            if (lowerCase(level).equals(text)) {
                return level;
            }
        }
        throw new IllegalArgumentException(text + " (expected: " + levels() + ")");
    }

    private static LogFormat format(String text) {
        return switch (text) {
            case "text" -> LogFormat.TEXT;
            case "json" -> LogFormat.JSON;
            default -> throw new IllegalArgumentException(text + " (expected: text|json)");
        };
    }

    private static String lowerCase(LogLevel level) {
        return level.name().toLowerCase(Locale.ROOT);
    }
}
