package org.kapacitorudf.server.command;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.kapacitorudf.errors.SnapshotException;
import org.kapacitorudf.internal.snapshot.SnapshotFile;

/**
 * The snapshots of tasks in Kapacitor's database, a BoltDB file. Finds only snapshots that the database refers to.
 * Remnants in free pages are ignored.
 *
 * <pre>
 *   page      id 8 | flags 2 | count 2 | overflow 4 | elements, little-endian
 *   meta      magic 4 | version 4 | page size 4 | flags 4 | root page 8 | sequence 8 | free list 8 | pages 8
 *             | transaction 8
 *   leaf      flags 4 | position 4 | key size 4 | value size 4, the position is relative to the element
 *   branch    position 4 | key size 4 | page 8
 *   bucket    root page 8 | sequence 8, as the value in a leaf; root 0: the page itself follows
 *   value     of the key /snapshots/data/TASK: a map of node names to snapshots, in Go's gob
 * </pre>
 *
 * <p>Threading: one thread at a time.
 *
 * <p>Errors: {@link SnapshotException} if the file is not such a database.
 */
public final class TaskSnapshots {
    private static final int MAGIC = 0xED0CDAED;
    private static final int PAGE_HEAD_BYTES = 16;
    private static final int BUCKET_HEAD_BYTES = 16;
    private static final int ELEMENT_BYTES = 16;
    private static final int MIN_PAGE_BYTES = 512;
    private static final int TRANSACTION_AT = 48;
    private static final int ROOT_AT = 16;
    private static final int BRANCH = 1;
    private static final int LEAF = 2;
    private static final int BUCKET = 1;
    private static final int MAX_DEPTH = 64;
    private static final int ONE_BYTE = 0x7f;
    private static final String KEY = "/snapshots/data/";
    private static final Pattern NODE = Pattern.compile("\\w+");

    private final ByteBuffer file;
    private final int maxBytes;
    private final int pageBytes;
    private final List<Kept> kept = new ArrayList<>();

    /** A snapshot of a node of a task, at an offset in the file. */
    public record Kept(String task, String node, SnapshotFile.Found snapshot, int offset) {}

    private TaskSnapshots(ByteBuffer file, int maxBytes) {
        this.file = file.duplicate().order(ByteOrder.LITTLE_ENDIAN);
        this.maxBytes = maxBytes;
        this.pageBytes = pageBytes();
    }

    /** @param maxBytes the maximum size of a snapshot after decompression */
    public static List<Kept> in(ByteBuffer file, int maxBytes) {
        try {
            TaskSnapshots snapshots = new TaskSnapshots(file, maxBytes);
            snapshots.page(snapshots.root(), 0);
            return snapshots.kept;
        } catch (IndexOutOfBoundsException | BufferUnderflowException | IllegalArgumentException e) {
            throw foreign();
        }
    }

    private static SnapshotException foreign() {
        return new SnapshotException("no tasks (expected: kapacitor.db, the database of Kapacitor)");
    }

    private int pageBytes() {
        int size = file.limit() < PAGE_HEAD_BYTES + TRANSACTION_AT || file.getInt(PAGE_HEAD_BYTES) != MAGIC
                ? 0
                : file.getInt(PAGE_HEAD_BYTES + 8);
        if (size < MIN_PAGE_BYTES) {
            throw foreign();
        }
        return size;
    }

    /**
     * The root page of the last transaction. One of the two meta pages belongs to the last transaction, the other to
     * the transaction before it.
     */
    private long root() {
        int second = pageBytes + PAGE_HEAD_BYTES;
        boolean isSecond = file.getInt(second) == MAGIC
                && file.getLong(second + TRANSACTION_AT) > file.getLong(PAGE_HEAD_BYTES + TRANSACTION_AT);
        return file.getLong((isSecond ? second : PAGE_HEAD_BYTES) + ROOT_AT);
    }

    private void page(long number, int depth) {
        elements(Math.toIntExact(Math.multiplyExact(number, (long) pageBytes)), depth);
    }

    private void elements(int at, int depth) {
        if (depth > MAX_DEPTH) {
            throw foreign();
        }
        int flags = Short.toUnsignedInt(file.getShort(at + 8));
        int count = Short.toUnsignedInt(file.getShort(at + 10));
        for (int i = 0; i < count; i++) {
            int element = at + PAGE_HEAD_BYTES + i * ELEMENT_BYTES;
            if (flags == BRANCH) {
                page(file.getLong(element + 8), depth + 1);
            } else if (flags == LEAF) {
                leaf(element, depth);
            } else {
                throw foreign();
            }
        }
    }

    private void leaf(int element, int depth) {
        int key = element + file.getInt(element + 4);
        int keyBytes = file.getInt(element + 8);
        int value = key + keyBytes;
        if ((file.getInt(element) & BUCKET) != 0) {
            long root = file.getLong(value);
            if (root == 0) {
                elements(value + BUCKET_HEAD_BYTES, depth + 1);
            } else {
                page(root, depth + 1);
            }
            return;
        }
        String name = text(key, keyBytes);
        if (name.startsWith(KEY)) {
            task(name.substring(KEY.length()), value, file.getInt(element + 12));
        }
    }

    private void task(String task, int value, int bytes) {
        for (SnapshotFile.Found found : new SnapshotFile(file.slice(value, bytes), maxBytes).all()) {
            int offset = value + found.offset();
            kept.add(new Kept(task, nodeBefore(value, offset - lengthBytes(found.bytes())), found, offset));
        }
    }

    /** The number of bytes that gob needs to encode a length. */
    private static int lengthBytes(int length) {
        return length <= ONE_BYTE ? 1 : 1 + (Integer.SIZE - Integer.numberOfLeadingZeros(length) + 7) / 8;
    }

    /**
     * Returns the name of the node that precedes a snapshot: a length-prefixed string that ends at {@code end}. Returns
     * "?" if there is no such string.
     */
    private String nodeBefore(int from, int end) {
        for (int length = 1; length <= ONE_BYTE && end - length - 1 >= from; length++) {
            if (file.get(end - length - 1) == length
                    && NODE.matcher(text(end - length, length)).matches()) {
                return text(end - length, length);
            }
        }
        return "?";
    }

    private String text(int at, int length) {
        byte[] bytes = new byte[length];
        file.get(at, bytes);
        return new String(bytes, StandardCharsets.UTF_8);
    }
}
