package org.kapacitorudf.internal.session;

import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Schedules the wake-ups for a connection's timers on the event loop. At most one wake-up is scheduled at a time.
 *
 * <p>Threading: {@link #nanoTime} and {@link #set} are safe for use by any thread; everything else is for the event
 * loop only.
 */
final class WakeUpTimer {
    private final Channel channel;
    private final Runnable wake;

    private @Nullable Future<?> scheduled; // event loop only
    private long atNanos; // event loop only
    private boolean isOff; // event loop only

    /** @param wake run on the event loop at each wake-up; throws nothing */
    WakeUpTimer(Channel channel, Runnable wake) {
        this.channel = channel;
        this.wake = wake;
    }

    /** The time by the event loop's monotonic clock. */
    long nanoTime() {
        return channel.eventLoop().ticker().nanoTime();
    }

    /** Schedules a wake-up, unless an earlier wake-up is already scheduled. */
    void set(long nanoTime) {
        EventLoop loop = channel.eventLoop();
        if (loop.inEventLoop()) {
            setOnLoop(nanoTime);
        } else {
            loop.execute(() -> setOnLoop(nanoTime));
        }
    }

    private void setOnLoop(long nanoTime) {
        if (isOff || (scheduled != null && atNanos - nanoTime <= 0)) {
            return;
        }
        cancel();
        atNanos = nanoTime;
        scheduled = channel.eventLoop().schedule(this::goOff, nanoTime - nanoTime(), TimeUnit.NANOSECONDS);
    }

    private void goOff() {
        scheduled = null;
        wake.run();
    }

    /** Cancels all wake-ups for good. */
    void turnOff() {
        isOff = true;
        cancel();
    }

    private void cancel() {
        if (scheduled != null) {
            scheduled.cancel(false);
            scheduled = null;
        }
    }
}
