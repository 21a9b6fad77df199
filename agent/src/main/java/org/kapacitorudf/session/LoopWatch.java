package org.kapacitorudf.session;

import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;
import org.slf4j.LoggerFactory;

/**
 * Watches the event loops on which non-blocking handlers run: a loop cannot watch itself.
 *
 * <p>A daemon thread ticks while any loop runs handlers and sleeps when none does. A loop compares ticks around each call, which costs next to nothing; the
 * thread looks for a call that does not come back at all.
 *
 * <p>Threading: safe for any thread.
 */
final class LoopWatch {
    static final long TICK_NANOS = Duration.ofMillis(20).toNanos();
    private static final int TICKS_BEFORE_SLEEP = 50;

    /** Between two looks no more than this counts: what the whole process stood still for longer was not the handler's doing. */
    private static final long LONGEST_STEP_NANOS = Duration.ofSeconds(1).toNanos();

    private record Watched(CallClock.Observer observer, long limitNanos, Runnable onStuck) {}

    private final Map<CallClock, Watched> watched = new ConcurrentHashMap<>();
    private volatile long ticks;
    private final AtomicBoolean active = new AtomicBoolean();
    private volatile boolean asleep;
    private Thread thread; // guarded by this
    private final LongSupplier nanoTime;
    private long lastLookNanos; // by the watching thread
    private long watchedNanos; // by the watching thread

    LoopWatch() {
        this(System::nanoTime);
    }

    LoopWatch(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
    }

    /** How often the watch has ticked: every 20 ms while a loop runs handlers. */
    long ticks() {
        return ticks;
    }

    /** The watching thread, while there is anything to watch. */
    synchronized Optional<Thread> thread() {
        return Optional.ofNullable(thread);
    }

    /** Watches the calls of one handler from now on; {@code onStuck} is run once, by the watching thread, when one of them goes over its limit. */
    synchronized void watch(CallClock clock, long limitNanos, Runnable onStuck) {
        watched.put(clock, new Watched(new CallClock.Observer(clock), limitNanos, onStuck));
        if (thread == null) {
            thread = new Thread(this::run, "udf-loop-watch");
            thread.setDaemon(true);
            thread.start();
        }
    }

    void unwatch(CallClock clock) {
        watched.remove(clock);
        if (watched.isEmpty() && asleep) {
            wake();
        }
    }

    /** For how many nanoseconds the call that is going on now has been seen; 0 if it is not watched. */
    long seenNanos(CallClock clock) {
        Watched call = watched.get(clock);
        return call == null ? 0 : call.observer().seenNanos();
    }

    /** A loop is about to run calls. */
    void active() {
        active.set(true);
        if (asleep) {
            wake();
        }
    }

    private synchronized void wake() {
        asleep = false;
        LockSupport.unpark(thread);
    }

    private void run() {
        int idleTicks = 0;
        while (idleTicks < TICKS_BEFORE_SLEEP || !isUnused()) {
            if (idleTicks >= TICKS_BEFORE_SLEEP) {
                sleep();
                idleTicks = 0;
            }
            LockSupport.parkNanos(TICK_NANOS);
            ticks++;
            // In one step: a loop that becomes active in between two would be slept through.
            boolean wasActive = active.getAndSet(false);
            boolean inCall = look();
            idleTicks = wasActive || inCall ? 0 : idleTicks + 1;
        }
    }

    /** Ends the thread if there is nothing to watch. */
    private synchronized boolean isUnused() {
        boolean unused = watched.isEmpty();
        if (unused) {
            thread = null;
        }
        return unused;
    }

    private void sleep() {
        asleep = true;
        while (asleep && !active.get()) {
            LockSupport.park(this);
        }
        asleep = false;
    }

    /** Tells whether any loop is in a call. */
    private boolean look() {
        long now = nanoTime.getAsLong();
        watchedNanos += Math.min(now - lastLookNanos, LONGEST_STEP_NANOS);
        lastLookNanos = now;
        boolean[] inCall = new boolean[1];
        watched.forEach((clock, call) -> {
            long busyNanos = call.observer().look(watchedNanos);
            inCall[0] |= call.observer().inCall();
            if (busyNanos > call.limitNanos() && watched.remove(clock, call)) {
                tell(call.onStuck());
            }
        });
        return inCall[0];
    }

    private static void tell(Runnable onStuck) {
        try {
            onStuck.run();
        } catch (Throwable e) {
            // Not a constant: no logger is made on the way to Info.
            LoggerFactory.getLogger(LoopWatch.class).error("a stuck event loop could not be dealt with", e);
        }
    }
}
