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
 * An event loop without a thread: it runs on the thread that is in a turn. Tasks of other threads wait for the next
 * turn.
 *
 * <p>Its time is virtual: only {@link #advance} changes it.
 *
 * <p>Threading: {@link #execute} and the time are for any thread; turns are for any thread, but one at a time.
 *
 * <p>Errors: {@link IllegalStateException} if a turn is already in progress, in another thread or in this one.
 */
final class CallerLoop extends AbstractScheduledEventExecutor implements EventLoop, InstantSource {
    /** The limit of tasks for one instant: a task that always sets a new timer for now never gets any further. */
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

    /** Runs some work as the event loop, after the waiting tasks. */
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

    /** The thread of the current turn will never return. */
    void abandonTurn() {
        caller.set(null);
    }

    /** Runs the available tasks, within a turn. */
    void runTasks() {
        // At most the current number of other threads' tasks, because a thread that emits forever always adds one more.
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
     * Advances time, within a turn, and runs each task at its time.
     *
     * @param after run after each task
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

    /** Sets the clock without advancing time. */
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
