package org.kapacitorudf.internal.channel;

import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.ChannelException;
import io.netty.channel.ChannelOption;
import io.netty.channel.DefaultChannelConfig;
import io.netty.channel.MessageSizeEstimator;
import io.netty.channel.RecvByteBufAllocator;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.socket.SocketChannelConfig;
import java.io.IOException;
import java.net.SocketOption;
import java.net.StandardSocketOptions;
import java.nio.channels.SocketChannel;
import java.util.Map;

/**
 * The options of a {@link UnixChannel}: Netty's general options, the two buffer sizes, and half-closure, which is
 * allowed by default.
 *
 * <p>It is a {@link SocketChannelConfig} because Netty's read loop asks only this type whether half-closure is allowed.
 * With any other type, Netty would close the channel at the peer's half-close, and pending data would be lost.
 *
 * <p>Threading: safe for use by any thread.
 *
 * <p>Errors: setting a TCP option throws {@link UnsupportedOperationException}.
 */
final class UnixChannelConfig extends DefaultChannelConfig implements SocketChannelConfig {
    /**
     * How often a connection is read before the next connection gets its turn. With Netty's default of 16, a thousand
     * saturated connections delayed each other and their keepalives by half a second. For a single connection, the
     * value makes no difference.
     */
    private static final int READS_PER_TURN = 1;

    private final SocketChannel socket;
    private volatile boolean allowHalfClosure = true;

    UnixChannelConfig(UnixChannel channel, SocketChannel socket) {
        super(channel);
        this.socket = socket;
        setAllocator(PooledByteBufAllocator.DEFAULT);
        setMaxMessagesPerRead(READS_PER_TURN);
    }

    @Override
    protected void autoReadCleared() {
        ((UnixChannel) channel).stopReading();
    }

    @Override
    public Map<ChannelOption<?>, Object> getOptions() {
        return getOptions(
                super.getOptions(), ChannelOption.ALLOW_HALF_CLOSURE, ChannelOption.SO_RCVBUF, ChannelOption.SO_SNDBUF);
    }

    @Override
    @SuppressWarnings("unchecked")
    public <T> T getOption(ChannelOption<T> option) {
        if (option == ChannelOption.ALLOW_HALF_CLOSURE) {
            return (T) Boolean.valueOf(isAllowHalfClosure());
        }
        if (option == ChannelOption.SO_RCVBUF) {
            return (T) Integer.valueOf(getReceiveBufferSize());
        }
        if (option == ChannelOption.SO_SNDBUF) {
            return (T) Integer.valueOf(getSendBufferSize());
        }
        return super.getOption(option);
    }

    @Override
    public <T> boolean setOption(ChannelOption<T> option, T value) {
        if (option == ChannelOption.ALLOW_HALF_CLOSURE) {
            setAllowHalfClosure((Boolean) value);
        } else if (option == ChannelOption.SO_RCVBUF) {
            setReceiveBufferSize((Integer) value);
        } else if (option == ChannelOption.SO_SNDBUF) {
            setSendBufferSize((Integer) value);
        } else {
            return super.setOption(option, value);
        }
        return true;
    }

    @Override
    public boolean isAllowHalfClosure() {
        return allowHalfClosure;
    }

    @Override
    public UnixChannelConfig setAllowHalfClosure(boolean allowHalfClosure) {
        this.allowHalfClosure = allowHalfClosure;
        return this;
    }

    @Override
    public int getSendBufferSize() {
        return socketOption(StandardSocketOptions.SO_SNDBUF);
    }

    @Override
    public UnixChannelConfig setSendBufferSize(int bytes) {
        return setSocketOption(StandardSocketOptions.SO_SNDBUF, bytes);
    }

    @Override
    public int getReceiveBufferSize() {
        return socketOption(StandardSocketOptions.SO_RCVBUF);
    }

    @Override
    public UnixChannelConfig setReceiveBufferSize(int bytes) {
        return setSocketOption(StandardSocketOptions.SO_RCVBUF, bytes);
    }

    private <T> T socketOption(SocketOption<T> option) {
        try {
            return socket.getOption(option);
        } catch (IOException e) {
            throw new ChannelException(e);
        }
    }

    private <T> UnixChannelConfig setSocketOption(SocketOption<T> option, T value) {
        try {
            socket.setOption(option, value);
        } catch (IOException e) {
            throw new ChannelException(e);
        }
        return this;
    }

    @Override
    public boolean isTcpNoDelay() {
        return false;
    }

    @Override
    public UnixChannelConfig setTcpNoDelay(boolean tcpNoDelay) {
        throw notOfUnixSockets("TCP_NODELAY");
    }

    @Override
    public int getSoLinger() {
        return -1;
    }

    @Override
    public UnixChannelConfig setSoLinger(int soLinger) {
        throw notOfUnixSockets("SO_LINGER");
    }

    @Override
    public boolean isKeepAlive() {
        return false;
    }

    @Override
    public UnixChannelConfig setKeepAlive(boolean keepAlive) {
        throw notOfUnixSockets("SO_KEEPALIVE");
    }

    @Override
    public int getTrafficClass() {
        return 0;
    }

    @Override
    public UnixChannelConfig setTrafficClass(int trafficClass) {
        throw notOfUnixSockets("IP_TOS");
    }

    @Override
    public boolean isReuseAddress() {
        return false;
    }

    @Override
    public UnixChannelConfig setReuseAddress(boolean reuseAddress) {
        throw notOfUnixSockets("SO_REUSEADDR");
    }

    @Override
    public UnixChannelConfig setPerformancePreferences(int connectionTime, int latency, int bandwidth) {
        throw notOfUnixSockets("performance preferences");
    }

    private static UnsupportedOperationException notOfUnixSockets(String option) {
        return new UnsupportedOperationException(
                option + ": not an option of Unix sockets (expected: SO_SNDBUF, SO_RCVBUF or ALLOW_HALF_CLOSURE)");
    }

    @Override
    public UnixChannelConfig setConnectTimeoutMillis(int connectTimeoutMillis) {
        super.setConnectTimeoutMillis(connectTimeoutMillis);
        return this;
    }

    @Override
    @Deprecated
    public UnixChannelConfig setMaxMessagesPerRead(int maxMessagesPerRead) {
        super.setMaxMessagesPerRead(maxMessagesPerRead);
        return this;
    }

    @Override
    public UnixChannelConfig setWriteSpinCount(int writeSpinCount) {
        super.setWriteSpinCount(writeSpinCount);
        return this;
    }

    @Override
    public UnixChannelConfig setAllocator(ByteBufAllocator allocator) {
        super.setAllocator(allocator);
        return this;
    }

    @Override
    public UnixChannelConfig setRecvByteBufAllocator(RecvByteBufAllocator allocator) {
        super.setRecvByteBufAllocator(allocator);
        return this;
    }

    @Override
    public UnixChannelConfig setAutoRead(boolean autoRead) {
        super.setAutoRead(autoRead);
        return this;
    }

    @Override
    public UnixChannelConfig setAutoClose(boolean autoClose) {
        super.setAutoClose(autoClose);
        return this;
    }

    @Override
    public UnixChannelConfig setMessageSizeEstimator(MessageSizeEstimator estimator) {
        super.setMessageSizeEstimator(estimator);
        return this;
    }

    @Override
    public UnixChannelConfig setWriteBufferWaterMark(WriteBufferWaterMark writeBufferWaterMark) {
        super.setWriteBufferWaterMark(writeBufferWaterMark);
        return this;
    }
}
