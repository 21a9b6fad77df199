package org.kapacitorudf.internal.host;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executor;
import org.kapacitorudf.BatchBegin;
import org.kapacitorudf.BatchEnd;
import org.kapacitorudf.EdgeType;
import org.kapacitorudf.Point;
import org.kapacitorudf.agent.AgentConfig;
import org.kapacitorudf.agent.AgentConfig.OnBadSnapshot;
import org.kapacitorudf.agent.Connection.Restored;
import org.kapacitorudf.errors.FailurePolicy;
import org.kapacitorudf.errors.FieldException;
import org.kapacitorudf.errors.OutputClosedException;
import org.kapacitorudf.errors.SnapshotException;
import org.kapacitorudf.errors.UdfException;
import org.kapacitorudf.internal.codec.ControlRequest;
import org.kapacitorudf.internal.codec.OptionMessages;
import org.kapacitorudf.internal.process.ProcessUser;
import org.kapacitorudf.internal.session.Counters;
import org.kapacitorudf.internal.session.Skips;
import org.kapacitorudf.internal.snapshot.Expired;
import org.kapacitorudf.internal.snapshot.SeedDirectory;
import org.kapacitorudf.internal.snapshot.States;
import org.kapacitorudf.option.OptionValues;
import org.kapacitorudf.proto.InitRequest;
import org.kapacitorudf.proto.InitResponse;
import org.kapacitorudf.proto.Response;
import org.kapacitorudf.proto.RestoreResponse;
import org.slf4j.Logger;

/**
 * One connection's handler: makes it, calls it, saves and restores it, and decides what its failures do.
 *
 * <p>Threading: one call at a time, by whichever thread {@code HandlerExecutor} runs. Nothing thrown by somebody else's code leaves here.
 */
public final class HandlerInvoker {
    private static final byte[] NOTHING = {};

    /** The connection, as the handler's side sees it. All methods are safe for any thread. */
    public interface SessionCallbacks extends Timers.TimerCallbacks, Snapshots.SnapshotCallbacks {
        /** The log of a connection that is being initialised. */
        ConnectionLog log(String taskId, String nodeId);

        /** The handler exists, and data may be sent. */
        void running(ConnectionLog log, OptionValues options);

        /** Ends the conversation: Init or Restore has been answered with an error, and Kapacitor will neither send data nor ever close by itself. */
        void refused();

        /**
         * Ends the task with an error: a call failed that the function was given something for.
         *
         * @param given what it was given, for the log
         */
        void fail(String text, String given, Throwable cause);

        /** Ends the task with an error: the other side broke the protocol. */
        void protocolBroken(String text);

        /** The input has been handled to its end. */
        void ended();
    }

    private final UdfFunction function;
    private final boolean wantsBatches;
    private final AgentConfig config;
    private final HandlerOutput.Port output;
    private final SessionCallbacks callbacks;
    private final Snapshots snapshots;
    private final FailurePolicy onError;
    private final Skips skips = new Skips(System::nanoTime);
    private final Counters counters;
    private final RestartLimit restartLimit;

    private HandlerInstance.InitParameters parameters;
    private HandlerInstance instance; // null before Init and after stop
    private boolean stateWorthSaving;
    private boolean seedDue; // neither a state nor data has come since Init
    private boolean seeded;
    private boolean inBatch;
    private boolean skippingBatch;
    private String batchName = "";
    private boolean messageHandled; // the message at hand has had its own call
    private Expired<?> expired; // whose turn is next, before the timer
    private TimerEntry timer; // whose turn is next, before the message at hand is done with
    private boolean timerCalled; // the last call was that of a timer
    private String restartCause; // null as long as no restart is due, before the message at hand is done with
    private volatile String call = "create";
    private volatile String where = "";
    private volatile String taskId = "";
    private volatile String nodeId = "";
    private volatile String options = "";
    private volatile Restored restored; // null for none
    private volatile ConnectionLog log;

    // Other threads read these for a log line or a metric, where a little late is good enough.
    private long pointsIn;
    private long batchesIn;
    private long skipped;

