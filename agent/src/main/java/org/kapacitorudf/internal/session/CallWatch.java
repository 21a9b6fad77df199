package org.kapacitorudf.internal.session;

import java.util.concurrent.atomic.AtomicBoolean;
import org.kapacitorudf.internal.host.CallTracker;
import org.kapacitorudf.internal.host.FailureTexts;
import org.kapacitorudf.internal.process.SystemExitCalls;
import org.slf4j.Logger;

/**
 * Looks after the call at hand: a warning while it takes long, the call limit, {@code System.exit}.
 *
 * <p>Threading: {@link #look} is for the watchdog of {@link Workers}, the rest for any thread. The event loop takes no part:
 * taking a stack trace may block for seconds, and a blocked STDOUT blocks its timers.
 */
final class CallWatch {
    private static final long EXIT_LOOK_NANOS = 100_000_000;

    private final CallTracker tracker;
    private final CallTracker.Observer observer;
    private final long warnAfterNanos;
    private final long limitNanos;
    private final Calls calls;

    private volatile long abandoned; // the call that is given up; 0 for none
    private volatile boolean isExitSeen;
    private final AtomicBoolean isCallAbandoned = new AtomicBoolean();
    private long nextWarningNanos;
    private long nextExitLookNanos;

    /** The calls, and what becomes of them. Safe for any thread. */
    interface Calls {
        /** The handler's method that is called. */
        String name();

        /** What it was given. */
        String given();

        SessionState state();

        /** Whether the thread makes a snapshot: work of our own, which is given its time. */
        boolean isMakingSnapshot();

        /** Whether the handler has work. */
        boolean isBusy();

        /** The call went over its limit. */
        void overdue(String text);

        /** The call has called {@code System.exit}. */
        void exited(String text);

        /** A thread has been given up. */
        void abandoned();

        /** A thread that had been given up has come back. */
        void cameBack();

        Logger log();
    }

    CallWatch(CallTracker tracker, CallTracker.Observer observer, long warnAfterNanos, long limitNanos, Calls calls) {
        this.tracker = tracker;
        this.observer = observer;
        this.warnAfterNanos = warnAfterNanos;
        this.limitNanos = limitNanos;
        this.calls = calls;
    }

    /** Gives up a call, if it is still going on when the watchdog looks: the executor has been closed. */
    void abandon(long call) {
        abandoned = call;
    }

    /** Whether the call at hand never returns, as far as is known. */
    boolean isGivenUp() {
        return isExitSeen || isCallAbandoned.get();
    }

    /** The handler's thread is free again. */
    void threadCameBack() {
        if (isCallAbandoned.compareAndSet(true, false)) {
            calls.cameBack();
        }
    }

    void look(long nowNanos) {
        long callNanos = observer.look(nowNanos);
        if (callNanos == 0) {
            nextWarningNanos = warnAfterNanos;
            nextExitLookNanos = 0;
            return;
        }
        if (callNanos >= nextExitLookNanos) {
            nextExitLookNanos = callNanos + EXIT_LOOK_NANOS;
            lookForExit();
        }
        if (observer.hasSeen(abandoned)) {
            abandonCall();
        } else if (callNanos > limitNanos && calls.state().isOpen()) {
            calls.overdue(calls.name() + " did not return within " + FailureTexts.seconds(limitNanos));
            abandonCall();
        } else if (callNanos >= nextWarningNanos && !calls.isMakingSnapshot()) {
            nextWarningNanos *= 2;
            warn(callNanos);
        }
    }

    private void warn(long callNanos) {
        Thread thread = tracker.thread();
        String given = calls.given();
        if (thread != null && observer.isSameCall()) {
            calls.log()
                    .warn(
                            "{} has not returned for {}{}; its thread is here",
                            calls.name(),
                            FailureTexts.seconds(callNanos),
                            given.equals(FailureTexts.NOTHING) ? "" : "; the call was given " + given,
                            new CallStack(thread));
        }
    }

    /** A thread in {@code System.exit} never comes back: it waits for the end of the JVM, which waits for us. */
    private void lookForExit() {
        SessionState state = calls.state();
        boolean isWaitedFor = state == SessionState.DRAINING || state == SessionState.CLOSED;
        if (isExitSeen || !isWaitedFor || !SystemExitCalls.isMadeBy(tracker.thread())) {
            return;
        }
        isExitSeen = true;
        calls.exited(calls.name() + ": System.exit (expected: an exception)");
    }

    /**
     * Gives up the call that the last look found, if it is still going on: logs where it is, and interrupts it. A thread that
     * does not react cannot be ended, and is counted. The executor has been closed before: no other call comes that the
     * interrupt could be taken for.
     */
    private void abandonCall() {
        Thread thread = tracker.thread();
        if (thread == null || isCallAbandoned.get()) {
            return;
        }
        String call = calls.name();
        CallStack stack = new CallStack(thread);
        if (observer.interrupt() && isCallAbandoned.compareAndSet(false, true)) {
            calls.abandoned();
            calls.log().error("{} does not return; its thread is interrupted, and is here", call, stack);
            if (!calls.isBusy()) {
                threadCameBack();
            }
        }
    }
}
