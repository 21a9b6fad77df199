package org.kapacitorudf.internal.wire;

/**
 * Reads and writes the fields of protobuf messages in byte arrays.
 *
 * <pre>
 *   field:  tag | value               tag = 8 x field number + wire type, a varint
 *
 *   08 96 01              1, VARINT   150
 *   11 8 bytes            2, FIXED64  a double, little-endian
 *   1A 02 | 68 69         3, LENGTH   "hi": two bytes
 * </pre>
 *
 * <p>The methods use positions in the array, so nothing is allocated. Methods that read take the position of a field.
 * Methods that write return the position after what they have written.
 *
 * <p>Threading: safe for use by any thread, as long as the array does not change.
 *
 * <p>Errors: the methods that read require bytes that {@link Structure#check} has accepted. With other bytes they
 * return arbitrary values or throw an {@link IndexOutOfBoundsException}.
 */
public final class Wire {
    public static final int VARINT = 0;
    public static final int FIXED64 = 1;
    public static final int LENGTH = 2;
    public static final int START_GROUP = 3;
    public static final int END_GROUP = 4;
    public static final int FIXED32 = 5;

    /** The maximum length of a varint in bytes. */
    public static final int MAX_VARINT_BYTES = 10;

    /**
     * The tag of the key in a map entry. A map is a repeated message whose field 1 is the key. All maps here have
     * string keys.
     */
    public static final int MAP_KEY = tag(1, LENGTH);

    private Wire() {}

    /** The tag of a field with this number and wire type. */
    public static int tag(int number, int wireType) {
        return number << 3 | wireType;
    }

    public static int number(int tag) {
        return tag >>> 3;
    }

    public static int wireType(int tag) {
        return tag & 7;
    }

    /** The tag of the field at a position. */
    public static int tagAt(byte[] bytes, int field) {
        int first = bytes[field];
        return first >= 0 ? first : (int) varintAt(bytes, field);
    }

    /** The start of a field's value, after the tag. */
    public static int valueStart(byte[] bytes, int field) {
        return bytes[field] >= 0 ? field + 1 : varintEnd(bytes, field);
    }

    /**
     * The start of the body of a field with wire type {@link #LENGTH}, after the tag and the length. The body ends at
     * {@link #fieldEnd}.
     */
    public static int bodyStart(byte[] bytes, int field) {
        return varintEnd(bytes, valueStart(bytes, field));
    }

    /** The end of a field, where the next field begins. */
    public static int fieldEnd(byte[] bytes, int field) {
        int value = valueStart(bytes, field);
        int tag = tagAt(bytes, field);
        switch (wireType(tag)) {
            case LENGTH:
                int length = bytes[value];
                return length >= 0 ? value + 1 + length : varintEnd(bytes, value) + (int) varintAt(bytes, value);
            case VARINT:
                return varintEnd(bytes, value);
            case FIXED64:
                return value + Long.BYTES;
            case FIXED32:
                return value + Integer.BYTES;
            default:
                return groupEnd(bytes, value);
        }
    }

    private static int groupEnd(byte[] bytes, int firstField) {
        int field = firstField;
        while (wireType(tagAt(bytes, field)) != END_GROUP) {
            field = fieldEnd(bytes, field);
        }
        return varintEnd(bytes, field);
    }

    /**
     * The position of the last field with this tag, which determines the value of a singular field; -1 if there is
     * none.
     */
    public static int last(byte[] bytes, int from, int to, int tag) {
        int last = -1;
        for (int field = from; field < to; field = fieldEnd(bytes, field)) {
            if (tagAt(bytes, field) == tag) {
                last = field;
            }
        }
        return last;
    }

    /**
     * The position of the first field with this number or a higher one. If the fields are not in numeric order, which
     * is unusual, the position is {@code from}.
     */
    public static int split(byte[] bytes, int from, int to, int number) {
        int split = from;
        int before = 0;
        int field = from;
        while (field < to) {
            int end = fieldEnd(bytes, field);
            int next = number(tagAt(bytes, field));
            if (next < before) {
                return from;
            }
            before = next;
            split = next < number ? end : split;
            field = end;
        }
        return split;
    }

    /** Like {@link #last}, for fields in numeric order. */
    public static int lastInOrder(byte[] bytes, int from, int to, int tag) {
        int last = -1;
        for (int field = from; field < to; field = fieldEnd(bytes, field)) {
            int next = tagAt(bytes, field);
            if (next == tag) {
                last = field;
            } else if (number(next) > number(tag)) {
                break;
            }
        }
        return last;
    }

    /** The varint at a position. Bits beyond the 64th are dropped, as in protobuf. */
    public static long varintAt(byte[] bytes, int position) {
        long value = 0;
        int at = position;
        for (int shift = 0; ; shift += 7) {
            byte next = bytes[at++];
            value |= (next & 0x7FL) << shift;
            if (next >= 0) {
                return value;
            }
        }
    }

    /** The end of the varint at a position. */
    public static int varintEnd(byte[] bytes, int position) {
        int at = position;
        while (bytes[at] < 0) {
            at++;
        }
        return at + 1;
    }

    public static double doubleAt(byte[] bytes, int position) {
        long bits = 0;
        for (int i = Double.BYTES - 1; i >= 0; i--) {
            bits = bits << Byte.SIZE | bytes[position + i] & 0xFF;
        }
        return Double.longBitsToDouble(bits);
    }

    /** The size of a value as a varint. */
    public static int varintSize(long value) {
        return (Long.SIZE - 1 - Long.numberOfLeadingZeros(value | 1)) / 7 + 1;
    }

    /** The size of a body with this length, including the encoded length. */
    public static int delimitedSize(int length) {
        return varintSize(length) + length;
    }

    /** Writes a varint. */
    public static int writeVarint(byte[] bytes, int position, long value) {
        int at = position;
        long rest = value;
        while ((rest & ~0x7FL) != 0) {
            bytes[at++] = (byte) (rest | 0x80);
            rest >>>= 7;
        }
        bytes[at++] = (byte) rest;
        return at;
    }

    public static int writeDouble(byte[] bytes, int position, double value) {
        long bits = Double.doubleToRawLongBits(value);
        for (int i = 0; i < Double.BYTES; i++) {
            bytes[position + i] = (byte) (bits >>> Byte.SIZE * i);
        }
        return position + Double.BYTES;
    }

    /** Writes a string field. {@code size} is the {@link Utf8#size} of the string. */
    public static int writeText(byte[] bytes, int position, int tag, String text, int size) {
        int at = writeVarint(bytes, position, tag);
        at = writeVarint(bytes, at, size);
        return Utf8.write(text, bytes, at);
    }
}
