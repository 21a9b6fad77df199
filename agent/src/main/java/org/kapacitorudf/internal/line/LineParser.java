package org.kapacitorudf.internal.line;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.kapacitorudf.internal.wire.Utf8;
import org.kapacitorudf.internal.wire.Wire;

/**
 * Parses one complete point, and encodes it as the protobuf message {@code agent.Point}.
 *
 * <pre>
 *   cpu,host=a value=1.5 20   ->   08 14 | 12 .. cpu | 3A .. host a | 42 .. value 1.5
 * </pre>
 *
 * The fields of the encoding are in numeric order, which is the fastest to read.
 *
 * <p>Threading: one thread at a time.
 *
 * <p>Errors: {@link Problem}.
 */
final class LineParser {
    /** A problem and its position within the line. {@link LineReader} adds the line number. */
    static final class Problem extends RuntimeException {
        private static final long serialVersionUID = 1L;

        private final int position;
        private final boolean stringOpen;
        private final String text;

        private Problem(int position, boolean stringOpen, String text) {
            super(text, null, false, false);
            this.position = position;
            this.stringOpen = stringOpen;
            this.text = text;
        }

        @Override
        public String getMessage() {
            return text;
        }

        int position() {
            return position;
        }

        /** Whether the bytes end within a string, which may continue on the next line. */
        boolean isStringOpen() {
            return stringOpen;
        }
    }

    private static final String VALUE = "a double (1.5), an int (1i), a string (\"a\") or a bool (true)";
    private static final String INT = "an int of 64 bits";
    private static final int SHOWN_CHARACTERS = 40;
    private static final long MOST_BEFORE_LAST_DIGIT = Long.MAX_VALUE / 10;

    private static final int TIME = Wire.tag(1, Wire.VARINT);
    private static final int NAME = Wire.tag(2, Wire.LENGTH);
    private static final int DATABASE = Wire.tag(3, Wire.LENGTH);
    private static final int RETENTION_POLICY = Wire.tag(4, Wire.LENGTH);
    private static final int GROUP = Wire.tag(5, Wire.LENGTH);
    private static final int DIMENSION = Wire.tag(6, Wire.LENGTH);
    private static final int TAG = Wire.tag(7, Wire.LENGTH);
    private static final int[] FIELDS_IN_ORDER = {LineWriter.DOUBLE, LineWriter.INT, LineWriter.STRING, LineWriter.BOOL
    };
    private static final int VALUE_NUMBER = 2;

    // Sets of characters that end a word, or that a backslash escapes in a word.
    private static final boolean[] COMMA_SPACE = set(", ");
    private static final boolean[] KEY_END = set("=, ");
    private static final boolean[] FIELD_KEY_ESCAPABLE = set(",= \"");
    private static final boolean[] STRING_ESCAPABLE = set("\"\\");

    private static final byte[] NOTHING = {};

    private final Precision precision;
    private final LongSupplier clockNanos;
    private final byte[][] dimensions;
    private final boolean allDimensions;
    private byte[] database = NOTHING;
    private byte[] retentionPolicy = NOTHING;

    private byte[] bytes = NOTHING;
    private int position;
    private int end;

    // The words of the line, without the escaping backslashes, and the positions of the words.
    private final Bytes words = new Bytes(1024);
    private final Keys tagKeys = new Keys();
    private final Keys fieldKeys = new Keys();
    private final Bytes fields = new Bytes(1024);
    private int[] fieldEnds = new int[16];
    private int[] fieldTags = new int[16];
    private int nameEnd;

    /** @param clockNanos returns the time for a point without a time, in nanoseconds */
    LineParser(Precision precision, LongSupplier clockNanos, Grouping grouping) {
        this.precision = precision;
        this.clockNanos = clockNanos;
        this.allDimensions = grouping.all();
        this.dimensions = grouping.dimensions().stream()
                .map(name -> name.getBytes(StandardCharsets.UTF_8))
                .toArray(byte[][]::new);
    }

    private static boolean[] set(String characters) {
        boolean[] set = new boolean[128];
        characters.chars().forEach(c -> set[c] = true);
        return set;
    }

    /** Sets the database and retention policy of the following points; empty for none. */
    void context(String database, String retentionPolicy) {
        this.database = database.getBytes(StandardCharsets.UTF_8);
        this.retentionPolicy = retentionPolicy.getBytes(StandardCharsets.UTF_8);
    }

