package org.kapacitorudf.internal.wire;

import java.util.List;
import java.util.Objects;

/**
 * Encodes fields of protobuf messages, each in its own array.
 *
 * <pre>
 *   text(18, "name", "cpu")                 12 03 | c p u
 *   varint(8, 150)                          08 | 96 01
 *   doubleEntry(66, "field", "v", 1.5)      42 0C | 0A 01 v | 11 8 bytes        an entry of a map
 * </pre>
 *
 * <p>Threading: safe for use by any thread.
 *
 * <p>Errors: {@link IllegalArgumentException} if a string is not valid Unicode, {@link NullPointerException} if a
 * string is null.
 */
public final class Encoded {
    public static final byte[] NOTHING = {};

    private static final int STRING_VALUE = Wire.tag(2, Wire.LENGTH);
    private static final int DOUBLE_VALUE = Wire.tag(2, Wire.FIXED64);
    private static final int VARINT_VALUE = Wire.tag(2, Wire.VARINT);

    private Encoded() {}

    /** Encodes a field that is a string. {@code what} names the field in exceptions. */
    public static byte[] text(int tag, String what, String text) {
        int size = Utf8.size(what, Objects.requireNonNull(text, what));
        byte[] field = new byte[Wire.varintSize(tag) + Wire.delimitedSize(size)];
        Wire.writeText(field, 0, tag, text, size);
        return field;
    }

    /** Encodes a field that is a message or other bytes. */
    public static byte[] message(int tag, byte[] body) {
        byte[] field = new byte[Wire.varintSize(tag) + Wire.delimitedSize(body.length)];
        int at = Wire.writeVarint(field, Wire.writeVarint(field, 0, tag), body.length);
        System.arraycopy(body, 0, field, at, body.length);
        return field;
    }

    /** Encodes a field that is an integer or a bool. */
    public static byte[] varint(int tag, long value) {
        byte[] field = new byte[Wire.varintSize(tag) + Wire.varintSize(value)];
        Wire.writeVarint(field, Wire.writeVarint(field, 0, tag), value);
        return field;
    }

    /** Encodes an entry of a map with string keys and string values. {@code what} names the map in exceptions. */
    public static byte[] textEntry(int tag, String what, String key, String value) {
        int keySize = keySize(what, key);
        int size = Utf8.size(what, Objects.requireNonNull(value, what));
        int valueSize = 1 + Wire.delimitedSize(size);
        byte[] entry = newEntry(tag, keySize, valueSize);
        int at = writeKey(entry, tag, key, keySize, valueSize);
        Wire.writeText(entry, at, STRING_VALUE, value, size);
        return entry;
    }

    /** Encodes an entry of a map from strings to doubles. {@code what} names the map in exceptions. */
    public static byte[] doubleEntry(int tag, String what, String key, double value) {
        int keySize = keySize(what, key);
        int valueSize = 1 + Double.BYTES;
        byte[] entry = newEntry(tag, keySize, valueSize);
        int at = writeKey(entry, tag, key, keySize, valueSize);
        entry[at++] = (byte) DOUBLE_VALUE;
        Wire.writeDouble(entry, at, value);
        return entry;
    }

    /**
     * Encodes an entry of a map with string keys and integer or boolean values. {@code what} names the map in
     * exceptions.
     */
    public static byte[] varintEntry(int tag, String what, String key, long value) {
        int keySize = keySize(what, key);
        int valueSize = 1 + Wire.varintSize(value);
        byte[] entry = newEntry(tag, keySize, valueSize);
        int at = writeKey(entry, tag, key, keySize, valueSize);
        entry[at++] = (byte) VARINT_VALUE;
        Wire.writeVarint(entry, at, value);
        return entry;
    }

    private static int keySize(String what, String key) {
        return Utf8.size(what, Objects.requireNonNull(key, what));
    }

    private static byte[] newEntry(int tag, int keySize, int valueSize) {
        return new byte[Wire.varintSize(tag) + Wire.delimitedSize(bodySize(keySize, valueSize))];
    }

    private static int writeKey(byte[] entry, int tag, String key, int keySize, int valueSize) {
        int at = Wire.writeVarint(entry, 0, tag);
        at = Wire.writeVarint(entry, at, bodySize(keySize, valueSize));
        return Wire.writeText(entry, at, Wire.MAP_KEY, key, keySize);
    }

    private static int bodySize(int keySize, int valueSize) {
        return 1 + Wire.delimitedSize(keySize) + valueSize;
    }

    /** Concatenates arrays. */
    public static byte[] joined(List<byte[]> parts) {
        int size = 0;
        for (byte[] part : parts) {
            size = Math.addExact(size, part.length);
        }
        byte[] joined = new byte[size];
        int at = 0;
        for (byte[] part : parts) {
            System.arraycopy(part, 0, joined, at, part.length);
            at += part.length;
        }
        return joined;
    }
}
