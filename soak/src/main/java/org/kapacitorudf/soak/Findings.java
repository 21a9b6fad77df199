package org.kapacitorudf.soak;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * The findings: counts by kind, and the first ones as text.
 *
 * <p>Threading: one thread.
 */
final class Findings {
    private static final int MAX_TEXTS = 200;

    /** Kinds of findings. */
    enum Sort {
        /** A point was sent and not returned. */
        LOST,
        /** A point was returned twice, or after a later one. */
        DOUBLED,
        /** A point was returned with other bytes. */
        ALTERED,
        /** A count, a sum or a batch is wrong. */
        STATE,
        /** A keepalive was answered late, or not. */
        KEEPALIVE,
        /** A connection ended or sent something unexpectedly. */
        ENDED,
        /** Nothing was received for too long. */
        STALLED,
        /** The server uses more resources than before. */
        GROWN,
        /** The server did not start, or did not exit correctly. */
        SERVER
    }

    private final Map<Sort, Long> counts = new EnumMap<>(Sort.class);
    private final List<String> texts = new ArrayList<>();

    void add(Sort sort, String text) {
        add(sort, 1, text);
    }

    void add(Sort sort, long count, String text) {
        counts.merge(sort, count, Long::sum);
        if (texts.size() < MAX_TEXTS) {
            texts.add(sort + ": " + text);
        }
    }

    long count(Sort sort) {
        return counts.getOrDefault(sort, 0L);
    }

    boolean isEmpty() {
        return counts.isEmpty();
    }

    List<String> texts() {
        return List.copyOf(texts);
    }
}
