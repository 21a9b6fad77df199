package org.kapacitorudf.server.logging;

import org.slf4j.Marker;
import org.slf4j.event.Level;
import org.slf4j.helpers.LegacyAbstractLogger;

/**
 * A logger that checks the level itself, so Logback is not initialized until a line is logged.
 *
 * <p>The loggers of {@linkplain Logging#quiet quiet libraries} are limited to {@code warn} unless the level is
 * {@code trace}.
 *
 * <p>Threading: safe for use by any thread.
 */
final class LazyLogger extends LegacyAbstractLogger {
    private static final long serialVersionUID = 1;

    private final transient Logback logback;
    private final LogLevel cap;
    private final boolean isForTraces; // cached, because Kafka checks the level several times per record

    LazyLogger(String name, Logback logback) {
        this.name = name;
        this.logback = logback;
        this.cap = Logging.isQuiet(name) ? LogLevel.WARN : LogLevel.TRACE;
        this.isForTraces = Logging.isForTraces(name);
    }

    @Override
    public boolean isTraceEnabled() {
        return Logging.isEnabled(LogLevel.TRACE, cap) || isForTraces && Logging.isTraced(name);
    }

    @Override
    public boolean isDebugEnabled() {
        return Logging.isEnabled(LogLevel.DEBUG, cap);
    }

    @Override
    public boolean isInfoEnabled() {
        return Logging.isEnabled(LogLevel.INFO, cap);
    }

    @Override
    public boolean isWarnEnabled() {
        return Logging.isEnabled(LogLevel.WARN, cap);
    }

    @Override
    public boolean isErrorEnabled() {
        return Logging.isEnabled(LogLevel.ERROR, cap);
    }

    @Override
    protected String getFullyQualifiedCallerName() {
        return LazyLogger.class.getName();
    }

    @Override
    protected void handleNormalizedLoggingCall(
            Level level, Marker marker, String message, Object[] arguments, Throwable throwable) {
        logback.logger(name).log(marker, getFullyQualifiedCallerName(), level.toInt(), message, arguments, throwable);
    }
}
