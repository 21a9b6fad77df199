package org.kapacitorudf.internal.session;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.ChannelInputShutdownReadComplete;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.codec.PrematureChannelClosureException;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.kapacitorudf.Point;
import org.kapacitorudf.agent.AgentConfig;
import org.kapacitorudf.agent.Connection;
import org.kapacitorudf.agent.Ending;
import org.kapacitorudf.errors.NonFinite;
import org.kapacitorudf.errors.UdfException;
import org.kapacitorudf.internal.channel.ProgressChannel;
import org.kapacitorudf.internal.codec.ControlRequest;
import org.kapacitorudf.internal.codec.FrameDecoder;
import org.kapacitorudf.internal.codec.OptionMessages;
import org.kapacitorudf.internal.host.Answer;
import org.kapacitorudf.internal.host.CallTracker;
import org.kapacitorudf.internal.host.ConnectionLog;
import org.kapacitorudf.internal.host.EventClock;
import org.kapacitorudf.internal.host.FailureTexts;
import org.kapacitorudf.internal.host.HandlerInvoker;
import org.kapacitorudf.internal.host.OutputLimits;
import org.kapacitorudf.internal.host.ResultCheck;
import org.kapacitorudf.internal.host.Snapshots;
import org.kapacitorudf.internal.host.UdfFunction;
import org.kapacitorudf.internal.host.Work;
import org.kapacitorudf.internal.output.ChunkOutlet;
import org.kapacitorudf.internal.output.OutputPort;
import org.kapacitorudf.internal.wire.MalformedMessageException;
import org.kapacitorudf.option.OptionValues;
import org.kapacitorudf.proto.ErrorResponse;
import org.kapacitorudf.proto.InitRequest;
import org.kapacitorudf.proto.Response;
import org.slf4j.Logger;

/**
 * A session with Kapacitor, from the first byte to the last.
 *
 * <p>It answers Info and Keepalive immediately; everything else goes to the handler through the
 * {@link HandlerExecutor}, in order. While the handler is busy, the session sends keepalives. It also limits the
 * duration of calls and writes. {@link Ending} lists the ways in which a session can end.
 *
 * <p>Threading: event loop only, except for methods that are documented otherwise.
 */
public final class Session extends ChannelInboundHandlerAdapter {
    private static final int MESSAGE_OVERHEAD_BYTES = 64;

    /**
     * The maximum number of unanswered requests. Kapacitor never exceeds this number, because it waits for each answer
     * before it sends the next request of the same kind.
     */
    private static final int MAX_UNANSWERED = 16;

    // Members that are not private are used by the view.
    private final AgentRuntime runtime;
    private final UdfFunction function;
    private final AgentConfig config;
    private final Channel channel;
    final OutputPort output;
    final HandlerInvoker invoker;
    final CallTracker tracker = new CallTracker();
    final CallTracker.Observer callObserver = new CallTracker.Observer(tracker);
    private final CallWatch callWatch;
    final HandlerExecutor executor;
    private final WakeUpTimer wakeUpTimer;
    final FrameDecoder frames;
    private final SessionView view;
    private final KeepaliveRhythm rhythm;
    private final long callLimitNanos;
    private final UnansweredRequests pending = new UnansweredRequests(this::send);
    private final ReadGate reading;
    private final Supervision supervision;
    private final Shutdown shutdown;
    private final CompletableFuture<Ending> ended = new CompletableFuture<>();

    private boolean unknownLogged;
    private boolean dataSeen;
    private volatile long giveUpNanos;

    private boolean isGone;
    private CompletableFuture<Void> told = CompletableFuture.completedFuture(null);

