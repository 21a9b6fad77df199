package org.kapacitorudf.internal.snapshot;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32C;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;
import org.kapacitorudf.errors.SnapshotException;

/**
 * Finds the snapshots in a file. The file is itself a snapshot, or it contains snapshots.
 * <pre>
 *   "KUDF" ...                                one snapshot, the whole file
 *   ... "KUDF" ... | ... "KUDF" ... | ...     kapacitor.db, which stores each snapshot contiguously
 * </pre>
 * A snapshot does not contain its length. Inside a file, a snapshot ends where one of its sections or its deflated data
 * ends, if the checksum is correct there.
 *
 * <p>Threading: immutable, safe for use by any thread, as long as the content does not change.
 *
 * <p>Errors: {@link SnapshotException}. A snapshot above the size limit is never held in memory. The search for the end
 * of a snapshot holds no part of it in memory.
 */
public final class SnapshotFile {
    private static final int MAGIC = 0x4B554446;
    private static final int NOWHERE = -1;

    private final ByteBuffer content;
    private final int maxBytes;

    /**
     * @param content the whole file, between its position and limit
     * @param maxBytes the maximum size of a snapshot after decompression
     */
    public SnapshotFile(ByteBuffer content, int maxBytes) {
        this.content = content.slice();
        this.maxBytes = maxBytes;
    }

    /**
     * A snapshot in a file, with a correct checksum.
     *
     * @param bytes the size of the snapshot in the file
     * @param udf the function's name; empty if there is a problem
     * @param problem why the snapshot cannot be read although its checksum is correct; empty if it can be read
     */
    public record Found(int offset, int bytes, String udf, int version, String problem) {}

    /** Whether the file begins like a snapshot. */
    public boolean isSnapshot() {
        return isMagic(0);
    }

    /** Opens the whole file as one snapshot. */
    public SnapshotView whole() {
        return view(0, content.limit());
    }

    /** Opens the snapshot at an offset. */
    public SnapshotView at(long offset) {
        if (offset < 0 || offset > content.limit() || !isMagic((int) offset)) {
            throw new SnapshotException("snapshot: none at " + offset + " (expected: \"KUDF\" there)");
        }
        int end = end((int) offset);
        if (end == NOWHERE) {
            throw new SnapshotException("snapshot: damaged, at " + offset
                    + " (expected: an end before the end of the file, and a correct checksum)");
        }
        return view((int) offset, end);
    }

    /** Finds all snapshots, in the order of their offsets. Snapshots inside other snapshots are left out. */
    public List<Found> all() {
        List<Found> all = new ArrayList<>();
        int at = 0;
        while (at < content.limit()) {
            int end = isMagic(at) ? end(at) : NOWHERE;
            if (end == NOWHERE) {
                at++;
            } else {
                all.add(found(at, end));
                at = end;
            }
        }
        return all;
    }

    private Found found(int offset, int end) {
        try {
            SnapshotView view = view(offset, end);
            return new Found(offset, end - offset, view.udf(), view.version(), "");
        } catch (SnapshotException e) {
            return new Found(offset, end - offset, "", 0, e.getMessage());
        }
    }

    private boolean isMagic(int offset) {
        return content.limit() - offset >= Integer.BYTES && content.getInt(offset) == MAGIC;
    }

    private SnapshotView view(int offset, int end) {
        if (end - offset > maxBytes) {
            throw new SnapshotException("snapshot: " + (end - offset) + " bytes (expected: <= " + maxBytes + ")");
        }
        byte[] snapshot = new byte[end - offset];
        content.get(offset, snapshot);
        return SnapshotView.of(snapshot, maxBytes);
    }

    private int end(int offset) {
        if (content.limit() - offset < Envelope.HEAD_BYTES) {
            return NOWHERE;
        }
        int checksum = content.getInt(offset + Envelope.HEAD_BYTES - Integer.BYTES);
        ByteBuffer in = content.duplicate().position(offset + Envelope.HEAD_BYTES);
        return switch (content.get(offset + Integer.BYTES)) {
            case Envelope.PLAIN -> endOfSections(in, checksum);
            case Envelope.DEFLATED -> endOfDeflated(in, checksum);
            default -> NOWHERE;
        };
    }

    private static int endOfSections(ByteBuffer in, int checksum) {
        CRC32C crc = new CRC32C();
        boolean more = passName(in, crc) && pass(in, crc, Integer.BYTES) && passBytes(in, crc);
        while (more) {
            if ((int) crc.getValue() == checksum) {
                return in.position();
            }
            more = pass(in, crc, 1) && passName(in, crc) && passBytes(in, crc);
        }
        return NOWHERE;
    }

    private static boolean passName(ByteBuffer in, CRC32C crc) {
        return in.hasRemaining() && pass(in, crc, 1 + Byte.toUnsignedInt(in.get(in.position())));
    }

    private static boolean passBytes(ByteBuffer in, CRC32C crc) {
        if (in.remaining() < Integer.BYTES) {
            return false;
        }
        int length = in.getInt(in.position());
        return length >= 0 && pass(in, crc, (long) Integer.BYTES + length);
    }

    private static boolean pass(ByteBuffer in, CRC32C crc, long count) {
        if (count > in.remaining()) {
            return false;
        }
        crc.update(in.slice().limit((int) count));
        in.position(in.position() + (int) count);
        return true;
    }

    private static int endOfDeflated(ByteBuffer in, int checksum) {
        if (in.remaining() < Integer.BYTES) {
            return NOWHERE;
        }
        int begin = in.position();
        int bytesLeft = in.getInt();
        Inflater inflater = new Inflater();
        try {
            inflater.setInput(in);
            byte[] run = new byte[8 * 1024];
            while (!inflater.finished()) {
                int count = inflater.inflate(run);
                bytesLeft -= count;
                if (bytesLeft < 0 || count == 0 && !inflater.finished()) {
                    return NOWHERE;
                }
            }
            CRC32C crc = new CRC32C();
            crc.update(in.duplicate().limit(in.position()).position(begin));
            return bytesLeft == 0 && (int) crc.getValue() == checksum ? in.position() : NOWHERE;
        } catch (DataFormatException e) {
            return NOWHERE;
        } finally {
            inflater.end();
        }
    }
}
