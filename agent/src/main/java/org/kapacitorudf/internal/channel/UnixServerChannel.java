package org.kapacitorudf.internal.channel;

import io.netty.channel.ChannelException;
import io.netty.channel.ChannelId;
import io.netty.channel.ChannelMetadata;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.DefaultChannelConfig;
import io.netty.channel.ServerChannel;
import io.netty.channel.ServerChannelRecvByteBufAllocator;
import io.netty.channel.nio.AbstractNioMessageChannel;
import java.io.IOException;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SelectionKey;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.channels.UnsupportedAddressTypeException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Listens on a Unix-domain socket, on Netty's NIO event loop; its connections are {@link UnixChannel}s.
 *
 * <p>{@code bind} takes a {@link SocketFile} and creates the file; closing the channel removes it. While the process
 * has no file descriptor or no memory for a connection, callers wait in the backlog and the server tries again every
 * {@value #ACCEPT_PAUSE_MILLIS} ms. Options: {@link ChannelOption#SO_BACKLOG} (default: {@value #BACKLOG}; the kernel
 * limits it to {@code net.core.somaxconn}) and Netty's general ones.
 *
 * <p>Threading: like every Netty channel, safe for use by any thread.
 *
 * <p>Errors: a failed bind throws a {@link java.net.BindException} with the reason, and closes the channel.
 */
public final class UnixServerChannel extends AbstractNioMessageChannel implements ServerChannel {
    /**
     * How many callers may wait to be accepted. The number is high, because Kapacitor connects for all tasks at once
     * when it starts them.
     */
    public static final int BACKLOG = 1024;

    /** What is currently at the path of a server. */
    public enum Place {
        /** The server's own socket file. */
        OWN,
        /** The socket of another server. */
        SERVERS,
        /** A file that is not a socket, such as a regular file. */
        OTHERS,
        /** Nothing, or nothing that this process can access. */
        GONE
    }

    private static final long ACCEPT_PAUSE_MILLIS = 100;
    private static final long WARN_INTERVAL_NANOS = TimeUnit.SECONDS.toNanos(10);

    /**
     * The maximum number of callers that are accepted in one turn of the event loop, which all connections share. The
     * number is high, because a turn takes a long time under load, and the keepalive timeouts of the waiting callers
     * are already running.
     */
    private static final int ACCEPTED_PER_TURN = 256;

    private static final ChannelMetadata METADATA = new ChannelMetadata(false, ACCEPTED_PER_TURN);
    private static final Logger log = LoggerFactory.getLogger(UnixServerChannel.class);

    private final Config config = new Config(this);
    private volatile @Nullable OwnedSocketFile file;

    /** Event loop only. */
    private boolean acceptPaused;

    /**
     * Event loop only: the time of the last warning about a failed accept. The initial value lets the first warning be
     * logged.
     */
    private long warnedAtNanos = System.nanoTime() - WARN_INTERVAL_NANOS;

    /** Creates a server that is not bound yet. */
    public UnixServerChannel() {
        super(null, open(), SelectionKey.OP_ACCEPT);
    }

    private static ServerSocketChannel open() {
        try {
            return ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        } catch (IOException e) {
            throw new ChannelException("cannot open a Unix socket: " + e.getMessage(), e);
        }
    }

    @Override
    protected ChannelId newId() {
        return SerialChannelId.next();
    }

    @Override
    public ChannelMetadata metadata() {
        return METADATA;
    }

    @Override
    public DefaultChannelConfig config() {
        return config;
    }

    @Override
    protected ServerSocketChannel javaChannel() {
        return (ServerSocketChannel) super.javaChannel();
    }

    @Override
    public boolean isActive() {
        return isOpen() && file != null;
    }

    /**
     * What is currently at the path. The file may have been removed or replaced. Call this method on a bound server
     * only. Safe for use by any thread.
     */
    public Place place() {
        OwnedSocketFile bound = file;
        if (bound == null) {
            throw new IllegalStateException("place: not bound (expected: a bound server)");
        }
        return bound.place();
    }

