package org.kapacitorudf.internal.host;

import java.util.Optional;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;
import org.kapacitorudf.BatchBegin;
import org.kapacitorudf.BatchEnd;
import org.kapacitorudf.EdgeType;
import org.kapacitorudf.Point;
import org.kapacitorudf.agent.AgentConfig;
import org.kapacitorudf.agent.Connection.Restored;
import org.kapacitorudf.errors.FailurePolicy;
import org.kapacitorudf.errors.FieldException;
import org.kapacitorudf.errors.OutputClosedException;
import org.kapacitorudf.errors.UdfException;
import org.kapacitorudf.internal.snapshot.Expired;
import org.kapacitorudf.internal.snapshot.StateBackend;
import org.kapacitorudf.option.OptionValues;
import org.slf4j.Logger;

/**
 * Manages the handler of one connection: creates, calls, saves and restores it, and decides the consequences of its
 * failures.
 *
 * <p>Threading: one call at a time, on the thread chosen by {@code HandlerExecutor}. Exceptions of functions never
 * leave this class.
 */
public final class HandlerInvoker {
    /** The connection as the invoker sees it. All methods are safe for use by any thread. */
    public interface SessionCallbacks extends Timers.TimerCallbacks, Snapshots.SnapshotCallbacks {
        /** Returns the log of the connection. Called during Init. */
        ConnectionLog log(String taskId, String nodeId);

        /** Called when the handler has been created and data may be sent. */
        void running(ConnectionLog log, OptionValues options);

        /** Called when a call has thrown an exception, and the argument of the call is therefore skipped. */
        void skipped(String text, Throwable cause);

        /**
         * Answers Init or Restore with an error, and ends the session, because Kapacitor will neither send data nor
         * close the connection.
         */
        void refuse(Work.Request request, String error);

        /**
         * Ends the task with an error, because a call with data has failed.
         *
         * @param given the argument of the call, for the log
         */
        void fail(String text, String given, Throwable cause);

        /** Ends the task with an error, because Kapacitor has violated the protocol. */
        void protocolBroken(String text);

        /** Called when the end of the input has been handled. */
        void ended();
    }

    private final UdfFunction function;
    private final boolean wantsBatches;
    private final HandlerOutput.Port output;
    private final SessionCallbacks callbacks;
    private final Snapshots snapshots;
    private final CallName calls = new CallName();
    private final HandlerLifecycle lifecycle;
    private final FailurePolicy onError;
    private final Skips skips = new Skips(System::nanoTime);
    private final Counters counters;
    private final RestartLimit restartLimit;

    private boolean inBatch;
    private boolean skippingBatch;
    private String batchName = "";
    private boolean messageHandled; // the current message itself has been handled
    private @Nullable Expired expired; // handled next, before the timer
    private @Nullable TimerEntry timer; // run next, before the current message is completed
    private @Nullable String restartCause; // null unless a restart is due before the current message is completed

    // Other threads read these for log lines and metrics, where a short delay does not matter.
    private long pointsIn;
    private long batchesIn;
    private long skipped;

    private volatile int restarts; // written by the handler's calls
    private volatile long groups = -1; // written by the handler's calls

    /** Creates an invoker for a host that saves state in snapshots. */
    public HandlerInvoker(
            UdfFunction function,
            AgentConfig config,
            HandlerOutput.Port output,
            Executor workers,
            SessionCallbacks callbacks) {
        this(function, config, output, workers, callbacks, null);
    }

    /** @param backend the backend for the handler's state; null if state is saved in snapshots */
    HandlerInvoker(
            UdfFunction function,
            AgentConfig config,
            HandlerOutput.Port output,
            Executor workers,
            SessionCallbacks callbacks,
            @Nullable StateBackend backend) {
        this.function = function;
        this.wantsBatches = function.description().wants() == EdgeType.BATCH;
        this.counters = new Counters(function);
        this.output = output;
        this.callbacks = callbacks;
        this.snapshots = new Snapshots(callbacks, workers, config.maxSnapshotBytes(), System::nanoTime);
        this.lifecycle = new HandlerLifecycle(function, config, output, callbacks, snapshots, calls, counters, backend);
        this.onError = config.onError() == FailurePolicy.DECLARED
                ? function.description().onError()
                : config.onError();
        this.restartLimit = new RestartLimit(config.maxRestarts(), config.restartInterval());
    }

    static boolean isData(@Nullable Object message) {
        return message instanceof Point
                || message instanceof BatchBegin
                || message instanceof BatchEnd
                || message == Work.Internal.WAKE_UP;
    }

