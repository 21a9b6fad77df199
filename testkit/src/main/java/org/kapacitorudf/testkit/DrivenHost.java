package org.kapacitorudf.testkit;

import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.kapacitorudf.Batch;
import org.kapacitorudf.BatchBegin;
import org.kapacitorudf.BatchEnd;
import org.kapacitorudf.Output;
import org.kapacitorudf.Point;
import org.kapacitorudf.client.StandInException;
import org.kapacitorudf.internal.host.HandlerHost;

/**
 * Runs a handler in virtual time: timers run when they are due by the driver's clock. Emitted data is passed on between
 * the handler's calls, so that an error in the receiver is not attributed to the handler.
 *
 * <p>Threading: one thread at a time; {@link #take} may be called while another thread is in a call that never returns.
 *
 * <p>Errors: {@link StandInException} if timers prevent time from advancing.
 */
final class DrivenHost {
    /**
     * The limit of wake-ups for one instant: time would never advance if each timer of a handler set another timer for
     * the same instant.
     */
    private static final int MAX_WAKE_UPS_AT_ONCE = 100_000;

    private final DriverClock clock;
    private final HandlerHost host;
    private final Consumer<Object> receiver;
    private final Queue<Object> emitted = new ConcurrentLinkedQueue<>();
    private boolean inputEnded;

    /** @param receiver gets each {@link Point} and {@link Batch} that the handler emits */
    DrivenHost(DriverClock clock, Function<Output, HandlerHost> hosts, Consumer<Object> receiver) {
        this.clock = clock;
        this.receiver = receiver;
        this.host = hosts.apply(new Collector());
    }

    /** Collects what a call emits, unchanged. */
    private final class Collector implements Output {
        @Override
        public void point(Point point) {
            emitted.add(point);
        }

        @Override
        public void batch(Batch batch) {
            emitted.add(batch);
        }

        @Override
        public boolean isWritable() {
            return true;
        }
    }

    /** Creates the handler; returns the error if that fails. */
    Optional<String> start() {
        Optional<String> error = host.start();
        readOn();
        return error;
    }

    /** Restores the handler's state; returns the error if that fails. */
    Optional<String> restore(byte[] snapshot) {
        Optional<String> error = host.restore(snapshot);
        readOn();
        return error;
    }

    byte[] snapshot() {
        byte[] snapshot = host.snapshot();
        readOn();
        return snapshot;
    }

    /** Runs many calls of {@link #give} with less overhead per call. */
    void inTurn(Runnable calls) {
        host.inTurn(calls);
        readOn();
    }

    /**
     * Passes a {@link Point}, {@link BatchBegin} or {@link BatchEnd} to the handler, within {@link #inTurn}. After a
     * failure the message is ignored: Kapacitor, too, continues to send until it learns of the failure.
     */
    void give(Object message) {
        if (!host.isRunning()) {
            return;
        }
        if (message instanceof Point point) {
            host.point(point);
        } else if (message instanceof BatchBegin begin) {
            host.beginBatch(begin);
        } else {
            host.endBatch((BatchEnd) message);
        }
    }

    /** Advances time, and runs each timer at its time. */
    void advance(long nanos) {
        long end = clock.nanos() + nanos;
        while (host.wakeAtNanos().orElse(Long.MAX_VALUE) <= end) {
            clock.moveTo(host.wakeAtNanos().getAsLong());
            readOn();
        }
        clock.moveTo(end);
    }

    /** Advances time in one step, and then runs the timers that have become due, as an agent that was held up does. */
    void jump(long nanos) {
        clock.moveTo(clock.nanos() + nanos);
        readOn();
    }

    /** Ends the handler's input; the handler then stops. */
    void endInput() {
        if (inputEnded) {
            return;
        }
        inputEnded = true;
        if (host.isRunning()) {
            host.endOfInput();
        }
        host.drain();
        take();
    }

    /** Runs the timers that are due, and collects what has been emitted, including by the handler's own threads. */
    void readOn() {
        host.drain();
        int count = 0;
        while (host.wakeAtNanos().orElse(Long.MAX_VALUE) <= clock.nanos()) {
            if (++count > MAX_WAKE_UPS_AT_ONCE) {
                throw new StandInException("time: more than " + MAX_WAKE_UPS_AT_ONCE + " timers at " + clock.instant()
                        + " (expected: fewer, because time does not advance)");
            }
            host.wake();
        }
        take();
    }

    /** Passes on what has been emitted so far. */
    void take() {
        Object next;
        while ((next = emitted.poll()) != null) {
            receiver.accept(next);
        }
    }

    /** The number of points passed to the handler. */
    long pointsIn() {
        return host.counts().pointsIn();
    }

    /** The function's own counters, by name. */
    Map<String, Long> counters() {
        return host.counters();
    }

    /** The number of times the handler has been replaced. */
    int restarts() {
        return host.counts().restarts();
    }

    /** The number of non-finite values in fields that the function has made. */
    long nonFinite() {
        return host.nonFinite();
    }

    /** The error that ended the task. */
    Optional<String> error() {
        return host.failure().map(HandlerHost.Failure::text);
    }

    /**
     * The exception that ended the task, if one has.
     *
     * @return null if the task has not ended with an exception
     */
    @Nullable
    Throwable errorCause() {
        return host.failure().map(HandlerHost.Failure::cause).orElse(null);
    }

    /** An exception thrown by a call of the handler, with the agent's description of it. */
    record Thrown(String text, long point, Throwable cause) {
        UdfDriver.Skip skip() {
            return new UdfDriver.Skip(text, point);
        }
    }
}
