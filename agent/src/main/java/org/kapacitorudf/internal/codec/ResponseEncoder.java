package org.kapacitorudf.internal.codec;

import io.netty.buffer.ByteBuf;
import java.util.Map;
import org.kapacitorudf.Point;
import org.kapacitorudf.internal.wire.BatchMessages;
import org.kapacitorudf.internal.wire.Encoded;
import org.kapacitorudf.internal.wire.PointAccess;
import org.kapacitorudf.internal.wire.Wire;
import org.kapacitorudf.proto.Response;

/**
 * Encodes responses. Data is encoded as frames, which include their length. Answers are encoded as messages, to which
 * the pipeline adds the length.
 *
 * <pre>
 *   writePoint    E5 01 | 8A 01 | E1 01 | 225 bytes     a frame of 229 bytes: number 17, LENGTH: a point
 *   keepalive             1A | 02 | 08 05               a message of 4 bytes: number 3, LENGTH: a KeepaliveResponse
 * </pre>
 *
 * <p>Each response contains exactly one message, because an empty Response crashes Kapacitor.
 *
 * <p>Threading: safe for use by any thread; each buffer is used by one thread at a time.
 *
 * <p>Errors: {@link IllegalArgumentException} for data that must not be sent; in that case nothing is written.
 */
public final class ResponseEncoder {
    private static final PointAccess<Point> POINTS = PointAccess.of(Point.class);
    private static final int INFO = Wire.tag(1, Wire.LENGTH);
    private static final int KEEPALIVE = Wire.tag(3, Wire.LENGTH);
    private static final int KEEPALIVE_TIME = Wire.tag(1, Wire.VARINT);
    private static final int BEGIN = Wire.tag(16, Wire.LENGTH);
    private static final int POINT = Wire.tag(17, Wire.LENGTH);
    private static final int END = Wire.tag(18, Wire.LENGTH);

    private ResponseEncoder() {}

    /** The number of bytes that {@link #writePoint} writes. */
    public static int frameSize(Point point) {
        return frameSize(POINT, point.encodedSize());
    }

    private static int frameSize(int tag, int bodySize) {
        return Wire.delimitedSize(Wire.varintSize(tag) + Wire.delimitedSize(bodySize));
    }

    /** Writes a point, copying its bytes once. */
    public static void writePoint(Point point, ByteBuf out) {
        int size = point.encodedSize();
        out.ensureWritable(frameSize(POINT, size));
        writeHeader(out, POINT, size);
        POINTS.encodedTo(point, out::writeBytes);
    }

    /**
     * Writes the {@code BeginBatch} message.
     *
     * @param size the exact number of points that follow: Kapacitor allocates memory for them, and crashes if it is
     *     negative
     */
    public static void writeBegin(
            String name, String group, Map<String, String> tags, int size, boolean byName, ByteBuf out) {
        writeBody(out, BEGIN, BatchMessages.begin(name, group, tags, size, byName));
    }

    /**
     * Writes the end of a batch.
     *
     * @param tmaxNanos the batch's time in nanoseconds since the epoch
     * @param tags the tags of the batch, which become the dimensions of the group in Kapacitor
     */
    public static void writeEnd(String name, String group, long tmaxNanos, Map<String, String> tags, ByteBuf out) {
        writeBody(out, END, BatchMessages.end(name, group, tmaxNanos, tags));
    }

    /**
     * Encodes a keepalive response.
     *
     * @param time the time in the request
     */
    public static byte[] keepalive(long time) {
        return Encoded.message(KEEPALIVE, time == 0 ? Encoded.NOTHING : Encoded.varint(KEEPALIVE_TIME, time));
    }

    /** Encodes a response that contains an encoded {@code InfoResponse}. Does not load protobuf's classes. */
    public static byte[] info(byte[] info) {
        return Encoded.message(INFO, info);
    }

    /** Encodes any response. */
    public static byte[] message(Response response) {
        if (response.getMessageCase() == Response.MessageCase.MESSAGE_NOT_SET) {
            throw new IllegalArgumentException("response: no message (expected: one)");
        }
        return response.toByteArray();
    }

    private static void writeBody(ByteBuf out, int tag, byte[] body) {
        out.ensureWritable(frameSize(tag, body.length));
        writeHeader(out, tag, body.length);
        out.writeBytes(body);
    }

    private static void writeHeader(ByteBuf out, int tag, int bodySize) {
        writeVarint(out, Wire.varintSize(tag) + Wire.delimitedSize(bodySize));
        writeVarint(out, tag);
        writeVarint(out, bodySize);
    }

    private static void writeVarint(ByteBuf out, int value) {
        int rest = value;
        while (rest >= 0x80) {
            out.writeByte(rest | 0x80);
            rest >>>= 7;
        }
        out.writeByte(rest);
    }
}
