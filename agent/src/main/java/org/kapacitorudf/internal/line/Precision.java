package org.kapacitorudf.internal.line;

import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/** The unit of the times in line protocol. */
public enum Precision {
    NANOSECONDS(TimeUnit.NANOSECONDS, "ns", "n"),
    MICROSECONDS(TimeUnit.MICROSECONDS, "us", "u"),
    MILLISECONDS(TimeUnit.MILLISECONDS, "ms"),
    SECONDS(TimeUnit.SECONDS, "s"),
    MINUTES(TimeUnit.MINUTES, "m"),
    HOURS(TimeUnit.HOURS, "h");

    private final long nanos;
    private final List<String> texts;

    Precision(TimeUnit unit, String... texts) {
        this.nanos = unit.toNanos(1);
        this.texts = List.of(texts);
    }

    /**
     * Parses a unit as used by InfluxDB's clients and API: {@code ns} or {@code n}, {@code us} or {@code u},
     * {@code ms}, {@code s}, {@code m}, {@code h}.
     *
     * @throws IllegalArgumentException for any other text; the message lists the units
     */
    public static Precision of(String text) {
        return Arrays.stream(values())
                .filter(precision -> precision.texts.contains(text))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(text + " (expected: "
                        + Arrays.stream(values())
                                .map(precision -> precision.texts.get(0))
                                .collect(Collectors.joining("|"))
                        + ")"));
    }

    /** The length of the unit in nanoseconds. */
    public long nanos() {
        return nanos;
    }
}
