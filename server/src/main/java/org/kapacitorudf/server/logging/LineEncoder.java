package org.kapacitorudf.server.logging;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.IThrowableProxy;
import ch.qos.logback.classic.spi.StackTraceElementProxy;
import ch.qos.logback.core.encoder.EncoderBase;
import java.nio.charset.StandardCharsets;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Map;

/**
 * Formats each event as one line with the time, level, function, task and node, and message. The lines of a stack trace
 * follow.
 *
 * <pre>
 *   2026-01-02T03:04:05.678Z WARN  movingAvg cpu_task/movingAvg2: value: missing (expected: a double or int field)
 *   2026-01-02T03:04:05.678Z ERROR mirror: cannot listen
 *   java.net.BindException: Permission denied
 *   	at ...
 * </pre>
 *
 * <p>Control characters in messages are escaped, so that a value cannot forge a line. This encoder does not limit the
 * length of lines, because {@link System#err} cuts all lines to the maximum length.
 *
 * <p>Threading: safe for use by any thread.
 */
final class LineEncoder extends EncoderBase<ILoggingEvent> {
    private static final byte[] NOTHING = {};
    static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSS'Z'").withZone(ZoneOffset.UTC);

    private final boolean colours;

    LineEncoder(boolean colours) {
        this.colours = colours;
    }

    @Override
    public byte[] headerBytes() {
        return NOTHING;
    }

    @Override
    public byte[] encode(ILoggingEvent event) {
        StringBuilder line = new StringBuilder(160);
        TIME.formatTo(event.getInstant(), line);
        line.append(' ');
        level(line, event.getLevel());
        origin(line, event.getMDCPropertyMap());
        escape(line, event.getFormattedMessage());
        line.append('\n');
        if (event.getThrowableProxy() != null) {
            throwable(line, event.getThrowableProxy(), "", "");
        }
        return line.toString().getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public byte[] footerBytes() {
        return NOTHING;
    }

    private void level(StringBuilder line, Level level) {
        String colour = colours ? colour(level) : "";
        String name = level.toString();
        line.append(colour).append(name);
        if (!colour.isEmpty()) {
            line.append("\u001b[0m");
        }
        line.append(" ".repeat(Math.max(1, 6 - name.length())));
    }

    private static String colour(Level level) {
        return switch (level.toInt()) {
            case Level.ERROR_INT -> "\u001b[31m";
            case Level.WARN_INT -> "\u001b[33m";
            case Level.INFO_INT -> "\u001b[32m";
            default -> "\u001b[2m";
        };
    }

    private static void origin(StringBuilder line, Map<String, String> mdc) {
        String udf = mdc.getOrDefault("udf", "");
        escape(line, udf.isEmpty() ? "kapacitor-udf" : udf);
        String task = mdc.getOrDefault("task", "");
        String node = mdc.getOrDefault("node", "");
        if (!task.isEmpty() || !node.isEmpty()) {
            escape(line.append(' '), task);
            escape(line.append('/'), node);
        }
        line.append(": ");
    }

    /** Formats an exception with its stack trace, its causes and its suppressed exceptions, on several lines. */
    static String stack(IThrowableProxy throwable) {
        StringBuilder text = new StringBuilder();
        throwable(text, throwable, "", "");
        return text.toString();
    }

    private static void throwable(StringBuilder text, IThrowableProxy throwable, String indent, String caption) {
        text.append(indent).append(caption);
        if (throwable.isCyclic()) {
            text.append("seen above: ");
        }
        escape(text, throwable.getClassName());
        if (throwable.getMessage() != null) {
            escape(text.append(": "), throwable.getMessage());
        }
        text.append('\n');
        StackTraceElementProxy[] trace = throwable.getStackTraceElementProxyArray();
        int own = trace.length - throwable.getCommonFrames();
        for (int i = 0; i < own; i++) {
            escape(text.append(indent).append('\t'), trace[i].getSTEAsString());
            text.append('\n');
        }
        if (own < trace.length) {
            text.append(indent).append("\t... ").append(trace.length - own).append(" more\n");
        }
        for (IThrowableProxy suppressed : throwable.getSuppressed()) {
            throwable(text, suppressed, indent + "\t", "Suppressed: ");
        }
        if (throwable.getCause() != null) {
            throwable(text, throwable.getCause(), indent, "Caused by: ");
        }
    }

    static void escape(StringBuilder line, String text) {
        if (text == null) {
            line.append("null");
            return;
        }
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '\n') {
                line.append("\\n");
            } else if (c == '\r') {
                line.append("\\r");
            } else if (c < ' ' && c != '\t' || c >= 0x7f && c < 0xa0) {
                line.append(String.format("\\u%04x", (int) c));
            } else {
                line.append(c);
            }
        }
    }
}
