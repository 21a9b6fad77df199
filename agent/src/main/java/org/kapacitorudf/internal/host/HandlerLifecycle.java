package org.kapacitorudf.internal.host;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.kapacitorudf.agent.AgentConfig;
import org.kapacitorudf.agent.Connection.Restored;
import org.kapacitorudf.errors.OnBadSnapshot;
import org.kapacitorudf.errors.OutputClosedException;
import org.kapacitorudf.errors.SnapshotException;
import org.kapacitorudf.errors.UdfException;
import org.kapacitorudf.internal.host.HandlerInvoker.SessionCallbacks;
import org.kapacitorudf.internal.line.GivenOption;
import org.kapacitorudf.internal.line.OptionAccess;
import org.kapacitorudf.internal.process.ProcessUser;
import org.kapacitorudf.internal.snapshot.SeedDirectory;
import org.kapacitorudf.internal.snapshot.StateBackend;
import org.kapacitorudf.internal.snapshot.States;
import org.kapacitorudf.option.Option;
import org.kapacitorudf.option.OptionValues;

/**
 * The lifecycle of one node's handler: it is created by Init, restored, saved, replaced and stopped.
 *
 * <p>Threading: called like the handler's calls, unless noted otherwise.
 *
 * <p>Errors: errors of the handler are answered or reported to the host; {@link #renew} throws them.
 */
final class HandlerLifecycle {
    private static final OptionAccess<Option<?>, OptionValues> OPTIONS = OptionAccess.of(OptionValues.class);

    private static final byte[] NOTHING = {};

    private final UdfFunction function;
    private final AgentConfig config;
    private final HandlerOutput.Port output;
    private final SessionCallbacks callbacks;
    private final Snapshots snapshots;
    private final CallName calls;
    private final Counters counters;
    private final StateBackend backend; // null for snapshots

    private HandlerInstance.InitParameters parameters;
    private HandlerInstance instance; // null before Init and after stop
    private boolean isStateWorthSaving;
    private boolean isSeedDue; // neither state nor data has arrived since Init
    private boolean isSeeded;
    private volatile String where = "";
    private volatile String taskId = "";
    private volatile String nodeId = "";
    private volatile String options = "";
    private volatile Restored restored; // null for none
    private volatile ConnectionLog log;

    HandlerLifecycle(
            UdfFunction function,
            AgentConfig config,
            HandlerOutput.Port output,
            SessionCallbacks callbacks,
            Snapshots snapshots,
            CallName calls,
            Counters counters,
            StateBackend backend) {
        this.function = function;
        this.config = config;
        this.output = output;
        this.callbacks = callbacks;
        this.snapshots = snapshots;
        this.calls = calls;
        this.counters = counters;
        this.backend = backend;
    }

    /** The current handler; null before a successful Init, and after stop. */
    HandlerInstance instance() {
        return instance;
    }

    /** Data has arrived: there is state to save, and no Restore will come. */
    void dataSeen() {
        isStateWorthSaving = true;
    }

    /** Whether the state of the seed must be restored before the next data. */
    boolean isSeedDue() {
        return isSeedDue;
    }

    void init(Work.Init init) {
        if (instance != null) {
            callbacks.answer(init, new Answer.Outcome("a second Init (expected: one)"));
            callbacks.protocolBroken("a second Init (expected: one)");
            return;
        }
        log = callbacks.log(init.taskId(), init.nodeId());
        log.enter();
        taskId = init.taskId();
        nodeId = init.nodeId();
        where = " (task " + init.taskId() + ", node " + init.nodeId() + ")";
        try {
            checkLengths(init.options());
            OptionValues parsed = OPTIONS.parse(function.description().options(), init.options());
            options = parsed.toString();
            parameters = new HandlerInstance.InitParameters(parsed, init.taskId(), init.nodeId(), log, counters);
            create();
            if (backend != null) {
                restoreState(NOTHING);
            }
            callbacks.answer(init, Answer.Outcome.SUCCESS);
            instance.output().open();
            instance.timers().initAnswered();
            isSeedDue = backend == null && config.seedDir().isPresent();
            if (backend != null) {
                instance.timers().begin();
            }
            callbacks.running(log, parsed);
        } catch (Throwable e) {
            String text = FailureTexts.of(e);
            thrown(calls.last(), e);
            log.warn("init failed: {}", text, e instanceof UdfException ? null : e);
            callbacks.refuse(init, text);
        }
    }

