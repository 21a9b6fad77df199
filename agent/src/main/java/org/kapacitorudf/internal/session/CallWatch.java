package org.kapacitorudf.internal.session;

import java.util.concurrent.atomic.AtomicBoolean;
import org.kapacitorudf.internal.host.CallTracker;
import org.kapacitorudf.internal.host.FailureTexts;
import org.kapacitorudf.internal.process.SystemExitCalls;
import org.slf4j.Logger;

/**
 * Monitors the current call: logs warnings if it takes a long time, enforces the call limit, and detects
 * {@code System.exit}.
 *
 * <p>Threading: {@link #look} is for the watchdog of {@link Workers}; everything else is safe for use by any thread.
 * The event loop does not monitor calls, because taking a stack trace may block for seconds, and a blocked STDOUT
 * blocks the timers of the event loop.
 */
final class CallWatch {
    private static final long EXIT_LOOK_NANOS = 100_000_000;

    private final CallTracker tracker;
    private final CallTracker.Observer observer;
    private final long warnAfterNanos;
    private final long limitNanos;
    private final Calls calls;

    private volatile long abandoned; // the number of the call to abandon; 0 for none
    private volatile boolean isExitSeen;
    private final AtomicBoolean isCallAbandoned = new AtomicBoolean();
    private long nextWarningNanos;
    private long nextExitLookNanos;

    /** The calls to watch. Safe for use by any thread. */
    interface Calls {
        /** The name of the handler's method that is running. */
        String name();

        /** The argument of the call, as text for a log line. */
        String given();

        SessionState state();

        /** Whether the thread is taking a snapshot. This is the agent's work, so no warnings are logged. */
        boolean isMakingSnapshot();

        /** Whether the handler has work. */
        boolean isBusy();

        /** Called when the call has exceeded its limit. */
        void overdue(String text);

        /** Called when the call has called {@code System.exit}. */
        void exited(String text);

        /** Called when a call has been abandoned. */
        void abandoned();

        /** Called when an abandoned call has returned. */
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

    /**
     * Requests that a call be abandoned if it is still running at the next observation. For use after the executor has
     * been closed.
     */
    void abandon(long call) {
        abandoned = call;
    }

    /**
     * Whether the current call has been abandoned or has called {@code System.exit}, and is therefore not expected to
     * return.
     */
    boolean isGivenUp() {
        return isExitSeen || isCallAbandoned.get();
    }

    /** Called when the handler's thread is free again. */
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
        if (thread == null) {
            return;
        }
        String call = calls.name();
        String given = calls.given();
        CallStack stack = new CallStack(thread);
        // Checked last: if the call has returned in the meantime, the stack is that of an idle thread.
        if (observer.isSameCall()) {
            calls.log()
                    .warn(
                            "{} has not returned for {}{}; stack of its thread:",
                            call,
                            FailureTexts.seconds(callNanos),
                            given.equals(FailureTexts.NOTHING) ? "" : "; the call was given " + given,
                            stack);
        }
    }

    /**
     * Detects a handler's call that is blocked in {@code System.exit}. Such a call never returns: it waits for the end
     * of the JVM, which waits for the agent.
     */
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
     * Abandons the call that the last observation found, if the call is still running: logs its stack, interrupts its
     * thread, and counts it. A thread that ignores the interrupt cannot be stopped.
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