    /**
     * Parses a point.
     *
     * @param from the first byte of the point that is not a space
     * @param to the end of the point's last line, without the line break
     */
    byte[] point(byte[] bytes, int from, int to) {
        begin(bytes, from, to);
        series();
        if (peek() != ' ') {
            throw fieldless(position);
        }
        int gap = position;
        skipSpaces();
        if (position == end || isLoneInteger()) {
            throw fieldless(gap);
        }
        field();
        while (peek() == ',') {
            position++;
            field();
        }
        if (position < end && peek() != ' ') {
            throw problem("a comma or a space after the field's value");
        }
        skipSpaces();
        long timeNanos = position == end ? clockNanos.getAsLong() : time();
        skipSpaces();
        if (position < end) {
            throw problem("the end of the line");
        }
        return encoded(timeNanos);
    }

    /** Parses a measurement and its tags, without fields and time. */
    byte[] series(byte[] bytes) {
        begin(bytes, 0, bytes.length);
        series();
        if (position < end) {
            throw problem("a name and tags only");
        }
        return encoded(0);
    }

    private void begin(byte[] bytes, int from, int to) {
        this.bytes = bytes;
        position = from;
        end = to;
        words.size = 0;
        tagKeys.clear();
        fieldKeys.clear();
        fields.size = 0;
    }

    private void series() {
        word(COMMA_SPACE, COMMA_SPACE, "a measurement");
        nameEnd = words.size;
        while (peek() == ',') {
            position++;
            int start = position;
            int key = words.size;
            word(KEY_END, KEY_END, "a tag's key");
            if (peek() != '=') {
                throw problem("= after the tag's key");
            }
            position++;
            boolean given = tagKeys.add(words.array, key, words.size) >= 0;
            int keyEnd = words.size;
            word(KEY_END, KEY_END, "a tag's value");
            if (peek() == '=') {
                throw problem("a comma or a space after the tag's value; \\= for a = in it");
            }
            if (given) {
                String name = new String(words.array, key, keyEnd - key, StandardCharsets.UTF_8);
                throw new Problem(start, false, shown(name) + " (expected: each tag's key once)");
            }
        }
    }

    private void field() {
        int key = words.size;
        word(KEY_END, FIELD_KEY_ESCAPABLE, "a field's key");
        int keyEnd = words.size;
        if (peek() != '=') {
            throw problem("= after the field's key");
        }
        position++;
        int before = fieldKeys.add(words.array, key, keyEnd);
        int index = fieldKeys.size() - 1;
        if (index == fieldTags.length) {
            fieldTags = Arrays.copyOf(fieldTags, 2 * index);
            fieldEnds = Arrays.copyOf(fieldEnds, 2 * index);
        }
        if (before >= 0) {
            // If a field is given twice, the last value is used, whatever the types.
            fieldTags[before] = 0;
        }
        value(index, key, keyEnd);
        fieldEnds[index] = fields.size;
    }

    private void value(int index, int key, int keyEnd) {
        int start = position;
        switch (peek()) {
            case '"' -> {
                int from = words.size;
                string();
                int length = words.size - from;
                fieldTags[index] = LineWriter.STRING;
                entry(LineWriter.STRING, key, keyEnd, 1 + Wire.delimitedSize(length));
                fields.size = Wire.writeVarint(fields.array, fields.size, Wire.tag(VALUE_NUMBER, Wire.LENGTH));
                fields.size = Wire.writeVarint(fields.array, fields.size, length);
                fields.add(words.array, from, words.size);
            }
            case 't', 'T', 'f', 'F' -> {
                fieldTags[index] = LineWriter.BOOL;
                varint(LineWriter.BOOL, key, keyEnd, bool() ? 1 : 0);
            }
            default -> {
                int to = tokenEnd();
                position = to;
                int last = to == start ? ' ' : bytes[to - 1];
                if (last == 'i' || last == 'u') {
                    fieldTags[index] = LineWriter.INT;
                    varint(LineWriter.INT, key, keyEnd, last == 'i' ? integer(start, to) : unsigned(start, to));
                } else {
                    double number = number(start, to);
                    fieldTags[index] = LineWriter.DOUBLE;
                    entry(LineWriter.DOUBLE, key, keyEnd, 1 + Double.BYTES);
                    fields.add(Wire.tag(VALUE_NUMBER, Wire.FIXED64));
                    fields.room(Double.BYTES);
                    fields.size = Wire.writeDouble(fields.array, fields.size, number);
                }
            }
        }
    }

