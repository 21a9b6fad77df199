package org.kapacitorudf.server.logging;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.LoggingEvent;
import ch.qos.logback.core.OutputStreamAppender;
import ch.qos.logback.core.encoder.Encoder;
import java.util.Map;

/** Writes lines, but not too many of one origin: see {@link LineRate}. Whoever asks for debug or trace gets all of that. */
final class LimitedAppender extends OutputStreamAppender<ILoggingEvent> {
    private final LineRate rate = new LineRate();

    private LimitedAppender() {}

    /** For {@link System#err} as it is now, in the format that was asked for. Made here: what only a line needs is not loaded before the first one. */
    static LimitedAppender on(LoggerContext context) {
        Encoder<ILoggingEvent> encoder = Logging.format() == LogFormat.JSON
                ? new JsonEncoder(Logging::maxLineBytes)
                : new LineEncoder(Logging.colours());
        encoder.setContext(context);
        encoder.start();
        LimitedAppender appender = new LimitedAppender();
        appender.setContext(context);
        appender.setName("stderr");
        appender.setEncoder(encoder);
        appender.setOutputStream(System.err);
        appender.start();
        return appender;
    }

    @Override
    protected void append(ILoggingEvent event) {
        if (!event.getLevel().isGreaterOrEqual(Level.INFO)) {
            super.append(event);
            return;
        }
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
