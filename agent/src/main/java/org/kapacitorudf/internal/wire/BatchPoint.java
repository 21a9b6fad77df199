package org.kapacitorudf.internal.wire;

import java.util.Arrays;

/**
 * Converts stream points to batch points, without name, database, retention policy and dimensions.
 *
 * <pre>
 *   08 14 | 12 .. cpu | 1A .. db | 3A .. host a | 42 .. value 1.5   ->   08 14 | 3A .. host a | 42 .. value 1.5
 * </pre>
 *
 * <p>Threading: safe for use by any thread.
 */
public final class BatchPoint {
    private static final int OF_STREAMS_ALONE = 1 << 2 | 1 << 3 | 1 << 4 | 1 << 6 | 1 << 11;

    private BatchPoint() {}

    /** Returns the encoding of a batch point. {@link Structure} must have accepted the given encoding. */
    public static byte[] of(byte[] point) {
        byte[] kept = new byte[point.length];
        int size = 0;
        int next;
        for (int field = 0; field < point.length; field = next) {
            next = Wire.fieldEnd(point, field);
            int number = Wire.number(Wire.tagAt(point, field));
            if (number >= Integer.SIZE || (OF_STREAMS_ALONE >>> number & 1) == 0) {
                System.arraycopy(point, field, kept, size, next - field);
                size += next - field;
            }
        }
        return Arrays.copyOf(kept, size);
    }
}
