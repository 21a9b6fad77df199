package org.kapacitorudf.internal.channel;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.DefaultEventLoop;
import io.netty.channel.EventLoop;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("jvm")
@Tag("slow")
final class StdioChannelTest implements TransportContract {
    @TempDir
    Path directory;

    private final List<EventLoop> loops = new ArrayList<>();
    private final AtomicInteger deliveryFailures = new AtomicInteger();

    @AfterEach
    void stopLoops() throws InterruptedException {
        for (EventLoop loop : loops) {
            loop.shutdownGracefully(0, 1, TimeUnit.SECONDS).sync();
        }
    }

    @Override
    public Link link(ChannelHandler handler) throws Exception {
        Path toUs = Files.createTempDirectory(directory, "link").resolve("to-us");
        Path toPeer = toUs.resolveSibling("to-peer");
        assertThat(new ProcessBuilder("mkfifo", toUs.toString(), toPeer.toString())
                        .start()
                        .waitFor())
                .as("status of mkfifo")
                .isZero();
        // Opening a pipe by name waits for its other end.
        CompletableFuture<FileChannel> peerOut = CompletableFuture.supplyAsync(() -> openToWrite(toUs));
        CompletableFuture<FileChannel> peerIn = CompletableFuture.supplyAsync(() -> openToRead(toPeer));
        StdioChannel channel = new StdioChannel(openToRead(toUs), openToWrite(toPeer));
        return new Link(register(channel, handler), peerIn.get(), peerOut.get(), peerOut.get());
    }