    @Override
    protected void doBind(SocketAddress localAddress) throws IOException {
        if (!(localAddress instanceof SocketFile socketFile)) {
            throw new UnsupportedAddressTypeException();
        }
        file = OwnedSocketFile.bind(socketFile, javaChannel(), config.backlog);
    }

    @Override
    protected void doBeginRead() throws Exception {
        if (!acceptPaused) {
            super.doBeginRead();
        }
    }

    @Override
    protected int doReadMessages(List<Object> accepted) throws ClosedChannelException {
        SocketChannel socket = null;
        try {
            socket = javaChannel().accept();
            if (socket == null) {
                return 0;
            }
            accepted.add(new UnixChannel(this, socket));
            return 1;
        } catch (ClosedChannelException e) {
            throw e;
        } catch (IOException | ChannelException | OutOfMemoryError e) {
            closeQuietly(socket);
            pauseAccepting(e);
            return 0;
        }
    }

    private static void closeQuietly(@Nullable SocketChannel socket) {
        try {
            if (socket != null) {
                socket.close();
            }
        } catch (IOException e) {
            log.debug("closing a connection that could not be accepted: {}", e.toString());
        }
    }

    private void pauseAccepting(Throwable cause) {
        long now = System.nanoTime();
        if (now - warnedAtNanos >= WARN_INTERVAL_NANOS) {
            warnedAtNanos = now;
            log.warn("{}: cannot accept connections, will retry: {}", localAddress(), cause.toString());
        }
        acceptPaused = true;
        clearReadPending();
        eventLoop().schedule(this::resumeAccepting, ACCEPT_PAUSE_MILLIS, TimeUnit.MILLISECONDS);
    }

    private void resumeAccepting() {
        acceptPaused = false;
        if (config.isAutoRead()) {
            read();
        }
    }

    private void stopAccepting() {
        clearReadPending();
    }

    @Override
    protected void doClose() throws Exception {
        super.doClose();
        OwnedSocketFile owned = file;
        try {
            if (owned != null) {
                owned.remove();
            }
        } finally {
            javaChannel().close();
        }
    }

    @Override
    protected @Nullable SocketAddress localAddress0() {
        OwnedSocketFile owned = file;
        return owned == null ? null : owned.address();
    }

    @Override
    protected @Nullable SocketAddress remoteAddress0() {
        return null;
    }

    @Override
    protected boolean doConnect(SocketAddress remoteAddress, SocketAddress localAddress) {
        throw new UnsupportedOperationException("a server does not connect");
    }

    @Override
    protected void doFinishConnect() {
        throw new UnsupportedOperationException("a server does not connect");
    }

    @Override
    protected void doDisconnect() {
        throw new UnsupportedOperationException("a server is not connected");
    }

    @Override
    protected boolean doWriteMessage(Object message, ChannelOutboundBuffer pending) {
        throw new UnsupportedOperationException("a server does not write");
    }

    @Override
    protected Object filterOutboundMessage(Object message) {
        throw new UnsupportedOperationException("a server does not write");
    }

    private static final class Config extends DefaultChannelConfig {
        private volatile int backlog = BACKLOG;

        Config(UnixServerChannel channel) {
            super(channel, new ServerChannelRecvByteBufAllocator());
        }

        @Override
        protected void autoReadCleared() {
            ((UnixServerChannel) channel).stopAccepting();
        }

        @Override
        public Map<ChannelOption<?>, Object> getOptions() {
            return getOptions(super.getOptions(), ChannelOption.SO_BACKLOG);
        }

        @Override
        @SuppressWarnings("unchecked")
        public <T> T getOption(ChannelOption<T> option) {
            return option == ChannelOption.SO_BACKLOG ? (T) Integer.valueOf(backlog) : super.getOption(option);
        }

        @Override
        public <T> boolean setOption(ChannelOption<T> option, T value) {
            if (option != ChannelOption.SO_BACKLOG) {
                return super.setOption(option, value);
            }
            int callers = (Integer) value;
            if (callers < 1) {
                throw new IllegalArgumentException("SO_BACKLOG: " + callers + " (expected: >= 1)");
            }
            backlog = callers;
            return true;
        }
    }
}
