package org.kapacitorudf.server.logging;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.LoggingEvent;
import ch.qos.logback.core.OutputStreamAppender;
import ch.qos.logback.core.encoder.Encoder;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/**
 * Writes lines, but limits their number per origin (see {@link LineRate}). Also reports the number of lines that were
 * dropped. Lines of the levels debug and trace are not limited.
 */
final class LimitedAppender extends OutputStreamAppender<ILoggingEvent> {
    private final LineRate rate = new LineRate();
    private final AtomicLong toldDropped = new AtomicLong();
    private final LongSupplier nanoTime;

    private LimitedAppender(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
    }

    /**
     * Creates an appender for the current {@link System#err}, in the configured format. Classes that are needed only
     * for log lines are not loaded before the first line.
     */
    static LimitedAppender on(LoggerContext context, LongSupplier nanoTime) {
        Encoder<ILoggingEvent> encoder = switch (Logging.format()) {
            case JSON -> new JsonEncoder(Logging::maxLineBytes);
            case TELEGRAF -> new TelegrafEncoder();
            default -> new LineEncoder(Logging.colours());
        };
        encoder.setContext(context);
        encoder.start();
        LimitedAppender appender = new LimitedAppender(nanoTime);
        appender.setContext(context);
        appender.setName("stderr");
        appender.setEncoder(encoder);
        appender.setOutputStream(System.err);
        appender.start();
        return appender;
    }

    @Override
    protected void append(ILoggingEvent event) {
        tellOfDropped(event);
        if (!event.getLevel().isGreaterOrEqual(Level.INFO)) {
            super.append(event);
            return;
        }
        int limit = Logging.maxLines();
        long heldBack = rate.pass(origin(event.getMDCPropertyMap()), limit, nanoTime.getAsLong());
        if (heldBack < 0) {
            return;
        }
        if (heldBack > 0) {
            super.append(about(
                    event,
                    event.getMDCPropertyMap(),
                    "{} lines were suppressed (expected: <= {} within {} s)",
                    heldBack,
                    limit,
                    LineRate.INTERVAL_SECONDS));
        }
        super.append(event);
    }

    private void tellOfDropped(ILoggingEvent event) {
        long told = toldDropped.get();
        long dropped = Logging.droppedLines();
        if (dropped > told && toldDropped.compareAndSet(told, dropped)) {
            super.append(about(
                    event,
                    Map.of(),
                    "{} lines were dropped because STDERR was not read or could not be written",
                    dropped - told));
            if (Logging.droppedLines() > dropped) {
                toldDropped.compareAndSet(dropped, told); // this report has probably been dropped too
            }
        }
    }

    private static String origin(Map<String, String> mdc) {
        return mdc.getOrDefault("udf", "") + '\0' + mdc.getOrDefault("task", "") + '\0' + mdc.getOrDefault("node", "");
    }

    private ILoggingEvent about(ILoggingEvent event, Map<String, String> mdc, String message, Object... arguments) {
        Logger logger = ((LoggerContext) getContext()).getLogger(event.getLoggerName());
        LoggingEvent line =
                new LoggingEvent(LimitedAppender.class.getName(), logger, Level.WARN, message, null, arguments);
        line.setMDCPropertyMap(mdc);
        return line;
    }
}
