package org.kapacitorudf.server.options;

import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.kapacitorudf.internal.line.DurationText;

/** Parses and formats durations, sizes and counts for the command line. */
public final class Quantities {
    private static final Pattern BYTES = Pattern.compile("(\\d{1,18})(|B|KiB|MiB|GiB)");
    private static final Pattern COUNT = Pattern.compile("\\d{1,9}");

    private Quantities() {}

    /** Reads {@code 500ms}, {@code 10s}, {@code 1h30m}, {@code 1w}. */
    public static Duration parseDuration(String text) {
        try {
            return DurationText.parse(text)
                    .filter(duration -> !text.startsWith("-"))
                    .orElseThrow(() -> expected(text, DurationText.EXAMPLES));
        } catch (ArithmeticException e) {
            // The program waits in nanoseconds, so longer durations are not supported.
            throw expected(text, "less than 292 years");
        }
    }

    /** Formats a duration in the syntax of TICKscript and {@link #parseDuration}: {@code 1m30s}. */
    public static String duration(Duration duration) {
        if (duration.isZero()) {
            return "0s";
        }
        if (duration.isNegative()) {
            return "-" + duration(duration.negated());
        }
        StringBuilder text = new StringBuilder();
        part(text, duration.toDays(), "d");
        part(text, duration.toHoursPart(), "h");
        part(text, duration.toMinutesPart(), "m");
        part(text, duration.toSecondsPart(), "s");
        int nanos = duration.getNano();
        part(text, nanos / 1_000_000, "ms");
        part(text, nanos / 1_000 % 1_000, "us");
        part(text, nanos % 1_000, "ns");
        return text.toString();
    }

    private static void part(StringBuilder text, long number, String unit) {
        if (number != 0) {
            text.append(number).append(unit);
        }
    }

    /** Reads {@code 65536}, {@code 64KiB}, {@code 1MiB}. */
    public static long parseBytes(String text) {
        Matcher matcher = BYTES.matcher(text);
        if (!matcher.matches()) {
            throw expected(text, "a number of bytes: 65536, 64KiB, 1MiB");
        }
        int shift = switch (matcher.group(2)) {
            case "KiB" -> 10;
            case "MiB" -> 20;
            case "GiB" -> 30;
            default -> 0;
        };
        try {
            return Math.multiplyExact(Long.parseLong(matcher.group(1)), 1L << shift);
        } catch (ArithmeticException e) {
            throw expected(text, "less than 2^63 bytes");
        }
    }

    /** Formats a number of bytes in the syntax of {@link #parseBytes}. */
    public static String bytes(long bytes) {
        String[] units = {"", "KiB", "MiB", "GiB"};
        int unit = 0;
        long number = bytes;
        while (unit < 3 && number != 0 && number % 1024 == 0) {
            number /= 1024;
            unit++;
        }
        return number + units[unit];
    }

    public static int parseCount(String text) {
        if (!COUNT.matcher(text).matches()) {
            throw expected(text, "a number");
        }
        return Integer.parseInt(text);
    }

    /** Like {@link #parseCount}, but rejects 0. */
    public static int parsePositiveCount(String text) {
        int count = parseCount(text);
        if (count == 0) {
            throw expected("0", ">= 1");
        }
        return count;
    }

    private static IllegalArgumentException expected(String text, String expected) {
        return new IllegalArgumentException(text + " (expected: " + expected + ")");
    }

    /** Reads the maximum length of a line in bytes. */
    public static int parseLineBytes(String text) {
        long bytes = parseBytes(text);
        if (bytes < 1 || bytes > Integer.MAX_VALUE / 4) {
            throw new IllegalArgumentException(text + " (expected: >= 1 and < 512MiB)");
        }
        return (int) bytes;
    }
}
