package org.kapacitorudf.server.logging;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.LoggingEvent;
import ch.qos.logback.core.OutputStreamAppender;
import java.util.Map;

/** Writes lines, but not too many of one origin: see {@link LineRate}. */
final class LimitedAppender extends OutputStreamAppender<ILoggingEvent> {
    private final LineRate rate = new LineRate();

    @Override
    protected void append(ILoggingEvent event) {
        int limit = Logging.maxLines();
        long heldBack = rate.pass(origin(event.getMDCPropertyMap()), limit, System.nanoTime());
        if (heldBack < 0) {
            return;
        }
        if (heldBack > 0) {
            super.append(about(heldBack, limit, event));
        }
        super.append(event);
    }

    private static String origin(Map<String, String> mdc) {
        return mdc.getOrDefault("udf", "") + '\0' + mdc.getOrDefault("task", "") + '\0' + mdc.getOrDefault("node", "");
    }

    private ILoggingEvent about(long heldBack, int limit, ILoggingEvent event) {
        Logger logger = ((LoggerContext) getContext()).getLogger(event.getLoggerName());
        LoggingEvent line = new LoggingEvent(
                LimitedAppender.class.getName(),
                logger,
                Level.WARN,
                "{} lines were held back (expected: <= {} within {} s)",
                null,
                new Object[] {heldBack, limit, LineRate.INTERVAL_SECONDS});
        line.setMDCPropertyMap(event.getMDCPropertyMap());
        return line;
    }
}