    private volatile int restarts; // written by the handler's calls
    private volatile long groups = -1; // written by the handler's calls

    public HandlerInvoker(
            UdfFunction function,
            AgentConfig config,
            HandlerOutput.Port output,
            Executor workers,
            SessionCallbacks callbacks) {
        this.function = function;
        this.wantsBatches = function.description().wants() == EdgeType.BATCH;
        this.counters = new Counters(function);
        this.config = config;
        this.output = output;
        this.callbacks = callbacks;
        this.snapshots = new Snapshots(callbacks, workers, config.maxSnapshotBytes(), System::nanoTime);
        this.onError = config.onError() == FailurePolicy.DECLARED
                ? function.description().onError()
                : config.onError();
        this.restartLimit = new RestartLimit(config.maxRestarts(), config.restartInterval());
    }

    static boolean isData(Object message) {
        return message instanceof Point
                || message instanceof BatchBegin
                || message instanceof BatchEnd
                || message == WakeUp.WAKE_UP;
    }

    /** Whether the next call that a message gives rise to may send points, and should find room for them. */
    public boolean maySend(Object message) {
        return restartCause == null && !seedDue && isData(message);
    }

    /** What the call at hand was given, for a log line, if it was made for a message. Safe for any thread. */
    public String given(Object message) {
        boolean isOfMessage = call.equals("point") || call.endsWith("Batch");
        return FailureTexts.ofData(isOfMessage && isData(message) ? message : null, batchName);
    }

    public void enter() {
        Thread.currentThread().setContextClassLoader(function.contextClassLoader());
        if (log != null) {
            log.enter();
        }
    }

    public void leave() {
        if (log != null) {
            log.leave();
        }
    }

    /** Takes note of how many groups there are; by whoever makes the calls. */
    public void countGroups() {
        if (instance != null) {
            groups = instance.states().groups();
        }
    }

