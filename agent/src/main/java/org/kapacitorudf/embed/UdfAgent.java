package org.kapacitorudf.embed;

import io.netty.channel.ChannelFuture;
import io.netty.channel.DefaultEventLoop;
import io.netty.channel.EventLoop;
import java.io.InputStream;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.kapacitorudf.Udf;
import org.kapacitorudf.agent.AgentConfig;
import org.kapacitorudf.agent.Ending;
import org.kapacitorudf.internal.channel.StdioChannel;
import org.kapacitorudf.internal.host.UdfFunction;
import org.kapacitorudf.internal.process.SystemExitCalls;
import org.kapacitorudf.internal.session.AgentRuntime;
import org.kapacitorudf.internal.session.Session;
import org.kapacitorudf.internal.session.WriteProgressMonitor;
import org.slf4j.LoggerFactory;

/**
 * One function on STDIN and STDOUT: the program that Kapacitor starts for each use of a process UDF.
 *
 * <p>STDIN and STDOUT belong to the protocol: as soon as an agent is made, {@code System.in} is empty and {@code System.out} goes to STDERR.
 *
 * <p>Threading: {@link #run} and {@link #converse} block the thread that calls them, once; {@link #stop} is safe for any thread.
 */
public final class UdfAgent {
    private static final long LOOK_MILLIS = 250;
    private static final Duration STOP_LIMIT = Duration.ofSeconds(10);
    private static final Duration LAST_STEP_LIMIT = Duration.ofSeconds(1);
    private static final int INTERNAL_ERROR_STATUS = 1;

    /** Handler, rest of the output, and the handler again when the connection has gone: each has the drain deadline for itself. */
    private static final int DRAIN_PHASES = 3;

    private final Udf udf;
    private final AgentConfig config;
    private final CompletableFuture<Session> started = new CompletableFuture<>();

    private UdfAgent(Udf udf, AgentConfig config) {
        this.udf = Objects.requireNonNull(udf, "udf");
        this.config = Objects.requireNonNull(config, "config");
        System.setIn(InputStream.nullInputStream());
        System.setOut(System.err);
    }

    public static UdfAgent stdio(Udf udf) {
        return stdio(udf, AgentConfig.defaults());
    }

    public static UdfAgent stdio(Udf udf, AgentConfig config) {
        return new UdfAgent(udf, config);
    }

    /**
     * Converses with Kapacitor until that has ended, then ends the process, whatever threads and child processes a handler left behind, with the
     * {@linkplain Ending#exitStatus status} of how it went, or 1 if it could not be begun. A signal that ends the JVM stops the agent first. Does not return.
     */
    public void run() {
        CountDownLatch conversed = new CountDownLatch(1);
        Thread thread = Thread.currentThread();
        Runtime.getRuntime().addShutdownHook(new Thread(() -> endInOrder(thread, conversed), "udf-stop"));
        AtomicInteger status = new AtomicInteger(INTERNAL_ERROR_STATUS);
        try {
            status.set(converse().exitStatus());
        } catch (Throwable e) {
            ProcessEnd.within(
                    LAST_STEP_LIMIT, () -> thread.getUncaughtExceptionHandler().uncaughtException(thread, e));
        } finally {
            conversed.countDown();
            ProcessEnd.exit(status.get());
        }
    }

    /** What comes before the end of a JVM that somebody else ends: a signal, or a function's {@code System.exit}. */
    private void endInOrder(Thread runner, CountDownLatch conversed) {
        if (conversed.getCount() == 0) {
            return;
        }
        if (SystemExitCalls.isMadeBy(runner)) {
            ProcessEnd.within(
                    LAST_STEP_LIMIT,
                    () -> LoggerFactory.getLogger(UdfAgent.class)
                            .error("System.exit where nothing else can go on: the task ends without an error"));
        } else {
            stop();
            try {
                conversed.await(STOP_LIMIT.toMillis(), TimeUnit.MILLISECONDS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
        ProcessEnd.endChildrenInTime();
    }

    /**
     * Converses with Kapacitor until that has ended. Whoever calls this has to see that the process ends soon after, for Kapacitor waits for it without a limit;
     * {@link #run} does.
     */
    public Ending converse() {
        AgentRuntime runtime = AgentRuntime.of(config);
        StdioChannel channel = StdioChannel.ofProcess();
        Session session = runtime.install(channel, UdfFunction.of(udf));
        EventLoop loop = new DefaultEventLoop(AgentRuntime.loopThreads(true));
        ChannelFuture registered = loop.register(channel).awaitUninterruptibly();
        if (!registered.isSuccess()) {
            throw new IllegalStateException("STDIN and STDOUT", registered.cause());
        }
        started.complete(session);
        return watch(session, channel, config.drainDeadline().toNanos());
    }

    /** Handles what has been read, lets the handler stop, flushes, and ends the output; returns at once. Safe for any thread. */
    public void stop() {
        started.thenAccept(Session::stop);
    }

    /**
     * A write to STDOUT blocks the event loop when Kapacitor does not read, and so does a line for a log that nobody reads: then only another thread can tell
     * that this has to end.
     */
    private static Ending watch(Session session, StdioChannel channel, long drainNanos) {
        long lookNanos = TimeUnit.MILLISECONDS.toNanos(LOOK_MILLIS);
        WriteProgressMonitor stall = new WriteProgressMonitor(session::unsentBytes, channel::bytesWritten, 0);
        WriteProgressMonitor drain = new WriteProgressMonitor(
                () -> channel.isInputEndSeen() && !session.isMakingSnapshot() ? 1 : 0, channel::bytesWritten, 0);
        CompletableFuture<Ending> ended = session.ended();
        // Counted by looks, not by a clock: while the whole process stands still, nobody fails to read.
        for (long nowNanos = 0; ; nowNanos += lookNanos) {
            try {
                return ended.get(LOOK_MILLIS, TimeUnit.MILLISECONDS);
            } catch (TimeoutException e) {
                long stalledNanos = stall.look(nowNanos);
                long drainedNanos = drain.look(nowNanos);
                long limitNanos =
                        channel.isInputEndSeen() ? Math.min(drainNanos, session.giveUpNanos()) : session.giveUpNanos();
                // A little later than the session: where the loop is not blocked, it ends this in order.
                if (stalledNanos > limitNanos + 2 * lookNanos
                        || drainedNanos > (DRAIN_PHASES + 1) * drainNanos + 2 * lookNanos) {
                    ProcessEnd.within(
                            LAST_STEP_LIMIT,
                            () -> LoggerFactory.getLogger(UdfAgent.class)
                                    .warn(
                                            "given up: no output has been taken for {} s; {} bytes of it dropped",
                                            TimeUnit.NANOSECONDS.toSeconds(Math.max(stalledNanos, drainedNanos)),
                                            session.unsentBytes()));
                    // The blocked write ends, the session with it, and its handler is told.
                    ProcessEnd.within(LAST_STEP_LIMIT, channel::abort);
                    return Ending.GIVEN_UP;
                }
            } catch (ExecutionException e) {
                throw new IllegalStateException("session", e.getCause());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                session.stop();
                return Ending.STOPPED;
            }
        }
    }
}