    /** Whether the next call for a message may emit data, and must therefore wait for room in the output. */
    public boolean maySend(Object message) {
        return restartCause == null && !lifecycle.isSeedDue() && isData(message);
    }

    /**
     * Returns the argument of the current call as text for a log line. Safe for use by any thread.
     *
     * @param message the message for which the executor makes the call; null if there is none
     */
    public String given(@Nullable Object message) {
        String call = calls.running();
        boolean isOfMessage = call.equals(CallName.POINT) || call.endsWith("Batch");
        return FailureTexts.ofData(isOfMessage && isData(message) ? message : null, batchName);
    }

    public void enter() {
        Thread.currentThread().setContextClassLoader(function.contextClassLoader());
        ConnectionLog log = lifecycle.log();
        if (log != null) {
            log.enter();
        }
    }

    public void leave() {
        ConnectionLog log = lifecycle.log();
        if (log != null) {
            log.leave();
        }
    }

    /** Records the number of groups. Called by the thread that makes the calls. */
    public void countGroups() {
        HandlerInstance instance = lifecycle.instance();
        if (instance != null) {
            groups = instance.states().groups();
        }
    }

    /**
     * Makes the next call for a message: an expired group or a timer that precedes the message, the message itself, an
     * expired group or a timer that follows it, or the restart after a failure. Each is a separate call with its own
     * limits.
     *
     * @return whether this was the last call for the message; if not, the message must be passed again
     */
    public boolean handle(Object message) {
        try {
            String failure = restartCause;
            if (failure != null) {
                restart(failure);
            } else if (lifecycle.isSeedDue() && isData(message)) {
                // No Restore will arrive: Kapacitor would have sent it before the first data.
                lifecycle.seedBeforeData();
            } else {
                handleNext(message);
            }
            if (restartCause == null) {
                expired = nextExpired();
                if (timer == null && messageHandled && lifecycle.instance() != null) {
                    timer = lifecycle.instance().timers().next();
                }
            }
        } catch (OutOfOrderException e) {
            callbacks.protocolBroken(e.text);
        } catch (Throwable e) {
            callbacks.fail(lifecycle.thrown(calls.running(), e), e);
        }
        boolean isDone = messageHandled && expired == null && timer == null && restartCause == null;
        messageHandled &= !isDone;
        return isDone;
    }

    private void handleNext(Object message) {
        if (expired == null && timer == null && !messageHandled) {
            timer = timerBefore(message);
            expired = nextExpired();
        }
        if (expired != null) {
            tell(expired);
        } else if (timer != null) {
            run(timer);
        } else {
            messageHandled = true;
            handleItself(message);
        }
    }

    private @Nullable TimerEntry timerBefore(Object message) {
        HandlerInstance instance = lifecycle.instance();
        if (instance == null) {
            return null;
        }
        if (wantsBatches ? message instanceof BatchEnd : message instanceof Point) {
            return instance.timers().nextBefore(message);
        }
        return message instanceof Point || message instanceof BatchBegin
                ? instance.timers().nextBefore()
                : null;
    }

    /**
     * The next expired group that needs a notification; null if there is none, or as long as a Restore may still
     * arrive.
     */
    private @Nullable Expired nextExpired() {
        HandlerInstance instance = lifecycle.instance();
        return instance == null ? null : instance.nextExpired();
    }

    private void tell(Expired gone) {
        expired = null;
        HandlerInstance instance = lifecycle.running();
        try (CallName call = calls.enter("onExpire")) {
            gone.tell(instance.output());
        } catch (Throwable e) {
            failed(instance, "onExpire", e, null);
        }
    }

    private void run(TimerEntry due) {
        timer = null;
        HandlerInstance instance = lifecycle.running();
        try (CallName call = calls.enter("timer")) {
            instance.timers().run(due, instance.output());
        } catch (Throwable e) {
            failed(instance, "timer", e, null);
        }
    }

    private void handleItself(Object message) {
        if (message instanceof Point point) {
            point(point);
        } else if (message instanceof BatchBegin begin) {
            beginBatch(begin);
        } else if (message instanceof BatchEnd end) {
            endBatch(end);
        } else {
            work((Work) message);
        }
    }

    private void work(Work work) {
        if (work instanceof Work.Internal internal) {
            switch (internal) {
                case WAKE_UP -> wakeUp();
                case SNAPSHOT_SLICE -> lifecycle.snapshotSlice();
                case END_OF_INPUT -> endOfInput();
            }
        } else if (work instanceof Work.Snapshot request) {
            lifecycle.snapshot(request);
        } else if (work instanceof Work.Init request) {
            try (CallName call = calls.enter("create")) {
                lifecycle.init(request);
            }
        } else if (work instanceof Work.Restore request) {
            try (CallName call = calls.enter("restore")) {
                lifecycle.restore(request);
            }
        }
    }

