package org.kapacitorudf.server.logging;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Limits the number of lines per origin. Otherwise a function that logs each of its points could fill the disk and hide
 * other lines.
 *
 * <p>Each origin may log a limited number of lines within {@value #INTERVAL_SECONDS} seconds. Further lines are
 * counted, and the count is reported with the origin's next line that is within the limit.
 *
 * <p>Threading: safe for use by any thread.
 */
final class LineRate {
    static final int INTERVAL_SECONDS = 10;

    /**
     * The maximum number of origins. Users choose the names of tasks and nodes, so the number would otherwise be
     * unbounded. Above the maximum, the origin that has been silent for the longest time is removed.
     */
    private static final int MAX_ORIGINS = 10_000;

    private static final long INTERVAL_NANOS = TimeUnit.SECONDS.toNanos(INTERVAL_SECONDS);

    private static final class Window {
        private long begunNanos;
        private int passed;
        private long heldBack;
    }

    private final Map<String, Window> windows = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Window> eldest) {
            return size() > MAX_ORIGINS;
        }
    };

    /**
     * Counts a line, and decides whether to log it.
     *
     * @param limit the maximum number of lines within the interval
     * @return -1 if the line is to be suppressed, otherwise the number of lines that were suppressed since the origin's
     *     last logged line
     */
    synchronized long pass(String origin, int limit, long nowNanos) {
        Window window = windows.get(origin);
        if (window == null) {
            window = new Window();
            window.begunNanos = nowNanos;
            windows.put(origin, window);
        } else if (nowNanos - window.begunNanos >= INTERVAL_NANOS) {
            window.begunNanos = nowNanos;
            window.passed = 0;
        }
        if (window.passed >= limit) {
            window.heldBack++;
            return -1;
        }
        window.passed++;
        long heldBack = window.heldBack;
        window.heldBack = 0;
        return heldBack;
    }
}