    private static FileChannel openToRead(Path path) {
        try {
            return new FileInputStream(path.toFile()).getChannel();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static FileChannel openToWrite(Path path) {
        try {
            return new FileOutputStream(path.toFile()).getChannel();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private StdioChannel register(StdioChannel channel, ChannelHandler handler) throws InterruptedException {
        EventLoop loop = new DefaultEventLoop() {
            /** Fails when the task has been queued, which is the worst case: the task runs nevertheless. */
            @Override
            public void execute(Runnable task) {
                super.execute(task);
                if (Thread.currentThread().getName().equals("kapacitor-udf-stdin")
                        && deliveryFailures.getAndDecrement() > 0) {
                    throw new OutOfMemoryError("made up");
                }
            }
        };
        loops.add(loop);
        channel.pipeline().addLast(handler);
        loop.register(channel).sync();
        return channel;
    }

    /** A write shows its progress only when it returns. */
    @Test
    void aBlockedWriteGoesOnInSmallSteps() throws Exception {
        try (Link link = link(new Events())) {
            Channel channel = link.channel();
            channel.writeAndFlush(channel.alloc().buffer().writeZero(MIB));
            Polling.await("a full pipe", () -> link.bytesWritten() > 0);
            // Long enough for a write to count as slow.
            TimeUnit.MILLISECONDS.sleep(600);
            link.peerReads(64 * KIB);

            // A write that begins late is not slow, and the next one is large again: it takes many reads to go on.
            // Large writes never go on with three reads in a row.
            int inARow = 0;
            for (int read = 0; read < 200 && inARow < 3; read++) {
                long before = link.bytesWritten();
                TimeUnit.MILLISECONDS.sleep(600);
                link.peerReads(4 * KIB);
                inARow = progresses(link, before) ? inARow + 1 : 0;
            }
            assertThat(inARow)
                    .as("reads in a row that each let the write go on")
                    .isEqualTo(3);
        }
    }

    /** Whether a write returns within a second. */
    private static boolean progresses(Link link, long before) throws InterruptedException {
        for (int look = 0; look < 1_000 && link.bytesWritten() == before; look++) {
            TimeUnit.MILLISECONDS.sleep(1);
        }
        return link.bytesWritten() > before;
    }

    @Test
    void anAbortEndsAWriteThatBlocksTheLoop() throws Exception {
        try (Link link = link(new Events())) {
            Channel channel = link.channel();
            ChannelFuture write = channel.writeAndFlush(channel.alloc().buffer().writeZero(MIB));
            Polling.await("a full pipe", () -> link.bytesWritten() > 0);

            ((StdioChannel) channel).abort();

            assertThat(channel.closeFuture().await(5, TimeUnit.MINUTES)).isTrue();
            assertThat(write.await().isSuccess()).isFalse();
        }
    }

    @Test
    void aFailingReadIsReportedAndThenTheEndOfTheInput() throws Exception {
        Events events = new Events();
        FileChannel directoryRead = FileChannel.open(directory, StandardOpenOption.READ);
        StdioChannel channel = register(new StdioChannel(directoryRead, openToWrite(Path.of("/dev/null"))), events);

        events.await(ChannelInputShutdownEvent.INSTANCE);

        assertThat(events.past().get(0)).isInstanceOf(IOException.class);
        assertThat(channel.isActive()).isTrue();
        channel.close().sync();
    }

    @Test
    void withoutMemoryToReadAheadTheBytesThatAreThereArriveAndReadingGoesOn() throws Exception {
        Events events = new Events();
        ScarceAllocator scarce = new ScarceAllocator(1);
        try (Link link = link(events)) {
            readAheadBecomes(scarce, link, events);
            link.peerWrites(ByteBuffer.allocate(1));
            Polling.await("the bytes that were there", () -> events.bytesRead() == 2);
            link.peerWrites(ByteBuffer.allocate(1));
            Polling.await("what follows", () -> events.bytesRead() == 3);
            assertThat(scarce.failures).hasValueLessThanOrEqualTo(0);
        }
    }

    @Test
    void withoutMemoryToReadTheChannelSaysSo() throws Exception {
        Events events = new Events();
        ScarceAllocator scarce = new ScarceAllocator(Integer.MAX_VALUE);
        try (Link link = link(events)) {
            readAheadBecomes(scarce, link, events);
            link.peerWrites(ByteBuffer.allocate(1));
            events.await(scarce.outOfMemory);
            assertThat(events.bytesRead()).isEqualTo(2);
        }
    }

    @Test
    void withoutMemoryToReadDuringABlockedWriteAllBytesAndTheEndArriveAfterIt() throws Exception {
        Events events = new Events();
        ScarceAllocator scarce = new ScarceAllocator(0);
        try (Link link = link(events)) {
            Channel channel = link.channel();
            channel.config().setAllocator(scarce);
            channel.writeAndFlush(channel.alloc().buffer().writeZero(MIB));
            Polling.await("a full pipe", () -> link.bytesWritten() > 0);
            link.peerWrites(ByteBuffer.allocate(1));
            Polling.await("a read during the write", () -> scarce.stalledReads.get() == 1);

            scarce.stalledReadFailures.set(2);
            link.peerWrites(ByteBuffer.allocate(1));
            Polling.await("two reads without memory", () -> scarce.stalledReadFailures.get() <= 0);
            link.peerWrites(ByteBuffer.allocate(1));
            link.peerHalfClose().close();
            link.peerReads(MIB);

            events.await(ChannelInputShutdownEvent.INSTANCE);
            assertThat(events.bytesRead()).isEqualTo(3);
        }
    }

    @Test
    void withoutMemoryToDeliverInputTheChannelCloses() throws Exception {
        try (Link link = link(new Events())) {
            deliveryFailures.set(1);
            link.peerWrites(ByteBuffer.allocate(1));

            assertThat(link.channel().closeFuture().await(5, TimeUnit.MINUTES)).isTrue();
            assertThat(((StdioChannel) link.channel()).isInputEndSeen()).isTrue();
        }
    }

    /** The current read then has its buffer; the next one is allocated. */
    private static void readAheadBecomes(ScarceAllocator scarce, Link link, Events events) throws IOException {
        link.peerWrites(ByteBuffer.allocate(1));
        Polling.await("the first byte", () -> events.bytesRead() == 1);
        link.channel().config().setAllocator(scarce);
    }

    /** Fails to allocate read buffers a given number of times. */
    private static final class ScarceAllocator extends PooledByteBufAllocator {
        final OutOfMemoryError outOfMemory = new OutOfMemoryError("scarce");
        final AtomicInteger failures;
        final AtomicInteger stalledReads = new AtomicInteger();
        final AtomicInteger stalledReadFailures = new AtomicInteger();

        ScarceAllocator(int failures) {
            super(true);
            this.failures = new AtomicInteger(failures);
        }

        @Override
        public ByteBuf ioBuffer(int bytes) {
            if (failures.getAndDecrement() > 0) {
                throw outOfMemory;
            }
            return super.ioBuffer(bytes);
        }

        /** Only the buffers for reads during a blocked write have a fixed size. */
        @Override
        public ByteBuf directBuffer(int bytes, int maxBytes) {
            if (bytes == maxBytes) {
                stalledReads.incrementAndGet();
                if (stalledReadFailures.getAndDecrement() > 0) {
                    throw outOfMemory;
                }
            }
            return super.directBuffer(bytes, maxBytes);
        }
    }
}
