package org.kapacitorudf.internal.codec;

import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;

/** Recorded sessions between a real Kapacitor and UDF agents. */
final class Traces {
    static final List<String> REQUESTS = List.of(
            "movingAvg-1.requests",
            "movingAvg-2.requests",
            "movingAvg-3.requests",
            "options-1.requests",
            "options-2.requests",
            "options-3.requests",
            "outliers-1.requests",
            "outliers-2.requests");
    static final List<String> RESPONSES =
            REQUESTS.stream().map(name -> name.replace("requests", "responses")).toList();

    private Traces() {}

    static byte[] bytes(String name) throws IOException {
        try (InputStream in = Traces.class.getResourceAsStream("/traces/" + name)) {
            return in.readAllBytes();
        }
    }

    /** The bodies of the messages. */
    static List<byte[]> frames(String name) throws IOException {
        EmbeddedChannel channel = new EmbeddedChannel(new FrameDecoder(64 << 20));
        channel.writeInbound(Unpooled.wrappedBuffer(bytes(name)));
        channel.finish();
        List<byte[]> frames = new ArrayList<>();
        for (byte[] frame = channel.readInbound(); frame != null; frame = channel.readInbound()) {
            frames.add(frame);
        }
        return frames;
    }
}