    private void checkLengths(List<GivenOption> given) {
        for (GivenOption option : given) {
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
        try (CallName call = calls.enter("create")) {
            instance = HandlerInstance.begin(function, parameters, config, output, callbacks);
        }
    }

    void restore(Work.Restore request) {
        String error;
        if (instance == null) {
            error = "Restore before a successful Init (expected: Init first)";
        } else if (isStateWorthSaving) {
            error = "Restore after data, or a second one (expected: one, before data)";
        } else {
            error = restored(request.snapshot());
        }
        if (error.isEmpty()) {
            callbacks.answer(request, Answer.Outcome.SUCCESS);
            instance.timers().begin();
        } else {
            callbacks.refuse(request, error);
        }
    }

    /** Restores everything or nothing; returns the error, empty for none. */
    private String restored(byte[] snapshot) {
        try {
            if (snapshot.length > 0) {
                isSeedDue = false;
                if (instance.timers().haveRun() || isSeeded) {
                    // Kapacitor took long to send it. A handler that has worked without its state, or with another,
                    // must not get it.
                    replace();
                }
                int version = restoreState(snapshot);
                snapshots.restored(snapshot);
                tellRestored("restored", snapshot.length, version, "");
            } else {
                seed();
            }
            isStateWorthSaving = true;
            return "";
        } catch (Throwable e) {
            return notRestored(e);
        }
    }

    /** Restores the state of the seed before the first data. */
    void seedBeforeData() {
        try {
            seed();
        } catch (Throwable e) {
            String error = notRestored(e);
            if (!error.isEmpty()) {
                callbacks.fail(error, e);
            }
        }
    }

    /** Starts from the state of the seed, if there is one. */
    private void seed() throws Exception {
        if (!isSeedDue) {
            return;
        }
        isSeedDue = false;
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
        isSeeded = true;
        tellRestored("seeded", seed.get().length, version, ", from " + file.get());
    }

    /** Takes the handler's own state, for {@link #saveChanges}. Errors: those of the handler. */
    void keepHandlerBytes() throws Exception {
        if (instance != null) {
            try (CallName call = calls.enter("snapshot")) {
                instance.states().handlerBytes(instance.handler().snapshot(instance.output()));
            }
        }
    }

    /** Writes all changes to the backend. Errors: those of the backend. */
    void saveChanges() {
        if (instance != null) {
            instance.states().saveChanges();
        }
    }

    /** The state from which a handler starts that replaces a failed one. */
    String renewsFrom() {
        int snapshotBytes = snapshots.lastGood().length;
        return backend != null
                ? "the state after the last successful call"
                : snapshotBytes == 0 ? "nothing" : "a snapshot of " + snapshotBytes + " bytes";
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

    /**
     * Restores the state of the backend, or of the snapshot if there is no backend. Returns the version of the saved
     * state.
     */
    private int restoreState(byte[] snapshot) throws Exception {
        try (CallName call = calls.enter("restore")) {
            States.Restored saved = backend == null ? instance.restore(snapshot) : instance.restoreFrom(backend);
            saved.notes().forEach(note -> log.warn("restore: {}", note));
            if (saved.handlerBytes().length > 0) {
                instance.handler().restore(saved.handlerBytes(), instance.output());
            }
            return saved.version();
        }
    }

    private String notRestored(Throwable cause) {
        String text = FailureTexts.of(cause);
        thrown(calls.last(), cause);
        if (config.onBadSnapshot() == OnBadSnapshot.FRESH) {
            log.warn("restore failed, starting without state: {}", text, cause instanceof UdfException ? null : cause);
            try {
                // It may have been partly restored: only a new handler is certainly without state.
                replace();
                restored = null;
                return "";
            } catch (Throwable e) {
                thrown(calls.last(), e);
                text = text + "; and a start without state failed: " + FailureTexts.of(e);
            }
        }
        log.warn("restore failed: {}", text, cause instanceof UdfException ? null : cause);
        return text;
    }

    void snapshot(Work.Snapshot request) {
        // Without data, a restored state or the work of timers, Kapacitor's snapshot is still up to date.
        if (instance == null || !(isStateWorthSaving || instance.timers().haveRun())) {
            callbacks.answer(request, new Answer.SavedState(NOTHING));
            return;
        }
        try (CallName call = calls.enter("snapshot")) {
            snapshots.begin(request, instance);
        }
    }

    void snapshotSlice() {
        try (CallName call = calls.enter("snapshot")) {
            snapshots.goOn();
        }
    }

    /** Continues a snapshot although there is data, if it is its turn. */
    void betweenCalls() {
        if (snapshots.isDue()) {
            try (CallName call = calls.enter("snapshot")) {
                snapshots.writeSlice();
            }
        }
    }

    /** Replaces a failed handler by a new one from the last good snapshot. */
    void renew() throws Exception {
        replace();
        restoreState(snapshots.lastGood());
        instance.timers().begin();
    }

    /** Ends the handler, and creates one without state. */
    private void replace() throws Exception {
        try (CallName call = calls.enter("snapshot")) {
            snapshots.finish();
        }
        HandlerInstance former = instance;
        instance = null;
        former.end();
        stopQuietly(former);
        create();
        instance.output().open();
    }

    /** Ends the input: the handler stops, and may still emit. */
    void endOfInput() {
        if (instance != null) {
            try (CallName call = calls.enter("snapshot")) {
                snapshots.finish();
            }
            HandlerInstance last = instance;
            instance = null;
            last.timers().end();
            try (CallName call = calls.enter("stop")) {
                last.handler().stop(last.output());
            } catch (Throwable e) {
                callbacks.fail(thrown("stop", e), e);
                return;
            }
        }
        callbacks.ended();
    }

    /** Called when the task has failed or ended: lets the handler clean up. Its output is refused. */
    void closed() {
        snapshots.drop();
        if (instance != null) {
            HandlerInstance last = instance;
            instance = null;
            stopQuietly(last);
        }
    }

    private void stopQuietly(HandlerInstance stopped) {
        stopped.timers().end();
        try (CallName call = calls.enter("stop")) {
            stopped.handler().stop(stopped.output());
        } catch (OutputClosedException e) {
            log.debug("stop: {}", e.getMessage());
        } catch (Throwable e) {
            thrown("stop", e);
            log.warn("stop failed: {}", FailureTexts.of(e), e);
        }
    }

    /** Reports that a call has thrown; returns the text for it. */
    String thrown(String method, Throwable cause) {
        String text = text(method, cause);
        callbacks.thrown(text, cause);
        return text;
    }

    /** Reports that the argument of a call is skipped; returns the text for it. */
    String skipped(String method, Throwable cause) {
        String text = text(method, cause);
        callbacks.skipped(text, cause);
        return text;
    }

    private static String text(String method, Throwable cause) {
        return method + ": " + FailureTexts.of(cause);
    }

    /** Empty before Init. Safe for any thread. */
    String taskId() {
        return taskId;
    }

    /** Empty before Init. Safe for any thread. */
    String nodeId() {
        return nodeId;
    }

    /** The options as in the log; empty before Init. Safe for any thread. */
    String options() {
        return options;
    }

    /** The state from which the handler started. Safe for any thread. */
    Optional<Restored> restored() {
        return Optional.ofNullable(restored);
    }

    /** The task and the node for the text of an error; empty before Init. Safe for any thread. */
    String where() {
        return where;
    }

    /** The log with the names of the task and the node; null before Init. Safe for any thread. */
    ConnectionLog log() {
        return log;
    }
}
