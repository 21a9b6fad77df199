package org.kapacitorudf.internal.snapshot;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.kapacitorudf.Description;
import org.kapacitorudf.OnExpire;
import org.kapacitorudf.errors.SnapshotException;
import org.kapacitorudf.state.Expiry;
import org.kapacitorudf.state.GroupState;
import org.kapacitorudf.state.State;

/**
 * All state of one handler. It is declared in {@code create}, and is saved in and restored from snapshots. Groups may
 * expire.
 *
 * <p>{@link Envelope} documents the bytes of a snapshot. The snapshot of a UDF without state has zero bytes, because
 * Kapacitor would overwrite the last good snapshot with anything else (see docs/protocol.md).
 *
 * <p>The caller provides the time. Before each call for data, the caller must do this:
 * <pre>{@code
 * states.advance(point.time());
 * for (Expired expired; (expired = states.nextExpired()) != null; ) {
 *     expired.tell(output);
 * }
 * }</pre>
 *
 * <p>After each call, the caller must do the same without {@code advance}. Whenever {@link #wallExpiryNanos} is
 * reached, the caller must do the same with {@link #wallTime} instead of {@code advance}.
 *
 * <p>Threading: one call at a time: {@code create}, then the handler's calls.
 *
 * <p>Errors: {@link SnapshotException}. Its message names the UDF or the state, the problem, and what was expected. A
 * failed restore changes nothing. Untrusted bytes are safe: lengths are checked before memory is allocated, and a
 * snapshot never names a class.
 */
public final class States {
    private final Description description;
    private final int maxSnapshotBytes;
    private final StateTimes times;
    private final Map<String, StoredState> states = new LinkedHashMap<>();
    private final List<ExpiringStatePerGroup<?>> expiring = new ArrayList<>();
    private boolean sealed;
    private @Nullable Attached attached; // null without a backend
    private byte[] handlerBytes = {};
    private byte[] savedHandlerBytes = {};

    /** A backend, and the writer that encodes values for it. */
    private record Attached(StateBackend backend, BackendValue.Writer writer) {}

    /**
     * @param description the description of the UDF, with its name and the version of its state
     * @param maxSnapshotBytes the maximum size of a snapshot, both before and after compression
     * @param wallClockNanos returns the wall-clock time in nanoseconds since the epoch
     */
    public States(Description description, int maxSnapshotBytes, LongSupplier wallClockNanos) {
        this.description = description;
        this.maxSnapshotBytes = maxSnapshotBytes;
        this.times = new StateTimes(wallClockNanos);
    }

    /**
     * Declares a state with one value for each group.
     *
     * @param onExpire called for each expired group; null if no notification is wanted
     * @throws IllegalArgumentException if the name is in use, or the type cannot be stored
     * @throws IllegalStateException after {@link #seal}
     */
    public <T> GroupState<T> groupState(
            String name, Class<T> type, Supplier<? extends T> fresh, Expiry expiry, @Nullable OnExpire<T> onExpire) {
        StateSerializer<T> serializer = serializer(name, type);
        Objects.requireNonNull(fresh, "fresh");
        StatePerGroup<T> state;
        if (expiry.isNever()) {
            state = new StatePerGroup<>(serializer, fresh);
        } else {
            ExpiringStatePerGroup<T> ageing = new ExpiringStatePerGroup<>(serializer, fresh, expiry, onExpire, times);
            expiring.add(ageing);
            state = ageing;
        }
        states.put(name, state);
        return state;
    }

    /**
     * Declares a state with one value.
     *
     * @throws IllegalArgumentException if the name is in use, or the type cannot be stored
     * @throws IllegalStateException after {@link #seal}
     */
    public <T> State<T> state(String name, Class<T> type, Supplier<? extends T> fresh) {
        SingleState<T> state = new SingleState<>(serializer(name, type), Objects.requireNonNull(fresh, "fresh"));
        states.put(name, state);
        return state;
    }

    private <T> StateSerializer<T> serializer(String name, Class<T> type) {
        Envelope.checkedName("state", name);
        if (sealed) {
            throw new IllegalStateException("state \"" + name + "\": declared too late (expected: in create())");
        }
        if (states.containsKey(name)) {
            throw new IllegalArgumentException("state: \"" + name + "\" (expected: each name once)");
        }
        try {
            return StateSerializer.of(type);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("state \"" + name + "\": " + e.getMessage(), e);
        }
    }

    /** The number of groups of all states; -1 if there is no state with groups. */
    public long groups() {
        long groups = -1;
        for (StoredState state : states.values()) {
            if (state.kind() != StoredState.Kind.VALUE) {
                groups = Math.max(groups, 0) + state.groupCount();
            }
        }
        return groups;
    }

    /** Ends the declaration of states. Called when {@code create} has returned. */
    public void seal() {
        sealed = true;
    }

    // ---- time

