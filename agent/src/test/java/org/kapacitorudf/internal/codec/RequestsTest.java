package org.kapacitorudf.internal.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import java.io.IOException;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.kapacitorudf.BatchBegin;
import org.kapacitorudf.BatchEnd;
import org.kapacitorudf.Oracle;
import org.kapacitorudf.Point;
import org.kapacitorudf.RandomMessages;
import org.kapacitorudf.internal.wire.MalformedMessageException;
import org.kapacitorudf.proto.InitRequest;
import org.kapacitorudf.proto.Option;
import org.kapacitorudf.proto.OptionValue;
import org.kapacitorudf.proto.Request;
import org.kapacitorudf.proto.RestoreRequest;

class RequestsTest {
    private final RandomMessages messages = new RandomMessages(1);

    @Test
    void eachKindOfRequestIsKnown() {
        assertThat(decode("0A00")).isEqualTo(new ControlRequest.Info());
        assertThat(decode("2200")).isEqualTo(new ControlRequest.Snapshot());
        assertThat(decode("1A02 0805")).isEqualTo(new ControlRequest.Keepalive(5));
        assertThat(decode("1A00")).isEqualTo(new ControlRequest.Keepalive(0));
        assertThat(((ControlRequest.Restore) decode("2A05 0A03 010203")).snapshot())
                .containsExactly(1, 2, 3);
        assertThat(((ControlRequest.Restore) decode("2A00")).snapshot()).isEmpty();
        assertThat(decode("1205 1203 637075"))
                .isEqualTo(new ControlRequest.Init(
                        InitRequest.newBuilder().setTaskID("cpu").build()));
        assertThat(decode("8A01 02 0805")).isEqualTo(Point.of("", 5));
        assertThat(decode("8A01 00")).isEqualTo(Point.of("", 0));
        assertThat(decode("8201 0D 0A0163 1A06 0A0161 120162 2007"))
                .isEqualTo(new BatchBegin("c", "", Map.of("a", "b"), 7, false));
        assertThat(decode("9201 08 0A0163 120167 1809")).isEqualTo(new BatchEnd("c", "g", 9, Map.of()));
    }

    @Test
    void aRequestWithNothingThatIsKnownIsDescribed() {
        assertThat(decode("")).isEqualTo(new ControlRequest.Unknown("no message"));
        assertThat(decode("4A00 C20C0161 4A00")).isEqualTo(new ControlRequest.Unknown("fields [9, 200]"));
        assertThat(decode("0805")).isEqualTo(new ControlRequest.Unknown("fields [1]"));
        assertThat(decode("3800 4000 4800 5000 5800 6000 6800 7000 7800"))
                .isEqualTo(new ControlRequest.Unknown("fields [7, 8, 9, 10, 11, 12, 13, 14] and more"));
    }

    @Test
    void ofSeveralMessagesTheLastOneCounts() {
        assertThat(decode("0A00 8A01 02 0805 1A02 0805")).isEqualTo(new ControlRequest.Keepalive(5));
        assertThat(decode("8A01 02 0805 0A00 8A01 03 120161")).isEqualTo(Point.of("a", 0));
    }

    @Test
    void severalMessagesOfOneKindAreMerged() {
        assertThat(decode("8A01 02 0805 8A01 03 120161 8A01 02 0806")).isEqualTo(Point.of("a", 6));
        assertThat(decode("8A01 02 0805 4A00 8A01 03 120161")).isEqualTo(Point.of("a", 5));
        assertThat(decode("1A02 0805 1A00")).isEqualTo(new ControlRequest.Keepalive(5));
    }

    @Test
    void aPointIsFoundWhateverTheFormOfItsLength() {
        for (int size : new int[] {0, 1, 100, 127, 128, 129, 16_383, 16_384, 70_000}) {
            Point point = Point.of("", 0).withField("x", "y".repeat(size));
            byte[] frame = Request.newBuilder().setPoint(proto(point)).build().toByteArray();
            assertThat(Requests.decode(frame)).as("size " + size).isEqualTo(point);
        }
        assertThat(decode("8A01 8200 0805")).isEqualTo(Point.of("", 5));
        assertThat(decode("8A01 82808000 0805")).isEqualTo(Point.of("", 5));
        assertThat(decode("8A8100 02 0805")).isEqualTo(Point.of("", 5));
    }

