package org.kapacitorudf.server.logging;

import ch.qos.logback.classic.util.LogbackMDCAdapter;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.function.LongSupplier;
import org.slf4j.ILoggerFactory;
import org.slf4j.IMarkerFactory;
import org.slf4j.Logger;
import org.slf4j.helpers.BasicMarkerFactory;
import org.slf4j.spi.MDCAdapter;
import org.slf4j.spi.SLF4JServiceProvider;

/** The provider that SLF4J finds through {@code slf4j.provider}; public for reflection only. */
public final class LoggingProvider implements SLF4JServiceProvider {
    private final ConcurrentMap<String, Logger> loggers = new ConcurrentHashMap<>();
    private final IMarkerFactory markers = new BasicMarkerFactory();
    private final LogbackMDCAdapter mdc = new LogbackMDCAdapter();
    private final Logback logback;

    public LoggingProvider() {
        this(System::nanoTime);
    }

    LoggingProvider(LongSupplier nanoTime) {
        logback = new Logback(mdc, nanoTime);
    }

    @Override
    public void initialize() {
        // Everything is initialized when the first line is logged.
    }

    @Override
    public ILoggerFactory getLoggerFactory() {
        return this::logger;
    }

    @Override
    public IMarkerFactory getMarkerFactory() {
        return markers;
    }

    @Override
    public MDCAdapter getMDCAdapter() {
        return mdc;
    }

    @Override
    public String getRequestedApiVersion() {
        return "2.0.99";
    }

    private Logger logger(String name) {
        Logger logger = loggers.get(name);
        if (logger == null) {
            Logger fresh = new LazyLogger(name, logback);
            logger = loggers.putIfAbsent(name, fresh);
            return logger == null ? fresh : logger;
        }
        return logger;
    }
}