    private void varint(int tag, int key, int keyEnd, long value) {
        entry(tag, key, keyEnd, 1 + Wire.varintSize(value));
        fields.add(Wire.tag(VALUE_NUMBER, Wire.VARINT));
        fields.room(Wire.MAX_VARINT_BYTES);
        fields.size = Wire.writeVarint(fields.array, fields.size, value);
    }

    /** Writes the beginning of a map entry, and reserves room for its value. */
    private void entry(int tag, int key, int keyEnd, int valueSize) {
        int keySize = keyEnd - key;
        int body = 1 + Wire.delimitedSize(keySize) + valueSize;
        fields.room(1 + Wire.MAX_VARINT_BYTES + body);
        fields.add(tag);
        fields.size = Wire.writeVarint(fields.array, fields.size, body);
        fields.size = text(fields.array, fields.size, Wire.MAP_KEY, words.array, key, keyEnd);
    }

    private static int text(byte[] target, int at, int tag, byte[] source, int from, int to) {
        int next = Wire.writeVarint(target, at, tag);
        next = Wire.writeVarint(target, next, to - from);
        System.arraycopy(source, from, target, next, to - from);
        return next + to - from;
    }

    // The encoding

    private byte[] encoded(long timeNanos) {
        byte[] group = NOTHING;
        List<byte[]> names = List.of();
        if (allDimensions) {
            names = sortedTags();
        } else if (dimensions.length > 0) {
            names = List.of(dimensions);
        }
        int size = timeNanos == 0 ? 0 : 1 + Wire.varintSize(timeNanos);
        size += textSize(nameEnd) + textSize(database.length) + textSize(retentionPolicy.length);
        if (!names.isEmpty()) {
            group = group(names);
            size += textSize(group.length);
            for (byte[] name : names) {
                size += 1 + Wire.delimitedSize(name.length);
            }
        }
        int tags = tagKeys.size();
        for (int tag = 0; tag < tags; tag++) {
            size += 1 + Wire.delimitedSize(tagSize(tag));
        }
        int count = fieldKeys.size();
        for (int field = 0; field < count; field++) {
            size += fieldTags[field] == 0 ? 0 : fieldEnds[field] - fieldStart(field);
        }
        byte[] point = new byte[size];
        int at = 0;
        if (timeNanos != 0) {
            at = Wire.writeVarint(point, at, TIME);
            at = Wire.writeVarint(point, at, timeNanos);
        }
        at = text(point, at, NAME, words.array, 0, nameEnd);
        at = textIfAny(point, at, DATABASE, database);
        at = textIfAny(point, at, RETENTION_POLICY, retentionPolicy);
        at = textIfAny(point, at, GROUP, group);
        for (byte[] name : names) {
            at = text(point, at, DIMENSION, name, 0, name.length);
        }
        for (int tag = 0; tag < tags; tag++) {
            at = Wire.writeVarint(point, at, TAG);
            at = Wire.writeVarint(point, at, tagSize(tag));
            at = text(point, at, Wire.MAP_KEY, words.array, tagKeys.from(tag), tagKeys.to(tag));
            at = text(point, at, Wire.tag(VALUE_NUMBER, Wire.LENGTH), words.array, tagKeys.to(tag), tagValueEnd(tag));
        }
        for (int type : FIELDS_IN_ORDER) {
            for (int field = 0; field < count; field++) {
                if (fieldTags[field] == type) {
                    int from = fieldStart(field);
                    System.arraycopy(fields.array, from, point, at, fieldEnds[field] - from);
                    at += fieldEnds[field] - from;
                }
            }
        }
        return point;
    }

    private int fieldStart(int field) {
        return field == 0 ? 0 : fieldEnds[field - 1];
    }

    private static int textSize(int length) {
        return length == 0 ? 0 : 1 + Wire.delimitedSize(length);
    }

    private static int textIfAny(byte[] point, int at, int tag, byte[] text) {
        return text.length == 0 ? at : text(point, at, tag, text, 0, text.length);
    }

    private int tagSize(int tag) {
        return 2
                + Wire.delimitedSize(tagKeys.to(tag) - tagKeys.from(tag))
                + Wire.delimitedSize(tagValueEnd(tag) - tagKeys.to(tag));
    }

    /** Returns the end of a tag's value. The value lies between the tag's key and the next key. */
    private int tagValueEnd(int tag) {
        return tag + 1 < tagKeys.size() ? tagKeys.from(tag + 1) : tagsEnd();
    }

    private int tagsEnd() {
        return fieldKeys.size() == 0 ? words.size : fieldKeys.from(0);
    }

