package org.kapacitorudf.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class FrameReaderTest {
    private static final int BUFFER = 64;

    @Test
    void framesAreFoundHoweverTheyAreCut() throws Exception {
        Random random = new Random(1);
        for (int round = 0; round < 300; round++) {
            int[] lengths = random.ints(20, 0, 4 * BUFFER).toArray();
            FrameReader frames = reader(stream(lengths), 1 + random.nextInt(3 * BUFFER));
            for (int length : lengths) {
                assertThat(frames.next()).isTrue();
                assertThat(body(frames)).isEqualTo(body(length));
            }
            assertThat(frames.next()).isFalse();
        }
    }

    @Test
    void aFrameOfManyMegabytesIsRead() throws Exception {
        FrameReader frames = reader(stream(20_000_000, 1), 1 << 16);

        assertThat(frames.next()).isTrue();
        assertThat(body(frames)).isEqualTo(body(20_000_000));
        assertThat(frames.next()).isTrue();
        assertThat(body(frames)).isEqualTo(body(1));
    }

    @Test
    void theEndInsideALengthOrABodyIsAnError() {
        assertThatThrownBy(() -> reader(new byte[] {(byte) 0x80}, 1).next())
                .isInstanceOf(EOFException.class)
                .hasMessage("unexpected EOF");
        assertThatThrownBy(() -> reader(new byte[] {3, 1, 1}, 1).next())
                .isInstanceOf(EOFException.class)
                .hasMessageContaining("expected 3 more bytes");
    }

    @Test
    void aLengthOfMoreThan64BitsIsAnError() {
        byte[] overlong = new byte[11];
        Arrays.fill(overlong, (byte) 0xFF);
        assertThatThrownBy(() -> reader(overlong, 99).next()).hasMessageContaining("overflows");
        overlong[9] = 2;
        assertThatThrownBy(() -> reader(overlong, 99).next()).hasMessageContaining("overflows");
    }

    @Test
    void aLengthThatKapacitorCannotAllocateIsItsDeath() {
        for (long length : new long[] {1L << 40, 1L << 47, Long.MAX_VALUE, Long.MIN_VALUE, -1}) {
            assertThatThrownBy(() -> reader(varint(length), 99).next())
                    .isInstanceOf(DaemonDeath.class)
                    .hasMessage("frame length: " + Long.toUnsignedString(length) + " (expected: < 2^40)");
        }
        assertThatThrownBy(() -> reader(varint((1L << 40) - 1), 99).next())
                .isInstanceOf(IOException.class)
                .hasMessageContaining("the stand-in's own limit");
    }

    @Test
    void aLengthAloneCostsNoMemory() {
        assertThatThrownBy(() -> reader(varint(Integer.MAX_VALUE - 8), 99).next())
                .isInstanceOf(EOFException.class);
    }

    static byte[] varint(long value) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        long rest = value;
        for (; (rest & ~0x7FL) != 0; rest >>>= 7) {
            out.write((int) rest & 0x7F | 0x80);
        }
        out.write((int) rest);
        return out.toByteArray();
    }

    private static FrameReader reader(byte[] stream, int readBytes) {
        ByteArrayInputStream in = new ByteArrayInputStream(stream);
        return new FrameReader((to, offset, length) -> in.read(to, offset, Math.min(length, readBytes)), BUFFER);
    }

    private static byte[] stream(int... lengths) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (int length : lengths) {
            out.write(varint(length));
            out.write(body(length));
        }
        return out.toByteArray();
    }

    private static byte[] body(int length) {
        byte[] body = new byte[length];
        for (int i = 0; i < length; i++) {
            body[i] = (byte) (i * 31 + length);
        }
        return body;
    }

    private static byte[] body(FrameReader frames) {
        return Arrays.copyOfRange(frames.body(), frames.bodyOffset(), frames.bodyOffset() + frames.bodyLength());
    }
}
