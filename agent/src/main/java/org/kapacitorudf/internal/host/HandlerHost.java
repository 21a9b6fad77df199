package org.kapacitorudf.internal.host;

import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.BiConsumer;
import java.util.function.LongSupplier;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.kapacitorudf.BatchBegin;
import org.kapacitorudf.BatchEnd;
import org.kapacitorudf.Output;
import org.kapacitorudf.Point;
import org.kapacitorudf.agent.AgentConfig;
import org.kapacitorudf.errors.NonFinite;
import org.kapacitorudf.errors.UdfException;
import org.kapacitorudf.internal.line.GivenOption;
import org.kapacitorudf.internal.snapshot.StateBackend;
import org.kapacitorudf.option.OptionValues;
import org.slf4j.Logger;

/**
 * Runs a handler on the caller's thread, one call at a time. There is no connection and no protocol, and the host
 * starts no threads.
 *
 * <pre>
 *   start -- restore? -- point, beginBatch, endBatch, wake, snapshot -- endOfInput --> ended
 *                                    +----- a call fails, close --------------------> ended
 * </pre>
 *
 * <p>Options, state, expiry, timers and failure policies work as on a connection with Kapacitor: {@link HandlerInvoker}
 * makes the calls in both cases. The output of a call is passed on before the host's method returns. Output of the
 * handler's own threads is passed on at the next call, or by {@link #drain}. Calls have no time limit.
 *
 * <p>State is either saved by {@link #snapshot}, or written to a {@linkplain Builder#state backend}: after each
 * successful call, or by {@link #saveChanges}.
 *
 * <p>For hosts, not for authors of functions. Time does not advance by itself: the host calls {@link #wake} when its
 * clock has reached {@link #wakeAtNanos}.
 *
 * <p>Threading: one thread at a time. {@link #counts} and {@link #failure} are safe for use by any thread.
 *
 * <p>Errors: {@link #start} and {@link #restore} return an error of the function. If a call fails and the policy does
 * not let the handler continue, the handler is stopped, {@link #failure} returns the failure, and further data causes
 * an {@link IllegalStateException}. An exception of the output is treated as an exception of the call.
 */
public final class HandlerHost implements AutoCloseable {
    private final UdfFunction function;
    private final Work.Init init;
    private final LongSupplier nanoTime;
    private final InstantSource wallClock;
    private final UnaryOperator<Logger> logThrough;
    private final BiConsumer<String, Throwable> onThrown;
    private final HostOutput output;
    private final HandlerInvoker invoker;
    private final boolean isBacked;
    private final boolean isSavedOnRequest;

    private volatile @Nullable Thread caller; // the thread that is executing a turn
    private boolean isWakeWished;
    private long wakeNanos;
    private boolean isSnapshotUnfinished;
    private @Nullable Answer answer;
    private boolean isStarted;
    private boolean isRefused;
    private boolean isOver;
    private volatile @Nullable Failure failure;

    /**
     * The failure after which the handler has been stopped.
     *
     * @param text the text for the task's owner, with the names of the function, the task and the node
     * @param cause null if no exception was thrown
     */
    public record Failure(String text, @Nullable Throwable cause) {}

    private HandlerHost(Builder settings) {
        function = settings.function;
        init = new Work.Init(settings.taskId, settings.nodeId, settings.options);
        nanoTime = settings.nanoTime;
        wallClock = settings.wallClock;
        logThrough = settings.logThrough;
        onThrown = settings.onThrown;
        AgentConfig config = settings.config;
        NonFinite nonFinite = config.nonFinite() == NonFinite.DECLARED
                ? function.description().nonFinite()
                : config.nonFinite();
        output = new HostOutput(
                this,
                settings.output,
                OutputLimits.of(function.description(), config),
                new ResultCheck(nonFinite, text -> log().warn(text)),
                config.outputBufferBytes());
        invoker = new HandlerInvoker(function, config, output, Runnable::run, new InvokerCallbacks(), settings.backend);
        isBacked = settings.backend != null;
        // If failures lead to a restart, each change is written at once: the new handler starts from the state after
        // the last successful call, which is no longer on the heap after a failure.
        isSavedOnRequest = settings.isSavedOnRequest && !invoker.restartsAfterErrors();
    }

