package org.kapacitorudf.client;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.function.LongSupplier;
import org.kapacitorudf.proto.Point;

/**
 * Reads one point, the bytes of which are there.
 *
 * <p>Threading: one thread at a time.
 *
 * <p>Errors: {@link Problem}.
 */
final class LineParser {
    /** What is wrong where; whoever knows in which line that is tells it. */
    static final class Problem extends RuntimeException {
        private static final long serialVersionUID = 1L;

        private final int position;
        private final boolean stringOpen;

        private Problem(int position, boolean stringOpen, String message) {
            super(message, null, false, false);
            this.position = position;
            this.stringOpen = stringOpen;
        }

        int position() {
            return position;
        }

        /** Whether the bytes end within a string: the point may go on in the next line. */
        boolean isStringOpen() {
            return stringOpen;
        }
    }

    private static final String VALUE = "a double (1.5), an int (1i), a string (\"a\") or a bool (true)";
    private static final int SHOWN_CHARACTERS = 40;

    private final Precision precision;
    private final LongSupplier clockNanos;
    private byte[] bytes;
    private int position;
    private int end;

    /** @param clockNanos the time of a point that has none */
    LineParser(Precision precision, LongSupplier clockNanos) {
        this.precision = precision;
        this.clockNanos = clockNanos;
    }

    /**
     * Reads a point.
     *
     * @param from where it begins, with what is no space
     * @param to where its last line ends, without the line break
     */
    Point point(byte[] bytes, int from, int to) {
        begin(bytes, from, to);
        Point.Builder point = series();
        if (peek() != ' ') {
            throw problem("a space, then the fields");
        }
        skipSpaces();
        field(point);
        while (peek() == ',') {
            position++;
            field(point);
        }
        if (position < end && peek() != ' ') {
            throw problem("a comma or a space after the field's value");
        }
        skipSpaces();
        point.setTime(position == end ? clockNanos.getAsLong() : time());
        skipSpaces();
        if (position < end) {
            throw problem("the end of the line");
        }
        return point.build();
    }

    /** Reads a name and tags, and nothing else. */
    Point series(byte[] bytes) {
        begin(bytes, 0, bytes.length);
        Point.Builder point = series();
        if (position < end) {
            throw problem("a name and tags only");
        }
        return point.build();
    }

    private void begin(byte[] bytes, int from, int to) {
        this.bytes = bytes;
        position = from;
        end = to;
    }

    private Point.Builder series() {
        Point.Builder point = Point.newBuilder().setName(word(", ", ", ", "a measurement"));
        while (peek() == ',') {
            position++;
            int start = position;
            String key = word("=, ", ",= ", "a tag's key");
            if (peek() != '=') {
                throw problem("= after the tag's key");
            }
            position++;
            String value = word(",= ", ",= ", "a tag's value");
            if (peek() == '=') {
                throw problem("a comma or a space after the tag's value; \\= for a = in it");
            }
            if (point.containsTags(key)) {
                throw new Problem(start, false, shown(key) + " (expected: each tag's key once)");
            }
            point.putTags(key, value);
        }
        return point;
    }

    private void field(Point.Builder point) {
        String key = word("=, ", ",= \"", "a field's key");
        if (peek() != '=') {
            throw problem("= after the field's key");
        }
        position++;
        // A field that is given twice has its last value, whatever the types.
        point.removeFieldsDouble(key)
                .removeFieldsInt(key)
                .removeFieldsString(key)
                .removeFieldsBool(key);
        int start = position;
        switch (peek()) {
            case '"' -> point.putFieldsString(key, string());
            case 't', 'T', 'f', 'F' -> point.putFieldsBool(key, bool());
            default -> {
                String token = token();
                char last = token.isEmpty() ? ' ' : token.charAt(token.length() - 1);
                if (last == 'i') {
                    point.putFieldsInt(key, integer(token, start));
                } else if (last == 'u') {
                    point.putFieldsInt(key, unsigned(token, start));
                } else {
                    point.putFieldsDouble(key, number(token, start));
                }
            }
        }
    }

    private String word(String ends, String escapable, String expected) {
        int start = position;
        boolean escaped = false;
        while (position < end && ends.indexOf(bytes[position]) < 0) {
            if (isEscape(escapable)) {
                escaped = true;
                position++;
            }
            position++;
        }
        if (position == start) {
            throw problem(expected);
        }
        String word = text(start, position);
        return escaped ? unescaped(word, escapable) : word;
    }

    private String string() {
        int start = position++;
        boolean escaped = false;
        while (position < end && bytes[position] != '"') {
            if (isEscape("\"\\")) {
                escaped = true;
                position++;
            }
            position++;
        }
        if (position >= end) {
            throw new Problem(start, true, rest(start) + " (expected: a closing \")");
        }
        String string = text(start + 1, position++);
        return escaped ? unescaped(string, "\"\\") : string;
    }

    private boolean isEscape(String escapable) {
        return bytes[position] == '\\' && position + 1 < end && escapable.indexOf(bytes[position + 1]) >= 0;
    }

