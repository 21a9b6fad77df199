package org.kapacitorudf.internal.snapshot;

import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.kapacitorudf.errors.SnapshotException;

/**
 * Collects the bytes of a part of a snapshot. They are kept in several pieces, so that no bytes are copied when the
 * buffer grows. Numbers are big-endian.
 *
 * <p>Threading: one thread at a time.
 *
 * <p>Errors: {@link SnapshotException} if the limit is exceeded. All parts of a snapshot share one limit.
 */
final class SnapshotBuffer extends OutputStream {
    private static final int FIRST_PIECE_BYTES = 256;
    private static final int LONGEST_PIECE_BYTES = 64 * 1024;

    /** The maximum total size of all parts of a snapshot. */
    static final class Limit {
        private final int maxBytes;
        private int used;

        Limit(int maxBytes) {
            this.maxBytes = maxBytes;
        }

        void take(int count) {
            if (count > maxBytes - used) {
                throw new SnapshotException(
                        "snapshot: more than " + maxBytes + " bytes (expected: <= " + maxBytes + ")");
            }
            used += count;
        }
    }

    private final Limit limit;
    private final List<byte[]> full = new ArrayList<>();
    private byte[] piece = new byte[FIRST_PIECE_BYTES];
    private int used;
    private int length;

    SnapshotBuffer(Limit limit) {
        this.limit = limit;
    }

    int length() {
        return length;
    }

    @Override
    public void write(int value) {
        write(new byte[] {(byte) value}, 0, 1);
    }

    @Override
    public void write(byte[] source, int offset, int count) {
        limit.take(count);
        length += count;
        int done = 0;
        while (done < count) {
            if (used == piece.length) {
                full.add(piece);
                piece = new byte[Math.min(length, LONGEST_PIECE_BYTES)];
                used = 0;
            }
            int run = Math.min(count - done, piece.length - used);
            System.arraycopy(source, offset + done, piece, used, run);
            used += run;
            done += run;
        }
    }

    void writeInt(int value) {
        write(ByteBuffer.allocate(4).order(ByteOrder.BIG_ENDIAN).putInt(value).array(), 0, 4);
    }

    /** Writes the length of a name, then the name: {@code 03 61 62 63} for {@code abc}. */
    void writeName(String name) {
        byte[] encoded = name.getBytes(StandardCharsets.UTF_8);
        write(encoded.length);
        write(encoded, 0, encoded.length);
    }

    /** Returns all bytes, in order. */
    List<ByteBuffer> pieces() {
        List<ByteBuffer> pieces = new ArrayList<>(full.size() + 1);
        full.forEach(bytes -> pieces.add(ByteBuffer.wrap(bytes)));
        pieces.add(ByteBuffer.wrap(piece, 0, used));
        return pieces;
    }
}
