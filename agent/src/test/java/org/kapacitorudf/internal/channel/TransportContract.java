package org.kapacitorudf.internal.channel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.ChannelInputShutdownReadComplete;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.Timeout;
import org.kapacitorudf.testing.leaks.NoLeaks;

/** The contract of every transport. Each implements {@link #link}, over real descriptors, and passes all tests. */
@Timeout(value = 10, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
interface TransportContract {
    int KIB = 1024;
    int MIB = 1024 * 1024;
    int MESSAGES = 300_000;
    int MESSAGE_BYTES = 250;

    /** A new channel with a handler in its pipeline, and its peer. */
    Link link(ChannelHandler handler) throws Exception;

    /** Transports that lose data here do so in a few of many runs: {@code -Dudf.full=true} makes many. */
    @TestFactory
    default Stream<DynamicTest> aHalfClosedPeerThatReadsLateStillGetsEverything() {
        int runs = Boolean.getBoolean("udf.full") ? 60 : 3;
        return IntStream.rangeClosed(1, runs)
                .mapToObj(run -> dynamicTest("run " + run, () -> NoLeaks.sampling(this::halfClosedPeerGetsEverything)));
    }

    private void halfClosedPeerGetsEverything() throws Exception {
        Events events = new Events();
        try (Link link = link(events)) {
            link.peerHalfClose().close();
            events.await(ChannelInputShutdownEvent.INSTANCE);

            Thread writer = new Thread(() -> writeNumbered(link.channel()), "writer");
            writer.start();
            writer.join();

            assertThat(numberedMessages(link)).isEqualTo(MESSAGES);
        }
    }

    private static void writeNumbered(Channel channel) {
        for (int i = 0; i < MESSAGES; i++) {
            ByteBuf message = channel.alloc().buffer(MESSAGE_BYTES).writeInt(i);
            message.writeZero(MESSAGE_BYTES - message.readableBytes());
            if (i % 64 == 0) {
                channel.writeAndFlush(message);
            } else {
                channel.write(message);
            }
        }
        endOutput(channel);
    }

    /** The number of consecutive messages that a slow peer reads up to the end. */
    private static int numberedMessages(Link link) throws IOException {
        int expected = 0;
        ByteBuffer messages;
        while ((messages = link.peerReads(1_000 * MESSAGE_BYTES)).hasRemaining()) {
            for (; messages.remaining() >= MESSAGE_BYTES; expected++) {
                if (messages.getInt(messages.position()) != expected) {
                    return expected;
                }
                messages.position(messages.position() + MESSAGE_BYTES);
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1));
        }
        return expected;
    }

    private static ChannelFuture endOutput(Channel channel) {
        return channel.writeAndFlush(Unpooled.EMPTY_BUFFER)
                .addListener(written -> ((ProgressChannel) channel).shutdownOutput());
    }

    @Test
    default void theEndOfTheInputComesOnceAndAfterAllBytes() throws Exception {
        Events events = new Events();
        try (Link link = link(events)) {
            link.peerWrites(ByteBuffer.allocate(100_000));
            link.peerHalfClose().close();

            events.await(ChannelInputShutdownEvent.INSTANCE);
            assertThat(events.bytesRead()).isEqualTo(100_000);
            events.await(ChannelInputShutdownReadComplete.INSTANCE);
            assertThat(events.past())
                    .containsExactly(ChannelInputShutdownEvent.INSTANCE, ChannelInputShutdownReadComplete.INSTANCE);
            assertThat(link.channel().isActive()).isTrue();
        }
    }

    @Test
    default void aWriterToAStalledReaderIsToldToWait() throws Exception {
        Events events = new Events();
        try (Link link = link(events)) {
            Channel channel = link.channel();
            int accepted = 0;
            while (accepted < 64 * MIB && (channel.isWritable() || events.comesSoon("writable"))) {
                channel.writeAndFlush(channel.alloc().buffer().writeZero(KIB));
                accepted += KIB;
            }

            assertThat(accepted).as("bytes accepted").isLessThan(2 * MIB);
            assertThat(link.peerReads(accepted).remaining()).isEqualTo(accepted);
            events.await("writable");
        }
    }

    @Test
    default void nothingComesWhileReadingIsPausedAndAllWhenItGoesOn() throws Exception {
        Pauses pauses = new Pauses();
        try (Link link = link(pauses)) {
            ByteBuffer sent = randomBytes(4 * MIB);
            CompletableFuture<Void> writing = CompletableFuture.runAsync(() -> writeInPieces(link, sent.duplicate()));

            assertThat(pauses.received().get(5, TimeUnit.MINUTES)).isEqualTo(sent);
            assertThat(pauses.broken()).as("reads during a pause").isZero();
            writing.get();
        }
    }

    private static ByteBuffer randomBytes(int count) {
        byte[] bytes = new byte[count];
        new Random(1).nextBytes(bytes);
        return ByteBuffer.wrap(bytes);
    }

    private static void writeInPieces(Link link, ByteBuffer bytes) {
        Random random = new Random(2);
        try {
            while (bytes.hasRemaining()) {
                int size = Math.min(bytes.remaining(), 1 + random.nextInt(random.nextBoolean() ? 10 : 100_000));
                link.peerWrites(bytes.slice(bytes.position(), size));
                bytes.position(bytes.position() + size);
            }
            link.peerHalfClose().close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    default void eachReadThatIsAskedForGivesOneBuffer() throws Exception {
        Events events = Events.readingOnDemand();
        try (Link link = link(events)) {
            link.peerWrites(ByteBuffer.allocate(20 * KIB));
            link.peerHalfClose().close();

            for (int reads = 1; events.bytesRead() < 20 * KIB; reads++) {
                link.channel().read();
                events.await("read " + reads);
            }
            link.channel().read();
            events.await(ChannelInputShutdownEvent.INSTANCE);
        }
    }

    @Test
    default void aPeerThatGoesAwayFailsTheWritesAndClosesTheChannel() throws Exception {
        try (Link link = link(new Events())) {
            Channel channel = link.channel();
            link.peerCloses();

            ChannelFuture write = channel.writeAndFlush(channel.alloc().buffer().writeZero(MIB));

            assertThat(write.await().isSuccess()).isFalse();
            assertThat(channel.closeFuture().await(5, TimeUnit.MINUTES)).isTrue();
        }
    }

    @Test
    default void afterTheEndOfTheOutputThePeerHasReadAllAndMayWriteOn() throws Exception {
        Events events = new Events();
        try (Link link = link(events)) {
            Channel channel = link.channel();
            channel.write(channel.alloc().buffer().writeZero(MIB));
            endOutput(channel);

            assertThat(link.peerReads(2 * MIB).remaining()).isEqualTo(MIB);
            link.peerWrites(ByteBuffer.allocate(7));
            link.peerHalfClose().close();
            events.await(ChannelInputShutdownEvent.INSTANCE);
            assertThat(events.bytesRead()).isEqualTo(7);
            assertThat(((ProgressChannel) channel).isShutdown()).isTrue();
        }
    }

    @Test
    default void aWriteAfterTheEndOfTheOutputFailsAndLeavesTheChannelOpen() throws Exception {
        try (Link link = link(new Events())) {
            Channel channel = link.channel();
            ((ProgressChannel) channel).shutdownOutput().sync();

            ChannelFuture write = channel.writeAndFlush(channel.alloc().buffer().writeZero(1));

            assertThat(write.await().isSuccess()).isFalse();
            assertThat(channel.isActive()).isTrue();
        }
    }

    @Test
    default void shutdownEndsBothHalves() throws Exception {
        try (Link link = link(new Events())) {
            ProgressChannel channel = (ProgressChannel) link.channel();
            channel.shutdown().sync();

            assertThat(channel.isInputShutdown()).isTrue();
            assertThat(channel.isOutputShutdown()).isTrue();
            assertThat(link.peerReads(1).remaining()).isZero();
        }
    }

    @Test
    default void bytesWrittenFollowsThePeer() throws Exception {
        try (Link link = link(new Events())) {
            Channel channel = link.channel();
            channel.writeAndFlush(channel.alloc().buffer().writeZero(4 * MIB));

            for (int read = 0; read < 4 * MIB; read += 64 * KIB) {
                int atLeast = read - 64 * KIB;
                Polling.await(atLeast + " bytes written", () -> link.bytesWritten() >= atLeast);
                assertThat(link.bytesWritten()).isLessThanOrEqualTo(read + MIB);
                link.peerReads(64 * KIB);
            }
            Polling.await("all written", () -> link.bytesWritten() == 4 * MIB);
        }
    }

    @Test
    default void buffersOfAllKindsAndSizesArriveInOrder() throws Exception {
        try (Link link = link(new Events())) {
            ByteBuffer bytes = randomBytes(2 * MIB);
            int[] sizes = {1, 0, 10, 200_000, 64 * KIB, 300, 4 * KIB};
            for (int i = 0, at = 0; at < bytes.capacity(); i++) {
                int size = Math.min(bytes.capacity() - at, sizes[i % sizes.length]);
                link.channel().write(message(link.channel(), i % 3, bytes.slice(at, size)));
                at += size;
            }
            link.channel().flush();

            assertThat(link.peerReads(2 * MIB)).isEqualTo(bytes);
        }
    }

    private static ByteBuf message(Channel channel, int kind, ByteBuffer bytes) {
        return switch (kind) {
            case 0 -> channel.alloc().heapBuffer().writeBytes(bytes);
            case 1 -> channel.alloc().directBuffer().writeBytes(bytes);
            default -> {
                ByteBuf whole = channel.alloc().directBuffer().writeBytes(bytes);
                ByteBuf half = whole.readRetainedSlice(whole.readableBytes() / 2);
                yield channel.alloc().compositeBuffer().addComponents(true, half, whole);
            }
        };
    }

    @Test
    default void closingDoesNotWaitForThePeer() throws Exception {
        try (Link link = link(new Events())) {
            assertThat(link.channel().close().await(5, TimeUnit.MINUTES)).isTrue();
            assertThat(link.peerReads(1).remaining()).isZero();
        }
    }
}
