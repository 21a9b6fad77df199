package org.kapacitorudf;

import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.kapacitorudf.errors.FieldException;
import org.kapacitorudf.internal.wire.Encoded;
import org.kapacitorudf.internal.wire.Utf8;
import org.kapacitorudf.internal.wire.Wire;

/** The protobuf message {@code agent.Point}. {@link Fields} uses its fields 8, 9, 10 and 12 only. */
final class PointFormat {
    static final int TIME = Wire.tag(1, Wire.VARINT);
    static final int NAME = Wire.tag(2, Wire.LENGTH);
    static final int DATABASE = Wire.tag(3, Wire.LENGTH);
    static final int RETENTION_POLICY = Wire.tag(4, Wire.LENGTH);
    static final int GROUP = Wire.tag(5, Wire.LENGTH);
    static final int DIMENSION = Wire.tag(6, Wire.LENGTH);
    static final int TAG = Wire.tag(7, Wire.LENGTH);
    static final int DOUBLE = Wire.tag(8, Wire.LENGTH);
    static final int INT = Wire.tag(9, Wire.LENGTH);
    static final int STRING = Wire.tag(10, Wire.LENGTH);
    static final int BY_NAME = Wire.tag(11, Wire.VARINT);
    static final int BOOL = Wire.tag(12, Wire.LENGTH);

    /** The fields that are maps: messages within the message. */
    static final int MAPS = 1 << 7 | 1 << 8 | 1 << 9 | 1 << 10 | 1 << 12;

    /** The maps that hold a point's fields. */
    static final int FIELDS = 1 << 8 | 1 << 9 | 1 << 10 | 1 << 12;

    private static final int STRING_VALUE = Wire.tag(2, Wire.LENGTH);
    private static final int DOUBLE_VALUE = Wire.tag(2, Wire.FIXED64);
    private static final int VARINT_VALUE = Wire.tag(2, Wire.VARINT);

    private PointFormat() {}

    /** How text is decoded. */
    @FunctionalInterface
    interface TextDecoding {
        /** Decodes everything that a handler sees; throws {@link FieldException} if the text is not valid UTF-8. */
        TextDecoding STRICT = PointFormat::strictText;

        /** Decodes for comparison: one char per byte, so that different bytes give different strings. */
        TextDecoding RAW =
                (what, name, bytes, from, to) -> new String(bytes, from, to - from, StandardCharsets.ISO_8859_1);

        /**
         * Decodes a string.
         *
         * @param what the kind of the string, for the exception: {@code "tag"}
         * @param name the name of the tag or field, {@code "host"}; empty if there is only one string of the kind
         */
        String read(String what, String name, byte[] bytes, int from, int to);
    }

    private static String strictText(String what, String name, byte[] bytes, int from, int to) {
        try {
            return Utf8.decode(bytes, from, to);
        } catch (CharacterCodingException e) {
            String which = name.isEmpty() ? what : what + " \"" + name + "\"";
            throw new FieldException(which + ": " + Utf8.quoted(bytes, from, to) + " (expected: valid UTF-8)");
        }
    }

    /** The text in a field; {@code ""} if the field's position is -1. */
    static String text(byte[] bytes, int field, String what, String name, TextDecoding texts) {
        return field < 0
                ? ""
                : texts.read(what, name, bytes, Wire.bodyStart(bytes, field), Wire.fieldEnd(bytes, field));
    }

    /**
     * Whether the message has a field with this number and wire type. A known number with another wire type is an
     * unknown field.
     */
    static boolean isKnown(int tag) {
        int number = Wire.number(tag);
        return number <= 12 && Wire.wireType(tag) == (number == 1 || number == 11 ? Wire.VARINT : Wire.LENGTH);
    }

    static boolean isField(int tag) {
        return tag == DOUBLE || tag == INT || tag == STRING || tag == BOOL;
    }

    /**
     * The precedence of a typed map: if two maps contain the same name, the one with the higher precedence wins,
     * because Kapacitor fills its single map in this order.
     */
    private static int precedence(int tag) {
        return tag == BOOL ? 3 : tag == DOUBLE ? 2 : tag == INT ? 1 : 0;
    }

