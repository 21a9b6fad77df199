package org.kapacitorudf.option;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import org.kapacitorudf.internal.line.DurationText;

/**
 * Formats and parses option values in TICKscript syntax.
 *
 * <pre>
 *   true     TRUE          0.25    0.25       90 seconds    90s
 *   10       10            avg     'avg'      14 days       2w
 * </pre>
 *
 * <p>Threading: stateless, safe for use by any thread.
 */
final class Literal {
    /** The maximum number of characters of a string that a message shows. */
    private static final int SHOWN_CHARACTERS = 100;

    private static final String[] UNITS = {"w", "d", "h", "m", "s", "ms", "u"};
    private static final long[] UNIT_NANOS = {
        604_800_000_000_000L,
        86_400_000_000_000L,
        3_600_000_000_000L,
        60_000_000_000L,
        1_000_000_000L,
        1_000_000L,
        1_000L
    };

    private Literal() {}

    /** Returns a value in TICKscript syntax. */
    static String of(Object value) {
        if (value instanceof String string) {
            return quoted(string);
        }
        if (value instanceof Boolean bool) {
            return bool ? "TRUE" : "FALSE";
        }
        if (value instanceof Double number) {
            return number(number);
        }
        if (value instanceof Duration duration) {
            return duration(duration);
        }
        return value.toString();
    }

    /** Returns a value for a message or a log, always as one line of limited length. */
    static String shown(Object value) {
        if (value instanceof String string) {
            return "'" + oneLine(string) + "'";
        }
        if (value instanceof Double number) {
            return number.toString();
        }
        return of(value);
    }

    /** Returns text on one line, shortened if it is long. */
    static String oneLine(String text) {
        StringBuilder shown = new StringBuilder(Math.min(text.length(), SHOWN_CHARACTERS) + 8);
        int index = 0;
        for (int count = 0; index < text.length(); count++) {
            if (count == SHOWN_CHARACTERS) {
                return shown.append("...").toString();
            }
            int character = text.codePointAt(index);
            if (isShown(character)) {
                shown.appendCodePoint(character);
            } else {
                shown.append(String.format(Locale.ROOT, "\\u%04x", character));
            }
            index += Character.charCount(character);
        }
        return shown.toString();
    }

    private static boolean isShown(int character) {
        return switch (Character.getType(character)) {
            // Separators end a line, format characters can reverse the following text, and a lone surrogate is not
            // valid Unicode.
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR,
                    Character.SURROGATE -> false;
            default -> true;
        };
    }

    /**
     * Parses a value from a command line.
     *
     * @return empty if the text is not a value of the type
     */
    static Optional<Object> parse(ArgumentType type, String text) {
        return switch (type) {
            case BOOL -> parseBool(text);
            case INT -> parseInteger(text);
            case DOUBLE -> parseNumber(text);
            case STRING -> Optional.of(unquoted(text));
            case DURATION -> parseDuration(text);
        };
    }

    private static Optional<Object> parseBool(String text) {
        if (text.equalsIgnoreCase("true")) {
            return Optional.of(true);
        }
        return text.equalsIgnoreCase("false") ? Optional.of(false) : Optional.empty();
    }

    private static Optional<Object> parseInteger(String text) {
        try {
            return Optional.of(Long.parseLong(text));
        } catch (NumberFormatException e) {
            return Optional.empty();
        }
    }

    private static Optional<Object> parseNumber(String text) {
        for (int i = 0; i < text.length(); i++) {
            // Rejects forms of numbers that only Java accepts: 1d, 0x1p3, NaN.
            if ("0123456789.+-eE".indexOf(text.charAt(i)) < 0) {
                return Optional.empty();
            }
        }
        try {
            double number = Double.parseDouble(text);
            return Double.isFinite(number) ? Optional.of(number) : Optional.empty();
        } catch (NumberFormatException e) {
            return Optional.empty();
        }
    }

    private static Optional<Object> parseDuration(String text) {
        try {
            return DurationText.parse(text).map(Object.class::cast);
        } catch (ArithmeticException e) {
            return Optional.empty();
        }
    }

    private static String number(double number) {
        if (!Double.isFinite(number)) {
            return Double.toString(number);
        }
        // TICKscript has no exponents, and reads a number without a decimal point as an integer.
        String plain = new BigDecimal(Double.toString(number)).toPlainString();
        return plain.indexOf('.') < 0 ? plain + ".0" : plain;
    }

    private static String duration(Duration duration) {
        long nanos;
        try {
            nanos = duration.toNanos();
        } catch (ArithmeticException e) {
            // The duration exceeds 292 years. Kapacitor cannot send it, but a function may use it as a bound.
            return duration.getSeconds() + "s";
        }
        if (nanos == 0) {
            return "0s";
        }
        for (int i = 0; i < UNITS.length; i++) {
            if (nanos % UNIT_NANOS[i] == 0) {
                return nanos / UNIT_NANOS[i] + UNITS[i];
            }
        }
        return nanos + "ns";
    }

    private static String quoted(String string) {
        // Between single quotes only \' is an escape; between triple quotes nothing is.
        if (string.endsWith("\\") || string.contains("\\'")) {
            return "'''" + string + "'''";
        }
        return "'" + string.replace("'", "\\'") + "'";
    }

    private static String unquoted(String text) {
        if (text.length() >= 6 && text.startsWith("'''") && text.endsWith("'''")) {
            return text.substring(3, text.length() - 3);
        }
        if (text.length() >= 2 && text.startsWith("'") && text.endsWith("'")) {
            return text.substring(1, text.length() - 1).replace("\\'", "'");
        }
        return text;
    }
}
