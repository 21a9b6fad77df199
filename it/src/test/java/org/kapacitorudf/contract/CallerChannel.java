package org.kapacitorudf.contract;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.ChannelInputShutdownReadComplete;
import io.netty.channel.socket.ChannelOutputShutdownEvent;
import org.kapacitorudf.internal.channel.ProgressChannel;

/**
 * The agent's end of a connection whose other end is the caller: input is read when it is passed, and output is
 * available immediately. Its time stands still, so nothing that is scheduled for later ever runs.
 *
 * <p>Threading: one thread.
 */
final class CallerChannel extends EmbeddedChannel implements ProgressChannel {
    private static final Object END_OF_INPUT = new Object();

    private final ByteBuf written = Unpooled.buffer();
    private boolean inputShutdown;
    private boolean outputShutdown;
    private long bytesWritten;

    CallerChannel() {
        super(false, false);
        // A read is the only event in which an embedded channel's tasks do not run inside each other.
        pipeline().addLast(new ChannelInboundHandlerAdapter() {
            @Override
            public void channelRead(ChannelHandlerContext context, Object read) {
                if (read == END_OF_INPUT) {
                    context.fireUserEventTriggered(ChannelInputShutdownEvent.INSTANCE);
                    context.fireUserEventTriggered(ChannelInputShutdownReadComplete.INSTANCE);
                } else {
                    context.fireChannelRead(read);
                }
            }
        });
    }

    /** Connects, once the handlers are installed. */
    void open() {
        try {
            register();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
        freezeTime();
    }

    /** Passes bytes to the agent in one read. */
    void give(byte[] bytes) {
        writeInbound(Unpooled.wrappedBuffer(bytes));
    }

    /** Ends the agent's input. */
    void endInput() {
        inputShutdown = true;
        writeInbound(END_OF_INPUT);
    }

    /** Takes the agent's output; returns the number of bytes, -1 if there is nothing at the moment. */
    int take(byte[] buffer, int offset, int length) {
        int taken = Math.min(length, written.readableBytes());
        written.readBytes(buffer, offset, taken);
        if (!written.isReadable()) {
            written.clear();
        }
        return taken == 0 ? -1 : taken;
    }

    @Override
    protected void handleOutboundMessage(Object message) {
        ByteBuf bytes = (ByteBuf) message;
        bytesWritten += bytes.readableBytes();
        written.writeBytes(bytes);
        bytes.release();
    }

    @Override
    public ChannelFuture shutdownInput(ChannelPromise promise) {
        inputShutdown = true;
        return promise.setSuccess();
    }

    @Override
    public ChannelFuture shutdownOutput(ChannelPromise promise) {
        outputShutdown = true;
        pipeline().fireUserEventTriggered(ChannelOutputShutdownEvent.INSTANCE);
        return promise.setSuccess();
    }

    @Override
    public boolean isInputShutdown() {
        return inputShutdown || !isOpen();
    }

    @Override
    public boolean isOutputShutdown() {
        return outputShutdown || !isOpen();
    }

    @Override
    public long bytesWritten() {
        return bytesWritten;
    }
}
