package org.kapacitorudf.testkit;

import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelPromise;
import io.netty.channel.DefaultChannelPromise;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.util.concurrent.AbstractScheduledEventExecutor;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Ticker;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.kapacitorudf.client.StandInException;

/**
 * An event loop without a thread: it is whichever thread is in a turn, for as long as that lasts. What others give it to
 * do waits for the next turn.
 *
 * <p>Its time is virtual: it stands still, but for {@link #advance}.
 *
 * <p>Threading: {@link #execute} and the time are for any thread; turns are for any thread, but one at a time.
 *
 * <p>Errors: a turn while there is one, in another thread or in this, is an {@link IllegalStateException}.
 */
final class CallerLoop extends AbstractScheduledEventExecutor implements EventLoop, InstantSource {
    /** Tasks for one instant: who sets a timer for now, and another when it runs, and so on, never gets any further. */
    private static final int MAX_TASKS_AT_ONCE = 100_000;

    private static final long NO_TASK = -1;

    private volatile Instant start;
    private final VirtualTicker ticker = new VirtualTicker();
    private final AtomicReference<Thread> caller = new AtomicReference<>();
    private final Queue<Runnable> own = new ArrayDeque<>(); // the caller only
    private final Queue<Runnable> others = new ConcurrentLinkedQueue<>();

    /** @param start the initial time */
    CallerLoop(Instant start) {
        this.start = start;
    }

    /** Does some work as the event loop, and first what has been waiting for it. */
    <T> T turn(Supplier<T> work) {
        Thread me = Thread.currentThread();
        if (!caller.compareAndSet(null, me)) {
            throw new IllegalStateException("thread: " + me.getName() + ", while another call is in progress"
                    + " (expected: one thread at a time, and none of the handler's calls)");
        }
        try {
            runTasks();
            return work.get();
        } finally {
            caller.set(null);
        }
    }

    /** The thread whose turn it is will never come back. */
    void abandonTurn() {
        caller.set(null);
    }

    /** Runs what there is to do, within a turn. */
    void runTasks() {
        // Of the others' no more than there are now: a thread that emits for ever always has one more.
        for (int left = others.size(); left > 0; left--) {
            others.remove().run();
        }
        runOwnTasks();
        Runnable scheduled;
        int count = 0;
        while ((scheduled = pollScheduledTask(ticker.nanoTime())) != null) {
            if (++count > MAX_TASKS_AT_ONCE) {
                throw new StandInException("time: more than " + MAX_TASKS_AT_ONCE + " timers at " + instant()
                        + " (expected: fewer, because time does not advance)");
            }
            scheduled.run();
            runOwnTasks();
        }
    }

    private void runOwnTasks() {
        Runnable task;
        while ((task = own.poll()) != null) {
            task.run();
        }
    }

    /**
     * Lets time pass, within a turn, and runs what becomes due, each at its time.
     *
     * @param after run whenever something has been run
     */
    void advance(Duration duration, Runnable after) {
        long end = ticker.nanoTime() + duration.toNanos();
        long next;
        while ((next = nextScheduledTaskDeadlineNanos()) != NO_TASK && next <= end) {
            ticker.nanos = Math.max(ticker.nanos, next);
            runTasks();
            after.run();
        }
        ticker.nanos = end;
    }

    /** Sets the clock: no time passes by that. */
    void set(Instant instant) {
        start = instant.minusNanos(ticker.nanoTime());
    }

    @Override
    public Instant instant() {
        return start.plusNanos(ticker.nanoTime());
    }

    @Override
    public Ticker ticker() {
        return ticker;
    }

    private static final class VirtualTicker implements Ticker {
        private volatile long nanos;

        @Override
        public long initialNanoTime() {
            return 0;
        }

        @Override
        public long nanoTime() {
            return nanos;
        }

        @Override
        public void sleep(long delay, TimeUnit unit) {
            throw new UnsupportedOperationException();
        }
    }

    @Override
    public EventLoopGroup parent() {
        return null;
    }

    @Override
    public EventLoop next() {
        return this;
    }

    @Override
    public void execute(Runnable task) {
        if (inEventLoop()) {
            own.add(task);
        } else {
            others.add(task);
        }
    }

    @Override
    public boolean inEventLoop(Thread thread) {
        return caller.get() == thread;
    }

    @Override
    public ChannelFuture register(Channel channel) {
        return register(new DefaultChannelPromise(channel, this));
    }

    @Override
    public ChannelFuture register(ChannelPromise promise) {
        promise.channel().unsafe().register(this, promise);
        return promise;
    }

    @Override
    @Deprecated
    public ChannelFuture register(Channel channel, ChannelPromise promise) {
        return register(promise);
    }

    // There is no thread that could be shut down.

    @Override
    public boolean isShuttingDown() {
        return false;
    }

    @Override
    public boolean isShutdown() {
        return false;
    }

    @Override
    public boolean isTerminated() {
        return false;
    }

    @Override
    public boolean awaitTermination(long timeout, TimeUnit unit) {
        return false;
    }

    @Override
    public Future<?> terminationFuture() {
        throw new UnsupportedOperationException();
    }

    @Override
    public Future<?> shutdownGracefully(long quietPeriod, long timeout, TimeUnit unit) {
        throw new UnsupportedOperationException();
    }

    @Override
    @Deprecated
    public void shutdown() {
        throw new UnsupportedOperationException();
    }
}
