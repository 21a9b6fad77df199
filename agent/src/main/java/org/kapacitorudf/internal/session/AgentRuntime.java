package org.kapacitorudf.internal.session;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelPipeline;
import io.netty.util.concurrent.FastThreadLocalThread;
import java.time.Instant;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import org.kapacitorudf.agent.AgentConfig;
import org.kapacitorudf.agent.Ending;
import org.kapacitorudf.internal.codec.FrameDecoder;
import org.kapacitorudf.internal.codec.LengthPrepender;
import org.kapacitorudf.internal.codec.RequestDecoder;
import org.kapacitorudf.internal.host.ConnectionLog;
import org.kapacitorudf.internal.host.UdfFunction;
import org.kapacitorudf.internal.output.ChunkOutlet;

/**
 * The parts that all connections of an agent or server share: the configuration, the workers, and the limit for waiting
 * input.
 *
 * <p>Threading: safe for use by any thread.
 */
public final class AgentRuntime {
    private static final ChannelHandler LENGTHS = new LengthPrepender();

    private volatile AgentConfig config;
    private final Executor workers;
    private final BooleanSupplier isAnyWaiting;
    private final ReadAheadBudget readAhead;
    private final Set<Session> sessions = ConcurrentHashMap.newKeySet();
    private final Set<CompletableFuture<?>> beingTold = ConcurrentHashMap.newKeySet();

    @GuardedBy("this")
    private CompletableFuture<Void> told = CompletableFuture.completedFuture(null);

    private final AtomicInteger abandonedCalls = new AtomicInteger();
    private final AtomicLong opened = new AtomicLong();
    private final SessionListener events;

    /** Receives the events of sessions. The events of a session are delivered in order, on workers. */
    public interface SessionListener {
        SessionListener NONE = new SessionListener() {};

        default void opened(Session session) {}

        default void started(Session session) {}

        default void ended(Session session, Ending ending) {}
    }

    private AgentRuntime(AgentConfig config, Executor workers, BooleanSupplier isAnyWaiting, SessionListener events) {
        this.config = config;
        this.workers = workers;
        this.isAnyWaiting = isAnyWaiting;
        this.events = events;
        this.readAhead = new ReadAheadBudget(config.totalReadAheadBytes());
    }

    public static AgentRuntime of(AgentConfig config) {
        return of(config, SessionListener.NONE);
    }

    public static AgentRuntime of(AgentConfig config, SessionListener events) {
        Workers workers = new Workers();
        return new AgentRuntime(config, workers, workers::isAnyWaiting, events);
    }

    /**
     * Creates a runtime that runs calls on an executor instead of on {@link Workers}. Calls on an executor have no time
     * limit.
     *
     * @param workers the executor; it may run tasks on the calling thread if no call emits more than the output's
     *     buffer holds
     */
    public static AgentRuntime of(AgentConfig config, Executor workers) {
        return new AgentRuntime(config, workers, () -> false, SessionListener.NONE);
    }

    /**
     * Creates a factory of threads for event loops.
     *
     * @param daemon whether the JVM may exit while the threads run
     */
    public static ThreadFactory loopThreads(boolean daemon) {
        AtomicInteger number = new AtomicInteger();
        return task -> {
            Thread thread = new FastThreadLocalThread(task, "udf-loop-" + number.incrementAndGet());
            thread.setDaemon(daemon);
            return thread;
        };
    }

    /**
     * Sets up a connection:
     *
     * <pre>
     *   bytes -> FrameDecoder -> RequestDecoder -> Session --(HandlerExecutor)--> HandlerInvoker -> Handler
     *   bytes <- LengthPrepender <-- answers ------------- OutputPort <- Session
     *   bytes <- ChunkOutlet <------ chunks of frames ---- OutputPort <- Output <- Handler
     * </pre>
     *
     * <p>Input passes through the handlers from first to last; output starts at the handler where it enters and passes
     * back to the first. There is a {@link MessageTrace} only if the logger {@code org.kapacitorudf.trace.NAME}, where
     * NAME is the name of the function, is at level trace.
     */
    public Session install(Channel channel, UdfFunction function) {
        FrameDecoder frames = new FrameDecoder(config.maxFrameBytes());
        boolean isTraced = ConnectionLog.isTraced(function.name());
        ChunkOutlet chunks = new ChunkOutlet(isTraced);
        Session session = new Session(this, function, channel, frames, chunks);
        ChannelPipeline pipeline = channel.pipeline();
        pipeline.addLast("frames", frames);
        if (isTraced) {
            pipeline.addLast("trace", new MessageTrace(session.view().number(), function.description()));
        }
        pipeline.addLast("chunks", chunks);
        pipeline.addLast("lengths", LENGTHS);
        pipeline.addLast("requests", new RequestDecoder());
        pipeline.addLast("session", session);
        return session;
    }

    /** The open connections. */
    public Set<Session> sessions() {
        return Set.copyOf(sessions);
    }

    /** The number of open connections. */
    public int connections() {
        return sessions.size();
    }

    /** Returns the current wall-clock time. The clock may be set during a session. Safe for use by any thread. */
    public Instant now() {
        return Instant.now();
    }

    public AgentConfig config() {
        return config;
    }

    /**
     * Sets the limits and policies of connections that are opened from now on. The exception is
     * {@link AgentConfig#totalReadAheadBytes}: it keeps its value, because all connections share it.
     */
    public void config(AgentConfig config) {
        this.config = config;
    }

    /** The number of calls that exceeded their limit and have not returned. Each occupies a thread. */
    public int abandonedCalls() {
        return abandonedCalls.get();
    }

    Executor workers() {
        return workers;
    }

    /** Whether a task is waiting for a worker. */
    boolean isAnyWaiting() {
        return isAnyWaiting.getAsBoolean();
    }

    ReadAheadBudget readAhead() {
        return readAhead;
    }

    long nextNumber() {
        return opened.incrementAndGet();
    }

    void opened(Session session) {
        sessions.add(session);
        tell(session, () -> events.opened(session));
    }

    void started(Session session) {
        tell(session, () -> events.started(session));
    }

    /** @return a stage that completes when the listeners have been notified */
    CompletionStage<Void> closed(Session session, Ending ending) {
        sessions.remove(session);
        return tell(session, () -> events.ended(session, ending));
    }

    /** Notifies listeners of an event that belongs to no session. Such events are delivered one after the other. */
    public synchronized void tell(Runnable event) {
        told = runAfter(told, event);
    }

    /** Runs an event on a worker after {@code before} has completed, with or without an exception. */
    CompletableFuture<Void> runAfter(CompletableFuture<Void> before, Runnable event) {
        return before.handleAsync(
                (done, failure) -> {
                    event.run();
                    return null;
                },
                workers);
    }

    private CompletionStage<Void> tell(Session session, Runnable event) {
        if (events == SessionListener.NONE) {
            return CompletableFuture.completedStage(null);
        }
        CompletableFuture<Void> telling = session.tellNext(event);
        beingTold.add(telling);
        telling.whenComplete((done, failure) -> beingTold.remove(telling));
        return telling;
    }

    /** The pending notifications of listeners, including those for sessions that have ended. */
    public Set<CompletableFuture<?>> beingTold() {
        return Set.copyOf(beingTold);
    }

    void callAbandoned() {
        abandonedCalls.incrementAndGet();
    }

    void abandonedCallCameBack() {
        abandonedCalls.decrementAndGet();
    }
}
