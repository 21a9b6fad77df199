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
 * Runs one function on STDIN and STDOUT: the program that Kapacitor starts for each use of a process UDF.
 *
 * <p>STDIN and STDOUT are reserved for the protocol: creating an agent makes {@code System.in} empty and redirects
 * {@code System.out} to STDERR.
 *
 * <p>Threading: {@link #run} and {@link #converse} block the calling thread; only one of them may be called, and only
 * once. {@link #stop} is safe for use by any thread.
 */
public final class UdfAgent {
    private static final long LOOK_MILLIS = 250;
    private static final Duration STOP_LIMIT = Duration.ofSeconds(10);
    private static final Duration LAST_STEP_LIMIT = Duration.ofSeconds(1);
    private static final int INTERNAL_ERROR_STATUS = 1;

    /**
     * How many times in a row the drain deadline may apply: to the handler, to the remaining output, and to the handler
     * again after a disconnect.
     */
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
     * Runs the session with Kapacitor to its end, then ends the process, including threads and child processes that a
     * handler has left behind. The exit status is {@linkplain Ending#exitStatus that of the ending}, or 1 if the
     * session could not be started. A signal that ends the JVM stops the agent first. Does not return.
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

    /** Stops the agent when the JVM is ended by a signal or by a function's {@code System.exit}. */
    private void endInOrder(Thread runner, CountDownLatch conversed) {
        if (conversed.getCount() == 0) {
            return;
        }
        if (SystemExitCalls.isMadeBy(runner)) {
            ProcessEnd.within(
                    LAST_STEP_LIMIT,
                    () -> LoggerFactory.getLogger(UdfAgent.class)
                            .error(
                                    "System.exit was called where the agent cannot continue; the task ends without an error"));
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
     * Runs the session with Kapacitor to its end. The caller must end the process soon after this method returns,
     * because Kapacitor waits for the process without a limit; {@link #run} does this.
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

    /**
     * Handles the data that has been read, stops the handler, flushes, and ends the output. Returns immediately. Safe
     * for use by any thread.
     */
    public void stop() {
        started.thenAccept(Session::stop);
    }

    /**
     * Waits for the end of the session, and ends it if the event loop is blocked. A write to STDOUT blocks the event
     * loop if Kapacitor does not read, and a log line blocks it if nothing reads the log. Only another thread can
     * detect this.
     */
    private static Ending watch(Session session, StdioChannel channel, long drainNanos) {
        long lookNanos = TimeUnit.MILLISECONDS.toNanos(LOOK_MILLIS);
        WriteProgressMonitor stall = new WriteProgressMonitor(session::unsentBytes, channel::bytesWritten, 0);
        WriteProgressMonitor drain = new WriteProgressMonitor(
                () -> channel.isInputEndSeen() && !session.isMakingSnapshot() ? 1 : 0, channel::bytesWritten, 0);
        CompletableFuture<Ending> ended = session.ended();
        // Counts checks instead of reading a clock, so that time during which the whole process was suspended is not
        // counted.
        for (long nowNanos = 0; ; nowNanos += lookNanos) {
            try {
                return ended.get(LOOK_MILLIS, TimeUnit.MILLISECONDS);
            } catch (TimeoutException e) {
                long stalledNanos = stall.look(nowNanos);
                long drainedNanos = drain.look(nowNanos);
                long limitNanos =
                        channel.isInputEndSeen() ? Math.min(drainNanos, session.giveUpNanos()) : session.giveUpNanos();
                // Slightly longer than the session's own limit: if the loop is not blocked, the session ends in order.
                if (stalledNanos > limitNanos + 2 * lookNanos
                        || drainedNanos > (DRAIN_PHASES + 1) * drainNanos + 2 * lookNanos) {
                    ProcessEnd.within(
                            LAST_STEP_LIMIT,
                            () -> LoggerFactory.getLogger(UdfAgent.class)
                                    .warn(
                                            "closed: no output has been accepted for {} s; {} bytes were dropped",
                                            TimeUnit.NANOSECONDS.toSeconds(Math.max(stalledNanos, drainedNanos)),
                                            session.unsentBytes()));
                    // The blocked write fails, which ends the session and stops its handler.
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
