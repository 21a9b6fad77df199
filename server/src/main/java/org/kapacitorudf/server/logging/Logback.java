package org.kapacitorudf.server.logging;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.spi.MDCAdapter;

/**
 * Configures Logback in code when the first line is logged, so that no file has to be found and parsed.
 *
 * <p>Threading: safe for use by any thread.
 */
final class Logback {
    private final MDCAdapter mdc;
    private final LongSupplier nanoTime;
    private volatile @Nullable LoggerContext context;

    Logback(MDCAdapter mdc, LongSupplier nanoTime) {
        this.mdc = mdc;
        this.nanoTime = nanoTime;
    }

    Logger logger(String name) {
        LoggerContext ready = context;
        return (ready == null ? start() : ready).getLogger(name);
    }

    private synchronized LoggerContext start() {
        if (context == null) {
            LoggerContext fresh = new LoggerContext();
            fresh.setMDCAdapter(mdc);
            Logger root = fresh.getLogger(Logger.ROOT_LOGGER_NAME);
            // LazyLogger has already checked the level.
            root.setLevel(Level.TRACE);
            root.addAppender(LimitedAppender.on(fresh, nanoTime));
            fresh.start();
            context = fresh;
        }
        return context;
    }
}
