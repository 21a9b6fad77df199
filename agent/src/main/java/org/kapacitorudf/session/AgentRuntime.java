package org.kapacitorudf.session;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelPipeline;
import io.netty.util.concurrent.FastThreadLocalThread;
import java.time.InstantSource;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.kapacitorudf.AgentConfig;
import org.kapacitorudf.codec.FrameDecoder;
import org.kapacitorudf.codec.LengthPrepender;
import org.kapacitorudf.codec.RequestDecoder;
import org.slf4j.Logger;

/**
 * What the connections of one agent or server share: limits, handlers' threads, the watch over event loops, the bound on what waits.
 *
 * <p>Threading: safe for any thread.
 */
public final class AgentRuntime {
    private static final ChannelHandler LENGTHS = new LengthPrepender();
    private static final long IDLE_WORKER_SECONDS = 10;

    private final AgentConfig config;
    private final Executor workers;
    private final Consumer<String> onStuckLoop;
    private final boolean inline;
    private final InstantSource wallClock;
    private final BiConsumer<String, Throwable> onThrown;
    private final UnaryOperator<Logger> logThrough;
    private final LoopWatch loopWatch = new LoopWatch();
    private final ReadAheadBudget readAhead;
    private final Set<Session> sessions = ConcurrentHashMap.newKeySet();
    private final AtomicInteger abandonedCalls = new AtomicInteger();
    private final AtomicLong opened = new AtomicLong();
    private final Events events;

    /** Who hears of sessions, on their event loops. Throws nothing. */
    public interface Events {
        /** For whom nothing of it matters. */
        Events NONE = new Events() {};

        default void opened(Session session) {}

        default void started(Session session) {}

        default void ended(Session session, Session.Ending ending) {}
    }

    private AgentRuntime(
            AgentConfig config,
            Executor workers,
            boolean inline,
            InstantSource wallClock,
            BiConsumer<String, Throwable> onThrown,
            UnaryOperator<Logger> logThrough,
            Consumer<String> onStuckLoop,
            Events events) {
        this.config = config;
        this.workers = workers;
        this.inline = inline;
        this.wallClock = wallClock;
        this.onThrown = onThrown;
        this.logThrough = logThrough;
        this.onStuckLoop = onStuckLoop;
        this.events = events;
        this.readAhead = new ReadAheadBudget(config.totalReadAheadBytes());
    }

    /**
     * @param onStuckLoop given a text when a non-blocking handler does not give its event loop back: every connection on that loop is lost, so it should end the
     *     process
     */
    public static AgentRuntime of(AgentConfig config, Consumer<String> onStuckLoop) {
        return of(config, onStuckLoop, Events.NONE);
    }

    /** As {@link #of(AgentConfig, Consumer)}, with somebody who hears of the sessions. */
    public static AgentRuntime of(AgentConfig config, Consumer<String> onStuckLoop, Events events) {
        return new AgentRuntime(
                config,
                daemonWorkers(),
                false,
                InstantSource.system(),
                (text, cause) -> {},
                UnaryOperator.identity(),
                onStuckLoop,
                events);
    }

    /**
     * Runs every call where its message is read: for drivers that are synchronous. No time limit is watched over.
     *
     * @param wallClock what handlers are told the time by; their timers go by the event loop's
     * @param onThrown given whatever a call throws, with the text for it, whatever comes of that
     * @param logThrough given the logger of each connection, gives the one that is used in its place
     */
    public static AgentRuntime inline(
            AgentConfig config,
            InstantSource wallClock,
            BiConsumer<String, Throwable> onThrown,
            UnaryOperator<Logger> logThrough) {
        return new AgentRuntime(config, Runnable::run, true, wallClock, onThrown, logThrough, text -> {}, Events.NONE);
    }

    /** A thread for each busy connection: in a fixed pool, those whose reader has stalled would starve the others. Daemons: one may be stuck for ever. */
    private static Executor daemonWorkers() {
        AtomicInteger number = new AtomicInteger();
        ThreadFactory threads = task -> {
            Thread thread = new FastThreadLocalThread(task, "udf-handler-" + number.incrementAndGet());
            thread.setDaemon(true);
            return thread;
        };
        return new ThreadPoolExecutor(
                0, Integer.MAX_VALUE, IDLE_WORKER_SECONDS, TimeUnit.SECONDS, new SynchronousQueue<>(), threads);
    }

    /**
     * The threads for event loops.
     *
     * @param daemon whether the JVM may end while they run
     */
    public static ThreadFactory loopThreads(boolean daemon) {
        AtomicInteger number = new AtomicInteger();
        return task -> {
            Thread thread = new OutputPort.LoopThread(task, "udf-loop-" + number.incrementAndGet());
            thread.setDaemon(daemon);
            return thread;
        };
    }

    /**
     * Sets up a connection:
     *
     * <pre>
     *   bytes -> FrameDecoder -> RequestDecoder -> Session --(Lane)--> HandlerCalls -> Handler
     *   bytes <- LengthPrepender <-- answers ------------- OutputPort <- Session
     *   bytes <- ChunkOutlet <------ chunks of frames ---- OutputPort <- Output <- Handler
     * </pre>
     *
     * <p>What is read passes the handlers from the first to the last; what is written passes them from where it enters to the first. There is a {@link Trace} only if
     * the logger {@code org.kapacitorudf.trace.NAME}, of the function's name, is at the level trace.
     */
    public Session install(Channel channel, UdfFunction function) {
        FrameDecoder frames = new FrameDecoder(config.maxFrameBytes());
        ChunkOutlet chunks = new ChunkOutlet();
        Session session = new Session(this, function, channel, frames, chunks);
        ChannelPipeline pipeline = channel.pipeline();
        pipeline.addLast("frames", frames);
        if (ConnectionLog.isTraced(function.name())) {
            pipeline.addLast("trace", new Trace(session.view().number(), function.description()));
        }
        pipeline.addLast("chunks", chunks);
        pipeline.addLast("lengths", LENGTHS);
        pipeline.addLast("requests", new RequestDecoder());
        pipeline.addLast("session", session);
        return session;
    }

    /** The connections that are open now. */
    public Set<Session> sessions() {
        return Set.copyOf(sessions);
    }

    /** How many connections are open. */
    public int connections() {
        return sessions.size();
    }

    public AgentConfig config() {
        return config;
    }

    /** Calls that went over their limit and have not come back, each with its thread. */
    public int abandonedCalls() {
        return abandonedCalls.get();
    }

    Executor workers() {
        return workers;
    }

    LoopWatch loopWatch() {
        return loopWatch;
    }

    ReadAheadBudget readAhead() {
        return readAhead;
    }

    /** Where the time of day comes from. */
    public InstantSource wallClock() {
        return wallClock;
    }

    UnaryOperator<Logger> logThrough() {
        return logThrough;
    }

    boolean isInline() {
        return inline;
    }

    long nextNumber() {
        return opened.incrementAndGet();
    }

    void opened(Session session) {
        sessions.add(session);
        events.opened(session);
    }

    void started(Session session) {
        events.started(session);
    }

    void closed(Session session, Session.Ending ending) {
        sessions.remove(session);
        events.ended(session, ending);
    }

    void callAbandoned() {
        abandonedCalls.incrementAndGet();
    }

    void abandonedCallCameBack() {
        abandonedCalls.decrementAndGet();
    }

    void thrown(String text, Throwable cause) {
        onThrown.accept(text, cause);
    }

    void stuckLoop(String text) {
        onStuckLoop.accept(text);
    }
}
