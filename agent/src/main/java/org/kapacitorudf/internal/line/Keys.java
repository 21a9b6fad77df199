package org.kapacitorudf.internal.line;

import java.util.Arrays;

/**
 * The keys of one line, in order. Detects duplicates.
 *
 * <p>Threading: one thread at a time.
 */
final class Keys {
    private static final int MOST_COMPARED = 16;

    private int[] from = new int[MOST_COMPARED];
    private int[] to = new int[MOST_COMPARED];
    private int[] table = {}; // a hash table of 1 + index; used only if there are many keys
    private int size;

    void clear() {
        if (size > MOST_COMPARED) {
            Arrays.fill(table, 0);
        }
        size = 0;
    }

    int size() {
        return size;
    }

    int from(int key) {
        return from[key];
    }

    int to(int key) {
        return to[key];
    }

    /** Adds the key at a position; returns the index of the previous equal key, or -1 if there is none. */
    int add(byte[] bytes, int keyFrom, int keyTo) {
        if (size == from.length) {
            from = Arrays.copyOf(from, 2 * size);
            to = Arrays.copyOf(to, 2 * size);
        }
        from[size] = keyFrom;
        to[size] = keyTo;
        int index = size++;
        if (index < MOST_COMPARED) {
            return compared(bytes, index);
        }
        if (2 * size > table.length || size == MOST_COMPARED + 1) {
            hashAll(bytes, index);
        }
        return put(bytes, index);
    }

    private int compared(byte[] bytes, int index) {
        for (int before = index - 1; before >= 0; before--) {
            if (equal(bytes, before, index)) {
                return before;
            }
        }
        return -1;
    }

    private void hashAll(byte[] bytes, int count) {
        int slots = Integer.highestOneBit(4 * size);
        table = table.length >= slots ? table : new int[slots];
        Arrays.fill(table, 0);
        for (int index = 0; index < count; index++) {
            put(bytes, index);
        }
    }

    private int put(byte[] bytes, int index) {
        int hash = 1;
        for (int i = from[index]; i < to[index]; i++) {
            hash = 31 * hash + bytes[i];
        }
        int slot = (hash ^ hash >>> 15) * 0x9E3779B9 >>> 8 & table.length - 1;
        while (table[slot] != 0 && !equal(bytes, table[slot] - 1, index)) {
            slot = slot + 1 & table.length - 1;
        }
        int before = table[slot] - 1;
        table[slot] = index + 1;
        return before;
    }

    private boolean equal(byte[] bytes, int one, int other) {
        return Arrays.equals(bytes, from[one], to[one], bytes, from[other], to[other]);
    }
}