    private List<byte[]> sortedTags() {
        List<byte[]> names = new ArrayList<>(tagKeys.size());
        for (int tag = 0; tag < tagKeys.size(); tag++) {
            names.add(Arrays.copyOfRange(words.array, tagKeys.from(tag), tagKeys.to(tag)));
        }
        names.sort(Arrays::compareUnsigned);
        return names;
    }

    /** Returns the id of the group, {@code host=a,rack=}. A tag that the point lacks has an empty value. */
    private byte[] group(List<byte[]> names) {
        Bytes group = new Bytes(64);
        for (byte[] name : names) {
            if (group.size > 0) {
                group.add(',');
            }
            group.add(name, 0, name.length);
            group.add('=');
            for (int tag = 0; tag < tagKeys.size(); tag++) {
                if (Arrays.equals(words.array, tagKeys.from(tag), tagKeys.to(tag), name, 0, name.length)) {
                    group.add(words.array, tagKeys.to(tag), tagValueEnd(tag));
                }
            }
        }
        return Arrays.copyOf(group.array, group.size);
    }

    // Words and values

    private void word(boolean[] ends, boolean[] escapable, String expected) {
        int start = position;
        int at = start;
        int to = end;
        byte[] from = bytes;
        boolean wide = false;
        boolean escaped = false;
        for (; at < to; at++) {
            int next = from[at];
            if (next < 0) {
                wide = true;
            } else if (next == '\\' && at + 1 < to && from[at + 1] >= 0 && escapable[from[at + 1]]) {
                escaped = true;
                at++;
            } else if (ends[next]) {
                break;
            }
        }
        position = at;
        if (at == start) {
            throw problem(expected);
        }
        take(start, at, escaped ? escapable : null, wide);
    }

    private void string() {
        int start = position;
        int at = start + 1;
        boolean wide = false;
        boolean escaped = false;
        for (; at < end && bytes[at] != '"'; at++) {
            int next = bytes[at];
            if (next < 0) {
                wide = true;
            } else if (next == '\\' && at + 1 < end && (bytes[at + 1] == '"' || bytes[at + 1] == '\\')) {
                escaped = true;
                at++;
            }
        }
        if (at >= end) {
            throw new Problem(start, true, rest(start) + " (expected: a closing \")");
        }
        position = at + 1;
        take(start + 1, at, escaped ? STRING_ESCAPABLE : null, wide);
    }

    /**
     * Adds a word, without its escaping backslashes, to {@link #words}.
     *
     * @param escapable the characters that a backslash escapes; null if the word has no escaping backslashes
     * @param wide whether the word contains bytes other than ASCII
     */
    private void take(int from, int to, boolean @Nullable [] escapable, boolean wide) {
        if (wide && !Utf8.isValid(bytes, from, to)) {
            throw new Problem(
                    from,
                    false,
                    shown(new String(bytes, from, to - from, StandardCharsets.UTF_8)) + " (expected: UTF-8)");
        }
        if (escapable == null) {
            words.add(bytes, from, to);
            return;
        }
        words.room(to - from);
        for (int at = from; at < to; at++) {
            if (bytes[at] == '\\' && at + 1 < to && bytes[at + 1] >= 0 && escapable[bytes[at + 1]]) {
                at++;
            }
            words.array[words.size++] = bytes[at];
        }
    }

    private boolean bool() {
        int start = position;
        position = tokenEnd();
        return switch (text(start, position)) {
            case "t", "T", "true", "True", "TRUE" -> true;
            case "f", "F", "false", "False", "FALSE" -> false;
            default -> throw notAValue(start);
        };
    }

    private Problem notAValue(int start) {
        return new Problem(start, false, rest(start) + " (expected: " + VALUE + ")");
    }

    private long integer(int start, int to) {
        if (!isInteger(start, to - 1)) {
            throw new Problem(start, false, text(start, to) + " (expected: " + VALUE + ")");
        }
        return parsed(start, to - 1, text -> text + "i (expected: " + INT + ")");
    }

    /**
     * Parses an unsigned int. Kapacitor has no unsigned ints, so a value that fits becomes an int, and any other value
     * is rejected.
     */
    private long unsigned(int start, int to) {
        if (!isInteger(start, to - 1) || bytes[start] == '-') {
            throw new Problem(start, false, text(start, to) + " (expected: " + VALUE + ")");
        }
        return parsed(
                start,
                to - 1,
                text -> text + "u (expected: <= " + Long.MAX_VALUE
                        + "u, because Kapacitor has no unsigned type, only int)");
    }

    private interface Refusal {
        String of(String text);
    }

