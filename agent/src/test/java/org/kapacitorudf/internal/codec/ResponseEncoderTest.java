package org.kapacitorudf.internal.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufInputStream;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.kapacitorudf.Point;
import org.kapacitorudf.RandomMessages;
import org.kapacitorudf.proto.BeginBatch;
import org.kapacitorudf.proto.EndBatch;
import org.kapacitorudf.proto.KeepaliveResponse;
import org.kapacitorudf.proto.Response;
import org.kapacitorudf.testing.Recordings;

class ResponseEncoderTest {
    private static final Map<String, String> TAGS = Map.of("host", "a", "région", "日本");

    private final ByteBuf out = Unpooled.buffer(0);

    @Test
    void aPointIsAResponseWithAPoint() throws Exception {
        RandomMessages messages = new RandomMessages(1);
        for (int round = 0; round < RandomMessages.rounds(2_000); round++) {
            byte[] bytes = messages.point();
            ResponseEncoder.writePoint(Point.decode(bytes), out);
            assertThat(read())
                    .isEqualTo(Response.newBuilder()
                            .setPoint(org.kapacitorudf.proto.Point.parseFrom(bytes))
                            .build());
        }
    }

    @Test
    void thePointsBytesGoOutAsTheyCame() throws Exception {
        for (String name : List.of("movingAvg-2", "options-2", "options-3")) {
            for (byte[] frame : Traces.frames(Recordings.requests(name))) {
                if (Requests.decode(frame) instanceof Point point) {
                    ResponseEncoder.writePoint(point, out);
                    assertThat(body(out))
                            .as("Request and Response have the same number for points")
                            .isEqualTo(frame);
                }
            }
        }
    }

    @Test
    void theSizeOfAPointsFrameIsKnownBefore() {
        for (int size :
                new int[] {0, 1, 100, 110, 120, 121, 122, 123, 124, 125, 126, 127, 128, 16_370, 16_384, 3_000_000}) {
            Point point = Point.of("x".repeat(size), 0);
            ResponseEncoder.writePoint(point, out);
            assertThat(out.readableBytes()).isEqualTo(ResponseEncoder.frameSize(point));
            out.clear();
        }
    }

    @Test
    void aBatchIsItsBeginItsPointsAndItsEnd() throws Exception {
        Point point = Point.of("", 5).withTag("a", "b").withField("x", 1.5);
        ResponseEncoder.writeBegin("cpu", "", TAGS, 2, true, out);
        ResponseEncoder.writePoint(point, out);
        ResponseEncoder.writePoint(point.withTimeNanos(6), out);
        ResponseEncoder.writeEnd("cpu", "", 9, TAGS, out);
        assertThat(read())
                .isEqualTo(Response.newBuilder()
                        .setBegin(BeginBatch.newBuilder()
                                .setName("cpu")
                                .putAllTags(TAGS)
                                .setSize(2)
                                .setByName(true))
                        .build());
        assertThat(read().getPoint().getTime()).isEqualTo(5);
        assertThat(read().getPoint().getTime()).isEqualTo(6);
        assertThat(read())
                .isEqualTo(Response.newBuilder()
                        .setEnd(EndBatch.newBuilder()
                                .setName("cpu")
                                .putAllTags(TAGS)
                                .setTmax(9))
                        .build());
        assertThat(out.isReadable()).isFalse();
    }

    @Test
    void theGroupOfABatchGoesOutToo() throws Exception {
        ResponseEncoder.writeBegin("cpu", "host=a", Map.of(), 0, false, out);
        ResponseEncoder.writeEnd("cpu", "host=a", -1, Map.of(), out);
        assertThat(read().getBegin())
                .isEqualTo(BeginBatch.newBuilder()
                        .setName("cpu")
                        .setGroup("host=a")
                        .build());
        assertThat(read().getEnd())
                .isEqualTo(EndBatch.newBuilder()
                        .setName("cpu")
                        .setGroup("host=a")
                        .setTmax(-1)
                        .build());
    }

    @Test
    void anEmptyBeginIsABeginAllTheSame() throws Exception {
        ResponseEncoder.writeBegin("", "", Map.of(), 0, false, out);
        assertThat(read().hasBegin()).isTrue();
    }

    @Test
    void aNegativeSizeIsRefused() {
        assertThatThrownBy(() -> ResponseEncoder.writeBegin("cpu", "", Map.of(), -1, false, out))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("size: -1 (expected: >= 0)");
        assertThat(out.isReadable()).isFalse();
    }

    @Test
    void aTextThatIsNoUnicodeIsRefused() {
        assertThatThrownBy(() -> ResponseEncoder.writeEnd("cpu", "", 0, Map.of("a", "\uD83D"), out))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("tag: \"\\ud83d\" (expected: valid Unicode)");
        assertThat(out.isReadable()).isFalse();
    }

    @Test
    void aKeepaliveRepeatsTheTime() throws Exception {
        for (long time : new long[] {0, 1, -1, 1_700_000_000_000_000_000L}) {
            assertThat(Response.parseFrom(ResponseEncoder.keepalive(time)))
                    .isEqualTo(Response.newBuilder()
                            .setKeepalive(KeepaliveResponse.newBuilder().setTime(time))
                            .build());
        }
    }

    @Test
    void anyResponseIsAMessage() throws Exception {
        for (byte[] frame : Traces.responses()) {
            Response response = Response.parseFrom(frame);
            assertThat(Response.parseFrom(ResponseEncoder.message(response))).isEqualTo(response);
            if (response.hasInfo()) {
                assertThat(ResponseEncoder.info(response.getInfo().toByteArray()))
                        .isEqualTo(response.toByteArray());
            }
        }
    }

    @Test
    void aResponseWithoutAMessageIsRefused() {
        assertThatThrownBy(() -> ResponseEncoder.message(Response.getDefaultInstance()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("response: no message (expected: one)");
        assertThat(out.isReadable()).isFalse();
    }

    private static byte[] body(ByteBuf out) {
        EmbeddedChannel channel = new EmbeddedChannel(new FrameDecoder(64 << 20));
        channel.writeInbound(out.readBytes(out.readableBytes()));
        return channel.readInbound();
    }

    private Response read() throws Exception {
        return Response.parseDelimitedFrom(new ByteBufInputStream(out));
    }
}
