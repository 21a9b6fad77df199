package org.kapacitorudf.embed;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.util.concurrent.EventExecutor;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.kapacitorudf.Udf;
import org.kapacitorudf.agent.AgentConfig;
import org.kapacitorudf.agent.Connection;
import org.kapacitorudf.agent.Ending;
import org.kapacitorudf.internal.channel.SocketFile;
import org.kapacitorudf.internal.channel.UnixServerChannel;
import org.kapacitorudf.internal.host.RateLimit;
import org.kapacitorudf.internal.host.UdfFunction;
import org.kapacitorudf.internal.session.AgentRuntime;
import org.kapacitorudf.internal.session.Session;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Serves functions on Unix sockets, one socket per function. Kapacitor opens one connection for each use of a socket
 * UDF; a socket can have any number of connections.
 *
 * <pre>{@code
 * NEW -- start --> RUNNING -- close --> CLOSED
 * }</pre>
 *
 * <p>Handlers and listeners run on worker threads, never on an event loop, so a hanging call affects its own task only.
 * A program that embeds a server should take care of two things:
 *
 * <ul>
 * <li>With the serial collector, start the JVM with {@code -XX:+UseCountedLoopSafepoints -XX:LoopStripMiningIter=1000}.
 * Otherwise a long counted loop in a handler delays garbage collection, and with it all threads, until the loop ends.
 * <li>Event loops log, so an appender must not block. In front of an appender that may block, put an asynchronous
 * appender that drops excess events, such as logback's {@code AsyncAppender} with {@code neverBlock}.
 * </ul>
 *
 * <p>Threading: safe for use by any thread.
 */
