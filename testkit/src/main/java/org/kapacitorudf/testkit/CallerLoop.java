package org.kapacitorudf.testkit;

import io.netty.channel.AbstractEventLoop;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelPromise;
import io.netty.channel.DefaultChannelPromise;
import io.netty.util.concurrent.Future;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;

/**
 * An event loop without a thread: it is whichever thread is in a turn, for as long as that lasts. What others give it to
 * do waits for the next turn.
 *
 * <p>Threading: {@link #execute} is for any thread; turns are for any thread, but one at a time.
 *
 * <p>Errors: a turn while there is one, in another thread or in this, is an {@link IllegalStateException}.
 */
final class CallerLoop extends AbstractEventLoop {
    private final AtomicReference<Thread> caller = new AtomicReference<>();
    private final Queue<Runnable> own = new ArrayDeque<>(); // the caller only
    private final Queue<Runnable> others = new ConcurrentLinkedQueue<>();

    /** Does some work as the event loop, and first what has been waiting for it. */
    <T> T turn(Supplier<T> work) {
        Thread me = Thread.currentThread();
        if (!caller.compareAndSet(null, me)) {
            throw new IllegalStateException("thread: " + me.getName() + ", while another call is going on"
                    + " (expected: one thread at a time, and none of the handler's calls)");
        }
        try {
            runTasks();
            return work.get();
        } finally {
            caller.set(null);
        }
    }

    /** Runs what there is to do, within a turn. */
    void runTasks() {
        // Of the others' no more than there are now: a thread that emits for ever always has one more.
        for (int left = others.size(); left > 0; left--) {
            others.remove().run();
        }
        Runnable task;
        while ((task = own.poll()) != null) {
            task.run();
        }
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
