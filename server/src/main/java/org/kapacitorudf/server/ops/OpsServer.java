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
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.kapacitorudf.embed.ConnectionListener;
import org.kapacitorudf.embed.UdfServer;
import org.kapacitorudf.server.tasks.TaskKeeper;

/**
 * Metrics, health and the status page of a server, over HTTP.
 *
 * <pre>
 *   /metrics      for Prometheus
 *   /healthz      200 if the server is alive, otherwise 503 with the reasons
 *   /readyz       200 if it is ready, otherwise 503 with the reasons
 *   /             the live status page
 *   /status.json  the data of the page
 *   /history.json the data of the minutes before it was opened
 * </pre>
 *
 * <p>All pages are read-only. The server uses Netty with a separate thread. A slow or idle client occupies no thread,
 * has a time limit for each request and its response, and is disconnected when there are too many clients.
 *
 * <p>Threading: safe for use by any thread.
 */
public final class OpsServer implements AutoCloseable {
    private static final int CHUNK_BYTES = 8 * 1024;
    private static final long SHUTDOWN_MILLIS = 2_000;

    private final NodeStatistics statistics;
    private final Set<Channel> clients = new LinkedHashSet<>(); // used by the single thread only
    private final Setting setting;
    private @Nullable Running running; // null before start
    private @Nullable Supplier<TaskKeeper.Counts> reloads; // null if tasks are not reloaded

    /**
     * @param maxNodes the maximum number of task nodes that are shown individually
     * @param maxClients the maximum number of clients; if exceeded, the oldest is disconnected
     * @param maxRequestLineBytes the maximum length of the first line of a request
     * @param maxHeaderBytes the maximum total size of the headers of a request
     * @param exchangeLimit how long a request and its response may take, and how long a connection may be idle
     * @param version the version of the program
     */
    public record Setting(
            List<String> functions,
            int maxNodes,
            int maxClients,
            int maxRequestLineBytes,
            int maxHeaderBytes,
            Duration exchangeLimit,
            String version) {
        public Setting {
            functions = List.copyOf(functions);
            atLeastOne("maxNodes", maxNodes);
            atLeastOne("maxClients", maxClients);
        }

        private static void atLeastOne(String name, int value) {
            if (value < 1) {
                throw new IllegalArgumentException(name + ": " + value + " (expected: >= 1)");
            }
        }
    }

    /** What start has created. */
    private record Running(EventLoopGroup loop, Metrics metrics, Channel listening) {}

    public OpsServer(Setting setting) {
        this.setting = setting;
        this.statistics = new NodeStatistics(setting.functions(), setting.maxNodes());
    }

    /** The listener for the server's connections. */
    public ConnectionListener listener() {
        return statistics;
    }

    /** Also shows counts of reloaded tasks. Call it before {@link #start}. */
    public void reloads(Supplier<TaskKeeper.Counts> counts) {
        reloads = counts;
    }

    /**
     * Starts to listen.
     *
     * @throws IOException if that fails; the message names the address
     */
    public OpsServer start(InetSocketAddress address, UdfServer server, Health health) throws IOException {
        Metrics metrics = new Metrics(
                statistics, health, new Metrics.ServerFacts(setting.version(), server::abandonedCalls, reloads));
        History history = new History(setting.maxNodes());
        StatusJson status =
                new StatusJson(server, statistics, health, setting, new StatusJson.Facts(metrics::processCpu, reloads));
        Pages pages = new Pages(metrics, health, status, history);
        boolean forThisMachine =
                address.getAddress() != null && address.getAddress().isLoopbackAddress();
        EventLoopGroup loop = new MultiThreadIoEventLoopGroup(
                1, new DefaultThreadFactory("udf-ops", true), NioIoHandler.newFactory());
        ChannelFuture bound = new ServerBootstrap()
                .group(loop)
                .channel(NioServerSocketChannel.class)
                .childHandler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel client) {
                        long limitNanos = setting.exchangeLimit().toNanos();
                        client.pipeline()
                                .addLast(new HttpServerCodec(
                                        setting.maxRequestLineBytes(), setting.maxHeaderBytes(), CHUNK_BYTES))
                                .addLast(new IdleStateHandler(0, limitNanos, 0, TimeUnit.NANOSECONDS))
                                .addLast(new HttpExchanges(pages, forThisMachine));
                        admit(client);
                    }
                })
                .bind(address)
                .awaitUninterruptibly();
        if (!bound.isSuccess()) {
            close(loop, metrics);
            throw new IOException(
                    "metrics: " + text(address) + ": " + bound.cause().getMessage(), bound.cause());
        }
        running = new Running(loop, metrics, bound.channel());
        loop.scheduleAtFixedRate(
                () -> history.sample(server.connections(), System.currentTimeMillis()),
                0,
                History.INTERVAL_MILLIS,
                TimeUnit.MILLISECONDS);
        return this;
    }

    /** Disconnects the oldest client, so that idle clients cannot lock others out. */
    private void admit(Channel client) {
        clients.add(client);
        client.closeFuture().addListener(closed -> clients.remove(client));
        if (clients.size() > setting.maxClients()) {
            clients.iterator().next().close();
        }
    }

    /** The address that it listens on. */
    public String address() {
        Running now = running;
        if (now == null) {
            throw new IllegalStateException("address: before start (expected: after it)");
        }
        return text((InetSocketAddress) now.listening().localAddress());
    }

    /** An address as {@code HOST:PORT}, with an IPv6 address in brackets. */
    public static String text(InetSocketAddress address) {
        String host = address.getAddress() == null
                ? address.getHostString()
                : address.getAddress().getHostAddress();
        return (host.contains(":") ? "[" + host + "]" : host) + ":" + address.getPort();
    }

    @Override
    public void close() {
        if (running != null) {
            close(running.loop(), running.metrics());
        }
    }

    private static void close(EventLoopGroup loop, Metrics metrics) {
        loop.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly(SHUTDOWN_MILLIS);
        metrics.close();
    }
}
