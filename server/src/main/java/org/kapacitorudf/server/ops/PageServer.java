package org.kapacitorudf.server.ops;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.timeout.IdleStateHandler;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Serves read-only pages over HTTP, with Netty on a single separate thread. A slow or idle client does not occupy this
 * thread. Each request, including its response, has a time limit. If there are too many clients, the oldest one is
 * disconnected.
 *
 * <p>Threading: safe for use by any thread.
 */
public final class PageServer implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(PageServer.class);
    private static final int CHUNK_BYTES = 8 * 1024;
    private static final long SHUTDOWN_MILLIS = 2_000;

    private final Limits limits;
    private final Set<Channel> clients = new LinkedHashSet<>(); // used only by the server's thread
    private final EventLoopGroup loop =
            new MultiThreadIoEventLoopGroup(1, new DefaultThreadFactory("udf-ops", true), NioIoHandler.newFactory());
    private final ChannelFuture bound;

    /**
     * The limits for clients.
     *
     * @param maxClients the maximum number of clients; if exceeded, the oldest is disconnected
     * @param maxRequestLineBytes the maximum length of the first line of a request
     * @param maxHeaderBytes the maximum total size of the headers of a request
     * @param exchangeLimit how long a request and its response may take, and how long a connection may be idle
     */
    public record Limits(int maxClients, int maxRequestLineBytes, int maxHeaderBytes, Duration exchangeLimit) {
        public Limits {
            if (maxClients < 1) {
                throw new IllegalArgumentException("maxClients: " + maxClients + " (expected: >= 1)");
            }
        }
    }

    private PageServer(InetSocketAddress address, Limits limits, Function<String, Page> pages) {
        this.limits = limits;
        this.bound = bind(address, pages);
    }

    /**
     * Starts listening.
     *
     * @param pages the pages by path, without a query; called by the server's thread
     * @throws IOException if that fails; the message names the address
     */
    public static PageServer start(InetSocketAddress address, Limits limits, Function<String, Page> pages)
            throws IOException {
        PageServer server = new PageServer(address, limits, pages);
        Throwable cause = server.bound.cause();
        if (cause != null) {
            server.close();
            throw new IOException("metrics: " + text(address) + ": " + cause.getMessage(), cause);
        }
        return server;
    }

    private ChannelFuture bind(InetSocketAddress address, Function<String, Page> pages) {
        boolean forThisMachine =
                address.getAddress() != null && address.getAddress().isLoopbackAddress();
        return new ServerBootstrap()
                .group(loop)
                .channel(NioServerSocketChannel.class)
                .childHandler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel client) {
                        long limitNanos = limits.exchangeLimit().toNanos();
                        client.pipeline()
                                .addLast(new HttpServerCodec(
                                        limits.maxRequestLineBytes(), limits.maxHeaderBytes(), CHUNK_BYTES))
                                .addLast(new IdleStateHandler(0, limitNanos, 0, TimeUnit.NANOSECONDS))
                                .addLast(new HttpExchanges(pages, forThisMachine));
                        admit(client);
                    }
                })
                .bind(address)
                .awaitUninterruptibly();
    }

    /**
     * Runs a task at regular intervals on the server's thread, starting immediately. An exception does not end the
     * series.
     */
    void every(long intervalMillis, Runnable task) {
        loop.scheduleAtFixedRate(() -> runOrWarn(task), 0, intervalMillis, TimeUnit.MILLISECONDS);
    }

    private static void runOrWarn(Runnable task) {
        try {
            task.run();
        } catch (RuntimeException | Error e) {
            LOG.warn("a regular task of the metrics server failed", e);
        }
    }

    /**
     * Registers a client. If there are too many, disconnects the oldest one, so that idle clients cannot lock others
     * out.
     */
    private void admit(Channel client) {
        clients.add(client);
        client.closeFuture().addListener(closed -> clients.remove(client));
        if (clients.size() > limits.maxClients()) {
            clients.iterator().next().close();
        }
    }

    /** The address that the server listens on. */
    public String address() {
        return text((InetSocketAddress) bound.channel().localAddress());
    }

    /** An address as {@code HOST:PORT}, with an IPv6 address in brackets. */
    private static String text(InetSocketAddress address) {
        String host = address.getAddress() == null
                ? address.getHostString()
                : address.getAddress().getHostAddress();
        return (host.contains(":") ? "[" + host + "]" : host) + ":" + address.getPort();
    }

    @Override
    public void close() {
        loop.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly(SHUTDOWN_MILLIS);
    }
}
