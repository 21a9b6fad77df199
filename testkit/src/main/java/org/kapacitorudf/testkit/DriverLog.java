package org.kapacitorudf.testkit;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.Marker;
import org.slf4j.event.Level;
import org.slf4j.helpers.LegacyAbstractLogger;
import org.slf4j.helpers.MessageFormatter;
import org.slf4j.spi.LoggingEventBuilder;

/**
 * Keeps the newest log lines of a function and its agent, and forwards all lines.
 *
 * <p>Threading: safe for use by any thread.
 */
final class DriverLog {
    private static final int MAX_LINES = 10_000;

    @GuardedBy("this")
    private final Deque<String> lines = new ArrayDeque<>();

    /** Returns a logger whose lines are kept; lines whose level {@code target} has enabled are forwarded to it. */
    Logger through(Logger target) {
        return new Tee(this, target);
    }

    synchronized List<String> lines() {
        return List.copyOf(lines);
    }

    private synchronized void add(Level level, String text, Throwable throwable) {
        if (lines.size() == MAX_LINES) {
            lines.remove();
        }
        lines.add(level + " " + text + (throwable == null ? "" : ": " + throwable));
    }

    private static final class Tee extends LegacyAbstractLogger {
        private static final long serialVersionUID = 1L;

        private final transient DriverLog log;
        private final transient Logger target;

        private Tee(DriverLog log, Logger target) {
            this.name = target.getName();
            this.log = log;
            this.target = target;
        }

        @Override
        protected void handleNormalizedLoggingCall(
                Level level, Marker marker, String message, Object[] arguments, Throwable throwable) {
            String text = MessageFormatter.basicArrayFormat(message, arguments);
            log.add(level, text, throwable);
            LoggingEventBuilder event = target.atLevel(level).setMessage(text).setCause(throwable);
            if (marker != null) {
                event = event.addMarker(marker);
            }
            event.log();
        }

        @Override
        protected String getFullyQualifiedCallerName() {
            return Tee.class.getName();
        }

        @Override
        public boolean isTraceEnabled() {
            return target.isTraceEnabled();
        }

        @Override
        public boolean isDebugEnabled() {
            return target.isDebugEnabled();
        }

        @Override
        public boolean isInfoEnabled() {
            return true;
        }

        @Override
        public boolean isWarnEnabled() {
            return true;
        }

        @Override
        public boolean isErrorEnabled() {
            return true;
        }
    }
}
