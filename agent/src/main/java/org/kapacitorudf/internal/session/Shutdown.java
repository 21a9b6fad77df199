package org.kapacitorudf.internal.session;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.kapacitorudf.agent.Ending;

/**
 * How a conversation ends: what each event means in each {@link SessionState}, and for how long each step is waited for.
 *
 * <p>Threading: event loop only, except for {@link #claimFailure}, {@link #hasFailed} and {@link #state}, which are safe for any
 * thread.
 */
final class Shutdown {
    /**
     * For Kapacitor to read what is left in the socket when the server stops. It does not end its input then, not even when it has seen the end of our output, and
     * while it has somebody to write to its task looks alive and its points are lost.
     */
    private static final long LINGER_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

    /** What ending consists of. */
    interface Steps {
        /** The state is another one: something is waited for. */
        void stateChanged();

        /** Hands over what has been read, and then the end of the input. */
        void endHandlersInput();

        /** Reads and drops data from now on; requests are still answered, because one without an answer would freeze Kapacitor. */
        void discardInput();

        /** Answers all requests that wait, with the reason why the handler does not. */
        void answerPending(String reason);

        void sendError(String text);

        /** Sees that what has been accepted leaves. */
        void flush();

        /** Flushes, ends the output, and then calls {@link #outputEnded}. */
        void finishOutput();

        void close();

        /** The handler did not come to its end within the drain deadline, or, if it still sends, within the limit of a call. */
        void handlerOverdue(long limitNanos);

        void inputOverdue(long limitNanos);

        /** The rest of the output was not read. */
        void outputOverdue(long limitNanos);
    }

    private final Steps steps;
    private final long deadlineNanos;
    private final long callLimitNanos;
    private final AtomicBoolean failed = new AtomicBoolean();

    private volatile SessionState state = SessionState.CONNECTED; // written by the event loop
    private Ending ending = Ending.CLEAN;
    private boolean isInputEnded;
    private boolean isStopped;
    private boolean isHandlerDone;
    private long waitedNanos;
    private long notTakenNanos;

    Shutdown(Steps steps, long deadlineNanos, long callLimitNanos) {
        this.steps = steps;
        this.deadlineNanos = deadlineNanos;
        this.callLimitNanos = callLimitNanos;
    }

    SessionState state() {
        return state;
    }

    Ending ending() {
        return ending;
    }

    /** Whether data that is read is dropped. */
    boolean isDiscarding() {
        return isStopped || state == SessionState.FAILED || state.isOver();
    }

    /** Whether the handler has come to the end of its input. */
    boolean isHandlerDone() {
        return isHandlerDone;
    }

    /** Tells whether this is the task's first failure: the first one counts. */
    boolean claimFailure() {
        return failed.compareAndSet(false, true);
    }

    boolean hasFailed() {
        return failed.get();
    }

    private void moveTo(SessionState next) {
        state = state.to(next);
        waitedNanos = 0;
        notTakenNanos = 0;
        steps.stateChanged();
    }

    /** The handler exists. */
    void started() {
        if (state == SessionState.CONNECTED) {
            state = state.to(SessionState.RUNNING);
        }
    }

    /** Handles what has been read, and ends the output. */
    void stop() {
        if (state.isOpen()) {
            ending = Ending.STOPPED;
            drain();
            isStopped = true;
            steps.discardInput();
        }
    }

    private void drain() {
        moveTo(SessionState.DRAINING);
        steps.endHandlersInput();
    }

    /** Comes once at most. */
    void inputEnded() {
        if (isInputEnded) {
            return;
        }
        isInputEnded = true;
        switch (state) {
            case CONNECTED, RUNNING -> drain();
            case FAILED -> finishOutput();
            case OUTPUT_ENDED -> steps.close();
            case DRAINING, FLUSHING, CLOSED -> {
                // It is waited for later, or no more.
            }
        }
    }

    /** The handler has come to the end of its input. */
    void handlerEnded() {
        isHandlerDone = true;
        if (state == SessionState.DRAINING && !failed.get()) {
            finishOutput();
        }
    }

    /** The failure that was claimed. */
    void fail(Ending kind, String text) {
        if (!state.isOver()) {
            beginFailure(kind, text);
            steps.sendError(text);
            endAfterTheInput();
        }
    }

    /** Init or Restore has been answered with an error; claimed as a failure. */
    void refuse() {
        if (!state.isOver()) {
            beginFailure(Ending.REFUSED, "it was not started");
            endAfterTheInput();
        }
    }

    private void beginFailure(Ending kind, String reason) {
        ending = kind;
        moveTo(SessionState.FAILED);
        steps.answerPending(reason);
    }

    private void endAfterTheInput() {
        steps.flush();
        if (isInputEnded) {
            finishOutput();
        } else {
            steps.discardInput();
        }
    }

    private void finishOutput() {
        moveTo(SessionState.FLUSHING);
        steps.finishOutput();
    }

    /** Our output has ended. */
    void outputEnded() {
        if (state != SessionState.FLUSHING) {
            return;
        }
        moveTo(SessionState.OUTPUT_ENDED);
        if (isInputEnded) {
            steps.close();
        } else {
            steps.discardInput();
        }
    }

    /** The connection is going to be closed at once. */
    void closing(Ending kind) {
        ending = kind;
    }

    /** The connection is closed. */
    void closed() {
        if (state != SessionState.OUTPUT_ENDED && ending != Ending.GIVEN_UP) {
            ending = Ending.PEER_GONE;
        }
        state = state.to(SessionState.CLOSED);
        waitedNanos = 0;
    }

    /**
     * Time passes while something is waited for.
     *
     * @param isTaken whether the other side still takes what we have, or waits for what only takes its time
     */
    void tick(long elapsedNanos, boolean isTaken) {
        waitedNanos += elapsedNanos;
        notTakenNanos = isTaken ? 0 : notTakenNanos + elapsedNanos;
        if (state.isForEndOfInput() && ending == Ending.STOPPED && notTakenNanos > LINGER_NANOS) {
            steps.close();
            return;
        }
        // A handler that emits for ever while it stops would hold up Kapacitor for ever.
        boolean isEndless = state == SessionState.DRAINING && waitedNanos > callLimitNanos;
        if (isEndless || notTakenNanos > deadlineNanos) {
            overdue(isEndless);
        }
    }

    private void overdue(boolean isEndless) {
        switch (state) {
            case DRAINING -> steps.handlerOverdue(isEndless ? callLimitNanos : deadlineNanos);
            case FAILED -> {
                steps.inputOverdue(deadlineNanos);
                // What has not ended its input by now will not: the output's end is all that is left to say.
                isInputEnded = true;
                finishOutput();
            }
            case FLUSHING -> steps.outputOverdue(deadlineNanos);
            case OUTPUT_ENDED -> {
                steps.inputOverdue(deadlineNanos);
                steps.close();
            }
            case CONNECTED, RUNNING, CLOSED -> throw new IllegalStateException("session state: " + state);
        }
    }

    /** Time passes while the handler still has a call after the connection has been closed; gives how long that has been so. */
    long tickClosed(long elapsedNanos) {
        waitedNanos += elapsedNanos;
        return waitedNanos;
    }
}