    Session(AgentRuntime runtime, UdfFunction function, Channel channel, FrameDecoder frames, ChunkOutlet chunks) {
        long number = runtime.nextNumber();
        this.runtime = runtime;
        this.frames = frames;
        this.function = function;
        this.config = runtime.config();
        this.channel = channel;
        this.rhythm = new KeepaliveRhythm(config.keepaliveInterval(), config.writeStallLimit());
        this.giveUpNanos = rhythm.stallNanos();
        this.callLimitNanos =
                function.description().callLimit().orElse(config.callLimit()).toNanos();
        this.output = new OutputPort(
                channel,
                chunks,
                OutputLimits.of(function.description(), config),
                new ResultCheck(
                        config.nonFinite() == NonFinite.DECLARED
                                ? function.description().nonFinite()
                                : config.nonFinite(),
                        text -> log().warn(text)),
                config,
                tracker,
                new OutputEvents());
        this.wakeUpTimer = new WakeUpTimer(channel, () -> guarded(this::wakeTimers));
        this.invoker = new HandlerInvoker(function, config, output, runtime.workers(), new HandlerPeer());
        this.executor = new HandlerExecutor(
                new ExecutorEvents(),
                runtime.workers(),
                runtime::isAnyWaiting,
                tracker,
                output::hasRoom,
                runtime.readAhead());
        this.view = new SessionView(number, function, runtime.now(), this);
        this.callWatch = new CallWatch(
                tracker, callObserver, config.warnCallAfter().toNanos(), callLimitNanos, new WatchedCalls());
        this.reading = new ReadGate(
                channel, executor, output, runtime.readAhead(), config.readAheadBytes(), new ReadGateOwner());
        this.supervision = new Supervision(rhythm, output::unsentBytes, this::takenBytes, new SupervisedConnection());
        this.shutdown = new Shutdown(new ShutdownSteps(), config.drainDeadline().toNanos(), callLimitNanos);
    }

    /** The public view of this session. Safe for use by any thread. */
    public Connection view() {
        return view;
    }

    /**
     * Completes when the connection has been closed, and the handler has been stopped or its call has been abandoned.
     * Listeners are notified first, within a time limit. Safe for use by any thread.
     */
    public CompletableFuture<Ending> ended() {
        return ended.copy();
    }

    /**
     * How long output may make no progress, in nanoseconds, before the session is ended. For a watchdog of a channel
     * whose writes block the event loop. Safe for use by any thread.
     */
    public long giveUpNanos() {
        return giveUpNanos;
    }

    /**
     * The number of output bytes that have been accepted and not yet taken by the transport. Safe for use by any
     * thread.
     */
    public long unsentBytes() {
        return output.unsentBytes();
    }

    /** The number of output bytes that the transport has taken. Safe for use by any thread. */
    long takenBytes() {
        return channel instanceof ProgressChannel progress ? progress.bytesWritten() : output.takenBytes();
    }

    /**
     * Whether the handler's thread is busy with a snapshot. The drain deadline does not apply during a snapshot. Safe
     * for use by any thread.
     */
    public boolean isMakingSnapshot() {
        return invoker.snapshots().isAtWork();
    }

    /**
     * The number of groups in the handler's state after its last piece of work; -1 for a handler without state per
     * group. Safe for use by any thread.
     */
    public long groups() {
        return invoker.counts().groups();
    }

    /** How often the handler has been replaced after a failure. Safe for use by any thread. */
    public int restarts() {
        return invoker.counts().restarts();
    }

    /** Passes to the channel all data that the handler has emitted so far, even during a call. Event loop only. */
    public void flush() {
        output.flush();
    }

    /**
     * Handles the data that has been read, stops the handler, flushes, and ends the output. Safe for use by any thread.
     */
    public void stop() {
        onLoop(shutdown::stop);
    }

    /** Runs a step on the event loop. If the step fails, the connection is ended. */
    private void onLoop(Runnable step) {
        channel.eventLoop().execute(() -> guarded(step));
    }

    private void guarded(Runnable step) {
        try {
            step.run();
        } catch (Throwable e) {
            breakOff(e);
        }
    }

    private void breakOff(Throwable cause) {
        supervision.stop(); // the failed step may have been a supervision step
        view.failed("internal error: " + FailureTexts.of(cause));
        shutdown.closing(Ending.FAILED);
        channel.close();
        log().error("internal error: the connection is closed", cause);
    }

