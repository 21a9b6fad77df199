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
import java.util.concurrent.atomic.AtomicBoolean;
import org.kapacitorudf.Point;
import org.kapacitorudf.agent.AgentConfig;
import org.kapacitorudf.agent.AgentConfig.NonFinite;
import org.kapacitorudf.agent.Connection;
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
import org.kapacitorudf.internal.process.SystemExitCalls;
import org.kapacitorudf.internal.wire.MalformedMessageException;
import org.kapacitorudf.option.OptionValues;
import org.kapacitorudf.proto.ErrorResponse;
import org.kapacitorudf.proto.InitRequest;
import org.kapacitorudf.proto.Response;
import org.slf4j.Logger;

/**
 * One conversation with Kapacitor, from the first byte to the last.
 *
 * <p>It answers Info and Keepalive itself, at once; everything else goes to the handler through the {@link HandlerExecutor}, in order. While the handler is busy it shows
 * Kapacitor that we live, and sees that no call and no write goes on for ever. It knows how to end: see {@link Ending}.
 *
 * <p>Threading: event loop only, but for the methods that say otherwise.
 */
public final class Session extends ChannelInboundHandlerAdapter {
    /** Input crosses to the handler in pieces of about this size, however long a read goes on. */
    private static final int BURST_BYTES = 64 * 1024;

    private static final int MESSAGE_OVERHEAD_BYTES = 64;
    private static final long STALLED_READ_NANOS = Duration.ofSeconds(1).toNanos();
    private static final long TICK_NANOS = Duration.ofMillis(100).toNanos();

    /**
     * For Kapacitor to read what is left in the socket when the server stops. It does not end its input then, not even when it has seen the end of our output, and
     * while it has somebody to write to its task looks alive and its points are lost.
     */
    private static final long LINGER_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

    /** Between two ticks no more than this counts: what an event loop, or a whole process, stood still for longer was not Kapacitor's or the handler's doing. */
    private static final long LONGEST_TICK_NANOS = Duration.ofSeconds(1).toNanos();

    /** Kapacitor waits for the answer to each before it asks for the next of its kind. */
    private static final int MAX_UNANSWERED = 16;

    /** How a conversation ended. */
    public enum Ending {
        /** The input ended, and everything was handled and sent. */
        CLEAN("the input ended"),
        /** This side was asked to stop, and everything that had been read was handled and sent. */
        STOPPED("stopped"),
        /** The handler failed: an error was sent. */
        FAILED("failed"),
        /** Init or Restore was answered with an error. */
        REFUSED("not started"),
        /** The other side broke the protocol: an error was sent. */
        PROTOCOL("the protocol was broken"),
        /** A call, or the work after the end of the input, went over its limit: an error was sent. */
        OVERDUE("took too long"),
        /** The other side went away before everything was handled and sent. */
        PEER_GONE("the other side has gone"),
        /** The other side did not read any more: what was left was dropped. */
        GIVEN_UP("given up");

        private final String text;

        Ending(String text) {
            this.text = text;
        }
    }

    /** What a draining session waits for; each has the drain deadline for itself. */
    private enum Waiting {
        NOTHING,
        /** The handler works on what was read. */
        FOR_HANDLER,
        /** The error has been sent: closing before the input has ended would lose it. */
        FOR_END_OF_INPUT,
        /** The rest of the output is on its way. */
        FOR_OUTPUT
    }

    private final AgentRuntime runtime;
    private final UdfFunction function;
    private final AgentConfig config;
    private final Channel channel;
    private final OutputPort output;
    private final HandlerInvoker invoker;
    private final CallTracker tracker = new CallTracker();
    private final CallTracker.Observer callObserver = new CallTracker.Observer(tracker);
    private final CallWatch callWatch = new CallWatch();
    private final HandlerExecutor executor;
    private final WakeUpTimer wakeUpTimer;
    private final FrameDecoder frames;
    private final Components parts;
    private final SessionView view;
    private final KeepaliveRhythm rhythm;
    private final long callLimitNanos;
    private final PendingRequests pending = new PendingRequests(this::send);
    private final AtomicBoolean failed = new AtomicBoolean();
    private final AtomicBoolean callAbandoned = new AtomicBoolean();
    private final CompletableFuture<Ending> ended = new CompletableFuture<>();

