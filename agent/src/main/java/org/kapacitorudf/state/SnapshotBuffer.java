package org.kapacitorudf.state;

import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.zip.CRC32C;
import org.kapacitorudf.SnapshotException;

/** Grows as a snapshot is written, up to a limit. Numbers are big-endian. One thread. */
final class SnapshotBuffer extends OutputStream {
    private final int maxBytes;
    private byte[] bytes = new byte[256];
    private int length;

    SnapshotBuffer(int maxBytes) {
        this.maxBytes = maxBytes;
    }

    int length() {
        return length;
    }

    @Override
    public void write(int value) {
        reserve(1);
        bytes[length++] = (byte) value;
    }

    @Override
    public void write(byte[] source, int offset, int count) {
        reserve(count);
        System.arraycopy(source, offset, bytes, length, count);
        length += count;
    }

    void writeInt(int value) {
        reserve(4);
        length += 4;
        setInt(length - 4, value);
    }

    /** Writes a name after its length, {@code 03 61 62 63} for {@code abc}. */
    void writeName(String name) {
        byte[] encoded = name.getBytes(StandardCharsets.UTF_8);
        write(encoded.length);
        write(encoded, 0, encoded.length);
    }

    /** Fills in a number that was not known when its place came. */
    void setInt(int position, int value) {
        ByteBuffer.wrap(bytes).order(ByteOrder.BIG_ENDIAN).putInt(position, value);
    }

    int checksum(int from) {
        CRC32C crc = new CRC32C();
        crc.update(bytes, from, length - from);
        return (int) crc.getValue();
    }

    byte[] toByteArray() {
        return Arrays.copyOf(bytes, length);
    }

    private void reserve(int count) {
        if (count > maxBytes - length) {
            throw new SnapshotException("snapshot: more than " + maxBytes + " bytes (expected: <= " + maxBytes + ")");
        }
        if (length + count > bytes.length) {
            long doubled = Math.max(2L * bytes.length, (long) length + count);
            bytes = Arrays.copyOf(bytes, (int) Math.min(doubled, maxBytes));
        }
    }
}