    /**
     * Makes the next call that a message of the lane gives rise to: that of a group which expires or a timer whose time comes before the message's, the message's
     * own, or that of one which is due behind it; and after one that failed, the restart. Each is a call for itself, with the limits of one.
     *
     * @return whether it was the last one: else the message has to be given again
     */
    public boolean handle(Object message) {
        try {
            if (restartCause != null) {
                restart();
            } else if (seedDue && isData(message)) {
                // No Restore comes any more: Kapacitor would have sent it before the first data.
                seedBeforeData();
            } else {
                handleNext(message);
            }
            if (restartCause == null) {
                expired = nextExpired();
                if (timer == null && messageHandled && instance != null) {
                    timer = instance.timers().next();
                }
            }
        } catch (OutOfOrderException e) {
            callbacks.protocolBroken(e.getMessage());
        } catch (Throwable e) {
            callbacks.fail(thrown(call, e), e);
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

    private TimerEntry timerBefore(Object message) {
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

    /** The group that has to go next, as far as the handler wants to be told; null if there is none, or the state is still to come. */
    private Expired<?> nextExpired() {
        return instance == null ? null : instance.nextExpired();
    }

    private void tell(Expired<?> gone) {
        expired = null;
        String callBefore = call;
        call = "onExpire";
        try {
            gone.tell(instance.output());
        } catch (Throwable e) {
            failed("onExpire", e, null);
        }
        call = callBefore;
    }

    private void run(TimerEntry due) {
        timer = null;
        if (!timerCalled) {
            timerCalled = true;
            call = "timer";
        }
        try {
            instance.timers().run(due, instance.output());
        } catch (Throwable e) {
            failed("timer", e, null);
        }
    }

    private void handleItself(Object message) {
        if (timerCalled) {
            timerCalled = false;
            call = "point";
        }
        if (message instanceof Point point) {
            point(point);
        } else if (message instanceof BatchBegin begin) {
            beginBatch(begin);
        } else if (message instanceof BatchEnd end) {
            endBatch(end);
        } else if (message == WakeUp.WAKE_UP) {
            wakeUp();
        } else if (message instanceof ControlRequest.Snapshot request) {
            snapshot(request);
        } else if (message == SnapshotSlice.SNAPSHOT_SLICE) {
            snapshotSlice();
        } else if (message instanceof ControlRequest.Init request) {
            init(request);
        } else if (message instanceof ControlRequest.Restore request) {
            restore(request);
        } else {
            endOfInput();
        }
    }

    private void wakeUp() {
        if (instance != null) {
            instance.woken();
        }
    }

    private void point(Point point) {
        checkInOrder("Point", wantsBatches, inBatch);
        pointsIn++;
        if (skippingBatch) {
            return;
        }
        try {
            instance.handler().point(point, instance.output());
        } catch (Throwable e) {
            failed("point", e, point);
        }
    }

    private void beginBatch(BatchBegin begin) {
        checkInOrder("BeginBatch", true, !inBatch);
        inBatch = true;
        skippingBatch = false;
        batchesIn++;
        batchName = begin.name();
        call = "beginBatch";
        try {
            instance.handler().beginBatch(begin, instance.output());
        } catch (Throwable e) {
            skippingBatch = true;
            failed("beginBatch", e, begin);
        }
        call = "point";
    }

    private void endBatch(BatchEnd end) {
        checkInOrder("EndBatch", true, inBatch);
        inBatch = false;
        if (skippingBatch) {
            skippingBatch = false;
            return;
        }
        call = "endBatch";
        try {
            instance.handler().endBatch(end, instance.output());
        } catch (Throwable e) {
            failed("endBatch", e, end);
        }
        call = "point";
    }

    /** @param batched whether the message belongs to batches; @param expected whether a batch is open, or not, as the message demands */
    private void checkInOrder(String message, boolean batched, boolean expected) {
        if (instance == null) {
            throw new OutOfOrderException(message + " before a successful Init (expected: Init first)");
        }
        if (batched != wantsBatches) {
            throw new OutOfOrderException(
                    message + " (expected: " + (wantsBatches ? "batches" : "points of a stream") + ")");
        }
        if (batched && !expected) {
            throw new OutOfOrderException(message + (inBatch ? " inside a batch" : " outside of a batch")
                    + " (expected: begin, points, end)");
        }
        stateWorthSaving = true;
    }

    /** A message that is not in order where it comes. */
    private static final class OutOfOrderException extends RuntimeException {
        private static final long serialVersionUID = 1;

        OutOfOrderException(String message) {
            super(message);
        }
    }

    /** @param data what the call was given */
    private void failed(String method, Throwable cause, Object data) {
        String text = thrown(method, cause);
        if (cause instanceof FieldException
                || (onError == FailurePolicy.SKIP && cause instanceof Exception && isHandlersOwn(cause))) {
            skipped++;
            skips.add(text, callbacks.now())
                    .ifPresent(heldBack -> log.warn(
                            "{} skipped: {}; the call was given {}{}",
                            method,
                            FailureTexts.of(cause),
                            FailureTexts.ofData(data, batchName),
                            heldBack,
                            cause instanceof FieldException ? null : cause));
        } else if (onError == FailurePolicy.RESTART && isSurvivable(cause) && isHandlersOwn(cause)) {
            restartAfter(text, cause, data);
        } else {
            callbacks.fail(text, FailureTexts.ofData(data, batchName), cause);
        }
    }

    /** Neither the end of the connection nor that of the time for a call. */
    private static boolean isHandlersOwn(Throwable cause) {
        return !(cause instanceof OutputClosedException)
                && !Thread.currentThread().isInterrupted();
    }

    /** The JVM is all right. */
    private static boolean isSurvivable(Throwable cause) {
        return !(cause instanceof VirtualMachineError) || cause instanceof StackOverflowError;
    }

    private void restartAfter(String text, Throwable cause, Object data) {
        if (!restartLimit.allows(callbacks.nanoTime())) {
            callbacks.fail(
                    "after " + restartLimit + " (expected: no more), again " + text,
                    FailureTexts.ofData(data, batchName),
                    cause);
            return;
        }
        restarts++;
        int snapshotBytes = snapshots.lastGood().length;
        restartCause = text;
        log.warn(
                "{}; restart {}, from {}; the call was given {}",
                text,
                restarts,
                snapshotBytes == 0 ? "nothing" : "a snapshot of " + snapshotBytes + " bytes",
                FailureTexts.ofData(data, batchName),
                cause instanceof UdfException ? null : cause);
    }

    /** A new handler, from the last good snapshot. */
    private void restart() {
        String failure = restartCause;
        restartCause = null;
        expired = null;
        timer = null;
        // What came before of the batch that is open is lost, and so is what comes of it.
        skippingBatch = inBatch;
        try {
            replaceLife();
            call = "restore";
            restoreState(snapshots.lastGood());
            call = "point";
            instance.timers().begin();
        } catch (Throwable e) {
            callbacks.fail("restart after " + failure + ": " + thrown(call, e), e);
        }
    }

    /** Ends a life, and begins another one that knows nothing of it. */
    private void replaceLife() throws Exception {
        call = "snapshot";
        snapshots.finish();
        HandlerInstance former = instance;
        instance = null;
        former.end();
        call = "stop";
        stopQuietly(former);
        create();
        instance.output().open();
    }

    private void init(ControlRequest.Init request) {
        if (instance != null) {
            callbacks.answer(request, initResponse(function.name() + ": a second Init (expected: one)"));
            callbacks.protocolBroken("a second Init (expected: one)");
            return;
        }
        InitRequest init = request.message();
        log = callbacks.log(init.getTaskID(), init.getNodeID());
        log.enter();
        taskId = init.getTaskID();
        nodeId = init.getNodeID();
        where = " (task " + init.getTaskID() + ", node " + init.getNodeID() + ")";
        try {
            List<OptionValues.Given> given = OptionMessages.given(init);
            checkLengths(given);
            OptionValues parsed = OptionValues.parse(function.description().options(), given);
            options = parsed.toString();
            parameters = new HandlerInstance.InitParameters(parsed, init.getTaskID(), init.getNodeID(), log, counters);
            create();
            callbacks.answer(request, initResponse(""));
            instance.output().open();
            instance.timers().initAnswered();
            seedDue = config.seedDir().isPresent();
            callbacks.running(log, parsed);
        } catch (Throwable e) {
            String text = FailureTexts.of(e);
            thrown(call, e);
            log.warn("init failed: {}", text, e instanceof UdfException ? null : e);
            callbacks.answer(request, initResponse(function.name() + ": " + text));
            callbacks.refused();
        }
    }

    private void checkLengths(List<OptionValues.Given> given) {
        for (OptionValues.Given option : given) {
            for (Object argument : option.arguments()) {
                int bytes = argument instanceof String text ? text.getBytes(StandardCharsets.UTF_8).length : 0;
                if (bytes > config.maxOptionBytes()) {
                    throw new UdfException(
                            option.name() + ": " + bytes + " bytes (expected: <= " + config.maxOptionBytes() + ")");
                }
            }
        }
    }

    private void create() throws Exception {
        call = "create";
        instance = HandlerInstance.begin(function, parameters, config, output, callbacks);
        call = "point";
    }

    private static Response initResponse(String error) {
        return Response.newBuilder()
                .setInit(InitResponse.newBuilder().setSuccess(error.isEmpty()).setError(error))
                .build();
    }

    private void restore(ControlRequest.Restore request) {
        String error = "";
        if (instance == null) {
            error = "Restore before a successful Init (expected: Init first)";
        } else if (stateWorthSaving) {
            error = "Restore after data, or a second one (expected: one, before data)";
        } else {
            call = "restore";
            error = restored(request.snapshot());
            call = "point";
        }
        callbacks.answer(request, restoreResponse(error));
        if (error.isEmpty()) {
            instance.timers().begin();
        } else {
            callbacks.refused();
        }
    }

    /** Restores all or nothing; gives the error, empty for none. */
    private String restored(byte[] snapshot) {
        try {
            if (snapshot.length > 0) {
                seedDue = false;
                renewIfNotFirst();
                int version = restoreState(snapshot);
                snapshots.restored(snapshot);
                tellRestored("restored", snapshot.length, version, "");
            } else {
                seed();
            }
            stateWorthSaving = true;
            return "";
        } catch (Throwable e) {
            return notRestored(e);
        }
    }

    /** Kapacitor took long to send what it has: a handler that has been at work without its state, or has another, is not the one to be given it. */
    private void renewIfNotFirst() throws Exception {
        if (instance.timers().haveRun() || seeded) {
            replaceLife();
            call = "restore";
        }
    }

    private void seedBeforeData() {
        call = "restore";
        try {
            seed();
        } catch (Throwable e) {
            String error = notRestored(e);
            if (!error.isEmpty()) {
                callbacks.fail(error, e);
            }
        }
        call = "point";
    }

    /** Begins with the state of the seed, if there is one. */
    private void seed() throws Exception {
        if (!seedDue) {
            return;
        }
        seedDue = false;
        SeedDirectory seeds =
                new SeedDirectory(config.seedDir().orElseThrow(), config.maxSnapshotBytes(), ProcessUser.uid());
        Optional<Path> file = seeds.file(taskId, nodeId);
        if (file.isEmpty()) {
            log.warn("not seeded: {}.{} (expected: a file name)", taskId, nodeId);
            return;
        }
        Optional<byte[]> seed = seeds.read(file.get());
        if (seed.isEmpty()) {
            log.info("not seeded: {} does not exist", file.get());
            return;
        }
        int version;
        try {
            version = restoreState(seed.get());
        } catch (Exception e) {
            throw new SnapshotException("seed: " + file.get() + ": " + FailureTexts.of(e), e);
        }
        snapshots.restored(seed.get());
        seeded = true;
        tellRestored("seeded", seed.get().length, version, ", from " + file.get());
    }

    private void tellRestored(String how, int bytes, int version, String where) {
        long count = instance.states().groups();
        restored = new Restored(callbacks.now(), Math.max(0, count), bytes, version);
        log.info(
                "{}: {}{}, saved by version {}{}",
                how,
                count < 0 ? "" : count + (count == 1 ? " group, " : " groups, "),
                FailureTexts.bytes(bytes),
                version,
                where);
    }

    /** Gives the version of the state that was saved. */
    private int restoreState(byte[] snapshot) throws Exception {
        States.Restored saved = instance.restore(snapshot);
        saved.notes().forEach(note -> log.warn("restore: {}", note));
        if (saved.handlerBytes().length > 0) {
            instance.handler().restore(saved.handlerBytes(), instance.output());
        }
        return saved.version();
    }

    private String notRestored(Throwable cause) {
        String text = FailureTexts.of(cause);
        thrown(call, cause);
        if (config.onBadSnapshot() == OnBadSnapshot.FRESH) {
            log.warn("restore failed, starting fresh: {}", text, cause instanceof UdfException ? null : cause);
            try {
                // Half of it may have been restored: only a new handler is certainly fresh.
                replaceLife();
                restored = null;
                return "";
            } catch (Throwable e) {
                thrown(call, e);
                text = text + "; and a fresh start failed: " + FailureTexts.of(e);
            }
        }
        log.warn("restore failed: {}", text, cause instanceof UdfException ? null : cause);
        return text;
    }

    private Response restoreResponse(String error) {
        return Response.newBuilder()
                .setRestore(RestoreResponse.newBuilder()
                        .setSuccess(error.isEmpty())
                        .setError(error.isEmpty() ? "" : function.name() + ": " + error))
                .build();
    }

    private void snapshot(ControlRequest.Snapshot request) {
        // Without data, a restored state or the work of timers, what Kapacitor has is as good.
        if (instance == null || !(stateWorthSaving || instance.timers().haveRun())) {
            callbacks.answer(request, Snapshots.response(NOTHING));
            return;
        }
        call = "snapshot";
        snapshots.begin(request, instance);
        call = "point";
    }

    private void snapshotSlice() {
        call = "snapshot";
        snapshots.goOn();
        call = "point";
    }

    /** Goes on with a snapshot although there is data, if it is its turn. */
    public void betweenCalls() {
        if (snapshots.isDue()) {
            call = "snapshot";
            snapshots.writeSlice();
            call = "point";
        }
    }

    /** The answer to a request that nobody will handle any more. */
    public Response answerInstead(ControlRequest request, String reason) {
        if (request instanceof ControlRequest.Init) {
            return initResponse(function.name() + ": " + reason);
        }
        if (request instanceof ControlRequest.Restore) {
            return restoreResponse(reason);
        }
        return Snapshots.response(snapshots.lastGood());
    }

    private void endOfInput() {
        if (instance != null) {
            if (inBatch) {
                log.warn("the input ended inside a batch: it is dropped");
            }
            call = "snapshot";
            snapshots.finish();
            countGroups();
            HandlerInstance last = instance;
            instance = null;
            last.timers().end();
            call = "stop";
            try {
                last.handler().stop(last.output());
            } catch (Throwable e) {
                callbacks.fail(thrown("stop", e), e);
                return;
            }
        }
        callbacks.ended();
    }

    /** The connection has failed or gone: lets the handler clean up. Its output is refused. */
    public void closed() {
        snapshots.drop();
        if (instance != null) {
            countGroups();
            HandlerInstance last = instance;
            instance = null;
            call = "stop";
            stopQuietly(last);
        }
    }

    private void stopQuietly(HandlerInstance stopped) {
        stopped.timers().end();
        try {
            stopped.handler().stop(stopped.output());
        } catch (OutputClosedException e) {
            log.debug("stop: {}", e.getMessage());
        } catch (Throwable e) {
            thrown("stop", e);
            log.warn("stop failed: {}", FailureTexts.of(e), e);
        }
    }

    /** Lets it be known that a call has thrown; gives the text for it. */
    private String thrown(String method, Throwable cause) {
        String text = method + ": " + FailureTexts.of(cause);
        callbacks.thrown(text, cause);
        return text;
    }

    /** The method of the handler that runs or ran last. Safe for any thread. */
    public String call() {
        return call;
    }

    /** Groups in the handler's state as the last piece of work left them; -1 for a handler without state per group. Safe for any thread. */
    public long groups() {
        return groups;
    }

    /** Empty before Init. Safe for any thread. */
    public String taskId() {
        return taskId;
    }

    /** Empty before Init. Safe for any thread. */
    public String nodeId() {
        return nodeId;
    }

    /** The options, as in the log; empty before Init. Safe for any thread. */
    public String options() {
        return options;
    }

    /** The state that the handler began with. Safe for any thread. */
    public Optional<Restored> restored() {
        return Optional.ofNullable(restored);
    }

    /** Safe for any thread. */
    public Skips skips() {
        return skips;
    }

    /** Safe for any thread. */
    public Counters counters() {
        return counters;
    }

    public Snapshots snapshots() {
        return snapshots;
    }

    /** Safe for any thread. */
    public long pointsIn() {
        return pointsIn;
    }

    /** Safe for any thread. */
    public long batchesIn() {
        return batchesIn;
    }

    /** Safe for any thread. */
    public long skipped() {
        return skipped;
    }

    /** Points and batches so far, for the log. Safe for any thread. */
    public String counts() {
        String batches = wantsBatches || function.description().provides() == EdgeType.BATCH
                ? "; batches in " + batchesIn + ", out " + output.batchesOut()
                : "";
        return "points in " + pointsIn + ", out " + output.pointsOut() + batches
                + (groups < 0 ? "" : "; groups " + groups) + "; skipped " + skipped
                + (output.nonFinite() == 0 ? "" : "; not finite " + output.nonFinite())
                + (onError == FailurePolicy.RESTART ? "; restarts " + restarts : "")
                + counters.text();
    }

    /** How often the handler has been replaced by a new one. Safe for any thread. */
    public int restarts() {
        return restarts;
    }

    /** The task and the node for an error's text; empty before Init. Safe for any thread. */
    public String where() {
        return where;
    }

    /** The connection's log; null before Init. Safe for any thread. */
    public Logger log() {
        return log;
    }
}