    private static String unescaped(String text, String escapable) {
        StringBuilder unescaped = new StringBuilder(text.length());
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '\\' && i + 1 < text.length() && escapable.indexOf(text.charAt(i + 1)) >= 0) {
                c = text.charAt(++i);
            }
            unescaped.append(c);
        }
        return unescaped.toString();
    }

    private boolean bool() {
        int start = position;
        return switch (token()) {
            case "t", "T", "true", "True", "TRUE" -> true;
            case "f", "F", "false", "False", "FALSE" -> false;
            default -> throw new Problem(start, false, rest(start) + " (expected: " + VALUE + ")");
        };
    }

    private long integer(String token, int start) {
        String digits = token.substring(0, token.length() - 1);
        if (!isInteger(digits)) {
            throw new Problem(start, false, token + " (expected: " + VALUE + ")");
        }
        try {
            return Long.parseLong(digits);
        } catch (NumberFormatException e) {
            throw new Problem(start, false, token + " (expected: an int of 64 bits)");
        }
    }

    /** Kapacitor has no unsigned ints: what fits becomes an int. */
    private long unsigned(String token, int start) {
        String digits = token.substring(0, token.length() - 1);
        if (!isInteger(digits) || digits.startsWith("-")) {
            throw new Problem(start, false, token + " (expected: " + VALUE + ")");
        }
        try {
            return Long.parseLong(digits);
        } catch (NumberFormatException e) {
            throw new Problem(
                    start,
                    false,
                    token + " (expected: <= " + Long.MAX_VALUE + "u, for Kapacitor has no unsigned type, only int)");
        }
    }

    private double number(String token, int start) {
        switch (token) {
            case "NaN":
                return Double.NaN;
            case "+Inf":
                return Double.POSITIVE_INFINITY;
            case "-Inf":
                return Double.NEGATIVE_INFINITY;
            default:
                double value = isDecimal(token) ? Double.parseDouble(token) : Double.NaN;
                if (Double.isInfinite(value)) {
                    throw new Problem(start, false, token + " (expected: a double of 64 bits)");
                }
                if (Double.isNaN(value)) {
                    throw new Problem(start, false, rest(start) + " (expected: " + VALUE + ")");
                }
                return value;
        }
    }

    private long time() {
        int start = position;
        String token = token();
        if (!isInteger(token)) {
            throw new Problem(start, false, rest(start) + " (expected: a time, which is an integer)");
        }
        try {
            return Math.multiplyExact(Long.parseLong(token), precision.nanos());
        } catch (NumberFormatException | ArithmeticException e) {
            throw new Problem(start, false, token + " (expected: a time within 292 years of 1970)");
        }
    }

    private String token() {
        int start = position;
        while (position < end && bytes[position] != ',' && bytes[position] != ' ') {
            position++;
        }
        return text(start, position);
    }

    /** {@code -12}. */
    private static boolean isInteger(String token) {
        int start = token.startsWith("-") ? 1 : 0;
        return start < token.length() && digits(token, start) == token.length();
    }

    /** {@code -1}, {@code 1.5}, {@code .5}, {@code 1.}, {@code 1e-3}: not all that Java takes for a number. */
    private static boolean isDecimal(String token) {
        int start = token.startsWith("-") ? 1 : 0;
        int at = digits(token, start);
        int count = at - start;
        if (at < token.length() && token.charAt(at) == '.') {
            int fraction = at + 1;
            at = digits(token, fraction);
            count += at - fraction;
        }
        if (count == 0) {
            return false;
        }
        if (at < token.length() && (token.charAt(at) == 'e' || token.charAt(at) == 'E')) {
            int exponent = at + 1;
            if (exponent < token.length() && (token.charAt(exponent) == '+' || token.charAt(exponent) == '-')) {
                exponent++;
            }
            at = digits(token, exponent);
            return at > exponent && at == token.length();
        }
        return at == token.length();
    }

    private static int digits(String token, int from) {
        int at = from;
        while (at < token.length() && token.charAt(at) >= '0' && token.charAt(at) <= '9') {
            at++;
        }
        return at;
    }

    private int peek() {
        return position < end ? bytes[position] : -1;
    }

    private void skipSpaces() {
        while (position < end && isSpace(bytes[position])) {
            position++;
        }
    }

    static boolean isSpace(byte b) {
        return b == ' ' || b == '\t' || b == 0;
    }

    private String text(int from, int to) {
        for (int i = from; i < to; i++) {
            if (bytes[i] < 0) {
                return decoded(from, to);
            }
        }
        return new String(bytes, from, to - from, StandardCharsets.ISO_8859_1);
    }

    private String decoded(int from, int to) {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes, from, to - from))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new Problem(
                    from,
                    false,
                    shown(new String(bytes, from, to - from, StandardCharsets.UTF_8)) + " (expected: UTF-8)");
        }
    }

    private Problem problem(String expected) {
        return new Problem(position, false, rest(position) + " (expected: " + expected + ")");
    }

    private String rest(int from) {
        return from >= end
                ? "the line ends"
                : shown(new String(
                        bytes, from, Math.min(end - from, 4 * SHOWN_CHARACTERS + 4), StandardCharsets.UTF_8));
    }

    private static String shown(String text) {
        String line = text.lines().findFirst().orElse("");
        int shown = Math.min(line.length(), SHOWN_CHARACTERS);
        return '"' + line.substring(0, shown) + (shown < text.length() ? "..." : "") + '"';
    }
}
