package org.kapacitorudf.internal.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.kapacitorudf.Point;
import org.kapacitorudf.internal.wire.MalformedMessageException;

class RequestDecoderTest {
    private final EmbeddedChannel channel = new EmbeddedChannel(new FrameDecoder(64 << 20), new RequestDecoder());

    @Test
    void bytesBecomeRequestsInTheirOrder() {
        read("02 0A00 | 05 8A01020805 | 00");
        assertThat(channel.inboundMessages())
                .containsExactly(new ControlRequest.Info(), Point.of("", 5), new ControlRequest.Unknown("no message"));
    }

    @Test
    void afterAMalformedRequestNothingIsTrusted() {
        assertThatThrownBy(() -> read("02 0A00 | 02 0A01 | 02 0A00"))
                .isInstanceOf(MalformedMessageException.class)
                .hasMessage("request: length at byte 1: 1 (expected: <= 0, the bytes that are left)");
        read("02 0A00 | 02 0A01");
        assertThat(channel.inboundMessages()).containsExactly(new ControlRequest.Info());
    }

    @Test
    void whatIsNoFrameIsPassedOn() {
        channel.writeInbound("something else");
        Object passedOn = channel.readInbound();
        assertThat(passedOn).isEqualTo("something else");
    }

    private void read(String hex) {
        channel.writeInbound(Unpooled.copiedBuffer(HexFormat.of().parseHex(hex.replaceAll("[ |]", ""))));
    }
}