    private volatile SessionState state = SessionState.CONNECTED; // written by the event loop
    private volatile Waiting waiting = Waiting.NOTHING; // written by the event loop
    private Ending ending = Ending.CLEAN;
    private ReadBurst burst = new ReadBurst();
    private boolean inputEnded;
    private boolean discarding;
    private volatile boolean outputEnded; // written by the event loop
    private boolean handlerDone;
    private boolean unknownLogged;
    private boolean dataSeen;
    private volatile boolean readingPaused;
    private volatile long giveUpNanos;

    private boolean isGone;
    private CompletableFuture<Void> told = CompletableFuture.completedFuture(null);

    private boolean supervised;
    private WriteProgressMonitor progressMonitor;
    private long lastTickNanos;
    private long supervisedNanos;
    private long lastShownNanos;
    private long lastStalledReadNanos;
    private long waitedNanos;
    private long notTakenNanos;

    /** What others see a session by. */
    record Components(
            FrameDecoder frames,
            OutputPort output,
            HandlerInvoker invoker,
            CallTracker tracker,
            CallTracker.Observer observer,
            HandlerExecutor executor,
            Channel channel) {
        long takenBytes() {
            return channel instanceof ProgressChannel progress ? progress.bytesWritten() : output.takenBytes();
        }
    }

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
                runtime.isInline(),
                tracker,
                new OutputEvents());
        this.wakeUpTimer = new WakeUpTimer(channel, () -> guarded(this::wakeTimers));
        this.invoker = new HandlerInvoker(function, config, output, runtime.workers(), new HandlerPeer());
        this.executor = new HandlerExecutor(
                new LaneWork(),
                runtime.workers(),
                runtime::isAnyWaiting,
                tracker,
                output::hasRoom,
                runtime.readAhead());
        this.parts = new Components(frames, output, invoker, tracker, callObserver, executor, channel);
        this.view = new SessionView(number, function, runtime.wallClock().instant(), parts);
    }

    /** What others see of it. Safe for any thread. */
    public Connection view() {
        return view;
    }

    /** Completes when the connection is closed and the handler has been told, or its call been abandoned. Safe for any thread. */
    public CompletableFuture<Ending> ended() {
        return ended.copy();
    }

    /**
     * For how many nanoseconds output may make no progress before the other side has to be taken for gone. Safe for any thread: for a watch over a channel whose
     * writes block its event loop.
     */
    public long giveUpNanos() {
        return giveUpNanos;
    }

    /** Output that has been accepted and not been taken by the transport, in bytes. Safe for any thread. */
    public long unsentBytes() {
        return output.unsentBytes();
    }

    /** Whether the handler's thread is busy with a snapshot: work of our own, which is given its time. Safe for any thread. */
    public boolean isMakingSnapshot() {
        return invoker.snapshots().isAtWork();
    }

    /** How many groups the handler's state holds, as its last piece of work left it; -1 for a handler without state per group. Safe for any thread. */
    public long groups() {
        return invoker.counts().groups();
    }

    /** How often the handler has been replaced by a new one after a failure. Safe for any thread. */
    public int restarts() {
        return invoker.counts().restarts();
    }

    /** Hands what the handler has emitted so far to the channel, even while one of its calls is going on. Event loop only. */
    public void flush() {
        output.flush();
    }

    /** Handles what has been read, lets the handler stop, flushes, and ends the output. Safe for any thread. */
    public void stop() {
        onLoop(() -> {
            if (state == SessionState.CONNECTED || state == SessionState.RUNNING) {
                ending = Ending.STOPPED;
                drain();
                // What is read from now on gets no further, but for requests: one without an answer would freeze
                // Kapacitor.
                discard();
            }
        });
    }

    /** Runs a step on the event loop. One that breaks down must not leave a connection behind that nobody ends. */
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
        supervised = false; // it may have been the look after the connection that broke down
        view.failed("internal error: " + FailureTexts.of(cause));
        ending = Ending.FAILED;
        channel.close();
        log().error("internal error: the connection is closed", cause);
    }

    private void discard() {
        discarding = true;
        pauseReading(false);
        channel.config().setAutoRead(true);
    }

    // ---- what comes in

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        runtime.opened(this);
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (message instanceof Point point) {
            dataSeen = true;
            enqueue(message, point.encodedSize() + MESSAGE_OVERHEAD_BYTES);
        } else if (message instanceof ControlRequest request) {
            request(request);
        } else {
            dataSeen = true;
            enqueue(message, MESSAGE_OVERHEAD_BYTES);
        }
    }

    private void request(ControlRequest request) {
        if (request instanceof ControlRequest.Keepalive keepalive) {
            rhythm.request(keepalive.time(), System.nanoTime());
            updateGiveUp();
            output.answerKeepalive(keepalive.time());
            pauseReadingIfFull();
        } else if (request instanceof ControlRequest.Info) {
            output.answerInfo(OptionMessages.info(function.description()));
            pauseReadingIfFull();
        } else if (request instanceof ControlRequest.Unknown unknown) {
            logUnknown(unknown);
        } else if (discarding) {
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
            giveUp("requests go on while no answer is read");
        } else {
            answerInstead(request, "the connection is ending");
        }
    }

    private void requestInOrder(Work.Request request) {
        int open = pending.add(request);
        int bytes = request instanceof Work.Restore restore ? restore.snapshot().length : 0;
        enqueue(request, bytes + MESSAGE_OVERHEAD_BYTES);
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

    private void enqueue(Object message, long bytes) {
        if (discarding) {
            return;
        }
        burst.add(message, bytes);
        if (burst.bytes() >= BURST_BYTES) {
            submitBurst();
        }
    }

    private void logUnknown(ControlRequest.Unknown unknown) {
        if (!unknownLogged) {
            unknownLogged = true;
            log().warn("request: {} (expected: one of udf.proto); ignored, as any further one", unknown.description());
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        submitBurst();
        output.flush();
        superviseIfNeeded();
    }

    private void submitBurst() {
        if (burst.count() == 0) {
            return;
        }
        ReadBurst complete = burst;
        burst = new ReadBurst();
        executor.submit(complete);
        pauseReadingIfFull();
    }

    private void wakeTimers() {
        if (!dataSeen && frames.isWithinFrame()) {
            // It may be a large Restore, which timers have to wait for.
            wakeUpTimer.set(wakeUpTimer.nanoTime() + TICK_NANOS);
            return;
        }
        ReadBurst wakeUp = new ReadBurst();
        wakeUp.add(Work.Internal.WAKE_UP, 0);
        executor.submit(wakeUp);
        superviseIfNeeded();
    }

    // ---- back-pressure

    private void pauseReadingIfFull() {
        if (readingPaused || !isFull()) {
            return;
        }
        pauseReading(true);
        channel.config().setAutoRead(false);
        // A worker may have come to the end in between, and seen no pause.
        resumeReadingIfRoom();
    }

    private void pauseReading(boolean paused) {
        readingPaused = paused;
        view.readingPaused(paused);
    }

    private boolean isFull() {
        long queued = discarding ? 0 : executor.queuedBytes();
        return queued >= config.readAheadBytes()
                || (queued > 0 && runtime.readAhead().isExceeded())
                || output.isFlooded();
    }

    private boolean hasRoomToRead() {
        long queued = executor.queuedBytes();
        boolean room = queued == 0
                || (queued <= config.readAheadBytes() / 2
                        && !runtime.readAhead().isExceeded());
        return room && !output.isFlooded();
    }

    private void resumeReadingIfRoom() {
        if (readingPaused && hasRoomToRead()) {
            pauseReading(false);
            if (state == SessionState.CONNECTED || state == SessionState.RUNNING || discarding) {
                channel.config().setAutoRead(true);
            }
        }
    }

    /** Goes on reading if it was paused and there is room again. Any thread. */
    private void resumeReadingSoon() {
        if (readingPaused && hasRoomToRead()) {
            if (channel.eventLoop().inEventLoop()) {
                resumeReadingIfRoom();
            } else {
                onLoop(this::resumeReadingIfRoom);
            }
        }
    }

    // ---- how it ends

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if ((event == ChannelInputShutdownEvent.INSTANCE || event == ChannelInputShutdownReadComplete.INSTANCE)
                && !inputEnded) {
            inputEnded = true;
            inputEnded();
        }
    }

    private void inputEnded() {
        if (outputEnded) {
            channel.close();
        } else if (waiting == Waiting.FOR_END_OF_INPUT) {
            finishOutput();
        } else if (state == SessionState.CONNECTED || state == SessionState.RUNNING) {
            drain();
        }
    }

    private void drain() {
        state = state.to(SessionState.DRAINING);
        wakeUpTimer.turnOff();
        await(Waiting.FOR_HANDLER);
        submitBurst();
        ReadBurst last = new ReadBurst();
        last.add(Work.Internal.END_OF_INPUT, 0);
        executor.submit(last);
        output.flush();
    }

    private void await(Waiting next) {
        waiting = next;
        waitedNanos = 0;
        notTakenNanos = 0;
        updateGiveUp();
        supervise();
    }

    private void updateGiveUp() {
        giveUpNanos = state == SessionState.DRAINING
                ? Math.min(rhythm.stallNanos(), config.drainDeadline().toNanos())
                : rhythm.stallNanos();
    }

    /** Ends the task with an error; {@code kind} says whose it is. Safe for any thread; the first one counts. */
    private void fail(Ending kind, String text, Throwable cause) {
        fail(kind, text, "", cause);
    }

    /** @param forLog what the log says of it beyond the text */
    private void fail(Ending kind, String text, String forLog, Throwable cause) {
        if (failed.compareAndSet(false, true)) {
            pending.endHandlersAnswers();
            view.failed(text);
            output.end("the task has failed: " + text);
            executor.close();
            logFailure(text + forLog, cause);
            onLoop(() -> failOnLoop(kind, text));
        }
    }

    private boolean isOver() {
        return state == SessionState.CLOSED || outputEnded || waiting == Waiting.FOR_OUTPUT;
    }

    /** Here, not on the event loop: how an exception is printed may be other people's code. */
    private void logFailure(String text, Throwable cause) {
        if (isOver()) {
            log().warn("failed after the end: {}", text, cause);
        } else {
            log().error("failed: {}", text, cause instanceof UdfException ? null : cause);
        }
    }

    private void failOnLoop(Ending kind, String text) {
        if (isOver()) {
            return;
        }
        beginEnding(kind, text);
        output.answer(Response.newBuilder()
                .setError(ErrorResponse.newBuilder().setError(function.name() + invoker.where() + ": " + text))
                .build());
        endAfterTheInput();
    }

    private void refusedOnLoop() {
        if (state == SessionState.CLOSED) {
            return;
        }
        beginEnding(Ending.REFUSED, "it was not started");
        endAfterTheInput();
    }

    /** No more input is handled; what was asked is answered with the reason. */
    private void beginEnding(Ending kind, String reason) {
        if (state != SessionState.DRAINING) {
            state = state.to(SessionState.DRAINING);
        }
        ending = kind;
        discarding = true;
        wakeUpTimer.turnOff();
        answerPending(reason);
    }

    private void endAfterTheInput() {
        output.flush();
        if (inputEnded) {
            finishOutput();
        } else {
            // Kapacitor ends its input when it has read the error; closed before that, the error is lost in a broken
            // pipe.
            await(Waiting.FOR_END_OF_INPUT);
            discard();
        }
    }

    /** There was no memory to send the answer: Kapacitor waits for another one, whatever else becomes of the connection. */
    private void answerLost(Work.Request request, Throwable problem) {
        Snapshots snapshots = invoker.snapshots();
        if (request instanceof Work.Snapshot && !failed.get() && snapshots.takeBack()) {
            view.thrown("snapshot: " + FailureTexts.of(problem), problem);
            log().error("snapshot not sent, giving the last good one again: {}", FailureTexts.of(problem));
            send(request, new Answer.SavedState(snapshots.lastGood()));
            return;
        }
        pending.add(request);
        String text = "answer not sent: " + FailureTexts.of(problem);
        fail(Ending.FAILED, text, problem);
        // If it has failed before, the answers of that failure have been given already.
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

    /** Flushes, ends the output, and closes once the input has ended too. */
    private void finishOutput() {
        await(Waiting.FOR_OUTPUT);
        output.finish()
                .addListener(flushed -> guarded(() -> {
                    if (state != SessionState.CLOSED) {
                        ((DuplexChannel) channel).shutdownOutput().addListener(shutdown -> guarded(this::outputEnded));
                    }
                }));
    }

    private void outputEnded() {
        if (state == SessionState.CLOSED) {
            return;
        }
        outputEnded = true;
        if (inputEnded) {
            channel.close();
        } else {
            await(Waiting.FOR_END_OF_INPUT);
            discard();
        }
    }

    /** Closes at once: the other side does not read, or the time is up. */
    private void giveUp(String reason) {
        view.failed("given up: " + reason);
        log().warn("given up: {}; {} bytes of output dropped", reason, output.unsentBytes());
        ending = Ending.GIVEN_UP;
        output.abandon(reason);
        channel.close();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        if (cause instanceof PrematureChannelClosureException) {
            log().warn("the input ended inside a message: it is dropped");
        } else if (cause instanceof IOException) {
            log().debug("connection: {}", FailureTexts.of(cause));
            channel.close();
        } else if (cause instanceof DecoderException || cause instanceof MalformedMessageException) {
            fail(Ending.PROTOCOL, "protocol: " + cause.getMessage(), null);
        } else if (failed.get()) {
            breakOff(cause);
        } else {
            fail(Ending.FAILED, "internal error: " + FailureTexts.of(cause), cause);
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        if (!outputEnded && ending != Ending.GIVEN_UP) {
            ending = Ending.PEER_GONE;
        }
        state = state.to(SessionState.CLOSED);
        discarding = true;
        wakeUpTimer.turnOff();
        waitedNanos = 0;
        output.abandon("the connection has ended");
        if (!handlerDone) {
            executor.close();
        }
        if (executor.isBusy()) {
            supervise();
        } else {
            gone();
        }
    }

    /** The connection is closed, and nothing of the handler is going on any more, or nothing that we wait for. */
    private void gone() {
        if (isGone) {
            return;
        }
        isGone = true;
        view.readingPaused(false);
        if (invoker.log() != null) {
            log().info(
                            "ended: {} after {}; {}",
                            ending.text,
                            FailureTexts.seconds(Math.max(
                                    0, // whoever corrects the clock may set it back
                                    Duration.between(
                                                    view.openedAt(),
                                                    runtime.wallClock().instant())
                                            .toNanos())),
                            invoker.countsText());
        }
        CompletionStage<Void> listeners = runtime.closed(this, ending);
        listeners.whenComplete((done, failure) -> ended.complete(ending));
        if (!ended.isDone()) {
            // A listener that does not return must not hold up the end for ever.
            channel.eventLoop()
                    .schedule(
                            () -> ended.complete(ending), config.drainDeadline().toNanos(), TimeUnit.NANOSECONDS);
        }
    }

    /** Tells a listener of this session, when it has been told what came before. Event loop only. */
    CompletableFuture<Void> tellNext(Runnable event) {
        told = runtime.runAfter(told, event);
        return told;
    }

    // ---- what is looked at while something is going on

    /** Looks after the connection for as long as something is going on; an idle one costs nothing. */
    private void superviseIfNeeded() {
        if (!supervised && needsSupervision()) {
            supervise();
        }
    }

    private boolean needsSupervision() {
        return executor.isBusy() || readingPaused || output.unsentBytes() > 0 || waiting != Waiting.NOTHING;
    }

    private void supervise() {
        if (supervised || runtime.isInline()) {
            return;
        }
        supervised = true;
        lastTickNanos = System.nanoTime();
        if (progressMonitor == null) {
            progressMonitor = new WriteProgressMonitor(output::unsentBytes, parts::takenBytes, supervisedNanos);
        } else {
            progressMonitor.restart(supervisedNanos);
        }
        scheduleTick();
    }

    private void scheduleTick() {
        long nanos = Math.min(TICK_NANOS, rhythm.intervalNanos());
        channel.eventLoop().schedule(() -> guarded(this::tick), nanos, TimeUnit.NANOSECONDS);
    }

    private void tick() {
        long now = System.nanoTime();
        long elapsedNanos = Math.min(now - lastTickNanos, LONGEST_TICK_NANOS);
        lastTickNanos = now;
        supervisedNanos += elapsedNanos;
        if (state == SessionState.CLOSED) {
            tickWhenClosed(elapsedNanos);
            return;
        }
        output.flushSoon();
        long stalledNanos = progressMonitor.look(supervisedNanos);
        if (progressMonitor.hasProgressed()) {
            lastShownNanos = now;
        }
        readIfStalled(now, stalledNanos);
        if (stalledNanos > rhythm.stallNanos()) {
            giveUp("nothing has been read for " + FailureTexts.seconds(stalledNanos));
        } else if (waiting != Waiting.NOTHING) {
            tickWhileWaiting(elapsedNanos);
        } else {
            showThatWeLive(now);
        }
        supervised = state != SessionState.CLOSED && needsSupervision();
        if (supervised) {
            scheduleTick();
        }
    }

    /**
     * Reads a little although there is no room. A Kapacitor that aborts a task stops reading, and its writer may sit in a write that we do not read: so the writer
     * gets free, and we see the end of the input long before the write-stall limit.
     */
    private void readIfStalled(long now, long stalledNanos) {
        boolean stalled =
                readingPaused && stalledNanos > STALLED_READ_NANOS && now - lastStalledReadNanos > STALLED_READ_NANOS;
        if (stalled
                && executor.queuedBytes() < 2L * config.readAheadBytes()
                && runtime.readAhead().hasReserve()) {
            lastStalledReadNanos = now;
            channel.read();
        }
    }

    /** Kapacitor takes any response for a sign of life; what waits for it to read will be one. */
    private void showThatWeLive(long now) {
        if (executor.isBusy() && output.unsentBytes() == 0 && now - lastShownNanos >= rhythm.intervalNanos()) {
            lastShownNanos = now;
            output.answerKeepalive(EventClock.nanosOf(runtime.wallClock().instant()));
            view.unaskedKeepalive();
            output.flush();
        }
    }

    private void tickWhileWaiting(long elapsedNanos) {
        waitedNanos += elapsedNanos;
        // What has gone without a rest may have been the answer to a keepalive, and those may go on for ever.
        boolean taken = progressMonitor.hasProgressed() && output.unsentBytes() > 0;
        if (taken || isMakingSnapshot()) {
            // The other side still takes what we have, or waits for what only takes its time: nothing of it may be
            // lost.
            notTakenNanos = 0;
        } else {
            notTakenNanos += elapsedNanos;
        }
        // A handler that emits for ever while it stops would hold up Kapacitor for ever.
        boolean endless = waiting == Waiting.FOR_HANDLER && waitedNanos > callLimitNanos;
        if (waiting == Waiting.FOR_END_OF_INPUT && ending == Ending.STOPPED && notTakenNanos > LINGER_NANOS) {
            channel.close();
            return;
        }
        if (notTakenNanos <= config.drainDeadline().toNanos() && !endless) {
            return;
        }
        String limit = FailureTexts.seconds(config.drainDeadline().toNanos());
        switch (waiting) {
            case FOR_HANDLER -> {
                // Before it fails, which may end the call and lets the next one be stop.
                long call = tracker.call();
                fail(
                        Ending.OVERDUE,
                        invoker.call() + " did not end within "
                                + (endless ? FailureTexts.seconds(callLimitNanos) : limit) + " of the end of the input",
                        null);
                callWatch.abandon(call);
            }
            case FOR_END_OF_INPUT -> {
                log().warn("the input did not end within {} of the end of the output", limit);
                if (outputEnded) {
                    channel.close();
                } else {
                    // Whoever has not ended its input by now will not: the output's end is all that is left to say.
                    inputEnded = true;
                    finishOutput();
                }
            }
            case FOR_OUTPUT -> giveUp("the rest of the output was not read within " + limit);
            case NOTHING -> throw new IllegalStateException("waiting: " + waiting);
        }
    }

    private void tickWhenClosed(long elapsedNanos) {
        waitedNanos += elapsedNanos;
        long deadlineNanos = config.drainDeadline().toNanos();
        if (!executor.isBusy() || callWatch.isExitSeen || callAbandoned.get() || waitedNanos > 2 * deadlineNanos) {
            gone();
            return;
        }
        if (waitedNanos > deadlineNanos) {
            callWatch.abandon(tracker.call());
        }
        scheduleTick();
    }

    /** The handler's thread is free again. Safe for any thread. */
    private void abandonedCallCameBack() {
        if (callAbandoned.compareAndSet(true, false)) {
            runtime.abandonedCallCameBack();
        }
    }

    private Logger log() {
        Logger log = invoker.log();
        return log == null ? log("", "") : log;
    }

    private ConnectionLog log(String taskId, String nodeId) {
        return ConnectionLog.of(view.number(), function.name(), taskId, nodeId, runtime.logThrough());
    }

    /** What the handler's side tells the connection. */
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
                if (state == SessionState.CONNECTED) {
                    state = state.to(SessionState.RUNNING);
                }
                if (!isGone) {
                    view.started();
                    runtime.started(Session.this);
                }
            });
        }

        @Override
        public void refuse(Work.Request request, String error) {
            pending.answer(request, new Answer.Outcome(error));
            if (failed.compareAndSet(false, true)) {
                pending.endHandlersAnswers();
                output.end("it was not started");
                executor.close();
                onLoop(Session.this::refusedOnLoop);
            }
        }

        @Override
        public void thrown(String text, Throwable cause) {
            view.thrown(text, cause);
            runtime.thrown(text, cause);
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
                ReadBurst slice = new ReadBurst();
                slice.add(Work.Internal.SNAPSHOT_SLICE, 0);
                executor.submit(slice);
                superviseIfNeeded();
            });
        }

        @Override
        public long nanoTime() {
            return wakeUpTimer.nanoTime();
        }

        @Override
        public Instant now() {
            return runtime.wallClock().instant();
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
            onLoop(() -> {
                handlerDone = true;
                if (state == SessionState.DRAINING && waiting == Waiting.FOR_HANDLER && !failed.get()) {
                    finishOutput();
                }
            });
        }
    }

    /**
     * Looks after the call at hand: a warning while it takes long, the call limit, {@code System.exit}.
     *
     * <p>Threading: the watchdog of {@link Workers}, but for {@link #abandon}. The event loop takes no part: taking a
     * stack trace may block for seconds, and a blocked STDOUT blocks its timers.
     */
    private final class CallWatch {
        private static final long EXIT_LOOK_NANOS = 100_000_000;

        private volatile long abandoned; // the call that is given up; 0 for none
        private volatile boolean isExitSeen;
        private long nextWarningNanos;
        private long nextExitLookNanos;

        /** Gives up a call, if it is still going on when the watchdog looks: the lane has been closed. Safe for any thread. */
        void abandon(long call) {
            abandoned = call;
        }

        void look(long nowNanos) {
            long callNanos = callObserver.look(nowNanos);
            if (callNanos == 0) {
                nextWarningNanos = config.warnCallAfter().toNanos();
                nextExitLookNanos = 0;
                return;
            }
            if (callNanos >= nextExitLookNanos) {
                nextExitLookNanos = callNanos + EXIT_LOOK_NANOS;
                lookForExit();
            }
            if (callObserver.hasSeen(abandoned)) {
                abandonCall();
            } else if (callNanos > callLimitNanos && waiting == Waiting.NOTHING && state != SessionState.CLOSED) {
                fail(
                        Ending.OVERDUE,
                        invoker.call() + " did not return within " + FailureTexts.seconds(callLimitNanos),
                        null);
                abandonCall();
            } else if (callNanos >= nextWarningNanos && !isMakingSnapshot()) {
                nextWarningNanos *= 2;
                warn(callNanos);
            }
        }

        private void warn(long callNanos) {
            Thread thread = tracker.thread();
            String given = invoker.given(executor.message());
            if (thread != null && callObserver.isSameCall()) {
                log().warn(
                                "{} has not returned for {}; the call was given {}; its thread is here",
                                invoker.call(),
                                FailureTexts.seconds(callNanos),
                                given,
                                new CallStack(thread));
            }
        }

        /** A thread in {@code System.exit} never comes back: it waits for the end of the JVM, which waits for us. */
        private void lookForExit() {
            boolean isWaitedFor = waiting == Waiting.FOR_HANDLER || state == SessionState.CLOSED;
            if (isExitSeen || !isWaitedFor || !SystemExitCalls.isMadeBy(tracker.thread())) {
                return;
            }
            isExitSeen = true;
            fail(Ending.FAILED, invoker.call() + ": System.exit (expected: an exception)", null);
        }

        /**
         * Gives up the call that the last look found, if it is still going on: logs where it is, and interrupts it. A
         * thread that does not react cannot be ended, and is counted. The lane has been closed before: no other call
         * comes that the interrupt could be taken for.
         */
        private void abandonCall() {
            Thread thread = tracker.thread();
            if (thread == null || callAbandoned.get()) {
                return;
            }
            String call = invoker.call();
            CallStack stack = new CallStack(thread);
            if (callObserver.interrupt() && callAbandoned.compareAndSet(false, true)) {
                runtime.callAbandoned();
                log().error("{} does not return; its thread is interrupted, and is here", call, stack);
                if (!executor.isBusy()) {
                    abandonedCallCameBack();
                }
            }
        }
    }

    /** What the lane does and tells. */
    private final class LaneWork implements HandlerExecutor.ExecutorCallbacks {
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
            abandonedCallCameBack();
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
            resumeReadingSoon();
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

    /** What the output tells. */
    private final class OutputEvents implements OutputPort.OutputListener {
        @Override
        public void room() {
            executor.resume();
            resumeReadingSoon();
        }

        @Override
        public void backlog() {
            superviseIfNeeded();
        }
    }
}