    private void wakeUp() {
        HandlerInstance instance = lifecycle.instance();
        if (instance != null) {
            instance.woken();
        }
    }

    private void point(Point point) {
        HandlerInstance instance = inOrder("Point", wantsBatches, inBatch);
        pointsIn++;
        if (skippingBatch) {
            return;
        }
        try {
            instance.handler().point(point, instance.output());
        } catch (Throwable e) {
            failed(instance, "point", e, point);
        }
    }

    private void beginBatch(BatchBegin begin) {
        HandlerInstance instance = inOrder("BeginBatch", true, !inBatch);
        inBatch = true;
        skippingBatch = false;
        batchesIn++;
        batchName = begin.name();
        try (CallName call = calls.enter("beginBatch")) {
            instance.handler().beginBatch(begin, instance.output());
        } catch (Throwable e) {
            skippingBatch = true;
            failed(instance, "beginBatch", e, begin);
        }
    }

    private void endBatch(BatchEnd end) {
        HandlerInstance instance = inOrder("EndBatch", true, inBatch);
        inBatch = false;
        if (skippingBatch) {
            skippingBatch = false;
            return;
        }
        try (CallName call = calls.enter("endBatch")) {
            instance.handler().endBatch(end, instance.output());
        } catch (Throwable e) {
            failed(instance, "endBatch", e, end);
        }
    }

    /**
     * Checks that a message is valid at its position.
     *
     * @param batched whether the message is part of a batch
     * @param expected whether the message is valid at this point of a batch; ignored in a stream
     * @return the handler that gets the message
     */
    private HandlerInstance inOrder(String message, boolean batched, boolean expected) {
        HandlerInstance instance = lifecycle.instance();
        if (instance == null) {
            throw new OutOfOrderException(message + " before a successful Init (expected: Init first)");
        }
        if (batched != wantsBatches) {
            throw new OutOfOrderException(
                    message + " (expected: " + (wantsBatches ? "batches" : "points of a stream") + ")");
        }
        if (batched && !expected) {
            throw new OutOfOrderException(
                    message + (inBatch ? " inside a batch" : " outside a batch") + " (expected: begin, points, end)");
        }
        lifecycle.dataSeen();
        return instance;
    }

    /** Thrown for a message that is invalid at its position. */
    private static final class OutOfOrderException extends RuntimeException {
        private static final long serialVersionUID = 1;

        private final String text;

        OutOfOrderException(String text) {
            super(text);
            this.text = text;
        }
    }

    /** @param data the argument of the call; null if it has none */
    private void failed(HandlerInstance instance, String method, Throwable cause, @Nullable Object data) {
        if (cause instanceof FieldException
                || (onError == FailurePolicy.SKIP && cause instanceof Exception && isHandlersOwn(cause))) {
            skipped++;
            skips.add(lifecycle.skipped(method, cause), callbacks.now())
                    .ifPresent(heldBack -> instance.log()
                            .warn(
                                    "{} skipped: {}; the call was given {}{}",
                                    method,
                                    FailureTexts.of(cause),
                                    FailureTexts.ofData(data, batchName),
                                    heldBack,
                                    cause instanceof FieldException ? null : cause));
            return;
        }
        String text = lifecycle.thrown(method, cause);
        if (onError == FailurePolicy.RESTART && isSurvivable(cause) && isHandlersOwn(cause)) {
            restartAfter(instance, text, cause, data);
        } else {
            callbacks.fail(text, FailureTexts.ofData(data, batchName), cause);
        }
    }

    /**
     * Whether the handler itself caused an exception. It did not if the connection has ended, or if the call has been
     * interrupted.
     */
    private static boolean isHandlersOwn(Throwable cause) {
        return !(cause instanceof OutputClosedException)
                && !Thread.currentThread().isInterrupted();
    }

    /** Whether the JVM can go on after an exception. */
    private static boolean isSurvivable(Throwable cause) {
        return !(cause instanceof VirtualMachineError) || cause instanceof StackOverflowError;
    }

    private void restartAfter(HandlerInstance instance, String text, Throwable cause, @Nullable Object data) {
        if (!restartLimit.allows(callbacks.nanoTime())) {
            callbacks.fail(
                    "after " + restartLimit + " (expected: no more), again " + text,
                    FailureTexts.ofData(data, batchName),
                    cause);
            return;
        }
        restarts++;
        restartCause = text;
        instance.log()
                .warn(
                        "{}; restart {}, from {}; the call was given {}",
                        text,
                        restarts,
                        lifecycle.renewsFrom(),
                        FailureTexts.ofData(data, batchName),
                        cause instanceof UdfException ? null : cause);
    }

