package org.kapacitorudf.tools.load;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.kapacitorudf.proto.Response;

/**
 * Counts an agent's responses without decoding them: it skips from length to length, and examines only the first byte
 * of each body, which gives the kind of the message.
 *
 * <pre>
 *   F1 01 | 8A 01 EE 01 ..  241 bytes     a point
 *   0B    | 1A 09 08 ..      11 bytes     a keepalive: decoded, because it has the time of its request
 * </pre>
 *
 * <p>Threading: the reading thread counts; any thread may read the counts.
 *
 * <p>Errors: {@link IOException} if the bytes are not frames, or for an {@code ErrorResponse} of the agent.
 */
final class FrameCounter {
    // The first byte of a Response's body: number << 3 | 2; for larger numbers the lower seven bits.
    private static final int POINT = 0x8A;
    private static final int BEGIN = 0x82;
    private static final int END = 0x92;
    private static final int KEEPALIVE = 0x1A;
    private static final int SNAPSHOT = 0x22;
    private static final int ERROR = 0x32;

    private static final int MAX_VARINT_BYTES = 5;

    private final Samples keepaliveNanos = new Samples();
    private long bodyLeft;

    private volatile long points;
    private volatile long ends;
    private volatile long keepalives;
    private volatile long snapshots;
    private volatile long lastDataNanos;

    /**
     * Counts the frames at the start of a buffer.
     *
     * @return the number of bytes consumed; the rest is the beginning of a frame, which must be passed again with the
     *     following bytes
     */
    int count(ByteBuffer buffer, int limit) throws IOException {
        long newPoints = 0;
        long newEnds = 0;
        long position = bodyLeft;
        while (position < limit) {
            int frame = (int) position;
            int body = frame + 1;
            int length = buffer.get(frame);
            if (length < 0) {
                body = lengthEnd(buffer, frame, limit);
                length = body < 0 ? 0 : length(buffer, frame, body);
            }
            if (body < 0 || body == limit) {
                break;
            }
            if (length <= 0) {
                throw new IOException(
                        "frame length: " + Integer.toUnsignedString(length) + " (expected: 1 to 2^31 - 1)");
            }
            int kind = buffer.get(body) & 0xFF;
            if (kind == POINT) {
                newPoints++;
            } else if (kind == END) {
                newEnds++;
            } else if (kind != BEGIN) {
                if (length > limit - body && length <= buffer.capacity() / 2) {
                    break;
                }
                control(kind, buffer, body, Math.min(length, limit - body));
            }
            position = (long) body + length;
        }
        if (newPoints + newEnds > 0) {
            lastDataNanos = System.nanoTime();
            points += newPoints;
            ends += newEnds;
        }
        int done = (int) Math.min(position, limit);
        bodyLeft = Math.max(0, position - limit);
        return done;
    }

    /** Returns the end of the length, where the body begins; -1 if the length is incomplete. */
    private static int lengthEnd(ByteBuffer buffer, int from, int limit) throws IOException {
        for (int i = from; i < limit; i++) {
            if (buffer.get(i) >= 0) {
                return i + 1;
            }
            if (i - from == MAX_VARINT_BYTES - 1) {
                throw new IOException("frame length: longer than " + MAX_VARINT_BYTES + " bytes");
            }
        }
        return -1;
    }

    private static int length(ByteBuffer buffer, int from, int to) {
        int length = 0;
        for (int i = from; i < to; i++) {
            length |= (buffer.get(i) & 0x7F) << 7 * (i - from);
        }
        return length;
    }

    private void control(int kind, ByteBuffer buffer, int from, int length) throws IOException {
        byte[] body = new byte[length];
        buffer.get(from, body);
        switch (kind) {
            case KEEPALIVE -> {
                long askedAt = Response.parseFrom(body).getKeepalive().getTime();
                synchronized (keepaliveNanos) {
                    keepaliveNanos.add(System.nanoTime() - askedAt);
                }
                keepalives++;
            }
            case SNAPSHOT -> {
                lastDataNanos = System.nanoTime();
                snapshots++;
            }
            case ERROR -> throw new IOException("the agent sent an error: " + errorText(body));
            default ->
                throw new IOException("response: starts with " + Integer.toHexString(kind)
                        + " (expected: a point, a batch or a keepalive)");
        }
    }

    private static String errorText(byte[] body) {
        try {
            return Response.parseFrom(body).getError().getError();
        } catch (IOException e) {
            return new String(body, StandardCharsets.ISO_8859_1);
        }
    }

    /** Whether the last body is complete. */
    boolean isBetweenFrames() {
        return bodyLeft == 0;
    }

    long points() {
        return points;
    }

    /** The number of ends of batches. */
    long ends() {
        return ends;
    }

    long keepalives() {
        return keepalives;
    }

    long snapshots() {
        return snapshots;
    }

    /** When the last point, end of a batch or snapshot was received. */
    long lastDataNanos() {
        return lastDataNanos;
    }

    /** Moves the round-trip times that have been measured so far to {@code to}. */
    void drainKeepalives(Samples to) {
        synchronized (keepaliveNanos) {
            to.addAll(keepaliveNanos);
            keepaliveNanos.clear();
        }
    }
}