    /** The position of the effective entry for a field's name; -1 if there is none. */
    static int findField(byte[] bytes, int from, int to, String name) {
        int found = -1;
        int foundPrecedence = 0;
        for (int field = from; field < to; field = Wire.fieldEnd(bytes, field)) {
            int tag = Wire.tagAt(bytes, field);
            if (isField(tag) && precedence(tag) >= foundPrecedence && hasKey(bytes, field, name)) {
                found = field;
                foundPrecedence = precedence(tag);
            }
        }
        return found;
    }

    /** The position of the effective entry for a tag's name; -1 if there is none. */
    static int findTag(byte[] bytes, int from, int to, String name) {
        int found = -1;
        for (int field = from; field < to; field = Wire.fieldEnd(bytes, field)) {
            if (Wire.tagAt(bytes, field) == TAG && hasKey(bytes, field, name)) {
                found = field;
            }
        }
        return found;
    }

    /** Whether the point has a field with one of these names. */
    static boolean hasAnyField(byte[] bytes, int from, int to, List<String> names) {
        for (int field = from; field < to; field = Wire.fieldEnd(bytes, field)) {
            if (isField(Wire.tagAt(bytes, field)) && hasAnyKey(bytes, field, names)) {
                return true;
            }
        }
        return false;
    }

    private static boolean hasAnyKey(byte[] bytes, int entry, List<String> names) {
        int keyEnd = usualKeyEnd(bytes, Wire.bodyStart(bytes, entry), Wire.fieldEnd(bytes, entry));
        for (String name : names) {
            if (keyEnd < 0
                    ? hasKey(bytes, entry, name)
                    : Utf8.equals(name, bytes, Wire.bodyStart(bytes, entry) + 2, keyEnd)) {
                return true;
            }
        }
        return false;
    }

    /**
     * The end of the key in a map entry; -1 unless the entry has the usual encoding, which is the key and then one
     * value.
     */
    private static int usualKeyEnd(byte[] bytes, int body, int end) {
        if (end - body > 2 && bytes[body] == Wire.MAP_KEY && bytes[body + 1] >= 0) {
            int value = body + 2 + bytes[body + 1];
            if (value < end && bytes[value] != Wire.MAP_KEY && Wire.fieldEnd(bytes, value) == end) {
                return value;
            }
        }
        return -1;
    }

    /** Whether a map entry has this key. */
    static boolean hasKey(byte[] bytes, int entry, String name) {
        int body = Wire.bodyStart(bytes, entry);
        int end = Wire.fieldEnd(bytes, entry);
        int keyEnd = usualKeyEnd(bytes, body, end);
        if (keyEnd >= 0) {
            return Utf8.equals(name, bytes, body + 2, keyEnd);
        }
        int key = Wire.last(bytes, body, end, Wire.MAP_KEY);
        return key < 0
                ? name.isEmpty()
                : Utf8.equals(name, bytes, Wire.bodyStart(bytes, key), Wire.fieldEnd(bytes, key));
    }

    private static int part(byte[] bytes, int entry, int tag) {
        return Wire.last(bytes, Wire.bodyStart(bytes, entry), Wire.fieldEnd(bytes, entry), tag);
    }

    static double doubleValue(byte[] bytes, int entry) {
        int value = part(bytes, entry, DOUBLE_VALUE);
        return value < 0 ? 0 : Wire.doubleAt(bytes, Wire.valueStart(bytes, value));
    }

    static long intValue(byte[] bytes, int entry) {
        int value = part(bytes, entry, VARINT_VALUE);
        return value < 0 ? 0 : Wire.varintAt(bytes, Wire.valueStart(bytes, value));
    }

    static boolean boolValue(byte[] bytes, int entry) {
        return intValue(bytes, entry) != 0;
    }

    static String stringValue(byte[] bytes, int entry, String what, String name, TextDecoding texts) {
        return text(bytes, part(bytes, entry, STRING_VALUE), what, name, texts);
    }

