package org.kapacitorudf;

import org.jspecify.annotations.Nullable;
import org.kapacitorudf.internal.wire.Wire;

/**
 * Changes the encoding of a point. Unchanged fields, including unknown ones, are copied byte for byte.
 *
 * <pre>
 *   08 .. | 12 .. | 42 .. | 42 .. | 62 ..      drop number 8, add "42 .." after number 7
 *   08 .. | 12 .. | 42 new        | 62 ..
 * </pre>
 */
final class PointEdit {
    private PointEdit() {}

    /**
     * Drops the fields with the given numbers (bit <i>n</i> is number <i>n</i>). Inserts {@code added} before the first
     * field whose number is higher than {@code after}, or at the end if there is none.
     *
     * @param start the position of the first field to look at; everything before it is copied unchanged
     */
    static byte[] replace(byte[] bytes, int from, int start, int to, int dropped, int after, byte[] added) {
        return replace(bytes, from, start, to, dropped, null, after, added);
    }

    /**
     * Keeps all fields. Inserts {@code added} before the first field whose number is higher than {@code behind}, or at
     * the end if there is none.
     */
    static byte[] insert(byte[] bytes, int from, int start, int to, int behind, byte[] added) {
        return replace(bytes, from, start, to, 0, null, behind, added);
    }

    /**
     * Drops the entries with the given name from the given maps (bit <i>n</i> is the map with number <i>n</i>). Inserts
     * {@code added} before the first field whose number is higher than {@code after}, or at the end if there is none.
     */
    static byte[] replaceEntry(
            byte[] bytes, int from, int start, int to, int maps, String name, int after, byte[] added) {
        return replace(bytes, from, start, to, maps, name, after, added);
    }

    private static byte[] replace(
            byte[] bytes, int from, int start, int to, int dropped, @Nullable String name, int after, byte[] added) {
        int size = to - from + added.length;
        for (int field = start; field < to; ) {
            int end = Wire.fieldEnd(bytes, field);
            if (drops(bytes, field, dropped, name)) {
                size -= end - field;
            }
            field = end;
        }
        byte[] result = new byte[size];
        int at = 0;
        int copied = from;
        boolean isAdded = false;
        for (int field = start; field < to; ) {
            int end = Wire.fieldEnd(bytes, field);
            boolean adds = !isAdded && Wire.number(Wire.tagAt(bytes, field)) > after;
            boolean drops = drops(bytes, field, dropped, name);
            if (adds || drops) {
                at = copy(bytes, copied, field, result, at);
                copied = drops ? end : field;
            }
            if (adds) {
                at = copy(added, 0, added.length, result, at);
                isAdded = true;
            }
            field = end;
        }
        at = copy(bytes, copied, to, result, at);
        if (!isAdded) {
            copy(added, 0, added.length, result, at);
        }
        return result;
    }

    private static boolean drops(byte[] bytes, int field, int dropped, @Nullable String name) {
        int tag = Wire.tagAt(bytes, field);
        return PointFormat.isKnown(tag)
                && (dropped >>> Wire.number(tag) & 1) != 0
                && (name == null || PointFormat.hasKey(bytes, field, name));
    }

    private static int copy(byte[] source, int from, int to, byte[] target, int position) {
        System.arraycopy(source, from, target, position, to - from);
        return position + to - from;
    }
}
