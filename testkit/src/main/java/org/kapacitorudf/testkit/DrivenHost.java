package org.kapacitorudf.testkit;

import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Consumer;
import java.util.function.Function;
import org.kapacitorudf.Batch;
import org.kapacitorudf.BatchBegin;
import org.kapacitorudf.BatchEnd;
import org.kapacitorudf.Output;
import org.kapacitorudf.Point;
import org.kapacitorudf.client.StandInException;
import org.kapacitorudf.internal.host.HandlerHost;

/**
 * A handler whose time is virtual: what is due by the clock of a driver runs, and what the handler emits is passed on between its calls, so that an error of the
 * receiver is not the handler's.
 *
 * <p>Threading: one thread at a time; {@link #take} may be called while another thread is in a call that never returns.
 *
 * <p>Errors: {@link StandInException} for timers that hold up time.
 */
final class DrivenHost {
    /** Wake-ups for one instant: a handler that sets a timer for now whenever one runs does not get any further. */
    private static final int MAX_WAKE_UPS_AT_ONCE = 100_000;

    private final DriverClock clock;
    private final HandlerHost host;
    private final Consumer<Object> receiver;
    private final Queue<Object> emitted = new ConcurrentLinkedQueue<>();
    private boolean inputEnded;

    /** @param receiver given each {@link Point} and {@link Batch} that the handler emits */
    DrivenHost(DriverClock clock, Function<Output, HandlerHost> hosts, Consumer<Object> receiver) {
        this.clock = clock;
        this.receiver = receiver;
        this.host = hosts.apply(new Collector());
    }

    /** Takes what a call emits, as it is. */
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

    /** Makes the handler; gives the error if that fails. */
    Optional<String> start() {
        Optional<String> error = host.start();
        readOn();
        return error;
    }

    /** Gives the handler its state back; gives the error if that fails. */
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

    /** Makes many calls with less work for each. */
    void inTurn(Runnable calls) {
        host.inTurn(calls);
        readOn();
    }

    /** Gives the handler a {@link Point}, {@link BatchBegin} or {@link BatchEnd}, within {@link #inTurn}. After a failure nothing happens, as Kapacitor does not know of it yet. */
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

    /** Advances the time, and runs each timer that becomes due, at its time. */
    void advance(long nanos) {
        long end = clock.nanos() + nanos;
        while (host.wakeAtNanos().orElse(Long.MAX_VALUE) <= end) {
            clock.moveTo(host.wakeAtNanos().getAsLong());
            readOn();
        }
        clock.moveTo(end);
    }

    /** Ends the handler's input, and with it the handler. */
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

    /** Runs the timers that are due, and takes what has been emitted, also by threads of the handler's own. */
    void readOn() {
        host.drain();
        int count = 0;
        while (host.wakeAtNanos().orElse(Long.MAX_VALUE) <= clock.nanos()) {
            if (++count > MAX_WAKE_UPS_AT_ONCE) {
                throw new StandInException("time: more than " + MAX_WAKE_UPS_AT_ONCE + " timers at " + clock.instant()
                        + " (expected: fewer, because time does not get any further)");
            }
            host.wake();
        }
        take();
    }

    /** Passes on what has been emitted until now. */
    void take() {
        Object next;
        while ((next = emitted.poll()) != null) {
            receiver.accept(next);
        }
    }

    /** How many points the handler has been given. */
    long pointsIn() {
        return host.counts().pointsIn();
    }

    /** The function's own counts, by name. */
    Map<String, Long> counters() {
        return host.counters();
    }

    /** How often the handler has been replaced. */
    int restarts() {
        return host.counts().restarts();
    }

    /** How many values were not finite. */
    long nonFinite() {
        return host.nonFinite();
    }

    /** What ended the task. */
    Optional<String> error() {
        return host.failure().map(HandlerHost.Failure::text);
    }
}
