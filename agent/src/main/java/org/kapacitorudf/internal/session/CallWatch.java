package org.kapacitorudf.internal.session;

import java.util.concurrent.atomic.AtomicBoolean;
import org.kapacitorudf.internal.host.CallTracker;
import org.kapacitorudf.internal.host.FailureTexts;
import org.kapacitorudf.internal.process.SystemExitCalls;
import org.slf4j.Logger;

/**
 * Monitors the current call: warns while it takes a long time, enforces the call limit, and detects
 * {@code System.exit}.
 *
 * <p>Threading: {@link #look} is for the watchdog of {@link Workers}, everything else is safe for use by any thread.
 * The event loop is not used, because taking a stack trace may block for seconds, and a blocked STDOUT blocks its
 * timers.
 */
final class CallWatch {
    private static final long EXIT_LOOK_NANOS = 100_000_000;

    private final CallTracker tracker;
    private final CallTracker.Observer observer;
    private final long warnAfterNanos;
    private final long limitNanos;
    private final Calls calls;

    private volatile long abandoned; // the abandoned call; 0 for none
    private volatile boolean isExitSeen;
    private final AtomicBoolean isCallAbandoned = new AtomicBoolean();
    private long nextWarningNanos;
    private long nextExitLookNanos;

    /** The calls to watch, and what happens to them. Safe for use by any thread. */
    interface Calls {
        /** The running method of the handler. */
        String name();

        /** The argument of the call. */
        String given();

        SessionState state();

        /** Whether the thread is taking a snapshot, which is the agent's work and has no call limit. */
        boolean isMakingSnapshot();

        /** Whether the handler has work. */
        boolean isBusy();

        /** The call exceeded its limit. */
        void overdue(String text);

        /** The call has called {@code System.exit}. */
        void exited(String text);

        /** A thread has been abandoned. */
        void abandoned();

        /** An abandoned thread has returned. */
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

    /** Abandons a call if it is still running at the next observation, because the executor has been closed. */
    void abandon(long call) {
        abandoned = call;
    }

    /** Whether the current call is not expected to return. */
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
                            "{} has not returned for {}{}; stack of its thread:",
                            calls.name(),
                            FailureTexts.seconds(callNanos),
                            given.equals(FailureTexts.NOTHING) ? "" : "; the call was given " + given,
                            new CallStack(thread));
        }
    }

    /** A thread in {@code System.exit} never returns: it waits for the end of the JVM, which waits for the agent. */
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
     * Abandons the call that was found by the last observation, if it is still running: logs its stack, and interrupts
     * it. A thread that ignores the interrupt cannot be stopped, and is counted. The executor has been closed before,
     * so the interrupt cannot hit another call.
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
            calls.log().error("{} does not return; its thread is interrupted; its stack:", call, stack);
            if (!calls.isBusy()) {
                threadCameBack();
            }
        }
    }
}
