package org.kapacitorudf.internal.host;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
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
 * The lifecycle of one node's handler: creates the handler on Init, and restores, saves, replaces and stops it.
 *
 * <p>Threading: called by the thread that makes the handler's calls, unless noted otherwise.
 *
 * <p>Errors: errors of the handler are sent as answers or reported to the host, unless noted otherwise.
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
    private final @Nullable StateBackend backend; // null if state is saved in snapshots

    private @Nullable HandlerInstance instance; // null before Init and after stop
    private boolean isStateWorthSaving;
    private boolean isSeedDue; // neither state nor data has arrived since Init
    private boolean isSeeded;
    private volatile String where = "";
    private volatile String taskId = "";
    private volatile String nodeId = "";
    private volatile String options = "";
    private volatile @Nullable Restored restored; // null if the handler started without state
    private volatile @Nullable ConnectionLog log;

    HandlerLifecycle(
            UdfFunction function,
            AgentConfig config,
            HandlerOutput.Port output,
            SessionCallbacks callbacks,
            Snapshots snapshots,
            CallName calls,
            Counters counters,
            @Nullable StateBackend backend) {
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
    @Nullable
    HandlerInstance instance() {
        return instance;
    }

    /** The current handler. Errors: IllegalStateException if there is none. */
    HandlerInstance running() {
        HandlerInstance current = instance;
        if (current == null) {
            throw new IllegalStateException("no handler (expected: between a successful Init and stop)");
        }
        return current;
    }

    /** Called when data has arrived. From now on, there is state to save, and a Restore is rejected. */
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
        ConnectionLog taskLog = callbacks.log(init.taskId(), init.nodeId());
        log = taskLog;
        taskLog.enter();
        taskId = init.taskId();
        nodeId = init.nodeId();
        where = " (task " + init.taskId() + ", node " + init.nodeId() + ")";
        try {
            checkLengths(init.options());
            OptionValues parsed = OPTIONS.parse(function.description().options(), init.options());
            options = parsed.toString();
            HandlerInstance created =
                    create(new HandlerInstance.InitParameters(parsed, init.taskId(), init.nodeId(), taskLog, counters));
            if (backend != null) {
                restoreState(NOTHING);
            }
            callbacks.answer(init, Answer.Outcome.SUCCESS);
            created.output().open();
            created.timers().initAnswered();
            isSeedDue = backend == null && config.seedDir().isPresent();
            if (backend != null) {
                created.timers().begin();
            }
            callbacks.running(taskLog, parsed);
        } catch (Throwable e) {
            String text = FailureTexts.of(e);
            thrown(calls.last(), e);
            taskLog.warn("init failed: {}", text, e instanceof UdfException ? null : e);
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

    private HandlerInstance create(HandlerInstance.InitParameters parameters) throws Exception {
        try (CallName call = calls.enter("create")) {
            HandlerInstance created = HandlerInstance.begin(function, parameters, config, output, callbacks);
            instance = created;
            return created;
        }
    }

    void restore(Work.Restore request) {
        HandlerInstance current = instance;
        String error;
        if (current == null) {
            error = "Restore before a successful Init (expected: Init first)";
        } else if (isStateWorthSaving) {
            error = "Restore after data, or a second one (expected: one, before data)";
        } else {
            error = restored(current.parameters(), request.snapshot());
        }
        if (error.isEmpty()) {
            callbacks.answer(request, Answer.Outcome.SUCCESS);
            running().timers().begin();
        } else {
            callbacks.refuse(request, error);
        }
    }

    /**
     * Restores the state of a snapshot, or of the seed if the snapshot is empty. Returns the error; empty on success,
     * or if the configuration lets the handler start without state after an error.
     */
    private String restored(HandlerInstance.InitParameters parameters, byte[] snapshot) {
        try {
            if (snapshot.length > 0) {
                isSeedDue = false;
                if (running().timers().haveRun() || isSeeded) {
                    // Kapacitor took a long time to send the snapshot. The handler has already worked without this
                    // state, or with another state, so a new handler gets the snapshot.
                    replace(parameters);
                }
                int version = restoreState(snapshot);
                snapshots.restored(snapshot);
                tellRestored("restored", snapshot.length, version, "");
            } else {
                seed(parameters.log());
            }
            isStateWorthSaving = true;
            return "";
        } catch (Throwable e) {
            return notRestored(parameters, e);
        }
    }

    /** Restores the state of the seed before the first data. */
    void seedBeforeData() {
        HandlerInstance.InitParameters parameters = running().parameters();
        try {
            seed(parameters.log());
        } catch (Throwable e) {
            String error = notRestored(parameters, e);
            if (!error.isEmpty()) {
                callbacks.fail(error, e);
            }
        }
    }

    /** Restores the state of the seed if it is due and the seed exists. */
    private void seed(ConnectionLog taskLog) throws Exception {
        if (!isSeedDue) {
            return;
        }
        isSeedDue = false;
        SeedDirectory seeds =
                new SeedDirectory(config.seedDir().orElseThrow(), config.maxSnapshotBytes(), ProcessUser.uid());
        Optional<Path> file = seeds.file(taskId, nodeId);
        if (file.isEmpty()) {
            taskLog.warn("not seeded: {}.{} (expected: a file name)", taskId, nodeId);
            return;
        }
        Optional<byte[]> seed = seeds.read(file.get());
        if (seed.isEmpty()) {
            taskLog.info("not seeded: {} does not exist", file.get());
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

    /** Calls {@code Handler.snapshot}, and keeps the result for {@link #saveChanges}. Errors: those of the handler. */
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

    /** Describes, for the log, the state from which the replacement of a failed handler starts. */
    String renewsFrom() {
        if (backend != null) {
            return "the state after the last successful call";
        }
        if (snapshots.isInProgress()) {
            return "the snapshot in progress";
        }
        int snapshotBytes = snapshots.lastGood().length;
        return snapshotBytes == 0 ? "nothing" : "a snapshot of " + snapshotBytes + " bytes";
    }

    private void tellRestored(String how, int bytes, int version, String where) {
        HandlerInstance current = running();
        long count = current.states().groups();
        restored = new Restored(callbacks.now(), Math.max(0, count), bytes, version);
        current.log()
                .info(
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
            HandlerInstance current = running();
            States.Restored saved = backend == null ? current.restore(snapshot) : current.restoreFrom(backend);
            saved.notes().forEach(note -> current.log().warn("restore: {}", note));
            if (saved.handlerBytes().length > 0) {
                current.handler().restore(saved.handlerBytes(), current.output());
            }
            return saved.version();
        }
    }

    private String notRestored(HandlerInstance.InitParameters parameters, Throwable cause) {
        ConnectionLog taskLog = parameters.log();
        String text = FailureTexts.of(cause);
        thrown(calls.last(), cause);
        if (config.onBadSnapshot() == OnBadSnapshot.FRESH) {
            taskLog.warn(
                    "restore failed, starting without state: {}", text, cause instanceof UdfException ? null : cause);
            try {
                // The handler may have been partly restored. Only a new handler is certain to be without state.
                replace(parameters);
                restored = null;
                return "";
            } catch (Throwable e) {
                thrown(calls.last(), e);
                text = text + "; and a start without state failed: " + FailureTexts.of(e);
            }
        }
        taskLog.warn("restore failed: {}", text, cause instanceof UdfException ? null : cause);
        return text;
    }

    void snapshot(Work.Snapshot request) {
        // If no data has arrived, no state has been restored and no timer has run, Kapacitor's snapshot is still up to
        // date.
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

    /** Writes a slice of the snapshot in progress if one is due, even though data is waiting. */
    void betweenCalls() {
        if (snapshots.isDue()) {
            try (CallName call = calls.enter("snapshot")) {
                snapshots.writeSlice();
            }
        }
    }

    /**
     * Replaces a failed handler by a new one that starts from the last saved state. Errors: those of the new handler.
     */
    void renew() throws Exception {
        replace(running().parameters());
        restoreState(snapshots.lastGood());
        running().timers().begin();
    }

    /** Ends the current handler, if there is one, and creates a new one without state. */
    private void replace(HandlerInstance.InitParameters parameters) throws Exception {
        try (CallName call = calls.enter("snapshot")) {
            snapshots.finish();
        }
        HandlerInstance former = instance;
        instance = null;
        if (former != null) {
            former.end();
            stopQuietly(former);
        }
        create(parameters).output().open();
    }

    /** Ends the input. The handler is stopped, and may still emit while it stops. */
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

    /** Called when the task has failed or ended. Stops the handler, whose output is rejected. */
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
            stopped.log().debug("stop: {}", e.getMessage());
        } catch (Throwable e) {
            thrown("stop", e);
            stopped.log().warn("stop failed: {}", FailureTexts.of(e), e);
        }
    }

    /** Reports that a call has thrown an exception; returns the text of the failure. */
    String thrown(String method, Throwable cause) {
        String text = text(method, cause);
        callbacks.thrown(text, cause);
        return text;
    }

    /** Reports that the argument of a call is skipped; returns the text of the failure. */
    String skipped(String method, Throwable cause) {
        String text = text(method, cause);
        callbacks.skipped(text, cause);
        return text;
    }

    private static String text(String method, Throwable cause) {
        return method + ": " + FailureTexts.of(cause);
    }

    /** The name of the task; empty before Init. Safe for use by any thread. */
    String taskId() {
        return taskId;
    }

    /** The name of the node; empty before Init. Safe for use by any thread. */
    String nodeId() {
        return nodeId;
    }

    /** The options as text for the log; empty before Init. Safe for use by any thread. */
    String options() {
        return options;
    }

    /** The state from which the handler started; empty if it started without state. Safe for use by any thread. */
    Optional<Restored> restored() {
        return Optional.ofNullable(restored);
    }

    /** The names of the task and the node, as text for an error; empty before Init. Safe for use by any thread. */
    String where() {
        return where;
    }

    /** The log with the names of the task and the node; null before Init. Safe for use by any thread. */
    @Nullable
    ConnectionLog log() {
        return log;
    }
}