    /** Whether groups can expire. If they cannot, the other methods about time need not be called. */
    public boolean expire() {
        return !expiring.isEmpty();
    }

    /**
     * Event time: the highest time of a point so far, in nanoseconds since the epoch. Before the first point, this is
     * the event time of the restored snapshot; {@link Long#MIN_VALUE} if there is none.
     */
    public long eventNanos() {
        return times.eventNanos;
    }

    /** Advances event time. It never goes back: earlier times change nothing. */
    public void advance(long eventNanos) {
        if (eventNanos > times.eventNanos) {
            boolean begins = times.eventNanos == StateTimes.UNKNOWN;
            times.eventNanos = eventNanos;
            if (begins) {
                expiring.forEach(ExpiringStatePerGroup::eventTimeBegins);
            }
        }
    }

    /** Sets the wall time. Groups expire by wall time only when this method is called. */
    public void wallTime(long wallNanos) {
        times.wallNanos = wallNanos;
    }

    /**
     * The wall time at which the next group expires, in nanoseconds since the epoch; {@link Long#MAX_VALUE} if no such
     * time is known. {@link #wallTime} must be called at this time.
     */
    public long wallExpiryNanos() {
        long earliest = Long.MAX_VALUE;
        for (ExpiringStatePerGroup<?> state : expiring) {
            earliest = Math.min(earliest, state.wallExpiryNanos());
        }
        return earliest;
    }

    /**
     * Removes expired groups, up to and including the next group that needs a notification.
     *
     * @return that group, or a placeholder after many groups that need no notification; null if nothing is left to
     *     remove
     */
    public @Nullable Expired nextExpired() {
        for (ExpiringStatePerGroup<?> state : expiring) {
            Expired next = state.nextExpired();
            if (next != null) {
                return next;
            }
        }
        return null;
    }

    // ---- snapshots

    /**
     * Begins a snapshot of all state as of now. The previous snapshot must have ended.
     *
     * @param handlerBytes the result of {@code Handler.snapshot}
     * @param replaces whether a snapshot is written even if there is no state, because it must replace a previous
     *     snapshot that was not empty
     */
    public StateSnapshot begin(byte[] handlerBytes, boolean replaces) {
        return StateSnapshot.begin(description, maxSnapshotBytes, handlerBytes, states, replaces);
    }

    /**
     * The contents of a snapshot other than the states.
     *
     * @param version the version of the state, as declared by the function that saved it
     * @param notes messages for the log
     */
    public record Restored(int version, byte[] handlerBytes, List<String> notes) {}

    /**
     * Restores all state, or changes nothing. A state that the snapshot does not contain stays unchanged. A state that
     * is no longer declared is ignored, and a note says so.
     *
     * @return the result, including the bytes for {@code Handler.restore}: zero bytes if there are none
     */
    public Restored restore(byte[] snapshot) {
        return restore(snapshot, Long.MAX_VALUE);
    }

    /**
     * Like {@link #restore(byte[])}. If the snapshot's event time is later than {@code latestEventNanos}, the
     * snapshot's event time is ignored, and event time is unknown until the next point.
     *
     * @param latestEventNanos the latest possible event time, in nanoseconds since the epoch
     */
    public Restored restore(byte[] snapshot, long latestEventNanos) {
        if (snapshot.length == 0) {
            return new Restored(description.version(), new byte[0], List.of());
        }
        Envelope envelope = Envelope.open(snapshot, maxSnapshotBytes);
        requireOwn(description, envelope);
        List<Runnable> changes = new ArrayList<>();
        List<String> notes = new ArrayList<>();
        for (Envelope.Section section : envelope.sections()) {
            StoredState state = states.get(section.name());
            if (state == null) {
                notes.add("snapshot: state \"" + section.name() + "\" ignored (expected: one of " + states.keySet()
                        + ")");
            } else {
                changes.add(read(section, envelope.version(), state));
            }
        }
        changes.forEach(Runnable::run);
        advanceRestored(latestEventNanos, notes);
        return new Restored(envelope.version(), envelope.handlerBytes(), List.copyOf(notes));
    }

    private void advanceRestored(long latestEventNanos, List<String> notes) {
        long eventNanos = expiring.stream()
                .mapToLong(ExpiringStatePerGroup::lastEventNanos)
                .max()
                .orElse(StateTimes.UNKNOWN);
        if (eventNanos <= latestEventNanos) {
            advance(eventNanos);
        } else {
            notes.add("snapshot: event time " + Instant.ofEpochSecond(0, eventNanos)
                    + " ignored (expected: <= " + Instant.ofEpochSecond(0, latestEventNanos)
                    + ", as far ahead of the wall clock as maxEventTimeAhead allows)");
        }
    }

    /** Throws {@link SnapshotException} unless a snapshot belongs to the function, and has a readable version. */
    static void requireOwn(Description description, Envelope envelope) {
        if (!envelope.udf().equals(description.name())) {
            throw new SnapshotException(
                    "snapshot: of UDF \"" + envelope.udf() + "\" (expected: \"" + description.name() + "\")");
        }
        requireVersion(description, "snapshot", envelope.version());
    }