    /**
     * Creates a builder: {@code HandlerHost.of(function, clock, output)...build()}.
     *
     * @param wallClock the handler's clock
     * @param output receives what the handler emits, on the thread that drives the host
     */
    public static Builder of(UdfFunction function, InstantSource wallClock, Output output) {
        return new Builder(function, wallClock, output);
    }

    /**
     * Creates the handler, with the state of the backend if there is a backend. If this fails, the error is returned,
     * and the host cannot be used any more.
     */
    public Optional<String> start() {
        if (isStarted) {
            throw new IllegalStateException("start: called twice (expected: once)");
        }
        isStarted = true;
        return outcome(init);
    }

    /**
     * Restores the handler's state. Call this method at most once, before any data. If this fails, the error is
     * returned, and the host cannot be used any more.
     *
     * @param snapshot not copied; if it is empty, the handler starts from the seed, or without state if there is no
     *     seed
     */
    public Optional<String> restore(byte[] snapshot) {
        requireSnapshots("restore");
        return outcome(new Work.Restore(snapshot));
    }

    private Optional<String> outcome(Work.Request request) {
        String error = ((Answer.Outcome) answerTo(request)).error();
        return error.isEmpty() ? Optional.empty() : Optional.of(function.name() + ": " + error);
    }

    /**
     * Returns the answer to a request. If the handler fails before it answers, the answer is an error or the last good
     * snapshot.
     */
    private Answer answerTo(Work.Request request) {
        answer = null;
        inTurn(() -> {
            call(request);
            while (isSnapshotUnfinished) {
                isSnapshotUnfinished = false;
                call(Work.Internal.SNAPSHOT_SLICE);
            }
        });
        Answer given = answer;
        return given != null ? given : invoker.answerInstead(request, "the handler has failed");
    }

    public void point(Point point) {
        requireRunning("point");
        handle(point);
    }

    public void beginBatch(BatchBegin begin) {
        requireRunning("beginBatch");
        handle(begin);
    }

    public void endBatch(BatchEnd end) {
        requireRunning("endBatch");
        handle(end);
    }

    /**
     * The time at which {@link #wake} must be called, by the clock of {@link Builder#nanoTime}; empty if no timer is
     * set.
     */
    public OptionalLong wakeAtNanos() {
        return isWakeWished && !isOver ? OptionalLong.of(wakeNanos) : OptionalLong.empty();
    }

    /**
     * Runs the timers that are due, and expires groups. May be called earlier than at the time that
     * {@link #wakeAtNanos} returns.
     */
    public void wake() {
        requireRunning("wake");
        isWakeWished = false;
        handle(Work.Internal.WAKE_UP);
    }

    /**
     * Returns a snapshot of the handler's state; empty if there is nothing to save yet. If the snapshot fails, the last
     * good one is returned again, {@link HandlerCounts#snapshotFailures} increases, and the handler continues.
     */
    public byte[] snapshot() {
        requireSnapshots("snapshot");
        return ((Answer.SavedState) answerTo(new Work.Snapshot())).snapshot();
    }

    /** Ends the input. The handler is stopped, and may still emit while it stops. */
    public void endOfInput() {
        requireRunning("endOfInput");
        handle(Work.Internal.END_OF_INPUT);
        output.end("it has ended");
        inTurn(() -> over("the input ended"));
    }

    /**
     * Stops the handler if it has not been stopped yet. Anything that the handler emits while it is being stopped is
     * rejected.
     */
    @Override
    public void close() {
        if (isRunning()) {
            output.end("the host has been closed");
            inTurn(() -> over("closed"));
        }
    }

    /** Stops the handler for good. Must be called within a turn. */
    private void over(String how) {
        if (isOver) {
            return;
        }
        isOver = true;
        invoker.closed();
        log().info("ended: {}; {}", how, invoker.countsText());
    }

    /** Passes to the output all data that the handler's own threads have emitted so far. */
    public void drain() {
        output.drain();
    }

    /**
     * Runs many calls with less overhead per call: the context class loader and the log's context are set only once.
     */
    public void inTurn(Runnable calls) {
        if (caller == Thread.currentThread()) {
            calls.run();
            return;
        }
        inContext(() -> {
            output.drain();
            calls.run();
        });
    }

