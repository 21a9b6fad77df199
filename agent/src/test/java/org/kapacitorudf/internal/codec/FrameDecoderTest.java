package org.kapacitorudf.internal.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.CorruptedFrameException;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.codec.PrematureChannelClosureException;
import io.netty.handler.codec.TooLongFrameException;
import io.netty.handler.codec.protobuf.ProtobufVarint32FrameDecoder;
import java.io.ByteArrayOutputStream;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.kapacitorudf.RandomMessages;
import org.kapacitorudf.internal.wire.Wire;
import org.kapacitorudf.testing.Recordings;

class FrameDecoderTest {
    private static final int LIMIT = 67_108_864;

    private final EmbeddedChannel channel = new EmbeddedChannel(new FrameDecoder(64 << 20));

    @AfterEach
    void close() {
        channel.close();
    }

    @Test
    void aFrameIsGivenForEachLength() {
        read("02 0A00 | 00 | 0105 | 03 010203");
        assertThat(frames(channel)).containsExactly("0A00", "", "05", "010203");
    }

    @Test
    void framesAreTheSameAsNettysHoweverTheBytesAreCut() throws Exception {
        byte[] bytes = frames(0, 1, 127, 0, 128, 300, 2, 5);
        List<String> expected = split(new ProtobufVarint32FrameDecoder(), bytes, bytes.length);
        assertThat(expected).hasSize(8);
        for (int cut = 0; cut <= bytes.length; cut++) {
            assertThat(split(new FrameDecoder(64 << 20), bytes, cut))
                    .as("cut at " + cut)
                    .isEqualTo(expected);
        }
        assertThat(pieces(new FrameDecoder(64 << 20), bytes, new Random(1), 1))
                .as("byte by byte")
                .isEqualTo(expected);
    }

    @Test
    void longLengthsAreTheSameAsNettysHoweverTheyAreCut() throws Exception {
        for (int size : new int[] {16_383, 16_384, 2_097_151, 2_097_152, 4_194_304}) {
            byte[] bytes = frames(size, 3);
            List<String> expected = split(new ProtobufVarint32FrameDecoder(), bytes, bytes.length);
            for (int cut : new int[] {1, 2, 3, 4, 5, bytes.length - 5, bytes.length - 4, bytes.length - 3}) {
                assertThat(split(new FrameDecoder(64 << 20), bytes, cut).equals(expected))
                        .as(size + " cut at " + cut)
                        .isTrue();
            }
        }
    }

    @Test
    void randomFramesAreTheSameAsNettysHoweverTheBytesAreCut() throws Exception {
        Random random = new Random(2);
        for (int round = 0; round < RandomMessages.rounds(300); round++) {
            byte[] bytes = frames(random.ints(1 + random.nextInt(6), 0, 1 << random.nextInt(16))
                    .toArray());
            assertThat(pieces(new FrameDecoder(64 << 20), bytes, random, 1 + random.nextInt(20_000)))
                    .isEqualTo(split(new ProtobufVarint32FrameDecoder(), bytes, bytes.length));
        }
    }

    @Test
    void recordedConversationsAreCutAnywhere() throws Exception {
        for (String name : Recordings.NAMES) {
            byte[] bytes = Recordings.requests(name);
            List<String> expected = split(new ProtobufVarint32FrameDecoder(), bytes, bytes.length);
            for (int cut = 0; cut <= bytes.length; cut += bytes.length < 2000 ? 1 : 37) {
                assertThat(split(new FrameDecoder(64 << 20), bytes, cut))
                        .as(name + " cut at " + cut)
                        .isEqualTo(expected);
            }
            assertThat(pieces(new FrameDecoder(64 << 20), bytes, new Random(3), 1))
                    .as(name)
                    .isEqualTo(expected);
        }
    }

    @Test
    void aLengthMayBeWrittenWithMoreBytesThanItNeeds() {
        read("82808000 0A00 | 8080808000 | 0105");
        assertThat(frames(channel)).containsExactly("0A00", "", "05");
    }

    @Test
    void aLengthOverTheLimitIsRefusedBeforeItsBodyComes() {
        assertThatThrownBy(() -> read("80BBB021"))
                .isInstanceOf(TooLongFrameException.class)
                .hasMessage("frame length: 70000000 (expected: <= 67108864)");
    }

