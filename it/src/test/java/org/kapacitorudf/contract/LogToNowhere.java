package org.kapacitorudf.contract;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.OutputStreamAppender;
import java.io.OutputStream;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.slf4j.LoggerFactory;

/** Enables logging with stack traces for the functions of a test class, as in production; other tests do not log. */
final class LogToNowhere implements BeforeAllCallback, AfterAllCallback {
    private final Logger log = (Logger) LoggerFactory.getLogger("org.kapacitorudf.udf");
    private final OutputStreamAppender<ILoggingEvent> appender = new OutputStreamAppender<>();

    @Override
    public void beforeAll(ExtensionContext context) {
        PatternLayoutEncoder encoder = new PatternLayoutEncoder();
        encoder.setContext(log.getLoggerContext());
        encoder.setPattern("%level %msg%n");
        encoder.start();
        appender.setContext(log.getLoggerContext());
        appender.setEncoder(encoder);
        appender.setOutputStream(OutputStream.nullOutputStream());
        appender.start();
        log.addAppender(appender);
        log.setLevel(Level.INFO);
        log.setAdditive(false);
    }

    @Override
    public void afterAll(ExtensionContext context) {
        log.setLevel(null);
        log.setAdditive(true);
        log.detachAppender(appender);
        appender.stop();
    }
}
