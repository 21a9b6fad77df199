package org.kapacitorudf.fuzz;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.AbstractChannel;
import io.netty.channel.ChannelConfig;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelMetadata;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.ChannelPromise;
import io.netty.channel.DefaultChannelConfig;
import io.netty.channel.EventLoop;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.ChannelInputShutdownReadComplete;
import java.net.SocketAddress;
import org.kapacitorudf.internal.channel.ProgressChannel;

/**
 * The agent's end of a connection whose other end is the caller: input is read when it is passed, and output is
 * available immediately.
 *
 * <p>Threading: event loop only, except for what a {@link ProgressChannel} allows for any thread.
 */
final class CallerChannel extends AbstractChannel implements ProgressChannel {
    private static final ChannelMetadata METADATA = new ChannelMetadata(false);

    private final ChannelConfig config = new DefaultChannelConfig(this);
    private final ByteBuf written = Unpooled.buffer();
    private volatile boolean open = true;
    private volatile boolean inputShutdown;
    private volatile boolean outputShutdown;
    private volatile long bytesWritten;

    CallerChannel() {
        super(null);
    }

    /** Passes bytes to the agent in one read. */
    void give(byte[] bytes) {
        pipeline().fireChannelRead(Unpooled.wrappedBuffer(bytes));
        pipeline().fireChannelReadComplete();
    }

    /** Ends the agent's input. */
    void endInput() {
        inputShutdown = true;
        pipeline().fireUserEventTriggered(ChannelInputShutdownEvent.INSTANCE);
        pipeline().fireUserEventTriggered(ChannelInputShutdownReadComplete.INSTANCE);
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
    protected void doWrite(ChannelOutboundBuffer pending) {
        for (Object next = pending.current(); next != null; next = pending.current()) {
            ByteBuf bytes = (ByteBuf) next;
            bytesWritten += bytes.readableBytes();
            written.writeBytes(bytes);
            pending.remove();
        }
    }

    @Override
    public ChannelFuture shutdownOutput(ChannelPromise promise) {
        ((AbstractUnsafe) unsafe()).shutdownOutput(promise);
        return promise;
    }

    @Override
    protected void doShutdownOutput() {
        outputShutdown = true;
    }

    @Override
    public ChannelFuture shutdownInput(ChannelPromise promise) {
        inputShutdown = true;
        return promise.setSuccess();
    }

    @Override
    protected void doClose() {
        open = false;
        inputShutdown = true;
        outputShutdown = true;
    }

    @Override
    public long bytesWritten() {
        return bytesWritten;
    }

    @Override
    public boolean isOpen() {
        return open;
    }

    @Override
    public boolean isActive() {
        return open && isRegistered();
    }

    @Override
    public boolean isInputShutdown() {
        return inputShutdown;
    }

    @Override
    public boolean isOutputShutdown() {
        return outputShutdown;
    }

    @Override
    public ChannelConfig config() {
        return config;
    }

    @Override
    public ChannelMetadata metadata() {
        return METADATA;
    }

    @Override
    protected boolean isCompatible(EventLoop loop) {
        return loop instanceof CallerLoop;
    }

    @Override
    protected AbstractUnsafe newUnsafe() {
        return new ConnectedUnsafe();
    }

    /** Does nothing, because the caller passes the bytes. */
    @Override
    protected void doBeginRead() {}

    @Override
    protected SocketAddress localAddress0() {
        return null;
    }

    @Override
    protected SocketAddress remoteAddress0() {
        return null;
    }

    @Override
    protected void doBind(SocketAddress localAddress) {
        throw new UnsupportedOperationException();
    }

    @Override
    protected void doDisconnect() {
        doClose();
    }

    private final class ConnectedUnsafe extends AbstractUnsafe {
        @Override
        public void connect(SocketAddress remoteAddress, SocketAddress localAddress, ChannelPromise promise) {
            promise.setFailure(new UnsupportedOperationException());
        }
    }
}