    /** Creates a new handler that starts from the last saved state. */
    private void restart(String failure) {
        restartCause = null;
        expired = null;
        timer = null;
        // The beginning of the open batch is lost, so the rest is dropped.
        skippingBatch = inBatch;
        try {
            lifecycle.renew();
        } catch (Throwable e) {
            callbacks.fail("restart after " + failure + ": " + lifecycle.thrown(calls.last(), e), e);
        }
    }

    /** Whether a failed handler may be replaced by a new one. */
    boolean restartsAfterErrors() {
        return onError == FailurePolicy.RESTART;
    }

    /**
     * Calls {@code Handler.snapshot}, and keeps the result for {@link #saveChanges}. Does nothing if a restart is due.
     * Errors: those of the handler.
     */
    void keepHandlerBytes() throws Exception {
        if (restartCause == null) {
            lifecycle.keepHandlerBytes();
        }
    }

    /** Writes all changes to the backend. Does nothing if a restart is due. Errors: those of the backend. */
    void saveChanges() {
        if (restartCause == null) {
            lifecycle.saveChanges();
        }
    }

    /** The number of groups that {@link #saveChanges} has to write. */
    int unsavedGroups() {
        HandlerInstance instance = lifecycle.instance();
        return instance == null ? 0 : instance.states().unsavedGroups();
    }

    /** Writes a slice of the snapshot in progress if one is due, even though data is waiting. */
    public void betweenCalls() {
        lifecycle.betweenCalls();
    }

    /**
     * Returns the answer to a request that the handler will no longer handle: the last good snapshot, or an error with
     * the reason. Safe for use by any thread.
     */
    public Answer answerInstead(Work.Request request, String reason) {
        return request instanceof Work.Snapshot
                ? new Answer.SavedState(snapshots.lastGood())
                : new Answer.Outcome(reason);
    }

    private void endOfInput() {
        HandlerInstance instance = lifecycle.instance();
        if (inBatch && instance != null) {
            instance.log().warn("the input ended inside a batch, which is dropped");
        }
        countGroups();
        lifecycle.endOfInput();
    }

    /** Called when the connection has failed or ended. Stops the handler, whose output is rejected. */
    public void closed() {
        countGroups();
        lifecycle.closed();
    }

    /** The name of the handler's method that is running. Safe for use by any thread. */
    public String call() {
        return calls.running();
    }

    /** The name of the task; empty before Init. Safe for use by any thread. */
    public String taskId() {
        return lifecycle.taskId();
    }

    /** The name of the node; empty before Init. Safe for use by any thread. */
    public String nodeId() {
        return lifecycle.nodeId();
    }

    /** The options as text for the log; empty before Init. Safe for use by any thread. */
    public String options() {
        return lifecycle.options();
    }

    /** The state from which the handler started; empty if it started without state. Safe for use by any thread. */
    public Optional<Restored> restored() {
        return lifecycle.restored();
    }

    /** Safe for use by any thread. */
    public Skips skips() {
        return skips;
    }

    /** Safe for use by any thread. */
    public Counters counters() {
        return counters;
    }

    public Snapshots snapshots() {
        return snapshots;
    }

    /** Safe for use by any thread. */
    public HandlerCounts counts() {
        return new HandlerCounts(
                pointsIn, batchesIn, skipped, restarts, groups, snapshots.made(), snapshots.failures());
    }

    /** The numbers of points and batches so far, as text for the log. Safe for use by any thread. */
    public String countsText() {
        String batches = wantsBatches || function.description().provides() == EdgeType.BATCH
                ? "; batches in " + batchesIn + ", out " + output.batchesOut()
                : "";
        return "points in " + pointsIn + ", out " + output.pointsOut() + batches
                + (groups < 0 ? "" : "; groups " + groups) + "; skipped " + skipped
                + (output.nonFinite() == 0 ? "" : "; not finite " + output.nonFinite())
                + (onError == FailurePolicy.RESTART ? "; restarts " + restarts : "")
                + counters.text();
    }

    /** The names of the task and the node, as text for an error; empty before Init. Safe for use by any thread. */
    public String where() {
        return lifecycle.where();
    }

    /** The connection's log; null before Init. Safe for use by any thread. */
    public @Nullable Logger log() {
        return lifecycle.log();
    }
}