    @Test
    void theLimitItselfIsAllowed() {
        assertThatCode(() -> read("80808020 00")).doesNotThrowAnyException();
        EmbeddedChannel small = new EmbeddedChannel(new FrameDecoder(3));
        small.writeInbound(Unpooled.wrappedBuffer(HexFormat.of().parseHex("03010203")));
        assertThat(frames(small)).containsExactly("010203");
        assertThatThrownBy(() -> small.writeInbound(Unpooled.wrappedBuffer(new byte[] {4})))
                .hasMessage("frame length: 4 (expected: <= 3)");
    }

    @Test
    void aLengthOver32BitsIsRefused() {
        assertThatThrownBy(() -> read("8080808010"))
                .isInstanceOf(TooLongFrameException.class)
                .hasMessage("frame length: 4294967296 (expected: <= " + LIMIT + ")");
    }

    @Test
    void aLengthOf2To32And5IsNotReadAs5HoweverItIsCut() {
        byte[] bytes = HexFormat.of().parseHex("85808080100102030405");
        assertThat(split(new ProtobufVarint32FrameDecoder(), bytes, bytes.length))
                .as("Netty's decoder alone")
                .containsExactly("0102030405");
        for (int cut = 0; cut < bytes.length; cut++) {
            EmbeddedChannel channel = cut(bytes, cut);
            assertThatThrownBy(channel::checkException)
                    .as("cut at " + cut)
                    .isInstanceOf(TooLongFrameException.class)
                    .hasMessage("frame length: 4294967301 (expected: <= " + LIMIT + ")");
            assertThat(frames(channel)).as("cut at " + cut).isEmpty();
        }
    }

    @Test
    void aLengthWithTheHighestOf32BitsIsNotNegativeButTooLong() {
        assertThatThrownBy(() -> read("FFFFFFFF0F")).hasMessage("frame length: 4294967295 (expected: <= 67108864)");
    }

    @Test
    void aLengthOfMoreThanFiveBytesIsCorrupt() {
        assertThatThrownBy(() -> read("8080808080"))
                .isInstanceOf(CorruptedFrameException.class)
                .hasMessage("frame length: a varint of more than 5 bytes (expected: at most as many)");
    }

    @Test
    void afterABadFrameNothingIsTrusted() {
        assertThatThrownBy(() -> read("0105 | FFFFFFFF0F | 0106")).isInstanceOf(TooLongFrameException.class);
        read("0107");
        read("FFFFFFFFFFFF");
        channel.pipeline().fireUserEventTriggered(ChannelInputShutdownEvent.INSTANCE);
        channel.checkException();
        assertThat(frames(channel)).containsExactly("05");
    }

    @Test
    void afterABadFrameNothingIsTrustedHoweverTheBytesAreCut() {
        for (String bad : List.of("FFFFFFFF0F", "80BBB021", "8080808080")) {
            byte[] bytes = HexFormat.of().parseHex("03010203" + bad + "03040506");
            for (int at = 0; at <= bytes.length; at++) {
                EmbeddedChannel channel = cut(bytes, at);
                assertThatThrownBy(channel::checkException)
                        .as(bad + " cut at " + at)
                        .isInstanceOf(DecoderException.class);
                channel.pipeline().fireUserEventTriggered(ChannelInputShutdownEvent.INSTANCE);
                channel.close();
                assertThatCode(channel::checkException).as("once").doesNotThrowAnyException();
                assertThat(frames(channel)).as(bad + " cut at " + at).containsExactly("010203");
            }
        }
    }

    /** In two reads, with all errors kept in the channel. */
    private static EmbeddedChannel cut(byte[] bytes, int at) {
        EmbeddedChannel channel = new EmbeddedChannel(new FrameDecoder(64 << 20));
        channel.pipeline().fireChannelRead(Unpooled.copiedBuffer(bytes, 0, at));
        channel.pipeline().fireChannelRead(Unpooled.copiedBuffer(bytes, at, bytes.length - at));
        return channel;
    }

    @Test
    void aPartOfAFrameIsKnownFromItsFirstByteToItsLastButOne() {
        FrameDecoder decoder = new FrameDecoder(64 << 20);
        EmbeddedChannel channel = new EmbeddedChannel(decoder);
        byte[] bytes = frames(300);
        for (int i = 0; i < bytes.length; i++) {
            assertThat(decoder.isWithinFrame()).as("after " + i + " bytes").isEqualTo(i > 0);
            channel.writeInbound(Unpooled.copiedBuffer(bytes, i, 1));
        }
        assertThat(decoder.isWithinFrame()).isFalse();
        assertThat(decoder.bytesIn()).isEqualTo(bytes.length);
        assertThat(frames(channel)).hasSize(1);
    }