public final class UdfServer implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(UdfServer.class);
    private static final long SHUTDOWN_MILLIS = 3_000;

    private static final long LOOK_MILLIS = 1_000;

    private final List<ServedSocket> sockets = new CopyOnWriteArrayList<>();

    private final Map<Path, AtomicReference<UdfFunction>> functions = new HashMap<>(); // guarded by this

    private final Function<Path, SocketFile> socketFile;
    private final boolean takeOver;
    private final Duration grace;
    private final AgentRuntime runtime;
    private final List<ConnectionListener> listeners;
    private final int threads;
    private final Object accepting = new Object();

    private final RateLimit refusedLog = new RateLimit(); // guarded by itself

    private final CompletableFuture<Void> closed = new CompletableFuture<>();
    private final CountDownLatch stopLooking = new CountDownLatch(1);
    private volatile boolean listening; // written under this
    private volatile @Nullable EventLoopGroup loops; // written under this
    private volatile boolean closing; // written under this

    private UdfServer(Builder builder) {
        this.takeOver = builder.takeOver;
        this.grace = builder.grace;
        this.threads = builder.threads;
        this.listeners = List.copyOf(builder.listeners);
        this.runtime = AgentRuntime.of(builder.config, new ConnectionNotifier());
        this.socketFile = builder::socketFile;
        builder.functions.forEach(this::add);
    }

    private ServedSocket add(Path path, UdfFunction function) {
        AtomicReference<UdfFunction> current = new AtomicReference<>(function);
        ServedSocket socket = new ServedSocket(socketFile.apply(path), file -> bind(file, current), runtime::now);
        functions.put(path, current);
        sockets.add(socket);
        return socket;
    }

    public static Builder builder() {
        return new Builder();
    }

    /**
     * Listens on all sockets, or on none if one fails. A running server keeps the JVM alive. If a socket file is
     * removed, the socket is bound again within a second or two. If another file replaces it, the socket is lost, which
     * is logged.
     *
     * @throws IOException if a socket cannot be bound: in use, no permission, or not a socket; the message contains the
     *     path
     */
    public synchronized UdfServer start() throws IOException {
        if (closing || loops != null) {
            throw new IllegalStateException("server: " + (closing ? "closed" : "running") + " (expected: a new one)");
        }
        loops = new MultiThreadIoEventLoopGroup(threads, AgentRuntime.loopThreads(false), NioIoHandler.newFactory());
        try {
            for (ServedSocket socket : sockets) {
                socket.listen(takeOver);
                LOG.debug("listening on {}", socket.file());
            }
        } catch (IOException | RuntimeException e) {
            close();
            throw e;
        }
        listening = true;
        Thread looking = new Thread(this::lookAfterSockets, "udf-sockets");
        looking.setDaemon(true);
        looking.start();
        return this;
    }

    /**
     * Serves a function from now on. If a function is already served at the path, it is replaced: open connections keep
     * the old function with its class loader, and new connections get the new function. Otherwise a socket is created.
     * The function is called with the context class loader of the thread that calls this method.
     *
     * @throws IllegalArgumentException if the path is invalid, such as too long; nothing has changed
     * @throws IOException if the socket cannot be created; the message contains the path, and the other functions are
     *     not affected
     */
    public synchronized void serve(Udf udf, Path socket) throws IOException {
        if (closing || !listening) {
            throw new IllegalStateException("server: " + (closing ? "closed" : "new") + " (expected: running)");
        }
        AtomicReference<UdfFunction> current = functions.get(socket);
        if (current != null) {
            current.set(UdfFunction.of(udf));
            return;
        }
        ServedSocket added = add(socket, UdfFunction.of(udf));
        try {
            added.listen(takeOver);
        } catch (IOException | RuntimeException e) {
            sockets.remove(added);
            functions.remove(socket);
            throw e;
        }
    }

    /**
     * Sets the limits and policies of connections that are opened from now on. The exception is
     * {@link AgentConfig#totalReadAheadBytes}: it keeps its value, because all connections share it.
     */
    public void config(AgentConfig config) {
        runtime.config(Objects.requireNonNull(config, "config"));
    }

    private void lookAfterSockets() {
        try {
            while (!stopLooking.await(LOOK_MILLIS, TimeUnit.MILLISECONDS)) {
                sockets.forEach(this::look);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private synchronized void look(ServedSocket socket) {
        if (closing) {
            return;
        }
        try {
            socket.look();
        } catch (RuntimeException | Error e) {
            LOG.error("{}: the check of the socket failed", socket.file(), e);
        }
    }

    private ChannelFuture bind(SocketFile socket, AtomicReference<UdfFunction> function) {
        return new ServerBootstrap()
                .group(loops)
                .channel(UnixServerChannel.class)
                .childHandler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel connection) {
                        accept(connection, Objects.requireNonNull(function.get()));
                    }
                })
                .bind(socket);
    }

    private void accept(Channel connection, UdfFunction function) {
        int limit = runtime.config().maxConnections();
        boolean refused;
        synchronized (accepting) {
            refused = closing || runtime.connections() >= limit;
            if (!refused) {
                runtime.install(connection, function);
            }
        }
        if (refused) {
            connection.close();
            if (!closing) {
                refused(function, limit);
            }
        }
    }

    private void refused(UdfFunction function, int limit) {
        runtime.tell(() -> tell(listener -> listener.refused(function.name())));
        String heldBack;
        synchronized (refusedLog) {
            if (!refusedLog.pass()) {
                return;
            }
            heldBack = refusedLog.heldBack();
        }
        LOG.warn("{}: connection refused: {} are open (expected: <= {}){}", function.name(), limit, limit, heldBack);
    }

    /** The open connections, in the order in which they were opened. */
    public List<Connection> connections() {
        return runtime.sessions().stream()
                .map(Session::view)
                .sorted(Comparator.comparingLong(Connection::number))
                .toList();
    }

    /**
     * Whether Kapacitor can connect to every function: the server listens, its socket files exist and belong to it, and
     * it is not being closed.
     */
    public boolean isListening() {
        return !closing && listening && sockets.stream().allMatch(ServedSocket::isReachable);
    }

    /**
     * Checks that all event loops respond.
     *
     * @return a future that completes when each loop has responded, and fails if the event loops have terminated
     */
    public CompletableFuture<Void> ping() {
        EventLoopGroup running = loops;
        List<CompletableFuture<?>> answers = new ArrayList<>();
        try {
            for (EventExecutor loop : running == null ? List.<EventExecutor>of() : running) {
                answers.add(CompletableFuture.runAsync(() -> {}, loop));
            }
        } catch (RejectedExecutionException e) {
            return CompletableFuture.failedFuture(e);
        }
        return CompletableFuture.allOf(answers.toArray(CompletableFuture<?>[]::new));
    }

    /** The number of handler calls that exceeded their limit and have not returned. Each occupies a thread. */
    public int abandonedCalls() {
        return runtime.abandonedCalls();
    }

    /**
     * Shuts down in an orderly way: no new connections are accepted and the socket files are removed; each connection
     * handles the data it has read, its handler stops and may still emit, and the output is sent. Returns when all this
     * is done, or when the grace period is over.
     */
    @Override
    public void close() {
        boolean first;
        EventLoopGroup running;
        stopLooking.countDown();
        synchronized (this) {
            // A connection that is being accepted is either among the sessions below or refused.
            synchronized (accepting) {
                first = !closing;
                closing = true;
            }
            running = loops;
        }
        if (!first) {
            closed.join();
            return;
        }
        try {
            if (running != null) {
                close(running);
            }
        } finally {
            closed.complete(null);
        }
    }

    private void close(EventLoopGroup running) {
        List<CompletableFuture<?>> ends = new ArrayList<>();
        synchronized (this) {
            sockets.stream()
                    .map(ServedSocket::channel)
                    .filter(Objects::nonNull)
                    .forEach(channel -> ends.add(closing(channel)));
        }
        for (Session session : runtime.sessions()) {
            session.stop();
            ends.add(session.ended());
        }
        ends.addAll(runtime.beingTold());
        awaitEnd(CompletableFuture.allOf(ends.toArray(CompletableFuture<?>[]::new)));
        if (!running.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly(SHUTDOWN_MILLIS)) {
            LOG.warn("an event loop did not end within {} ms", SHUTDOWN_MILLIS);
        }
    }

    private static CompletableFuture<Void> closing(Channel channel) {
        CompletableFuture<Void> done = new CompletableFuture<>();
        channel.close().addListener(closed -> done.complete(null));
        return done;
    }

    private void awaitEnd(CompletableFuture<Void> ended) {
        try {
            ended.get(grace.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            LOG.warn("{} connections did not end within {}", runtime.connections(), grace);
        } catch (ExecutionException e) {
            throw new IllegalStateException("session", e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void tell(Consumer<ConnectionListener> event) {
        for (ConnectionListener listener : listeners) {
            try {
                event.accept(listener);
            } catch (Throwable e) {
                LOG.error("a connection listener failed", e);
            }
        }
    }

    /** Passes the sessions' events to the listeners. */
    private final class ConnectionNotifier implements AgentRuntime.SessionListener {
        @Override
        public void opened(Session session) {
            tell(listener -> listener.opened(session.view()));
        }

        @Override
        public void started(Session session) {
            tell(listener -> listener.started(session.view()));
        }

        @Override
        public void ended(Session session, Ending ending) {
            tell(listener -> listener.ended(session.view(), ending));
        }
    }

    /** Builds a server. Not thread-safe. */
    public static final class Builder {
        private static final Duration GRACE = Duration.ofSeconds(10);

        private final Map<Path, UdfFunction> functions = new LinkedHashMap<>();
        private AgentConfig config = AgentConfig.defaults();
        private String socketMode = SocketFile.MODE;
        private @Nullable String socketGroup;
        private boolean takeOver;
        private Duration grace = GRACE;
        private int threads = Runtime.getRuntime().availableProcessors();
        private final List<ConnectionListener> listeners = new ArrayList<>();

        private Builder() {}

        /**
         * Serves a function on a socket at a path. The function is called with the context class loader of the thread
         * that adds it.
         */
        public Builder function(Udf udf, Path socket) {
            if (functions.putIfAbsent(socket, UdfFunction.of(udf)) != null) {
                throw new IllegalArgumentException("socket: " + socket + " (expected: one function for each path)");
            }
            return this;
        }

        public Builder config(AgentConfig config) {
            this.config = Objects.requireNonNull(config, "config");
            return this;
        }

        /** Sets the mode of the socket files; {@code 0660} by default. Only users with write permission can connect. */
        public Builder socketMode(String octal) {
            this.socketMode = octal;
            return this;
        }

        /**
         * Sets the group of the socket files; by default that of the process, or that of the directory if the directory
         * has the set-group-ID bit.
         */
        public Builder socketGroup(String group) {
            this.socketGroup = group;
            return this;
        }

        /**
         * Takes the sockets even if another server listens on them. That server keeps its connections and gets no new
         * ones. False by default.
         */
        public Builder takeOver(boolean takeOver) {
            this.takeOver = takeOver;
            return this;
        }

        /** Sets how long {@link UdfServer#close} waits for connections to end; 10 s by default. */
        public Builder grace(Duration grace) {
            this.grace = Objects.requireNonNull(grace, "grace");
            return this;
        }

        /** Sets the number of event loops; the number of processors by default. */
        public Builder threads(int threads) {
            if (threads < 1) {
                throw new IllegalArgumentException("threads: " + threads + " (expected: >= 1)");
            }
            this.threads = threads;
            return this;
        }

        /** Adds a listener for connection events. */
        public Builder listener(ConnectionListener listener) {
            listeners.add(Objects.requireNonNull(listener, "listener"));
            return this;
        }

        public UdfServer build() {
            if (functions.isEmpty()) {
                throw new IllegalArgumentException("functions: none (expected: at least one)");
            }
            return new UdfServer(this);
        }

        private SocketFile socketFile(Path path) {
            SocketFile socket = SocketFile.at(path).withMode(socketMode);
            return socketGroup == null ? socket : socket.withGroup(socketGroup);
        }
    }
}
