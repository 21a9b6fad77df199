package org.kapacitorudf.soak;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * What was wrong: how much of each sort, and the first ones in words.
 *
 * <p>Threading: one thread.
 */
final class Findings {
    private static final int MAX_TEXTS = 200;

    /** What can be wrong. */
    enum Sort {
        /** A point was sent and did not come back. */
        LOST,
        /** A point came back twice, or after a later one. */
        DOUBLED,
        /** A point came back with other bytes. */
        ALTERED,
        /** A count, a sum or a batch is not what was sent. */
        STATE,
        /** A keepalive was answered late, or not. */
        KEEPALIVE,
        /** A connection ended, or said something, when it should not have. */
        ENDED,
        /** Nothing came for too long. */
        STALLED,
        /** The server holds more than it did. */
        GROWN,
        /** The server did not start, or not end as it should. */
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