    @Test
    void aFrameThatIsPutTogetherTakesNoDirectMemoryAndIsCopiedAFewTimesOnly() {
        UnpooledByteBufAllocator allocator = new UnpooledByteBufAllocator(true);
        channel.config().setAllocator(allocator);
        int size = 32 << 20;
        byte[] piece = new byte[64 << 10];
        long before = allocatedBytes();
        read("80808010");
        for (int sent = 0; sent < size; sent += piece.length) {
            channel.writeInbound(Unpooled.wrappedBuffer(piece));
            assertThat(allocator.metric().usedDirectMemory()).isZero();
        }
        assertThat((byte[]) channel.readInbound()).hasSize(size);
        assertThat(allocatedBytes() - before).as("bytes of arrays").isLessThan(4L * size);
    }

    @Test
    void memoryGrowsWithTheBytesThatArriveNotWithThoseThatArePromised() {
        long before = allocatedBytes();
        read("80808020 01020304");
        assertThat(allocatedBytes() - before).isLessThan(1 << 20);
    }

    @Test
    void aLargeFrameArrivesInSmallPieces() throws Exception {
        byte[] bytes = frames(1_000_000);
        assertThat(pieces(new FrameDecoder(64 << 20), bytes, new Random(4), 3000))
                .isEqualTo(split(new ProtobufVarint32FrameDecoder(), bytes, bytes.length));
    }

    @Test
    void theArrayHasNoByteMoreThanTheFrame() {
        for (int piece = 1; piece < 10_000; piece += 997) {
            byte[] body = new byte[10_000];
            read("904E");
            channel.writeInbound(Unpooled.wrappedBuffer(body, 0, piece));
            channel.writeInbound(Unpooled.wrappedBuffer(body, piece, body.length - piece));
            assertThat((byte[]) channel.readInbound()).hasSize(body.length);
        }
    }

    @Test
    void aFrameThatTheEndOfTheInputCutsOffIsReportedBeforeTheEnd() {
        read("0105 | AC02 0102");
        assertThatThrownBy(() -> {
                    channel.pipeline().fireUserEventTriggered(ChannelInputShutdownEvent.INSTANCE);
                    channel.checkException();
                })
                .isInstanceOf(PrematureChannelClosureException.class)
                .hasMessage("frame: 2 bytes (expected: 300 before the end of the input)");
        channel.close();
        channel.checkException();
    }

    @Test
    void aLengthThatTheEndOfTheInputCutsOffIsReported() {
        read("AC");
        channel.close();
        assertThatThrownBy(channel::checkException)
                .isInstanceOf(PrematureChannelClosureException.class)
                .hasMessage("frame: a length cut off after byte 1 (expected: a complete length)");
    }

    @Test
    void aFrameOfWhichOnlyTheLengthCameIsReported() {
        read("05");
        channel.close();
        assertThatThrownBy(channel::checkException)
                .isInstanceOf(PrematureChannelClosureException.class)
                .hasMessage("frame: 0 bytes (expected: 5 before the end of the input)");
    }

    @Test
    void theEndOfTheInputIsPassedOnAlsoWhenItCutsAFrameOff() {
        for (String part : List.of("AC", "AC02", "AC020102")) {
            List<Object> events = new ArrayList<>();
            EmbeddedChannel watched = new EmbeddedChannel(new FrameDecoder(300), new ChannelInboundHandlerAdapter() {
                @Override
                public void exceptionCaught(ChannelHandlerContext context, Throwable problem) {
                    events.add(problem.getClass());
                }

                @Override
                public void userEventTriggered(ChannelHandlerContext context, Object event) {
                    events.add(event);
                }
            });
            watched.writeInbound(Unpooled.copiedBuffer(HexFormat.of().parseHex(part)));
            watched.pipeline().fireUserEventTriggered(ChannelInputShutdownEvent.INSTANCE);
            watched.close();
            assertThat(events)
                    .as(part)
                    .containsExactly(PrematureChannelClosureException.class, ChannelInputShutdownEvent.INSTANCE);
        }
    }

    @Test
    void aChannelThatIsNotReadByItselfIsNotReadByTheDecoderEither() {
        for (String part : List.of("AC", "AC02", "AC0201", "0105", "010501")) {
            List<String> reads = new ArrayList<>();
            EmbeddedChannel paused = new EmbeddedChannel();
            paused.config().setAutoRead(false);
            paused.pipeline().addLast(new ChannelOutboundHandlerAdapter() {
                @Override
                public void read(ChannelHandlerContext context) {
                    reads.add(part);
                }
            });
            paused.pipeline().addLast(new FrameDecoder(300));
            paused.pipeline()
                    .fireChannelRead(Unpooled.copiedBuffer(HexFormat.of().parseHex(part)));
            paused.pipeline().fireChannelReadComplete();
            assertThat(reads).isEmpty();
            paused.close();
        }
    }