    private static void requireVersion(Description description, String what, int version) {
        int expected = description.version();
        boolean migrates = description.migration().isPresent();
        if (version > expected || version < expected && !migrates) {
            throw new SnapshotException(what + ": of version " + version + " of UDF \"" + description.name()
                    + "\" (expected: " + (migrates ? "<= " : "") + expected
                    + (version < expected ? ", or a migration from " + version : "") + ")");
        }
    }

    private Runnable read(Envelope.Section section, int version, StoredState state) {
        String name = "snapshot: state \"" + section.name() + "\"";
        if (!state.kind().reads(section.kind())) {
            throw new SnapshotException(name + " of kind " + section.kind() + " (expected: "
                    + state.kind().code() + ", " + state.kind().phrase() + ")");
        }
        try {
            return state.read(migrated(section, version));
        } catch (SnapshotException e) {
            throw new SnapshotException(name + ": " + e.getMessage(), e);
        }
    }

    private Envelope.Section migrated(Envelope.Section section, int version) {
        return version == description.version()
                ? section
                : SectionMigration.migrated(
                        section, version, description.migration().orElseThrow());
    }

    // ---- a backend instead of snapshots

    /**
     * Reads all state from a backend. From now on, {@link #saveChanges} writes the changes to this backend, and there
     * are no snapshots. Call this method once, after {@link #seal} and before any data. After an error, this object
     * cannot be used.
     *
     * @param latestEventNanos as in {@link #restore(byte[], long)}
     * @return the result; its version is the lowest version of the values
     */
    public Restored attach(StateBackend stateBackend, long latestEventNanos) {
        attached = new Attached(stateBackend, new BackendValue.Writer(description.version()));
        BackendReading reading = new BackendReading();
        stateBackend.readAll(reading);
        states.values().forEach(StoredState::keepChanges);
        states.values().forEach(StoredState::taken);
        List<String> notes = new ArrayList<>();
        for (String name : reading.leftOut) {
            notes.add("stored state \"" + name + "\" ignored (expected: one of " + states.keySet() + ")");
        }
        advanceRestored(latestEventNanos, notes);
        handlerBytes = savedHandlerBytes;
        return new Restored(reading.lowestVersion, savedHandlerBytes, List.copyOf(notes));
    }

    /** Receives the values of the backend. */
    private final class BackendReading implements StateBackend.ValueTaker {
        private final Set<String> leftOut = new LinkedHashSet<>();
        private int lowestVersion = description.version();

        @Override
        public void take(String name, String group, byte[] bytes) {
            try {
                BackendValue value = BackendValue.of(bytes);
                requireVersion(description, "value", value.version());
                lowestVersion = Math.min(lowestVersion, value.version());
                StoredState state = states.get(name);
                if (name.equals(BackendValue.HANDLER_STATE)) {
                    savedHandlerBytes = Arrays.copyOfRange(bytes, value.offset(), bytes.length);
                } else if (state == null) {
                    leftOut.add(name);
                } else if (!state.kind().reads(value.kind())) {
                    throw new SnapshotException("kind " + value.kind() + " (expected: "
                            + state.kind().code() + ", " + state.kind().phrase() + ")");
                } else {
                    state.take(group, value, migrated(value.section(name), value.version()));
                }
            } catch (SnapshotException e) {
                throw new SnapshotException("stored state \"" + name + "\": " + e.getMessage(), e);
            }
        }
    }

    /** Sets the result of {@code Handler.snapshot}, for {@link #saveChanges}. */
    public void handlerBytes(byte[] bytes) {
        handlerBytes = bytes;
    }

    /** The number of groups that {@link #saveChanges} has to write. */
    public int unsavedGroups() {
        int groups = 0;
        for (StoredState state : states.values()) {
            groups += state.unsavedGroups();
        }
        return groups;
    }

    /** Writes everything that has changed since the last write to the {@linkplain #attach attached} backend. */
    public void saveChanges() {
        Attached to = attached;
        if (to == null) {
            throw new IllegalStateException("saveChanges: no backend (expected: after attach)");
        }
        states.forEach((name, state) -> {
            try {
                state.save(name, to.backend(), to.writer());
            } catch (SnapshotException e) {
                throw new SnapshotException("state \"" + name + "\": " + e.getMessage(), e);
            }
        });
        if (!Arrays.equals(handlerBytes, savedHandlerBytes)) {
            to.writer().begin(BackendValue.HANDLER_BYTES).write(handlerBytes, 0, handlerBytes.length);
            to.backend()
                    .put(
                            BackendValue.HANDLER_STATE,
                            SingleState.NO_GROUP,
                            to.writer().toByteArray());
            savedHandlerBytes = handlerBytes.clone();
        }
    }
}
