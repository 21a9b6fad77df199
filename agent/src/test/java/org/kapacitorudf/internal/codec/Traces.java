package org.kapacitorudf.internal.codec;

import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import java.util.ArrayList;
import java.util.List;
import org.kapacitorudf.testing.Recordings;

/** Recorded sessions between a real Kapacitor and UDF agents. */
final class Traces {
    private Traces() {}

    /** The bodies of all messages of Kapacitor. */
    static List<byte[]> requests() {
        return Recordings.NAMES.stream()
                .flatMap(name -> frames(Recordings.requests(name)).stream())
                .toList();
    }

    /** The bodies of all messages of the agents. */
    static List<byte[]> responses() {
        return Recordings.NAMES.stream()
                .flatMap(name -> frames(Recordings.responses(name)).stream())
                .toList();
    }

    static List<byte[]> frames(byte[] bytes) {
        EmbeddedChannel channel = new EmbeddedChannel(new FrameDecoder(64 << 20));
        channel.writeInbound(Unpooled.wrappedBuffer(bytes));
        channel.finish();
        List<byte[]> frames = new ArrayList<>();
        for (byte[] frame = channel.readInbound(); frame != null; frame = channel.readInbound()) {
            frames.add(frame);
        }
        return frames;
    }
}