    private long parsed(int start, int to, Refusal refusal) {
        boolean negative = bytes[start] == '-';
        long value = 0;
        for (int at = negative ? start + 1 : start; at < to; at++) {
            int digit = bytes[at] - '0';
            // The value is accumulated as a negative number, because the negative range is larger by one.
            if (value < -MOST_BEFORE_LAST_DIGIT || 10 * value < Long.MIN_VALUE + digit) {
                throw new Problem(start, false, refusal.of(text(start, to)));
            }
            value = 10 * value - digit;
        }
        if (!negative && value == Long.MIN_VALUE) {
            throw new Problem(start, false, refusal.of(text(start, to)));
        }
        return negative ? value : -value;
    }

    private double number(int start, int to) {
        if (isDecimal(start, to)) {
            double value = DecimalNumber.parse(bytes, start, to);
            if (Double.isInfinite(value)) {
                throw new Problem(start, false, text(start, to) + " (expected: a double of 64 bits)");
            }
            return value;
        }
        return switch (text(start, to)) {
            case "NaN" -> Double.NaN;
            case "+Inf" -> Double.POSITIVE_INFINITY;
            case "-Inf" -> Double.NEGATIVE_INFINITY;
            default -> throw notAValue(start);
        };
    }

    private long time() {
        int start = position;
        position = tokenEnd();
        if (!isInteger(start, position)) {
            throw new Problem(start, false, rest(start) + " (expected: a time, which is an integer)");
        }
        long time = parsed(start, position, LineParser::outOfTime);
        long nanos = precision.nanos();
        if (time > Long.MAX_VALUE / nanos || time < Long.MIN_VALUE / nanos) {
            throw new Problem(start, false, outOfTime(text(start, position)));
        }
        return time * nanos;
    }

    private static String outOfTime(String text) {
        return text + " (expected: a time within 292 years of 1970)";
    }

    private int tokenEnd() {
        int at = position;
        while (at < end && bytes[at] != ',' && bytes[at] != ' ') {
            at++;
        }
        return at;
    }

    /** Whether the rest of the line is only an integer. In that case it is the time, and the fields are missing. */
    private boolean isLoneInteger() {
        int to = end;
        while (to > position && isSpace(bytes[to - 1])) {
            to--;
        }
        return (bytes[position] == '-' || bytes[position] >= '0' && bytes[position] <= '9') && isInteger(position, to);
    }

    private Problem fieldless(int at) {
        return new Problem(at, false, rest(at) + " (expected: a space, then fields; a point needs at least one field)");
    }

    /** Whether the text has the form {@code -12}. */
    private boolean isInteger(int from, int to) {
        int start = from < to && bytes[from] == '-' ? from + 1 : from;
        return start < to && digitsEnd(start, to) == to;
    }

    /**
     * Whether the text has one of the forms {@code -1}, {@code 1.5}, {@code .5}, {@code 1.} and {@code 1e-3}. Java
     * would accept further forms.
     */
    private boolean isDecimal(int from, int to) {
        int start = from < to && bytes[from] == '-' ? from + 1 : from;
        int at = digitsEnd(start, to);
        int count = at - start;
        if (at < to && bytes[at] == '.') {
            int fraction = at + 1;
            at = digitsEnd(fraction, to);
            count += at - fraction;
        }
        if (count == 0) {
            return false;
        }
        if (at < to && (bytes[at] == 'e' || bytes[at] == 'E')) {
            int exponent = at + 1;
            if (exponent < to && (bytes[exponent] == '+' || bytes[exponent] == '-')) {
                exponent++;
            }
            at = digitsEnd(exponent, to);
            return at > exponent && at == to;
        }
        return at == to;
    }

    private int digitsEnd(int from, int to) {
        int at = from;
        while (at < to && bytes[at] >= '0' && bytes[at] <= '9') {
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

    /** Decodes bytes, for a message or for a comparison with ASCII text. */
    private String text(int from, int to) {
        return new String(bytes, from, to - from, StandardCharsets.UTF_8);
    }

    private Problem problem(String expected) {
        return new Problem(position, false, rest(position) + " (expected: " + expected + ")");
    }

    private String rest(int from) {
        return from >= end ? "the line ends" : shown(text(from, from + Math.min(end - from, 4 * SHOWN_CHARACTERS + 4)));
    }

    private static String shown(String text) {
        String line = text.lines().findFirst().orElse("");
        int shown = Math.min(line.length(), SHOWN_CHARACTERS);
        return '"' + line.substring(0, shown) + (shown < text.length() ? "..." : "") + '"';
    }
}
