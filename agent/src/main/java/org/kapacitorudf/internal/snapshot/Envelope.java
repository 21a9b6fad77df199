package org.kapacitorudf.internal.snapshot;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.zip.CRC32C;
import java.util.zip.DataFormatException;
import java.util.zip.Deflater;
import java.util.zip.Inflater;
import org.kapacitorudf.errors.SnapshotException;

/**
 * The format of a snapshot around the values. All numbers are big-endian, names are UTF-8:
 * <pre>
 *   4B 55 44 46               "KUDF"
 *   01                        format
 *   E0 BE 3B 8E               CRC-32C of everything that follows
 *                             the body:
 *   03 61 62 63               length and name of the UDF, "abc"
 *   00 00 00 01               version of its state
 *   00 00 00 02 | CA FE       number of the handler's own bytes, and the bytes
 *   then for each state that holds anything:
 *   02                        kind: 1 is one value, 2 a value for each group, 3 the same with its last use
 *   06 77 69 6E 64 6F 77      length and name of the state, "window"
 *   00 00 00 1A | 26 bytes    length and CBOR: the value, or an array of group, value, group, value ...
 *                             or of "event", group, last use, value, group, last use, value ...
 * </pre>
 * Format 2 has the size of the body, and then the deflated body (RFC 1950). It is used if it is at least a tenth
 * smaller.
 *
 * <p>Threading: immutable, safe for use by any thread.
 *
 * <p>Errors: {@link SnapshotException}. Lengths are checked before memory is allocated for them.
 */
record Envelope(String udf, int version, byte[] handlerBytes, List<Section> sections) {
    /** The size of the header before the body. */
    static final int HEAD_BYTES = 9;

    static final int PLAIN = 1;
    static final int DEFLATED = 2;

    private static final byte[] MAGIC = {'K', 'U', 'D', 'F'};
    private static final int SMALL_BYTES = 4 * 1024;
    /** The maximum compression ratio of deflate. */
    private static final int HIGHEST_RATIO = 1032;

    private static final int MAX_NAME_BYTES = 255;

    /** One state: {@code length} bytes of CBOR at {@code offset}. */
    record Section(int kind, String name, byte[] bytes, int offset, int length) {}

    /** Returns a snapshot with a body that consists of several parts. */
    static byte[] around(List<SnapshotBuffer> parts) {
        List<ByteBuffer> body =
                parts.stream().flatMap(part -> part.pieces().stream()).toList();
        List<ByteBuffer> deflated = deflated(body);
        return deflated.isEmpty() ? sealed(PLAIN, body) : sealed(DEFLATED, deflated);
    }

    private static byte[] sealed(int format, List<ByteBuffer> content) {
        ByteBuffer out = ByteBuffer.allocate(HEAD_BYTES + bytes(content)).position(HEAD_BYTES);
        content.forEach(out::put);
        return out.rewind()
                .put(MAGIC)
                .put((byte) format)
                .putInt(checksum(out.array(), HEAD_BYTES, out.capacity() - HEAD_BYTES))
                .array();
    }

    private static int bytes(List<ByteBuffer> content) {
        return content.stream().mapToInt(ByteBuffer::remaining).sum();
    }

    private static int checksum(byte[] bytes, int offset, int length) {
        CRC32C crc = new CRC32C();
        crc.update(bytes, offset, length);
        return (int) crc.getValue();
    }

    /** Returns the content of format 2; empty unless the content is at least a tenth smaller than the body. */
    private static List<ByteBuffer> deflated(List<ByteBuffer> body) {
        int bodyBytes = bytes(body);
        int maxBytes = bodyBytes <= SMALL_BYTES ? 0 : bodyBytes - bodyBytes / 10;
        SnapshotBuffer out = new SnapshotBuffer(new SnapshotBuffer.Limit(Integer.MAX_VALUE));
        out.writeInt(bodyBytes);
        Deflater deflater = new Deflater(Deflater.BEST_SPEED);
        try {
            byte[] run = new byte[8 * 1024];
            for (int i = 0; i <= body.size(); i++) {
                if (i < body.size()) {
                    deflater.setInput(body.get(i).duplicate());
                } else {
                    deflater.finish();
                }
                int count;
                while ((count = deflater.deflate(run)) > 0) {
                    if (count > maxBytes - out.length()) {
                        return List.of();
                    }
                    out.write(run, 0, count);
                }
            }
            return out.pieces();
        } finally {
            deflater.end();
        }
    }

