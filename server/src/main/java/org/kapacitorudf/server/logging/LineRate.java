package org.kapacitorudf.server.logging;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Bounds how many lines each origin may log: a function that logs each of its points must not fill the disk, nor keep others from being read.
 *
 * <p>Within {@value #INTERVAL_SECONDS} seconds an origin has so many lines; what is more is counted, and told with its next line that passes.
 *
 * <p>Threading: safe for any thread.
 */
final class LineRate {
    static final int INTERVAL_SECONDS = 10;

    /** Origins that have been silent for longest are forgotten beyond this: names are anybody's. */
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
     * Counts a line.
     *
     * @param limit how many lines may pass
     * @return -1 if it is held back; else how many were held back since the last that passed
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
