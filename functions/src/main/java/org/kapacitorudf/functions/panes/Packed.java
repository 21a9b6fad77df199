package org.kapacitorudf.functions.panes;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Numbers and strings in few bytes: a small number takes one byte.
 *
 * <pre>
 *   number 5, number 300, text "ab"    ->    05 | AC 02 | 02 61 62
 * </pre>
 *
 * <p>Threading: one thread at a time.
 */
public final class Packed {
    private static final int MORE = 0x80;
    private static final int MOST_NUMBER_BYTES = 10;
    private static final int FIRST_BYTES = 64;

    private Packed() {}

    /** Writes numbers and strings one after the other. */
    public static final class Writer {
        private byte[] bytes;
        private int size;

        public Writer() {
            this(new byte[FIRST_BYTES], 0);
        }

        /** Continues with bytes that were written before; this array is used as long as it is large enough. */
        public Writer(byte[] bytes, int size) {
            this.bytes = bytes;
            this.size = size;
        }

        /** Adds a number; a negative one takes 10 bytes. */
        public void number(long number) {
            reserve(MOST_NUMBER_BYTES);
            long rest = number;
            while ((rest & -MORE) != 0) {
                bytes[size++] = (byte) (rest & MORE - 1 | MORE);
                rest >>>= 7;
            }
            bytes[size++] = (byte) rest;
        }

        /** Adds the lowest {@code count} bytes of a number, the most significant byte first. */
        public void fixed(long number, int count) {
            reserve(count);
            for (int shift = 8 * (count - 1); shift >= 0; shift -= 8) {
                bytes[size++] = (byte) (number >>> shift);
            }
        }

        public void text(String text) {
            byte[] encoded = text.getBytes(StandardCharsets.UTF_8);
            number(encoded.length);
            bytes(encoded, 0, encoded.length);
        }

        /** Adds bytes as they are. */
        public void bytes(byte[] from, int at, int count) {
            reserve(count);
            System.arraycopy(from, at, bytes, size, count);
            size += count;
        }

        private void reserve(int count) {
            if (size + count > bytes.length) {
                bytes = Arrays.copyOf(bytes, size + Math.max(count, size / 2));
            }
        }

        /** The number of bytes that were written. */
        public int size() {
            return size;
        }

        /** The array that is written to, which may be longer than {@link #size}. */
        public byte[] array() {
            return bytes;
        }

        public byte[] bytes() {
            return Arrays.copyOf(bytes, size);
        }
    }

    /** Reads the output of {@link Writer}. */
    public static final class Reader {
        private final byte[] bytes;
        private int at;

        public Reader(byte[] bytes) {
            this.bytes = bytes;
        }

        public boolean hasMore() {
            return at < bytes.length;
        }

        public long number() {
            long number = 0;
            for (int shift = 0; ; shift += 7) {
                byte next = bytes[at++];
                number |= (long) (next & MORE - 1) << shift;
                if (next >= 0) {
                    return number;
                }
            }
        }

        /** Reads the output of {@link Writer#fixed}, as an unsigned number. */
        public long fixed(int count) {
            long number = 0;
            for (int i = 0; i < count; i++) {
                number = number << 8 | bytes[at++] & 0xff;
            }
            return number;
        }

        public String text() {
            int length = (int) number();
            String text = new String(bytes, at, length, StandardCharsets.UTF_8);
            at += length;
            return text;
        }

        /** Reads bytes into an array. */
        public void bytes(byte[] to, int from, int count) {
            System.arraycopy(bytes, at, to, from, count);
            at += count;
        }
    }
}
