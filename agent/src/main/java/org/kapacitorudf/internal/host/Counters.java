package org.kapacitorudf.internal.host;

import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.Collectors;
import org.kapacitorudf.Counter;

/**
 * The counters of a function on one connection. A restart of the handler does not reset them.
 *
 * <p>Threading: safe for use by any thread.
 */
public final class Counters {
    private final UdfFunction function;
    private final Map<String, Count> counts = new ConcurrentHashMap<>();

    public Counters(UdfFunction function) {
        this.function = function;
    }

    private static final class Count implements Counter {
        private final LongAdder sum = new LongAdder();

        @Override
        public void add(long count) {
            if (count < 0) {
                throw new IllegalArgumentException("count: " + count + " (expected: >= 0)");
            }
            sum.add(count);
        }
    }

    /**
     * Returns the counter with this name, and creates it on first use.
     *
     * @throws IllegalArgumentException if the name is invalid, or if there are too many counters
     */
    public Counter counter(String name) {
        Count known = counts.get(name);
        if (known != null) {
            return known;
        }
        function.requireCounter(name);
        return counts.computeIfAbsent(name, key -> new Count());
    }

    /** The values, sorted by name. */
    public Map<String, Long> values() {
        Map<String, Long> values = new TreeMap<>();
        counts.forEach((name, count) -> values.put(name, count.sum.sum()));
        return values;
    }

    /** Returns the text for the log line at the end of a connection; empty if there are no counters. */
    public String text() {
        return counts.isEmpty()
                ? ""
                : values().entrySet().stream()
                        .map(count -> count.getKey() + " " + count.getValue())
                        .collect(Collectors.joining(", ", "; counted ", ""));
    }
}