    static Map<String, String> tags(byte[] bytes, int from, int to, TextDecoding texts) {
        Map<String, String> tags = new LinkedHashMap<>();
        for (int field = from; field < to; field = Wire.fieldEnd(bytes, field)) {
            if (Wire.tagAt(bytes, field) == TAG) {
                String name = text(bytes, part(bytes, field, Wire.MAP_KEY), "tag name", "", texts);
                tags.put(name, stringValue(bytes, field, "tag", name, texts));
            }
        }
        return Collections.unmodifiableMap(tags);
    }

    static Map<String, Object> fields(byte[] bytes, int from, int to, TextDecoding texts) {
        Map<String, Object> fields = new LinkedHashMap<>();
        for (int field = from; field < to; field = Wire.fieldEnd(bytes, field)) {
            int tag = Wire.tagAt(bytes, field);
            if (isField(tag)) {
                String name = text(bytes, part(bytes, field, Wire.MAP_KEY), "field name", "", texts);
                Object before = fields.get(name);
                if (before == null || precedence(tag) >= precedence(tagOf(before))) {
                    fields.put(name, value(bytes, field, name, texts));
                }
            }
        }
        return Collections.unmodifiableMap(fields);
    }

    private static int tagOf(Object value) {
        return value instanceof Boolean
                ? BOOL
                : value instanceof Double ? DOUBLE : value instanceof Long ? INT : STRING;
    }

    /** Decodes the value of an entry in one of the four maps of fields. */
    static Object value(byte[] bytes, int entry, String name, TextDecoding texts) {
        int tag = Wire.tagAt(bytes, entry);
        if (tag == DOUBLE) {
            return doubleValue(bytes, entry);
        }
        if (tag == INT) {
            return intValue(bytes, entry);
        }
        if (tag == BOOL) {
            return boolValue(bytes, entry);
        }
        return stringValue(bytes, entry, "field", name, texts);
    }

    /** Encodes a field. The value may have any supported class. */
    static byte[] fieldEntry(String name, Object value) {
        if (value instanceof Double || value instanceof Float) {
            return doubleEntry(name, ((Number) value).doubleValue());
        }
        if (value instanceof Long || value instanceof Integer || value instanceof Short || value instanceof Byte) {
            return intEntry(name, ((Number) value).longValue());
        }
        if (value instanceof String text) {
            return stringEntry(name, text);
        }
        if (value instanceof Boolean bool) {
            return boolEntry(name, bool);
        }
        String found = value == null ? "null" : value.getClass().getName();
        throw new IllegalArgumentException(
                "field \"" + name + "\": " + found + " (expected: a double, a long, a String or a boolean)");
    }

    static byte[] doubleEntry(String name, double value) {
        return Encoded.doubleEntry(DOUBLE, "field", fieldName(name), value);
    }

    static byte[] intEntry(String name, long value) {
        return Encoded.varintEntry(INT, "field", fieldName(name), value);
    }

    static byte[] boolEntry(String name, boolean value) {
        return Encoded.varintEntry(BOOL, "field", fieldName(name), value ? 1 : 0);
    }

    static byte[] stringEntry(String name, String value) {
        return Encoded.textEntry(STRING, "field", fieldName(name), value);
    }

    /** Encodes a tag without checks. */
    static byte[] tagEntry(String name, String value) {
        return Encoded.textEntry(TAG, "tag", name, value);
    }

    private static String fieldName(String name) {
        return notEmpty("field name", oneLine("field name", name));
    }

    /** Whether line protocol can represent a tag. */
    static boolean isSoundTag(String name, String value) {
        return !name.isEmpty() && name.indexOf('\n') < 0 && value.indexOf('\n') < 0;
    }

    /** Rejects a tag that line protocol cannot represent. */
    static void checkTag(String name, String value) {
        notEmpty("tag name", oneLine("tag name", name));
        oneLine("tag value", value);
    }

    static String notEmpty(String what, String text) {
        if (text.isEmpty()) {
            throw new IllegalArgumentException(what + ": \"\" (expected: not empty)");
        }
        return text;
    }

    /**
     * Returns the text. Rejects a line break: line protocol cannot escape it, so the rest of the text would become a
     * separate line.
     */
    static String oneLine(String what, String text) {
        if (text.indexOf('\n') >= 0) {
            throw new IllegalArgumentException(
                    what + ": \"" + text.replace("\n", "\\n") + "\" (expected: no line break)");
        }
        return text;
    }
}
