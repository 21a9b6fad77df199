package org.kapacitorudf.forest;

/**
 * Stores numbers in an order that deflates well: the lowest byte of each number, then the next byte of each number, and
 * so on. Most of the higher bytes are 0. Floats are stored as multiples of 1/256.
 *
 * <p>Threading: safe for use by any thread.
 */
final class Planes {
    private static final double PARTS = 256;

    private Planes() {}

    /** Returns the number that is stored for {@code value}, never -0. Its magnitude must be less than 4 million. */
    static float rounded(double value) {
        return (float) (Math.rint(value * PARTS) / PARTS) + 0.0f;
    }

    /** Returns the bytes for {@code values}, each of which is {@linkplain #rounded rounded}. */
    static byte[] of(float[] values) {
        int[] parts = new int[values.length];
        for (int i = 0; i < parts.length; i++) {
            parts[i] = (int) Math.rint(values[i] * PARTS);
        }
        return of(parts);
    }

    static byte[] of(int[] values) {
        int size = values.length;
        byte[] planes = new byte[Integer.BYTES * size];
        for (int i = 0; i < size; i++) {
            int bits = values[i] << 1 ^ values[i] >> 31; // small for a small negative number as well
            for (int plane = 0; plane < Integer.BYTES; plane++) {
                planes[plane * size + i] = (byte) (bits >>> 8 * plane);
            }
        }
        return planes;
    }

    static float[] toFloats(byte[] planes) {
        int[] parts = toInts(planes);
        float[] values = new float[parts.length];
        for (int i = 0; i < parts.length; i++) {
            values[i] = (float) (parts[i] / PARTS);
        }
        return values;
    }

    static int[] toInts(byte[] planes) {
        int size = planes.length / Integer.BYTES;
        int[] values = new int[size];
        for (int i = 0; i < size; i++) {
            int bits = 0;
            for (int plane = 0; plane < Integer.BYTES; plane++) {
                bits |= (planes[plane * size + i] & 0xff) << 8 * plane;
            }
            values[i] = bits >>> 1 ^ -(bits & 1);
        }
        return values;
    }
}
