package org.kapacitorudf.internal.codec;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.CorruptedFrameException;
import io.netty.handler.codec.PrematureChannelClosureException;
import io.netty.handler.codec.TooLongFrameException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.params.provider.MethodSource;
import org.kapacitorudf.testing.fuzz.Claim;
import org.kapacitorudf.testing.fuzz.Reading;
import org.kapacitorudf.testing.fuzz.Seeds;

/**
 * Any bytes result in the same frames, and then the same error, however they are divided. The memory needed depends on
 * the number of bytes, not on the announced lengths.
 *
 * <pre>
 *   limit | size of the pieces | the stream
 * </pre>
 */
class FrameFuzzTest {
    private static final int[] LIMITS = {64 << 20, 1, 16, 300, 5000};
    private static final int FIXED_BYTES = 1 << 20;
    private static final int BYTES_PER_BYTE = 1500; // mostly Netty's, if each byte arrives alone

    private final Collector collector = new Collector();
    private final EmbeddedChannel channel = new EmbeddedChannel(collector);

    @MethodSource("seeds")
    @FuzzTest
    void anyPiecesGiveTheSameFrames(byte[] input) {
        Reading reading = new Reading(input);
        int limit = LIMITS[reading.below(LIMITS.length)];
        int pieceBytes = 1 + reading.next();
        byte[] stream = reading.rest();
        List<Object> expected = expected(stream, limit);
        check(stream, limit, stream.length + 1, expected);
        check(stream, limit, pieceBytes, expected);
        check(stream, limit, 1, expected);
    }

    private void check(byte[] stream, int limit, int pieceBytes, List<Object> expected) {
        List<Object> found = Claim.allocatingAtMost(
                FIXED_BYTES + (long) BYTES_PER_BYTE * stream.length,
                "frames",
                () -> decoded(stream, limit, pieceBytes));
        Claim.that(
                isSame(expected, found),
                "in pieces of " + pieceBytes + " bytes: " + shown(found) + " (expected: " + shown(expected) + ")");
    }

    private List<Object> decoded(byte[] stream, int limit, int pieceBytes) {
        FrameDecoder decoder = new FrameDecoder(limit);
        channel.pipeline().addFirst(decoder);
        collector.taken = new ArrayList<>();
        for (int from = 0; from < stream.length; from += pieceBytes) {
            int length = Math.min(pieceBytes, stream.length - from);
            channel.pipeline().fireChannelRead(Unpooled.wrappedBuffer(stream, from, length));
        }
        channel.pipeline().fireUserEventTriggered(ChannelInputShutdownEvent.INSTANCE);
        channel.pipeline().remove(decoder);
        Claim.same((long) stream.length, decoder.bytesIn(), "bytes in");
        return collector.taken;
    }

    /** The expected result by the simplest implementation of the format: frames, then the error. */
    private static List<Object> expected(byte[] stream, int limit) {
        List<Object> expected = new ArrayList<>();
        int at = 0;
        while (at < stream.length) {
            long length = 0;
            int bytes = 0;
            do {
                if (at + bytes == stream.length) {
                    expected.add(PrematureChannelClosureException.class);
                    return expected;
                }
                length += (long) (stream[at + bytes] & 0x7F) << 7 * bytes;
                bytes++;
            } while (stream[at + bytes - 1] < 0 && bytes < 5);
            if (stream[at + bytes - 1] < 0) {
                expected.add(CorruptedFrameException.class);
                return expected;
            }
            if (length > limit) {
                expected.add(TooLongFrameException.class);
                return expected;
            }
            at += bytes;
            if (length > stream.length - at) {
                expected.add(PrematureChannelClosureException.class);
                return expected;
            }
            expected.add(Arrays.copyOfRange(stream, at, at + (int) length));
            at += (int) length;
        }
        return expected;
    }

    private static boolean isSame(List<Object> expected, List<Object> found) {
        return Arrays.deepEquals(expected.toArray(), found.toArray());
    }

    private static String shown(List<Object> decoded) {
        return Arrays.deepToString(decoded.toArray());
    }

    static List<byte[]> seeds() throws IOException {
        List<byte[]> seeds = new ArrayList<>();
        for (byte[] stream : Seeds.conversations(1, 3, 5)) {
            seeds.add(Seeds.with(stream, seeds.size() % LIMITS.length, 3 * seeds.size()));
        }
        seeds.add(new byte[] {0, 9, (byte) 0x80, (byte) 0x80, (byte) 0x80, 0x10, 1});
        seeds.add(new byte[] {0, 9, (byte) 0x80, (byte) 0x80, (byte) 0x80, (byte) 0x80, 1});
        seeds.add(new byte[] {0, 9, (byte) 0x80, (byte) 0x80, (byte) 0x80, (byte) 0x80, (byte) 0x80});
        seeds.add(new byte[] {1, 0, 0, 0, 0, 1, 1});
        return seeds;
    }

    /** Collects what comes through the pipeline. */
    private static final class Collector extends ChannelInboundHandlerAdapter {
        private List<Object> taken = new ArrayList<>();

        @Override
        public void channelRead(ChannelHandlerContext context, Object frame) {
            taken.add(frame);
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable problem) {
            taken.add(problem.getClass());
        }

        @Override
        public void userEventTriggered(ChannelHandlerContext context, Object event) {}
    }
}