    // ---- input

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        runtime.opened(this);
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (message instanceof Point point) {
            dataSeen = true;
            reading.add(message, point.encodedSize() + MESSAGE_OVERHEAD_BYTES);
        } else if (message instanceof ControlRequest request) {
            request(request);
        } else {
            dataSeen = true;
            reading.add(message, MESSAGE_OVERHEAD_BYTES);
        }
    }

    private void request(ControlRequest request) {
        if (request instanceof ControlRequest.Keepalive keepalive) {
            rhythm.request(keepalive.time(), System.nanoTime());
            updateGiveUp();
            output.answerKeepalive(keepalive.time());
            reading.pauseIfFull();
        } else if (request instanceof ControlRequest.Info) {
            output.answerInfo(OptionMessages.info(function.description()));
            reading.pauseIfFull();
        } else if (request instanceof ControlRequest.Unknown unknown) {
            logUnknown(unknown);
        } else if (shutdown.isDiscarding()) {
            answerWhileDiscarding(work(request));
        } else {
            requestInOrder(work(request));
        }
    }

    private static Work.Request work(ControlRequest request) {
        if (request instanceof ControlRequest.Init init) {
            InitRequest message = init.message();
            return new Work.Init(message.getTaskID(), message.getNodeID(), OptionMessages.given(message));
        }
        return request instanceof ControlRequest.Restore restore
                ? new Work.Restore(restore.snapshot())
                : new Work.Snapshot();
    }

    private void answerWhileDiscarding(Work.Request request) {
        if (output.isFlooded()) {
            giveUp("requests arrive although no answer is read");
        } else {
            answerInstead(request, "the connection is ending");
        }
    }

    private void requestInOrder(Work.Request request) {
        int open = pending.add(request);
        int bytes = request instanceof Work.Restore restore ? restore.snapshot().length : 0;
        reading.add(request, bytes + MESSAGE_OVERHEAD_BYTES);
        if (open > MAX_UNANSWERED) {
            fail(
                    Ending.PROTOCOL,
                    "protocol: " + open + " requests that wait for an answer (expected: <= " + MAX_UNANSWERED + ")",
                    null);
        }
    }

    private void send(Work.Request request, Answer answer) {
        output.answer(message(request, answer), problem -> answerLost(request, problem));
    }

    private Response message(Work.Request request, Answer answer) {
        return AnswerMessages.response(function.name(), request, answer);
    }

    private void logUnknown(ControlRequest.Unknown unknown) {
        if (!unknownLogged) {
            unknownLogged = true;
            log().warn(
                            "request: {} (expected: one of udf.proto); ignored, like any further one",
                            unknown.description());
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        reading.submit();
        output.flushIfScheduled();
        superviseIfNeeded();
    }

    private void wakeTimers() {
        if (!dataSeen && frames.isWithinFrame()) {
            // The incomplete message may be a large Restore, for which timers have to wait.
            wakeUpTimer.set(wakeUpTimer.nanoTime() + Supervision.TICK_NANOS);
            return;
        }
        reading.submitAlone(Work.Internal.WAKE_UP);
        superviseIfNeeded();
    }

    // ---- how it ends

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event == ChannelInputShutdownEvent.INSTANCE || event == ChannelInputShutdownReadComplete.INSTANCE) {
            shutdown.inputEnded();
        }
    }

    private void updateGiveUp() {
        giveUpNanos = shutdown.state().isEnding()
                ? Math.min(rhythm.stallNanos(), config.drainDeadline().toNanos())
                : rhythm.stallNanos();
    }

    /**
     * Ends the task with an error. Only the first call has an effect. Safe for use by any thread.
     *
     * @param kind how the session ends
     */
    private void fail(Ending kind, String text, @Nullable Throwable cause) {
        fail(kind, text, "", cause);
    }

    /** @param forLog text that is appended to {@code text} in the log only */
    private void fail(Ending kind, String text, String forLog, @Nullable Throwable cause) {
        if (shutdown.claimFailure()) {
            try {
                pending.endHandlersAnswers();
                view.failed(text);
                output.end("the task has failed: " + text);
                executor.close();
                logFailure(text + forLog, cause);
            } finally {
                // Even if logging has failed or memory has run out: otherwise Kapacitor would wait forever.
                onLoop(() -> shutdown.fail(kind, text));
            }
        }
    }

    /** Logs a failure, but not on the event loop, because printing an exception may run a function's code. */
    private void logFailure(String text, @Nullable Throwable cause) {
        if (shutdown.state().isOver()) {
            log().warn("failed after the end: {}", text, cause);
        } else {
            log().error("failed: {}", text, cause instanceof UdfException ? null : cause);
        }
    }

    /**
     * Called when there was no memory to send an answer. Kapacitor still waits for an answer, whatever happens to the
     * connection.
     */
    private void answerLost(Work.Request request, Throwable problem) {
        Snapshots snapshots = invoker.snapshots();
        if (request instanceof Work.Snapshot && !shutdown.hasFailed() && snapshots.takeBack()) {
            view.thrown("snapshot: " + FailureTexts.of(problem), problem);
            log().error("snapshot not sent, sending the last good one again: {}", FailureTexts.of(problem));
            send(request, new Answer.SavedState(snapshots.lastGood()));
            return;
        }
        pending.add(request);
        String text = "answer not sent: " + FailureTexts.of(problem);
        fail(Ending.FAILED, text, problem);
        // If the task had already failed, fail() has had no effect, so the request is answered here.
        onLoop(() -> {
            answerPending(text);
            output.flush();
        });
    }

    private void answerPending(String reason) {
        pending.takeAll().forEach(request -> answerInstead(request, reason));
    }

    private void answerInstead(Work.Request request, String reason) {
        output.answer(message(request, invoker.answerInstead(request, reason)));
    }

    /** Closes the connection immediately, because Kapacitor does not read, or because a time limit has passed. */
    private void giveUp(String reason) {
        view.failed("given up: " + reason);
        log().warn("given up: {}; {} bytes of output dropped", reason, output.unsentBytes());
        shutdown.closing(Ending.GIVEN_UP);
        output.abandon(reason);
        channel.close();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        if (cause instanceof PrematureChannelClosureException) {
            log().warn("the input ended inside a message, which is dropped");
        } else if (cause instanceof IOException) {
            log().debug("connection: {}", FailureTexts.of(cause));
            channel.close();
        } else if (cause instanceof DecoderException || cause instanceof MalformedMessageException) {
            fail(Ending.PROTOCOL, "protocol: " + cause.getMessage(), null);
        } else if (shutdown.hasFailed()) {
            breakOff(cause);
        } else {
            fail(Ending.FAILED, "internal error: " + FailureTexts.of(cause), cause);
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        shutdown.closed();
        wakeUpTimer.turnOff();
        output.abandon("the connection has ended");
        if (!shutdown.isHandlerDone()) {
            executor.close();
        }
        if (executor.isBusy()) {
            supervise();
        } else {
            gone();
        }
    }

    /** Called when the connection is closed and no work of the handler is running, except for abandoned calls. */
    private void gone() {
        if (isGone) {
            return;
        }
        isGone = true;
        Ending ending = shutdown.ending();
        view.readingPaused(false);
        if (invoker.log() != null) {
            log().info(
                            "ended: {} after {}; {}",
                            ending.text(),
                            FailureTexts.seconds(Math.max(
                                    0, // the wall clock may have been set back
                                    Duration.between(view.openedAt(), runtime.now())
                                            .toNanos())),
                            invoker.countsText());
        }
        CompletionStage<Void> listeners = runtime.closed(this, ending);
        listeners.whenComplete((done, failure) -> ended.complete(ending));
        if (!ended.isDone()) {
            // Without this limit, a listener that does not return would delay the end forever.
            channel.eventLoop()
                    .schedule(
                            () -> ended.complete(ending), config.drainDeadline().toNanos(), TimeUnit.NANOSECONDS);
        }
    }

    /** Delivers an event of this session to the listener, after all previous events. Event loop only. */
    CompletableFuture<Void> tellNext(Runnable event) {
        told = runtime.runAfter(told, event);
        return told;
    }

    /** Starts supervision if the connection is active. */
    private void superviseIfNeeded() {
        supervision.beginIfNeeded(System.nanoTime());
    }

    private void supervise() {
        supervision.begin(System.nanoTime());
    }

    private Logger log() {
        Logger log = invoker.log();
        return log == null ? log("", "") : log;
    }

    private ConnectionLog log(String taskId, String nodeId) {
        return ConnectionLog.of(view.number(), function.name(), taskId, nodeId, UnaryOperator.identity());
    }

    /** The connection as the handler's invoker sees it. */
    private final class HandlerPeer implements HandlerInvoker.SessionCallbacks {
        @Override
        public void answer(Work.Request request, Answer answer) {
            pending.answer(request, answer);
        }

        @Override
        public ConnectionLog log(String taskId, String nodeId) {
            return Session.this.log(taskId, nodeId);
        }

        @Override
        public void running(ConnectionLog log, OptionValues options) {
            log.info("started: {}", options);
            onLoop(() -> {
                shutdown.started();
                if (!isGone) {
                    view.started();
                    runtime.started(Session.this);
                }
            });
        }

        @Override
        public void refuse(Work.Request request, String error) {
            pending.answer(request, new Answer.Outcome(error));
            if (shutdown.claimFailure()) {
                pending.endHandlersAnswers();
                output.end("it was not started");
                executor.close();
                onLoop(shutdown::refuse);
            }
        }

        @Override
        public void thrown(String text, Throwable cause) {
            view.thrown(text, cause);
        }

        @Override
        public void skipped(String text, Throwable cause) {
            view.countError(cause);
        }

        @Override
        public void fail(String text, Throwable cause) {
            Session.this.fail(Ending.FAILED, text, cause);
        }

        @Override
        public void fail(String text, String given, Throwable cause) {
            Session.this.fail(Ending.FAILED, text, "; the call was given " + given, cause);
        }

        @Override
        public void protocolBroken(String text) {
            Session.this.fail(Ending.PROTOCOL, "protocol: " + text, null);
        }

        @Override
        public void goOnWithSnapshotSoon() {
            onLoop(() -> {
                reading.submitAlone(Work.Internal.SNAPSHOT_SLICE);
                superviseIfNeeded();
            });
        }

        @Override
        public long nanoTime() {
            return wakeUpTimer.nanoTime();
        }

        @Override
        public Instant now() {
            return runtime.now();
        }

        @Override
        public boolean isInCall() {
            return tracker.isRunBy(Thread.currentThread());
        }

        @Override
        public void wakeAt(long nanoTime) {
            wakeUpTimer.set(nanoTime);
        }

        @Override
        public void ended() {
            onLoop(shutdown::handlerEnded);
        }
    }

    /** The steps of the shutdown. */
    private final class ShutdownSteps implements Shutdown.Steps {
        @Override
        public void stateChanged() {
            wakeUpTimer.turnOff();
            updateGiveUp();
            supervise();
        }

        @Override
        public void endHandlersInput() {
            reading.submit();
            reading.submitAlone(Work.Internal.END_OF_INPUT);
            output.flush();
        }

        @Override
        public void discardInput() {
            reading.open();
        }

        @Override
        public void answerPending(String reason) {
            Session.this.answerPending(reason);
        }

        @Override
        public void sendError(String text) {
            output.answer(Response.newBuilder()
                    .setError(ErrorResponse.newBuilder().setError(function.name() + invoker.where() + ": " + text))
                    .build());
        }

        @Override
        public void flush() {
            output.flush();
        }

        @Override
        public void finishOutput() {
            output.finish()
                    .addListener(flushed -> guarded(() -> {
                        if (!flushed.isSuccess()) {
                            if (channel.isOpen()) {
                                breakOff(flushed.cause());
                            }
                        } else if (shutdown.state() != SessionState.CLOSED) {
                            ((DuplexChannel) channel)
                                    .shutdownOutput()
                                    .addListener(done -> guarded(shutdown::outputEnded));
                        }
                    }));
        }

        @Override
        public void close() {
            channel.close();
        }

        @Override
        public void handlerOverdue(long limitNanos) {
            // Determined first, because handling the failure may end this call and begin the call of stop.
            long call = tracker.call();
            fail(
                    Ending.OVERDUE,
                    invoker.call() + " did not end within " + FailureTexts.seconds(limitNanos)
                            + " of the end of the input",
                    null);
            callWatch.abandon(call);
        }

        @Override
        public void inputOverdue(long limitNanos) {
            log().warn("the input did not end within {} of the end of the output", FailureTexts.seconds(limitNanos));
        }

        @Override
        public void outputOverdue(long limitNanos) {
            giveUp("the rest of the output was not read within " + FailureTexts.seconds(limitNanos));
        }
    }

    /** The connection as its supervision sees it. */
    private final class SupervisedConnection implements Supervision.Supervised {
        @Override
        public boolean needsSupervision() {
            return isBusy()
                    || reading.isPaused()
                    || output.unsentBytes() > 0
                    || shutdown.state().isEnding();
        }

        @Override
        public SessionState state() {
            return shutdown.state();
        }

        @Override
        public boolean isBusy() {
            return executor.isBusy();
        }

        @Override
        public void flushSoon() {
            output.flushSoon();
        }

        @Override
        public void tickIn(long nanos) {
            channel.eventLoop()
                    .schedule(() -> guarded(() -> supervision.tick(System.nanoTime())), nanos, TimeUnit.NANOSECONDS);
        }

        @Override
        public void stalled(long nowNanos, long stalledNanos) {
            reading.readIfStalled(nowNanos, stalledNanos);
        }

        @Override
        public void stalledForGood(long stalledNanos) {
            giveUp("nothing has been read for " + FailureTexts.seconds(stalledNanos));
        }

        @Override
        public void ending(long elapsedNanos, boolean isTaken) {
            // The session waits for a snapshot in progress, so that no state is lost.
            shutdown.tick(elapsedNanos, isTaken || isMakingSnapshot());
        }

        @Override
        public boolean closed(long elapsedNanos) {
            long deadlineNanos = config.drainDeadline().toNanos();
            long waitedNanos = shutdown.tickClosed(elapsedNanos);
            if (!isBusy() || callWatch.isGivenUp() || waitedNanos > 2 * deadlineNanos) {
                gone();
                return false;
            }
            if (waitedNanos > deadlineNanos) {
                callWatch.abandon(tracker.call());
            }
            return true;
        }

        @Override
        public void showThatWeLive() {
            output.answerKeepalive(EventClock.nanosOf(runtime.now()));
            view.unaskedKeepalive();
            output.flush();
        }
    }

    /** The connection as the read gate sees it. */
    private final class ReadGateOwner implements ReadGate.Owner {
        @Override
        public boolean isDiscarding() {
            return shutdown.isDiscarding();
        }

        @Override
        public boolean isReading() {
            return shutdown.state().isOpen() || shutdown.isDiscarding();
        }

        @Override
        public void paused(boolean paused) {
            view.readingPaused(paused);
        }

        @Override
        public void onLoop(Runnable step) {
            Session.this.onLoop(step);
        }
    }

    /** The calls as the watchdog sees them. */
    private final class WatchedCalls implements CallWatch.Calls {
        @Override
        public String name() {
            return invoker.call();
        }

        @Override
        public String given() {
            return invoker.given(executor.message());
        }

        @Override
        public SessionState state() {
            return shutdown.state();
        }

        @Override
        public boolean isMakingSnapshot() {
            return Session.this.isMakingSnapshot();
        }

        @Override
        public boolean isBusy() {
            return executor.isBusy();
        }

        @Override
        public void overdue(String text) {
            fail(Ending.OVERDUE, text, null);
        }

        @Override
        public void exited(String text) {
            fail(Ending.FAILED, text, null);
        }

        @Override
        public void abandoned() {
            runtime.callAbandoned();
        }

        @Override
        public void cameBack() {
            runtime.abandonedCallCameBack();
        }

        @Override
        public Logger log() {
            return Session.this.log();
        }
    }

    /** Executes the work, and receives the executor's events. */
    private final class ExecutorEvents implements HandlerExecutor.ExecutorCallbacks {
        @Override
        public boolean isData(Object message) {
            return invoker.maySend(message);
        }

        @Override
        public void enter() {
            invoker.enter();
        }

        @Override
        public void leave() {
            invoker.leave();
            callWatch.threadCameBack();
        }

        @Override
        public boolean handle(Object message) {
            return invoker.handle(message);
        }

        @Override
        public void closed() {
            invoker.closed();
        }

        @Override
        public void burstHandled() {
            invoker.countGroups();
            output.flushBurst();
            reading.resumeSoon();
        }

        @Override
        public void betweenCalls() {
            invoker.betweenCalls();
        }

        @Override
        public void look(long nowNanos) {
            callWatch.look(nowNanos);
        }

        @Override
        public void broken(Throwable cause) {
            fail(Ending.FAILED, "the handler's thread: " + FailureTexts.of(cause), cause);
        }
    }

    /** Receives events of the output. */
    private final class OutputEvents implements OutputPort.OutputListener {
        @Override
        public void room() {
            executor.resume();
            reading.resumeSoon();
        }

        @Override
        public void backlog() {
            superviseIfNeeded();
        }

        @Override
        public void broken(Throwable problem) {
            breakOff(problem);
        }
    }
}
