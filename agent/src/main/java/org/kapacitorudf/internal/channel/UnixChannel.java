package org.kapacitorudf.internal.channel;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelException;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelId;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.ChannelPromise;
import io.netty.channel.EventLoop;
import io.netty.channel.FileRegion;
import io.netty.channel.nio.AbstractNioByteChannel;
import io.netty.channel.nio.NioIoOps;
import io.netty.channel.socket.SocketChannelConfig;
import java.io.IOException;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.nio.ByteBuffer;
import java.nio.channels.NotYetConnectedException;
import java.nio.channels.SocketChannel;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * A connection over a Unix-domain socket, on Netty's NIO event loop.
 *
 * <p>It differs from {@link io.netty.channel.socket.nio.NioDomainSocketChannel} in two respects that matter for
 * Kapacitor: it stays open after the peer's half-close, where Netty's channel would close and lose pending data, and
 * {@link #bytesWritten()} shows whether the peer still reads.
 *
 * <p>Options: {@link io.netty.channel.ChannelOption#ALLOW_HALF_CLOSURE} (default: true), {@code SO_SNDBUF},
 * {@code SO_RCVBUF}, and Netty's general ones. The allocator is {@link io.netty.buffer.PooledByteBufAllocator#DEFAULT}.
 *
 * <p>A server's connections come from {@link UnixServerChannel}; {@code connect} takes a
 * {@link java.net.UnixDomainSocketAddress}.
 *
 * <p>Threading and errors: {@link ProgressChannel}. Do not interrupt a thread of the event loop, because the JDK then
 * closes the socket.
 */
public final class UnixChannel extends AbstractNioByteChannel implements ProgressChannel {
    /** The maximum number of buffers that writev accepts (Linux: UIO_MAXIOV). */
    private static final int MAX_BUFFERS_PER_WRITE = 1024;

    /**
     * How long to wait for the socket to become writable before trying to write anyway.
     *
     * <p>Linux reports a socket as writable only when three quarters of its buffer are free, but accepts bytes as soon
     * as there is any room. Trying to write shows the progress of a slow reader.
     */
    private static final long TRY_WRITE_MILLIS = 1_000;

    private final UnixChannelConfig config;
    private final AtomicLong bytesWritten = new AtomicLong();
    private volatile boolean inputShutdown;
    private volatile boolean outputShutdown;

    /** Event loop only: whether another attempt to write is scheduled. */
    private boolean tryScheduled;

    /** Creates a channel that is not connected yet. */
    public UnixChannel() {
        this(null, open());
    }

    /**
     * Creates a channel for an existing connection.
     *
     * @param socket a connected Unix-domain socket, which this channel then owns
     */
    public UnixChannel(SocketChannel socket) {
        this(null, socket);
    }

    UnixChannel(@Nullable UnixServerChannel parent, SocketChannel socket) {
        super(parent, socket);
        config = new UnixChannelConfig(this, socket);
    }

    private static SocketChannel open() {
        try {
            return SocketChannel.open(StandardProtocolFamily.UNIX);
        } catch (IOException e) {
            throw new ChannelException("cannot open a Unix socket: " + e.getMessage(), e);
        }
    }

    @Override
    protected ChannelId newId() {
        return SerialChannelId.next();
    }

    @Override
    public SocketChannelConfig config() {
        return config;
    }

    @Override
    protected SocketChannel javaChannel() {
        return (SocketChannel) super.javaChannel();
    }

    @Override
    public boolean isActive() {
        return javaChannel().isOpen() && javaChannel().isConnected();
    }

    @Override
    public long bytesWritten() {
        return bytesWritten.get();
    }

    @Override
    protected void doWrite(ChannelOutboundBuffer pending) throws Exception {
        for (int left = config.getWriteSpinCount(); left > 0; left--) {
            if (pending.isEmpty()) {
                clearOpWrite();
                return;
            }
            ByteBuffer[] buffers = pending.nioBuffers(MAX_BUFFERS_PER_WRITE, Integer.MAX_VALUE);
            int count = pending.nioBufferCount();
            if (count == 0) {
                doWrite0(pending);
                continue;
            }
            long written =
                    count == 1 ? javaChannel().write(buffers[0]) : javaChannel().write(buffers, 0, count);
            if (written == 0) {
                incompleteWrite(true);
                tryLater();
                return;
            }
            bytesWritten.lazySet(bytesWritten.get() + written);
            pending.removeBytes(written);
        }
        incompleteWrite(false);
    }

    /**
     * Writes as much as the socket accepts immediately, bypassing the channel's queue. May be called by any thread.
     *
     * <p>The caller must make sure that the queue is empty, and that nothing else writes to the socket during the
     * call.
     *
     * @param bytes the bytes to write; the reader index advances by the number of accepted bytes
     * @return the number of accepted bytes
     */
    public int tryWrite(ByteBuf bytes) throws IOException {
        int written = bytes.readBytes(javaChannel(), bytes.readableBytes());
        bytesWritten.lazySet(bytesWritten.get() + written);
        return written;
    }

    private void tryLater() {
        if (tryScheduled) {
            return;
        }
        tryScheduled = true;
        eventLoop()
                .schedule(
                        () -> {
                            tryScheduled = false;
                            if (isActive()) {
                                unsafe().forceFlush();
                            }
                        },
                        TRY_WRITE_MILLIS,
                        TimeUnit.MILLISECONDS);
    }

    @Override
    protected int doWriteBytes(ByteBuf bytes) {
        throw new AssertionError("doWrite writes every non-empty buffer");
    }

    @Override
    protected long doWriteFileRegion(FileRegion region) {
        throw new UnsupportedOperationException("message: a FileRegion (expected: a ByteBuf)");
    }

    @Override
    protected int doReadBytes(ByteBuf bytes) throws IOException {
        int attempted = bytes.writableBytes();
        unsafe().recvBufAllocHandle().attemptedBytesRead(attempted);
        return bytes.writeBytes(javaChannel(), attempted);
    }

    void stopReading() {
        clearReadPending();
    }

    @Override
    public boolean isInputShutdown() {
        return inputShutdown || !isActive();
    }

    @Override
    protected boolean isInputShutdown0() {
        return isInputShutdown();
    }

    @Override
    public ChannelFuture shutdownInput() {
        return shutdownInput(newPromise());
    }

    @Override
    public ChannelFuture shutdownInput(ChannelPromise promise) {
        EventLoop loop = eventLoop();
        if (!loop.inEventLoop()) {
            loop.execute(() -> shutdownInput(promise));
            return promise;
        }
        inputShutdown = true;
        try {
            javaChannel().shutdownInput();
            return promise.setSuccess();
        } catch (IOException | NotYetConnectedException e) {
            return promise.setFailure(e);
        }
    }

    @Override
    public boolean isOutputShutdown() {
        return outputShutdown || !isActive();
    }

    @Override
    public ChannelFuture shutdownOutput(ChannelPromise promise) {
        EventLoop loop = eventLoop();
        if (loop.inEventLoop()) {
            ((AbstractUnsafe) unsafe()).shutdownOutput(promise);
        } else {
            loop.execute(() -> shutdownOutput(promise));
        }
        return promise;
    }

    @Override
    protected void doShutdownOutput() throws IOException {
        javaChannel().shutdownOutput();
        outputShutdown = true;
    }

    @Override
    protected void doBind(SocketAddress localAddress) throws IOException {
        javaChannel().bind(localAddress);
    }

    @Override
    protected boolean doConnect(SocketAddress remoteAddress, SocketAddress localAddress) throws Exception {
        boolean begun = false;
        try {
            if (localAddress != null) {
                doBind(localAddress);
            }
            boolean connected = javaChannel().connect(remoteAddress);
            if (!connected) {
                addAndSubmit(NioIoOps.CONNECT);
            }
            begun = true;
            return connected;
        } finally {
            if (!begun) {
                doClose();
            }
        }
    }

    @Override
    protected void doFinishConnect() throws IOException {
        if (!javaChannel().finishConnect()) {
            throw new AssertionError("the event loop reported that the connection is established");
        }
    }

    @Override
    protected void doDisconnect() throws Exception {
        doClose();
    }

    @Override
    protected void doClose() throws Exception {
        super.doClose();
        javaChannel().close();
    }

    @Override
    protected @Nullable SocketAddress localAddress0() {
        try {
            return javaChannel().getLocalAddress();
        } catch (IOException e) {
            return null;
        }
    }

    @Override
    protected @Nullable SocketAddress remoteAddress0() {
        try {
            return javaChannel().getRemoteAddress();
        } catch (IOException e) {
            return null;
        }
    }
}