    @Test
    void anEndBetweenFramesIsNothingSpecial() {
        read("0105 | 00");
        channel.pipeline().fireUserEventTriggered(ChannelInputShutdownEvent.INSTANCE);
        channel.close();
        channel.checkException();
    }

    @Test
    void theEndOfAReadAndTheEventsArePassedOn() {
        List<Object> seen = new ArrayList<>();
        EmbeddedChannel watched = new EmbeddedChannel(new FrameDecoder(64 << 20), new ChannelInboundHandlerAdapter() {
            @Override
            public void channelRead(ChannelHandlerContext context, Object message) {
                seen.add(HexFormat.of().formatHex((byte[]) message));
            }

            @Override
            public void channelReadComplete(ChannelHandlerContext context) {
                seen.add("complete");
            }

            @Override
            public void userEventTriggered(ChannelHandlerContext context, Object event) {
                seen.add(event);
            }
        });
        watched.writeInbound(Unpooled.wrappedBuffer(new byte[] {1, 5, 1, 6, 1}));
        watched.writeInbound(Unpooled.wrappedBuffer(new byte[] {7}));
        watched.pipeline().fireUserEventTriggered(ChannelInputShutdownEvent.INSTANCE);
        assertThat(seen).containsExactly("05", "06", "complete", "07", "complete", ChannelInputShutdownEvent.INSTANCE);
    }

    @Test
    void everyBufferIsReleased() {
        for (String hex : List.of("0105", "0201", "05 FFFFFFFF0F", "0105")) {
            ByteBuf buffer = Unpooled.copiedBuffer(HexFormat.of().parseHex(hex.replace(" ", "")));
            channel.pipeline().fireChannelRead(buffer);
            assertThat(buffer.refCnt()).as(hex).isZero();
        }
        assertThatThrownBy(channel::checkException).isInstanceOf(TooLongFrameException.class);
    }

    @Test
    void aLimitOfNothingIsRefused() {
        assertThatThrownBy(() -> new FrameDecoder(0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("maxFrameLength : 0 (expected: > 0)");
    }

    private void read(String hex) {
        channel.writeInbound(Unpooled.copiedBuffer(HexFormat.of().parseHex(hex.replaceAll("[ |]", ""))));
    }

    private static long allocatedBytes() {
        return ((com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean()).getCurrentThreadAllocatedBytes();
    }

    /** Frames with bodies of random bytes. */
    private static byte[] frames(int... sizes) {
        Random random = new Random(sizes.length);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (int size : sizes) {
            byte[] length = new byte[5];
            out.write(length, 0, Wire.writeVarint(length, 0, size));
            byte[] body = new byte[size];
            random.nextBytes(body);
            out.writeBytes(body);
        }
        return out.toByteArray();
    }

    private static List<String> split(ChannelHandler decoder, byte[] bytes, int cut) {
        EmbeddedChannel channel = new EmbeddedChannel(decoder);
        channel.writeInbound(Unpooled.copiedBuffer(bytes, 0, cut));
        channel.writeInbound(Unpooled.copiedBuffer(bytes, cut, bytes.length - cut));
        channel.finish();
        return frames(channel);
    }

    private static List<String> pieces(ChannelHandler decoder, byte[] bytes, Random random, int largest) {
        EmbeddedChannel channel = new EmbeddedChannel(decoder);
        for (int from = 0; from < bytes.length; ) {
            int to = Math.min(bytes.length, from + 1 + random.nextInt(largest));
            channel.writeInbound(Unpooled.wrappedBuffer(Arrays.copyOfRange(bytes, from, to)));
            from = to;
        }
        channel.finish();
        return frames(channel);
    }

    private static List<String> frames(EmbeddedChannel channel) {
        List<String> frames = new ArrayList<>();
        for (Object frame = channel.readInbound(); frame != null; frame = channel.readInbound()) {
            if (frame instanceof ByteBuf buffer) {
                frames.add(ByteBufUtil.hexDump(buffer).toUpperCase(Locale.ROOT));
                buffer.release();
            } else {
                frames.add(HexFormat.of().withUpperCase().formatHex((byte[]) frame));
            }
        }
        return frames;
    }
}