    /**
     * Opens a snapshot.
     *
     * @param maxBytes the maximum size after decompression
     */
    static Envelope open(byte[] snapshot, int maxBytes) {
        requireSize(snapshot.length, maxBytes);
        int magic = Arrays.mismatch(snapshot, MAGIC);
        if (magic >= 0 && magic < MAGIC.length) {
            throw new SnapshotException(
                    "snapshot: foreign, " + snapshot.length + " bytes (expected: \"KUDF\" at its beginning)");
        }
        if (snapshot.length < HEAD_BYTES) {
            throw damaged(snapshot.length + " bytes", ">= " + HEAD_BYTES);
        }
        ByteBuffer in = ByteBuffer.wrap(snapshot).position(MAGIC.length);
        int format = Byte.toUnsignedInt(in.get());
        if (format != PLAIN && format != DEFLATED) {
            throw new SnapshotException(
                    "snapshot: format " + format + " (expected: " + PLAIN + " or " + DEFLATED + ")");
        }
        int stored = in.getInt();
        int computed = checksum(snapshot, HEAD_BYTES, snapshot.length - HEAD_BYTES);
        if (stored != computed) {
            throw damaged("checksum " + Integer.toHexString(computed), Integer.toHexString(stored));
        }
        return body(format == PLAIN ? in.slice() : inflated(in, maxBytes));
    }

    private static void requireSize(long bytes, int maxBytes) {
        if (bytes > maxBytes) {
            throw new SnapshotException("snapshot: " + bytes + " bytes (expected: <= " + maxBytes + ")");
        }
    }

    private static ByteBuffer inflated(ByteBuffer in, int maxBytes) {
        require(in, 4, "deflated body");
        int bodyBytes = in.getInt();
        long mostBytes = (long) in.remaining() * HIGHEST_RATIO;
        if (bodyBytes < 0 || bodyBytes > mostBytes) {
            throw damaged("deflated body of " + Integer.toUnsignedString(bodyBytes) + " bytes", "<= " + mostBytes);
        }
        requireSize((long) HEAD_BYTES + bodyBytes, maxBytes);
        byte[] body = new byte[bodyBytes];
        Inflater inflater = new Inflater();
        try {
            inflater.setInput(in);
            int count = inflater.inflate(body);
            // Tries to inflate one more byte, because the end mark of the deflated data may not have been read yet.
            if (count != bodyBytes || inflater.inflate(new byte[1]) != 0 || !inflater.finished() || in.hasRemaining()) {
                throw damaged("deflated body", bodyBytes + " bytes, and nothing after them");
            }
            return ByteBuffer.wrap(body);
        } catch (DataFormatException e) {
            throw new SnapshotException(
                    "snapshot: damaged, deflated body: " + e.getMessage() + " (expected: RFC 1950)", e);
        } finally {
            inflater.end();
        }
    }

    private static Envelope body(ByteBuffer in) {
        String udf = readName(in);
        require(in, 4, "version");
        int version = in.getInt();
        byte[] handlerBytes = new byte[readLength(in, "the handler's own bytes")];
        in.get(handlerBytes);
        List<Section> sections = new ArrayList<>();
        Set<String> names = new HashSet<>();
        while (in.hasRemaining()) {
            int kind = Byte.toUnsignedInt(in.get());
            String name = readName(in);
            int length = readLength(in, "state \"" + name + "\"");
            if (!names.add(name)) {
                throw damaged("state \"" + name + "\" twice", "each state once");
            }
            sections.add(new Section(kind, name, in.array(), in.arrayOffset() + in.position(), length));
            in.position(in.position() + length);
        }
        return new Envelope(udf, version, handlerBytes, List.copyOf(sections));
    }

    private static String readName(ByteBuffer in) {
        require(in, 1, "name");
        int length = Byte.toUnsignedInt(in.get());
        require(in, length, "name");
        ByteBuffer encoded = in.slice().limit(length);
        in.position(in.position() + length);
        try {
            CharBuffer name = StandardCharsets.UTF_8.newDecoder().decode(encoded);
            return checkedName("name", name.toString());
        } catch (CharacterCodingException | IllegalArgumentException e) {
            throw new SnapshotException("snapshot: damaged, an invalid name (expected: printable UTF-8)", e);
        }
    }

    private static int readLength(ByteBuffer in, String of) {
        require(in, 4, of);
        int length = in.getInt();
        if (length < 0) {
            throw damaged(of + " of " + Integer.toUnsignedString(length) + " bytes", "<= " + in.remaining());
        }
        require(in, length, of);
        return length;
    }

    private static void require(ByteBuffer in, int bytes, String of) {
        if (in.remaining() < bytes) {
            throw damaged(of + " of " + bytes + " bytes", "<= " + in.remaining());
        }
    }

    private static SnapshotException damaged(String found, String expected) {
        return new SnapshotException("snapshot: damaged, " + found + " (expected: " + expected + ")");
    }

    /** Returns the name. Throws an {@link IllegalArgumentException} if an envelope cannot hold the name. */
    static String checkedName(String what, String name) {
        int bytes = name.getBytes(StandardCharsets.UTF_8).length;
        if (bytes == 0
                || bytes > MAX_NAME_BYTES
                || name.chars().anyMatch(Character::isISOControl)
                || !StandardCharsets.UTF_8.newEncoder().canEncode(name)) {
            throw new IllegalArgumentException(
                    what + ": \"" + name + "\" (expected: 1 to " + MAX_NAME_BYTES + " bytes, printable)");
        }
        return name;
    }
}
