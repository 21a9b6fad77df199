package org.kapacitorudf.internal.wire;

/**
 * Checks that bytes are a protobuf message: the last field ends where the message ends. Selected nested messages are
 * checked, too.
 *
 * <p>Accepts exactly what a generated parser accepts: any order, unknown fields, groups, varints longer than necessary,
 * lengths and tags of which only 32 bits are significant. Strings are not checked: invalid UTF-8 is detected when a
 * string is read.
 *
 * <p>Threading: safe for use by any thread.
 *
 * <p>Errors: {@link MalformedMessageException}.
 */
public final class Structure {
    /** The maximum depth of nested messages and groups. It is protobuf's own limit. */
    public static final int MAX_DEPTH = 100;

    private Structure() {}

    /**
     * Checks a message.
     *
     * @param messages the fields with nested messages that are checked as well (but not the messages inside these): bit
     *     <i>n</i> stands for the field with number <i>n</i>, at most 31
     */
    public static void check(byte[] bytes, int from, int to, int messages) {
        int field = from;
        while (field < to) {
            int end = fieldEnd(bytes, field, to, 0);
            if (holdsMessage(messages, Wire.tagAt(bytes, field))) {
                int body = Wire.bodyStart(bytes, field);
                if (!isPlainEntry(bytes, body, end)) {
                    checkHeld(bytes, body, end);
                }
            }
            field = end;
        }
    }

    /**
     * Whether a message is a map entry in its usual encoding. Most of a point consists of such entries, for which the
     * general check would take twice as long.
     *
     * <pre>
     *   0A 04 | host | 12 05 | web-1        key, text
     *   0A 05 | value | 11 | 8 bytes        key, double
     *   0A 01 | n | 10 96 01                key, varint
     * </pre>
     */
    private static boolean isPlainEntry(byte[] bytes, int from, int to) {
        if (to - from < 4 || bytes[from] != Wire.MAP_KEY || bytes[from + 1] < 0) {
            return false;
        }
        int value = from + 2 + bytes[from + 1];
        if (to - value < 2) {
            return false;
        }
        switch (bytes[value]) {
            case 2 << 3 | Wire.LENGTH:
                return bytes[value + 1] == to - value - 2;
            case 2 << 3 | Wire.FIXED64:
                return to - value == 1 + Double.BYTES;
            case 2 << 3 | Wire.VARINT:
                return varintEnd(bytes, value + 1, to) == to;
            default:
                return false;
        }
    }

    private static void checkHeld(byte[] bytes, int from, int to) {
        int field = from;
        while (field < to) {
            field = fieldEnd(bytes, field, to, 1);
        }
    }

    private static boolean holdsMessage(int messages, int tag) {
        int number = Wire.number(tag);
        return Wire.wireType(tag) == Wire.LENGTH && number < Integer.SIZE && (messages >>> number & 1) != 0;
    }

    private static int fieldEnd(byte[] bytes, int field, int to, int depth) {
        int tag = tagAt(bytes, field, to);
        int value = Wire.valueStart(bytes, field);
        return Wire.wireType(tag) == Wire.LENGTH
                ? bodyEnd(bytes, value, to)
                : valueEnd(bytes, field, value, to, tag, depth);
    }

    private static int tagAt(byte[] bytes, int field, int to) {
        int tag = bytes[field];
        if (tag < 0) {
            varintEnd(bytes, field, to);
            tag = Wire.tagAt(bytes, field);
        }
        if (Wire.number(tag) == 0) {
            throw new MalformedMessageException("field number", field, "0 (expected: >= 1)");
        }
        return tag;
    }

    /** Returns the end of a value that has any wire type except {@link Wire#LENGTH}. */
    private static int valueEnd(byte[] bytes, int field, int value, int to, int tag, int depth) {
        switch (Wire.wireType(tag)) {
            case Wire.VARINT:
                return varintEnd(bytes, value, to);
            case Wire.FIXED64:
                return fixedEnd(value, Long.BYTES, to);
            case Wire.FIXED32:
                return fixedEnd(value, Integer.BYTES, to);
            case Wire.START_GROUP:
                return groupEnd(bytes, field, value, to, Wire.number(tag), depth);
            case Wire.END_GROUP:
                throw new MalformedMessageException(
                        "end of group", field, Wire.number(tag) + " (expected: only within a group)");
            default:
                throw new MalformedMessageException("wire type", field, Wire.wireType(tag) + " (expected: 0 to 5)");
        }
    }

    private static int groupEnd(byte[] bytes, int group, int firstField, int to, int number, int depth) {
        if (depth >= MAX_DEPTH) {
            throw new MalformedMessageException(
                    "group", group, "level " + (depth + 1) + " (expected: at most " + MAX_DEPTH + ")");
        }
        int field = firstField;
        while (field < to) {
            int tag = tagAt(bytes, field, to);
            if (Wire.wireType(tag) == Wire.END_GROUP) {
                if (Wire.number(tag) != number) {
                    throw new MalformedMessageException(
                            "end of group", field, Wire.number(tag) + " (expected: " + number + ")");
                }
                return Wire.valueStart(bytes, field);
            }
            field = fieldEnd(bytes, field, to, depth + 1);
        }
        throw new MalformedMessageException(
                "group", group, number + " without an end (expected: one by byte " + to + ")");
    }

    private static int bodyEnd(byte[] bytes, int position, int to) {
        if (position < to) {
            int length = bytes[position];
            if (length >= 0 && length < to - position) {
                return position + 1 + length;
            }
        }
        return longBodyEnd(bytes, position, to);
    }

    private static int longBodyEnd(byte[] bytes, int position, int to) {
        int body = varintEnd(bytes, position, to);
        int length = (int) Wire.varintAt(bytes, position);
        if (length < 0 || length > to - body) {
            throw new MalformedMessageException(
                    "length",
                    position,
                    Integer.toUnsignedString(length) + " (expected: <= " + (to - body) + ", the bytes that are left)");
        }
        return body + length;
    }

    private static int fixedEnd(int position, int size, int to) {
        if (to - position < size) {
            throw new MalformedMessageException(
                    "number", position, (to - position) + " bytes (expected: " + size + ")");
        }
        return position + size;
    }

    private static int varintEnd(byte[] bytes, int position, int to) {
        if (position < to && bytes[position] >= 0) {
            return position + 1;
        }
        return longVarintEnd(bytes, position, to);
    }

    private static int longVarintEnd(byte[] bytes, int position, int to) {
        int end = position + Math.min(to - position, Wire.MAX_VARINT_BYTES);
        for (int at = position; at < end; at++) {
            if (bytes[at] >= 0) {
                return at + 1;
            }
        }
        throw new MalformedMessageException(
                "varint",
                position,
                end == to
                        ? "cut off (expected: an end by byte " + to + ")"
                        : "longer than " + Wire.MAX_VARINT_BYTES + " bytes (expected: at most as many)");
    }
}
