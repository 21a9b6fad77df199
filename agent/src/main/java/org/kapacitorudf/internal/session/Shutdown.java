package org.kapacitorudf.internal.session;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.kapacitorudf.agent.Ending;

/**
 * The shutdown of a session. Defines what each event means in each {@link SessionState}, and how long each step may
 * take.
 *
 * <p>Threading: event loop only, except for {@link #claimFailure}, {@link #hasFailed} and {@link #state}, which are
 * safe for use by any thread.
 */
final class Shutdown {
    /**
     * How long Kapacitor may take to read the rest of the output when the server stops. In this case, Kapacitor does
     * not end the input, even after the output has ended. The limit is short: as long as Kapacitor can write, the task
     * looks alive, but its points are lost.
     */
    private static final long LINGER_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

    /** The steps of a shutdown. */
    interface Steps {
        /** Called when the state has changed and the session now waits for something. */
        void stateChanged();

        /** Passes to the handler the input that has been read, and then the end of the input. */
        void endHandlersInput();

        /**
         * Reads and drops data from now on. Requests are still answered, because an unanswered one would block
         * Kapacitor.
         */
        void discardInput();

        /** Answers all waiting requests with the reason why the handler does not answer. */
        void answerPending(String reason);

        void sendError(String text);

        /** Makes sure that accepted output is sent. */
        void flush();

        /** Flushes, ends the output, and then calls {@link #outputEnded}. Closes the connection if output is lost. */
        void finishOutput();

        void close();

        /**
         * Called when the handler has not finished in time.
         *
         * @param limitNanos the exceeded limit: the drain deadline, or the call limit if there was progress
         */
        void handlerOverdue(long limitNanos);

        void inputOverdue(long limitNanos);

        /** Called when the remaining output was not read in time. */
        void outputOverdue(long limitNanos);
    }

    private final Steps steps;
    private final long deadlineNanos;
    private final long callLimitNanos;
    private final AtomicBoolean failed = new AtomicBoolean();

    private volatile SessionState state = SessionState.CONNECTED; // written by the event loop
    private Ending ending = Ending.CLEAN;
    private boolean isInputEnded;
    private @Nullable Ending closing; // null unless this side closes the connection
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

    /** Whether input data is dropped. */
    boolean isDiscarding() {
        return isStopped || state == SessionState.FAILED || state.isOver();
    }

    /** Whether the handler has handled the end of its input. */
    boolean isHandlerDone() {
        return isHandlerDone;
    }

    /**
     * Marks the task as failed. Returns whether this is the first failure. The caller must ignore any further failure.
     */
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

    /** Called when the handler has been created. */
    void started() {
        if (state == SessionState.CONNECTED) {
            state = state.to(SessionState.RUNNING);
        }
    }

    /** Begins an orderly shutdown: the handler handles the input that has been read, and then the output ends. */
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

    /** Called when the input has ended. Further calls have no effect. */
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
                // The end of the input matters only in a later state, or no longer.
            }
        }
    }

    /** Called when the handler has handled the end of its input. */
    void handlerEnded() {
        isHandlerDone = true;
        if (state == SessionState.DRAINING && !failed.get()) {
            finishOutput();
        }
    }

    /** Handles the first failure of the task, after {@link #claimFailure} has returned true. */
    void fail(Ending kind, String text) {
        if (!state.isOver()) {
            beginFailure(kind, text);
            steps.sendError(text);
            endAfterTheInput();
        }
    }

    /** Called when Init or Restore has been answered with an error, after {@link #claimFailure} has returned true. */
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

    /** Called when the output has ended. */
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

    /** Called when this side is about to close the connection. */
    void closing(Ending kind) {
        closing = kind;
    }

    /** Called when the connection has been closed. */
    void closed() {
        if (closing != null) {
            ending = closing;
        } else if (state != SessionState.OUTPUT_ENDED) {
            ending = Ending.PEER_GONE;
        }
        state = state.to(SessionState.CLOSED);
        waitedNanos = 0;
    }

    /**
     * Adds to the elapsed time of the current step, and ends the step if it exceeds a limit. Progress restarts the
     * deadline, but not the call limit.
     *
     * @param isTaken whether there is progress: Kapacitor still reads, or a snapshot is being taken
     */
    void tick(long elapsedNanos, boolean isTaken) {
        waitedNanos += elapsedNanos;
        notTakenNanos = isTaken ? 0 : notTakenNanos + elapsedNanos;
        if (state.isForEndOfInput() && ending == Ending.STOPPED && notTakenNanos > LINGER_NANOS) {
            steps.close();
            return;
        }
        // Without this limit, a handler that emits forever in stop would block Kapacitor forever.
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
                // The input will not end any more. The only remaining step is to end the output.
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

    /**
     * Counts the elapsed time while a call is still running after the connection has been closed. Returns the total
     * time since the connection was closed.
     */
    long tickClosed(long elapsedNanos) {
        waitedNanos += elapsedNanos;
        return waitedNanos;
    }
}