    @Test
    void whatIsMalformedIsNamedWithItsPosition() {
        assertMalformed(
                "8A01 05 0801 1203 61",
                "request: point: length at byte 6: 3 (expected: <= 1, the bytes that are left)");
        assertMalformed("8A01 06 0801", "request: length at byte 2: 6 (expected: <= 2, the bytes that are left)");
        assertMalformed("0A01 FF", "request: info: varint at byte 2: cut off (expected: an end by byte 3)");
        assertMalformed("8201 03 0A01FF", "request: begin: name at byte 5: \"\\xff\" (expected: valid UTF-8)");
        assertMalformed("9201 05 2203 0A01FF", "request: end: tag name at byte 7: \"\\xff\" (expected: valid UTF-8)");
        assertMalformed(
                "1203 1201FF",
                "request: init: message at byte 2: Protocol message had invalid UTF-8. (expected: an InitRequest)");
    }

    @Test
    void whatIsMalformedCountsEvenIfItsMessageDoesNot() {
        assertMalformed("8A01 01 08 0A00", "request: point: varint at byte 4: cut off (expected: an end by byte 4)");
        assertMalformed("1201 0A 0A00", "request: init: varint at byte 3: cut off (expected: an end by byte 3)");
    }

    @Test
    void whateverProtobufAcceptsMeansTheSameToUs() {
        for (int round = 0; round < RandomMessages.rounds(5_000); round++) {
            byte[] frame = randomRequest();
            Request expected = Oracle.parse(Request.parser(), frame).orElseThrow();
            assertThat(RequestFuzzTest.isSame(Requests.decode(frame), expected))
                    .as(() -> hex(frame))
                    .isTrue();
        }
    }

    @Test
    void damagedFramesAreAcceptedIfAndOnlyIfProtobufAcceptsThem() throws IOException {
        int accepted = 0;
        int rounds = RandomMessages.rounds(8_000);
        for (int round = 0; round < rounds; round++) {
            byte[] frame = messages.damaged(randomRequest());
            Optional<Request> expected = Oracle.parse(Request.parser(), frame);
            if (Oracle.isUnreliable(frame) || Oracle.hasOneThatComesBack(frame)) {
                continue;
            }
            if (expected.isPresent()) {
                accepted++;
                assertThat(RequestFuzzTest.isSame(Requests.decode(frame), expected.get()))
                        .as(() -> hex(frame))
                        .isTrue();
            } else if (!Oracle.isStructureOf("Request", frame)) {
                assertThatThrownBy(() -> Requests.decode(frame))
                        .as(() -> hex(frame))
                        .isInstanceOf(MalformedMessageException.class);
            }
        }
        assertThat(accepted).isBetween(rounds / 10, rounds * 9 / 10);
    }

    private byte[] randomRequest() {
        byte[] init = InitRequest.newBuilder()
                .setTaskID(messages.text())
                .addOptions(Option.newBuilder()
                        .setName(messages.text())
                        .addValues(OptionValue.newBuilder().setStringValue(messages.text())))
                .build()
                .toByteArray();
        byte[] restore = RestoreRequest.newBuilder()
                .setSnapshot(ByteString.copyFromUtf8(messages.text()))
                .build()
                .toByteArray();
        return messages.oneOf(Map.of(
                1, messages.strange(),
                2, RandomMessages.concat(init, messages.strange()),
                3, messages.strange(),
                4, messages.strange(),
                5, RandomMessages.concat(restore, messages.strange()),
                16, messages.batch(3, 4, 5),
                17, messages.point(),
                18, messages.batch(4, 3, 5)));
    }

    @Test
    void recordedConversationsMeanTheSameToProtobuf() throws Exception {
        for (byte[] frame : Traces.requests()) {
            assertThat(RequestFuzzTest.isSame(Requests.decode(frame), Request.parseFrom(frame)))
                    .as(() -> hex(frame))
                    .isTrue();
        }
    }

    private static String hex(byte[] bytes) {
        return HexFormat.of().formatHex(bytes);
    }

    private static void assertMalformed(String hex, String message) {
        assertThatThrownBy(() -> decode(hex))
                .isInstanceOf(MalformedMessageException.class)
                .hasMessage(message);
    }

    private static Object decode(String hex) {
        return Requests.decode(HexFormat.of().parseHex(hex.replace(" ", "")));
    }

    private static org.kapacitorudf.proto.Point proto(Point point) {
        return Oracle.parse(org.kapacitorudf.proto.Point.parser(), point.encoded())
                .orElseThrow();
    }
}
