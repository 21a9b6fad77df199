package org.kapacitorudf.internal.line;

import java.util.Arrays;

/**
 * A growing byte array.
 *
 * <p>Threading: one thread at a time.
 */
final class Bytes {
    byte[] array;
    int size;

    Bytes(int capacity) {
        array = new byte[capacity];
    }

    /** Makes room for {@code more} bytes at the end, and returns the array. */
    byte[] room(int more) {
        if (array.length - size < more) {
            array = Arrays.copyOf(array, Math.max(Math.addExact(size, more), 2 * array.length));
        }
        return array;
    }

    void add(int value) {
        room(1)[size++] = (byte) value;
    }

    void add(byte[] source, int from, int to) {
        System.arraycopy(source, from, room(to - from), size, to - from);
        size += to - from;
    }
}
