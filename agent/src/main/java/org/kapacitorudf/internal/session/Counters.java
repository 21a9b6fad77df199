package org.kapacitorudf.internal.session;

import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.Collectors;
import org.kapacitorudf.Counter;
import org.kapacitorudf.internal.host.UdfFunction;

/**
 * What a function counts on one connection. A restart of the handler does not reset it.
 *
 * <p>Threading: safe for any thread.
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
     * The counter with a name; made when it is asked for first.
     *
     * @throws IllegalArgumentException for a name that a counter cannot have, or one too many
     */
    public Counter counter(String name) {
        Count known = counts.get(name);
        if (known != null) {
            return known;
        }
        function.requireCounter(name);
        return counts.computeIfAbsent(name, key -> new Count());
    }

    /** By name, in the order of the names. */
    Map<String, Long> values() {
        Map<String, Long> values = new TreeMap<>();
        counts.forEach((name, count) -> values.put(name, count.sum.sum()));
        return values;
    }

    /** For the line that ends a connection; empty without counters. */
    public String text() {
        return counts.isEmpty()
                ? ""
                : values().entrySet().stream()
                        .map(count -> count.getKey() + " " + count.getValue())
                        .collect(Collectors.joining(", ", "; counted ", ""));
    }
}
