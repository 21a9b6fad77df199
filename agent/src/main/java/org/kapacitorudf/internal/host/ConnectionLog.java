package org.kapacitorudf.internal.host;

import java.util.Map;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;
import org.slf4j.Marker;
import org.slf4j.event.Level;
import org.slf4j.helpers.AbstractLogger;
import org.slf4j.helpers.MessageFormatter;
import org.slf4j.spi.LoggingEventBuilder;

/**
 * Adds the function, the task, the node and the number of a connection to every log line, on any thread, as the MDC
 * keys {@code udf}, {@code task}, {@code node} and {@code connection}.
 *
 * <p>Threading: safe for use by any thread.
 */
public final class ConnectionLog extends AbstractLogger {
    private static final long serialVersionUID = 1;
    private static final String LOGGER_NAME = "org.kapacitorudf.udf";
    private static final String TRACE_LOGGER_NAME = "org.kapacitorudf.trace";

    private final transient Map<String, String> context;
    private final transient Logger target;
    private boolean isAlone; // the thread's MDC was empty before enter()

    private ConnectionLog(Map<String, String> context, Logger target) {
        this.name = target.getName();
        this.context = context;
        this.target = target;
    }

    /**
     * Returns the log of a connection.
     *
     * @param task empty before Init
     * @param node empty before Init
     * @param through maps the logger of the function to the logger that receives the lines
     */
    public static ConnectionLog of(
            long connection, String udf, String task, String node, UnaryOperator<Logger> through) {
        return of(LOGGER_NAME, connection, udf, task, node, through);
    }

    /** Returns the log for tracing all messages of a connection. */
    public static ConnectionLog ofTrace(long connection, String udf, String task, String node) {
        return of(TRACE_LOGGER_NAME, connection, udf, task, node, UnaryOperator.identity());
    }

    /** Whether messages of a function's connections are traced. */
    public static boolean isTraced(String udf) {
        return LoggerFactory.getLogger(TRACE_LOGGER_NAME + "." + udf).isTraceEnabled();
    }

    private static ConnectionLog of(
            String logger, long connection, String udf, String task, String node, UnaryOperator<Logger> through) {
        return new ConnectionLog(
                Map.of("udf", udf, "task", task, "node", node, "connection", Long.toString(connection)),
                through.apply(LoggerFactory.getLogger(logger + "." + udf)));
    }

    /**
     * Sets the MDC of this thread to that of the connection, because a function may use its own loggers. For use only
     * within the handler's calls.
     */
    void enter() {
        Map<String, String> before = MDC.getCopyOfContextMap();
        isAlone = before == null || before.isEmpty();
        if (isAlone) {
            // Faster than setting the keys one by one.
            MDC.setContextMap(context);
        } else {
            context.forEach(MDC::put);
        }
    }

    /** Reverts {@link #enter}. */
    void leave() {
        if (isAlone) {
            MDC.clear();
        } else {
            context.keySet().forEach(MDC::remove);
        }
    }

    @Override
    protected void handleNormalizedLoggingCall(
            Level level,
            @Nullable Marker marker,
            String messagePattern,
            Object @Nullable [] arguments,
            @Nullable Throwable throwable) {
        String text = MessageFormatter.basicArrayFormat(messagePattern, arguments);
        Map<String, String> before = MDC.getCopyOfContextMap();
        context.forEach(MDC::put);
        try {
            log(level, marker, text, throwable);
        } catch (RuntimeException | Error e) {
            if (throwable == null) {
                throw e;
            }
            // An exception whose own methods throw must not prevent the log message.
            log(level, marker, text + " (" + throwable.getClass().getName() + " cannot be printed)", null);
        } finally {
            if (before == null) {
                MDC.clear();
            } else {
                MDC.setContextMap(before);
            }
        }
    }

    private void log(Level level, @Nullable Marker marker, String text, @Nullable Throwable throwable) {
        LoggingEventBuilder event = target.atLevel(level).setMessage(text);
        if (marker != null) {
            event = event.addMarker(marker);
        }
        event.setCause(throwable).log();
    }

    @Override
    protected String getFullyQualifiedCallerName() {
        return ConnectionLog.class.getName();
    }

    @Override
    public boolean isTraceEnabled() {
        return target.isTraceEnabled();
    }

    @Override
    public boolean isTraceEnabled(Marker marker) {
        return target.isTraceEnabled(marker);
    }

    @Override
    public boolean isDebugEnabled() {
        return target.isDebugEnabled();
    }

    @Override
    public boolean isDebugEnabled(Marker marker) {
        return target.isDebugEnabled(marker);
    }

    @Override
    public boolean isInfoEnabled() {
        return target.isInfoEnabled();
    }

    @Override
    public boolean isInfoEnabled(Marker marker) {
        return target.isInfoEnabled(marker);
    }

    @Override
    public boolean isWarnEnabled() {
        return target.isWarnEnabled();
    }

    @Override
    public boolean isWarnEnabled(Marker marker) {
        return target.isWarnEnabled(marker);
    }

    @Override
    public boolean isErrorEnabled() {
        return target.isErrorEnabled();
    }

    @Override
    public boolean isErrorEnabled(Marker marker) {
        return target.isErrorEnabled(marker);
    }
}
