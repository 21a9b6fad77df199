package org.kapacitorudf.internal.codec;

import com.code_intelligence.jazzer.junit.FuzzTest;
import com.google.protobuf.ByteString;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.params.provider.MethodSource;
import org.kapacitorudf.BatchBegin;
import org.kapacitorudf.BatchEnd;
import org.kapacitorudf.Oracle;
import org.kapacitorudf.Point;
import org.kapacitorudf.internal.wire.MalformedMessageException;
import org.kapacitorudf.proto.BeginBatch;
import org.kapacitorudf.proto.EndBatch;
import org.kapacitorudf.proto.Request;
import org.kapacitorudf.testing.fuzz.Claim;
import org.kapacitorudf.testing.fuzz.Seeds;

/**
 * The body of a frame is decoded like the generated classes do, or both refuse it. They may only differ about invalid
 * UTF-8: it is accepted in a point, and in a text that a later one replaces; elsewhere it is refused. {@code --trace}
 * and {@code show} can format any body.
 */
class RequestFuzzTest {
    private static final int MAX_CHARACTERS = 200;

    private final ByteBuf out = Unpooled.buffer();

    @MethodSource("seeds")
    @FuzzTest
    void aRequestIsWhatProtobufReads(byte[] input) throws IOException {
        Object request = decoded(input);
        checkText(input);
        if (request instanceof Point point) {
            passesUntouched(point);
        }
        if (Oracle.isUnreliable(input) || Oracle.hasOneThatComesBack(input)) {
            return;
        }
        Request expected = Oracle.parse(Request.parser(), input).orElse(null);
        if (expected != null) {
            Claim.that(isSame(request, expected), "request: " + request + " (expected: " + expected + ")");
        } else if (Oracle.parseWithoutTexts("Request", input) == null) {
            Claim.that(
                    request instanceof MalformedMessageException, "request: " + request + " (expected: to be refused)");
        } else if (request instanceof MalformedMessageException refusal) {
            String text = refusal.getMessage();
            Claim.that(text.contains("(expected: valid UTF-8)") || text.contains("InitRequest"), text);
        } else if (!(request instanceof Point)) {
            expected = Oracle.parseWhatCounts(Request.parser(), "Request", input);
            Claim.that(
                    expected != null && isSame(request, expected),
                    "request: " + request + " (expected: " + expected + ")");
        }
    }

    private static Object decoded(byte[] input) {
        try {
            return Requests.decode(input.clone());
        } catch (MalformedMessageException e) {
            Claim.that(e.position() >= 0 && e.position() <= input.length, "position: " + e.position());
            return e;
        }
    }

    private void passesUntouched(Point point) throws IOException {
        out.clear();
        ResponseEncoder.writePoint(point, out);
        Claim.same(ResponseEncoder.frameSize(point), out.readableBytes(), "size");
        byte[] frame = ByteBufUtil.getBytes(out);
        byte[] body = point.encoded();
        byte[] expected = Seeds.framed(Seeds.with(Seeds.framed(body), 0x8A, 0x01));
        Claim.that(Arrays.equals(expected, frame), "the frame of a point that nobody touched has other bytes");
    }

    private static void checkText(byte[] input) {
        isOneLine(MessageText.ofRequest(input, MAX_CHARACTERS, Set.of("field")));
        isOneLine(MessageText.ofResponse(input, MAX_CHARACTERS));
    }

    private static void isOneLine(String text) {
        Claim.that(text.length() <= MAX_CHARACTERS + 40, "text: " + text.length() + " characters");
        Claim.that(text.chars().noneMatch(Character::isISOControl), "text: " + text);
    }

    static boolean isSame(Object request, Request expected) {
        switch (expected.getMessageCase()) {
            case INFO:
                return request instanceof ControlRequest.Info;
            case INIT:
                return request.equals(new ControlRequest.Init(expected.getInit()));
            case KEEPALIVE:
                return request.equals(
                        new ControlRequest.Keepalive(expected.getKeepalive().getTime()));
            case SNAPSHOT:
                return request instanceof ControlRequest.Snapshot;
            case RESTORE:
                return request instanceof ControlRequest.Restore restore
                        && ByteString.copyFrom(restore.snapshot())
                                .equals(expected.getRestore().getSnapshot());
            case BEGIN:
                BeginBatch begin = expected.getBegin();
                return request.equals(new BatchBegin(
                        begin.getName(), begin.getGroup(), begin.getTagsMap(), begin.getSize(), begin.getByName()));
            case POINT:
                byte[] point = expected.getPoint().toByteArray();
                return request.equals(Point.decode(point));
            case END:
                EndBatch end = expected.getEnd();
                return request.equals(new BatchEnd(end.getName(), end.getGroup(), end.getTmax(), end.getTagsMap()));
            default:
                return request instanceof ControlRequest.Unknown;
        }
    }

    static List<byte[]> seeds() throws IOException {
        List<byte[]> seeds = new ArrayList<>(Seeds.requests());
        seeds.add(Request.newBuilder()
                .setSnapshot(org.kapacitorudf.proto.SnapshotRequest.getDefaultInstance())
                .build()
                .toByteArray());
        seeds.add(Request.newBuilder()
                .setRestore(
                        org.kapacitorudf.proto.RestoreRequest.newBuilder().setSnapshot(ByteString.copyFromUtf8("KUDF")))
                .build()
                .toByteArray());
        seeds.addAll(Seeds.batch());
        return seeds;
    }
}
