package org.kapacitorudf.client;

import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.MessageLite;
import com.google.protobuf.Parser;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import org.kapacitorudf.proto.BeginBatch;
import org.kapacitorudf.proto.EndBatch;
import org.kapacitorudf.proto.Point;
import org.kapacitorudf.proto.Request;
import org.kapacitorudf.proto.Response;

/**
 * Converts messages to frames and back, without using the agent's codec.
 *
 * <pre>
 *   Request{info}    ->    02 | 0A 00
 *   300 bytes        ->    AC 02 | 300 bytes
 * </pre>
 *
 * <p>Threading: safe for use by any thread.
 *
 * <p>Errors: {@link UncheckedIOException} if bytes are not complete frames of the requested kind.
 */
public final class Frames {
    private Frames() {}

    /** The length prefix of a body: a base-128 varint. */
    public static byte[] header(int bodyBytes) {
        byte[] header = new byte[CodedOutputStream.computeUInt32SizeNoTag(bodyBytes)];
        CodedOutputStream out = CodedOutputStream.newInstance(header);
        try {
            out.writeUInt32NoTag(bodyBytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return header;
    }

    /** Encodes a message with its length. */
    public static byte[] encode(MessageLite message) {
        return encodeAll(List.of(message));
    }

    /** Encodes messages with their lengths. */
    public static byte[] encodeAll(Iterable<? extends MessageLite> messages) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try {
            for (MessageLite message : messages) {
                message.writeDelimitedTo(out);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toByteArray();
    }

    /** Decodes a stream of complete frames to requests. */
    public static List<Request> requests(byte[] stream) {
        return decodeAll(stream, Request.parser());
    }

    /** Decodes a stream of complete frames to responses. */
    public static List<Response> responses(byte[] stream) {
        return decodeAll(stream, Response.parser());
    }

    /** A request with a point. */
    public static Request request(Point point) {
        return Request.newBuilder().setPoint(point).build();
    }

    /** A request that begins a batch. */
    public static Request request(BeginBatch begin) {
        return Request.newBuilder().setBegin(begin).build();
    }

    /** A request that ends a batch. */
    public static Request request(EndBatch end) {
        return Request.newBuilder().setEnd(end).build();
    }

    private static <M> List<M> decodeAll(byte[] stream, Parser<M> parser) {
        ByteArrayInputStream in = new ByteArrayInputStream(stream);
        List<M> messages = new ArrayList<>();
        try {
            for (M message = parser.parseDelimitedFrom(in); message != null; message = parser.parseDelimitedFrom(in)) {
                messages.add(message);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return messages;
    }
}
