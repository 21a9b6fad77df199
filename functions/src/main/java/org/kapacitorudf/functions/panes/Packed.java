package org.kapacitorudf.functions.panes;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/**
 * Numbers and texts in few bytes: a small number takes one byte.
 *
 * <pre>
 *   number 5, number 300, text "ab"    ->    05 | AC 02 | 02 61 62
 * </pre>
 *
 * <p>Threading: one thread at a time.
 */
public final class Packed {
    private static final int MORE = 0x80;

    private Packed() {}

    /** Writes numbers and texts one after the other. */
    public static final class Writer {
        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

        /** Adds a number; a negative one takes 10 bytes. */
        public void number(long number) {
            long rest = number;
            while ((rest & -MORE) != 0) {
                bytes.write((int) rest & MORE - 1 | MORE);
                rest >>>= 7;
            }
            bytes.write((int) rest);
        }

        public void text(String text) {
            byte[] encoded = text.getBytes(StandardCharsets.UTF_8);
            number(encoded.length);
            bytes.writeBytes(encoded);
        }

        public byte[] bytes() {
            return bytes.toByteArray();
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

        public String text() {
            int length = (int) number();
            String text = new String(bytes, at, length, StandardCharsets.UTF_8);
            at += length;
            return text;
        }
    }
}