    private void inContext(Runnable work) {
        Thread me = Thread.currentThread();
        ThreadAttributes attributesBefore = ThreadAttributes.of(me);
        invoker.enter();
        caller = me;
        try {
            work.run();
        } finally {
            invoker.countGroups();
            caller = null;
            invoker.leave();
            attributesBefore.restore(me);
        }
    }

    private void handle(Object message) {
        if (caller == Thread.currentThread()) {
            call(message);
        } else {
            inTurn(() -> call(message));
        }
    }

    private void call(Object message) {
        boolean isDone = false;
        while (!isDone && !isOver && !isRefused && failure == null) {
            isDone = invoker.handle(message);
            if (isBacked && !isRefused && failure == null) {
                called();
            }
        }
        if (isRefused || failure != null) {
            over(isRefused ? "not started" : "failed");
        }
    }

    private void called() {
        try {
            invoker.keepHandlerBytes();
            if (!isSavedOnRequest) {
                invoker.saveChanges();
            }
        } catch (Throwable e) {
            notSaved(e);
        }
    }

    private void notSaved(Throwable cause) {
        String text = "state: " + FailureTexts.of(cause);
        onThrown.accept(text, cause);
        fail(text, "", cause);
    }

    /**
     * Writes to the backend everything that has changed since the last write. Necessary only with
     * {@link Builder#savedOnRequest}. If writing fails, {@link #failure} returns the failure. This method passes
     * nothing to the output.
     */
    public void saveChanges() {
        requireRunning("saveChanges");
        inContext(() -> {
            try {
                invoker.saveChanges();
            } catch (Throwable e) {
                notSaved(e);
                over("failed");
            }
        });
    }

    /** The number of groups that {@link #saveChanges} has to write. */
    public int unsavedGroups() {
        return invoker.unsavedGroups();
    }

    private void requireSnapshots(String call) {
        requireRunning(call);
        if (isBacked) {
            throw new IllegalStateException(call + ": with a backend (expected: a host without one)");
        }
    }

    private void requireRunning(String call) {
        if (!isRunning()) {
            throw new IllegalStateException(call + ": "
                    + (failure != null ? "after " + failure.text() : isStarted ? "after the end" : "before start")
                    + " (expected: while the handler runs)");
        }
    }

    /** Whether the handler has been created and has not been stopped. */
    public boolean isRunning() {
        return isStarted && !isOver;
    }

    /** Whether the calling thread is executing a turn. Safe for use by any thread. */
    boolean isInCall() {
        return caller == Thread.currentThread();
    }

    /** The failure after which the handler has been stopped; empty if there has been none. */
    public Optional<Failure> failure() {
        return Optional.ofNullable(failure);
    }

    public HandlerCounts counts() {
        return invoker.counts();
    }

    public long pointsOut() {
        return output.pointsOut();
    }

    public long batchesOut() {
        return output.batchesOut();
    }

    /** The function's own counters, by name. */
    public Map<String, Long> counters() {
        return invoker.counters().values();
    }

    /** The number of field values that the function has produced and that were not finite. */
    public long nonFinite() {
        return output.nonFinite();
    }

    private Logger log() {
        Logger log = invoker.log();
        return log == null ? log("", "") : log;
    }

    private ConnectionLog log(String taskId, String nodeId) {
        return ConnectionLog.of(1, function.name(), taskId, nodeId, logThrough);
    }

    /** Records the failure of the task, unless a failure has already been recorded. */
    private void fail(String text, String forLog, @Nullable Throwable cause) {
        if (failure == null) {
            failure = new Failure(function.name() + invoker.where() + ": " + text, cause);
            output.end("the task has failed: " + text);
            log().error("failed: {}", text + forLog, cause instanceof UdfException ? null : cause);
        }
    }

    /** Receives the invoker's events. */
    private final class InvokerCallbacks implements HandlerInvoker.SessionCallbacks {
        @Override
        public ConnectionLog log(String taskId, String nodeId) {
            return HandlerHost.this.log(taskId, nodeId);
        }

        @Override
        public void running(ConnectionLog log, OptionValues options) {
            log.info("started: {}", options);
        }

        @Override
        public void answer(Work.Request request, Answer given) {
            answer = given;
        }

        @Override
        public void refuse(Work.Request request, String error) {
            answer = new Answer.Outcome(error);
            isRefused = true;
            output.end("it was not started");
        }

