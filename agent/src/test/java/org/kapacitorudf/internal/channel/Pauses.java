package org.kapacitorudf.internal.channel;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import java.nio.ByteBuffer;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** Pauses reading occasionally, within a read or between two, for up to a millisecond, and keeps what it reads. */
final class Pauses extends ChannelInboundHandlerAdapter {
    private final Random random = new Random(3);
    private final ByteBuf bytes = Unpooled.buffer();
    private final CompletableFuture<ByteBuffer> received = new CompletableFuture<>();
    private volatile int broken;

    /** Event loop only. */
    private boolean paused;

    /** All bytes, once the input has ended. */
    CompletableFuture<ByteBuffer> received() {
        return received;
    }

    /** The number of reads during a pause. */
    int broken() {
        return broken;
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        noteRead();
        bytes.writeBytes((ByteBuf) message);
        ((ByteBuf) message).release();
        switch (random.nextInt(4)) {
            case 0 -> pause(context.channel());
            case 1 -> context.executor().execute(() -> pause(context.channel()));
            default -> {}
        }
    }

    private void pause(Channel channel) {
        if (paused) {
            return;
        }
        paused = true;
        channel.config().setAutoRead(false);
        channel.eventLoop()
                .schedule(
                        () -> {
                            paused = false;
                            channel.config().setAutoRead(true);
                        },
                        random.nextInt(1_000),
                        TimeUnit.MICROSECONDS);
    }

    private void noteRead() {
        if (paused) {
            broken++;
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
        if (event == ChannelInputShutdownEvent.INSTANCE) {
            noteRead();
            received.complete(bytes.nioBuffer());
        }
    }
}
