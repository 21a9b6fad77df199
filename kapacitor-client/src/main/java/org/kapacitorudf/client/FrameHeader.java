package org.kapacitorudf.client;

import java.io.IOException;

/**
 * Reads the length of a frame, a varint of at most 64 bits.
 *
 * <pre>
 *   AC 02 | 300 bytes    ->    size 2, length 300
 * </pre>
 *
 * <p>Threading: one thread.
 */
public final class FrameHeader {
    private static final int MAX_SIZE = 10;

    private int size;
    private long length;

    /** Creates a reader for any number of headers, one after the other. */
    public FrameHeader() {}

    /**
     * Reads the header at {@code from}.
     *
     * @return false if the header does not end before {@code to}
     * @throws IOException if the length has more than 64 bits
     */
    public boolean read(byte[] bytes, int from, int to) throws IOException {
        long value = 0;
        for (int i = 0; i < MAX_SIZE && from + i < to; i++) {
            byte next = bytes[from + i];
            value |= (next & 0x7FL) << 7 * i;
            if (next >= 0 && (i < MAX_SIZE - 1 || next <= 1)) {
                size = i + 1;
                length = value;
                return true;
            }
        }
        if (to - from >= MAX_SIZE) {
            throw new IOException("varint overflows a 64-bit integer");
        }
        return false;
    }

    /** The number of bytes of the header itself. */
    public int size() {
        return size;
    }

    /** The number of bytes of the body, unsigned. */
    public long length() {
        return length;
    }
}
