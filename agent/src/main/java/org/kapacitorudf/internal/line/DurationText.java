package org.kapacitorudf.internal.line;

import java.time.Duration;
import java.util.Optional;

/**
 * Durations in the syntax of TICKscript and InfluxDB: a sequence of numbers with units.
 *
 * <pre>
 *   500ms   10s   1m30s   1h30m   2d   1w   500u   7ns   -1h
 * </pre>
 *
 * <p>Threading: safe for use by any thread.
 */
public final class DurationText {
    /** The expected syntax, for messages. */
    public static final String EXAMPLES = "a duration: 500ms, 10s, 1h30m, 1w";

    private static final String[] UNITS = {"w", "d", "h", "m", "s", "ms", "us", "u", "ns"};
    private static final long[] UNIT_NANOS = {
        604_800_000_000_000L,
        86_400_000_000_000L,
        3_600_000_000_000L,
        60_000_000_000L,
        1_000_000_000L,
        1_000_000L,
        1_000L,
        1_000L,
        1L
    };

    private DurationText() {}

    /**
     * Parses a duration; returns empty if the text is not a duration.
     *
     * @throws ArithmeticException if the duration exceeds 292 years
     */
    public static Optional<Duration> parse(String text) {
        boolean negative = text.startsWith("-");
        int at = negative ? 1 : 0;
        if (at == text.length()) {
            return Optional.empty();
        }
        long nanos = 0;
        while (at < text.length()) {
            int unit = end(text, at, true);
            int end = end(text, unit, false);
            long unitNanos =
                    unitNanos(text.substring(unit, end).replace('\u00b5', 'u').replace('\u03bc', 'u'));
            if (unit == at || unitNanos == 0) {
                return Optional.empty();
            }
            nanos = Math.addExact(nanos, Math.multiplyExact(number(text, at, unit), unitNanos));
            at = end;
        }
        return Optional.of(Duration.ofNanos(negative ? -nanos : nanos));
    }

    /**
     * Returns the end of a sequence of digits, or of other characters, that begins at a position.
     *
     * @param digits whether the sequence consists of digits
     */
    private static int end(String text, int from, boolean digits) {
        int at = from;
        while (at < text.length() && (text.charAt(at) >= '0' && text.charAt(at) <= '9') == digits) {
            at++;
        }
        return at;
    }

    private static long number(String text, int from, int to) {
        try {
            return Long.parseLong(text, from, to, 10);
        } catch (NumberFormatException e) {
            throw new ArithmeticException("long overflow");
        }
    }

    private static long unitNanos(String unit) {
        for (int i = 0; i < UNITS.length; i++) {
            if (UNITS[i].equals(unit)) {
                return UNIT_NANOS[i];
            }
        }
        return 0;
    }
}