        @Override
        public void thrown(String text, Throwable cause) {
            onThrown.accept(text, cause);
        }

        @Override
        public void skipped(String text, Throwable cause) {
            onThrown.accept(text, cause);
        }

        @Override
        public void fail(String text, Throwable cause) {
            HandlerHost.this.fail(text, "", cause);
        }

        @Override
        public void fail(String text, String given, Throwable cause) {
            HandlerHost.this.fail(text, "; the call was given " + given, cause);
        }

        @Override
        public void protocolBroken(String text) {
            HandlerHost.this.fail("protocol: " + text, "", null);
        }

        @Override
        public void goOnWithSnapshotSoon() {
            isSnapshotUnfinished = true;
        }

        @Override
        public void ended() {
            output.end("it has ended");
        }

        @Override
        public long nanoTime() {
            return nanoTime.getAsLong();
        }

        @Override
        public Instant now() {
            return wallClock.instant();
        }

        @Override
        public boolean isInCall() {
            return HandlerHost.this.isInCall();
        }

        @Override
        public void wakeAt(long atNanos) {
            if (!isWakeWished || atNanos - wakeNanos < 0) {
                isWakeWished = true;
                wakeNanos = atNanos;
            }
        }
    }

    /**
     * Builds a host.
     *
     * <p>Threading: one thread.
     */
    public static final class Builder {
        private final UdfFunction function;
        private final InstantSource wallClock;
        private final Output output;
        private List<GivenOption> options = List.of();
        private AgentConfig config = AgentConfig.defaults();
        private String taskId = "";
        private String nodeId = "";
        private LongSupplier nanoTime = System::nanoTime;
        private @Nullable StateBackend backend; // null if state is saved in snapshots
        private boolean isSavedOnRequest;
        private UnaryOperator<Logger> logThrough = UnaryOperator.identity();
        private BiConsumer<String, Throwable> onThrown = (text, cause) -> {};

        private Builder(UdfFunction function, InstantSource wallClock, Output output) {
            this.function = Objects.requireNonNull(function, "function");
            this.wallClock = Objects.requireNonNull(wallClock, "wallClock");
            this.output = Objects.requireNonNull(output, "output");
        }

        /** Sets the function's options, which {@link HandlerHost#start} checks; none by default. */
        public Builder options(List<GivenOption> given) {
            options = List.copyOf(given);
            return this;
        }

        /** Sets the limits and policies. Of the durations, only {@code maxEventTimeAhead} has an effect. */
        public Builder config(AgentConfig agentConfig) {
            config = Objects.requireNonNull(agentConfig, "agentConfig");
            return this;
        }

        /** Sets the names of the task and the node, for the handler, the log and errors. */
        public Builder place(String task, String node) {
            taskId = Objects.requireNonNull(task, "task");
            nodeId = Objects.requireNonNull(node, "node");
            return this;
        }

        /** Sets a monotonic clock for timers; the JVM's by default. */
        public Builder nanoTime(LongSupplier clock) {
            nanoTime = Objects.requireNonNull(clock, "clock");
            return this;
        }

        /**
         * Sets a backend for the handler's state. The host uses it instead of snapshots: it reads the backend in
         * {@link #start} and before a restart, and writes to the backend at the end of each successful call.
         */
        public Builder state(StateBackend stateBackend) {
            backend = Objects.requireNonNull(stateBackend, "stateBackend");
            return this;
        }

        /**
         * Makes the host write changes to the backend only in {@link #saveChanges}. Has no effect if a failed handler
         * may be replaced by a new one.
         */
        public Builder savedOnRequest() {
            isSavedOnRequest = true;
            return this;
        }

        /** Sets a function that maps the handler's logger to the logger that is used instead. */
        public Builder logThrough(UnaryOperator<Logger> through) {
            logThrough = Objects.requireNonNull(through, "through");
            return this;
        }

        /**
         * Sets a listener for every exception of a call, whatever its consequence. The listener gets the text and the
         * exception.
         */
        public Builder onThrown(BiConsumer<String, Throwable> listener) {
            onThrown = Objects.requireNonNull(listener, "listener");
            return this;
        }

        public HandlerHost build() {
            return new HandlerHost(this);
        }
    }
}
