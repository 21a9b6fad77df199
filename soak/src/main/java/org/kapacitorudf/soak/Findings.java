package org.kapacitorudf.soak;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * The findings: the number of each kind, and the first findings as text.
 *
 * <p>Threading: one thread.
 */
final class Findings {
    private static final int MAX_TEXTS = 200;

    /** Kinds of findings. */
    enum Sort {
        /** A point was sent and not returned. */
        LOST,
        /** A point was returned twice, or after a point with a higher number. */
        DOUBLED,
        /** A point was returned with other bytes. */
        ALTERED,
        /** A count, a sum or a batch is wrong. */
        STATE,
        /** A keepalive was answered late or not at all. */
        KEEPALIVE,
        /** A connection ended unexpectedly, or returned something unexpected. */
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
