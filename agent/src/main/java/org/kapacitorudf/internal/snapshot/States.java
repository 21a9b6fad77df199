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
import org.kapacitorudf.Description;
import org.kapacitorudf.OnExpire;
import org.kapacitorudf.errors.SnapshotException;
import org.kapacitorudf.state.Expiry;
import org.kapacitorudf.state.GroupState;
import org.kapacitorudf.state.State;

/**
 * All the state of one handler: declared in {@code create}, forgotten when it expires, written into snapshots, taken back from them.
 *
 * <p>What the bytes of a snapshot are is said at {@link Envelope}. A UDF without any state has an empty snapshot, of zero bytes: Kapacitor would store anything
 * else over the last good one (protocol.md, section 3).
 *
 * <p>Time comes from the caller, who is to do this before a call for data:
 * <pre>{@code
 * states.advance(point.time());
 * for (Expired<?> expired; (expired = states.nextExpired()) != null; ) {
 *     expired.tell(output);
 * }
 * }</pre>
 * and the same without {@code advance} after each call, and with {@link #wallTime} whenever {@link #wallExpiryNanos} has come.
 *
 * <p>Threading: one call at a time: {@code create}, then the handler's calls.
 *
 * <p>Errors: {@link SnapshotException}, with the UDF or the state, what is wrong with it and what was expected. A failed restore leaves all as it was. Bytes of
 * any origin do no more harm than that: lengths are checked before anything of theirs is allocated, and no class is ever named by a snapshot.
 */
public final class States {
    private final Description description;
    private final int maxSnapshotBytes;
    private final StateTimes times;
    private final Map<String, StoredState> states = new LinkedHashMap<>();
    private final List<ExpiringStatePerGroup<?>> expiring = new ArrayList<>();
    private boolean sealed;
    private StateBackend backend; // null without one
    private BackendValue.Writer backendWriter;
    private byte[] savedHandlerBytes = {};

    /**
     * @param description the UDF's: its name, the version of its state
     * @param maxSnapshotBytes more than that is no snapshot, deflated or not
     * @param wallClockNanos the time on the wall, in nanoseconds since the epoch
     */
    public States(Description description, int maxSnapshotBytes, LongSupplier wallClockNanos) {
        this.description = description;
        this.maxSnapshotBytes = maxSnapshotBytes;
        this.times = new StateTimes(wallClockNanos);
    }

    /**
     * Declares a state with one value for each group.
     *
     * @param onExpire is told of groups that expire; null if nobody wants to know
     * @throws IllegalArgumentException if the name is taken, or the type cannot be stored
     * @throws IllegalStateException after {@link #seal}
     */
    public <T> GroupState<T> groupState(
            String name, Class<T> type, Supplier<? extends T> fresh, Expiry expiry, OnExpire<T> onExpire) {
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
     * @throws IllegalArgumentException if the name is taken, or the type cannot be stored
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

    /** How many groups there are in all states together; -1 if no state has any. */
    public long groups() {
        long groups = -1;
        for (StoredState state : states.values()) {
            if (state.kind() != StoredState.Kind.VALUE) {
                groups = Math.max(groups, 0) + state.groupCount();
            }
        }
        return groups;
    }

    /** Ends the declarations: {@code create} has returned. */
    public void seal() {
        sealed = true;
    }

    // ---- time

    /** Whether any groups expire: without, there is no need for all this. */
    public boolean expire() {
        return !expiring.isEmpty();
    }

    /** The highest time of a point so far, in nanoseconds since the epoch; {@link Long#MIN_VALUE} before the first, if no snapshot knew one. */
    public long eventNanos() {
        return times.eventNanos;
    }

    /** Event time has come to this. It never goes back: what is not later changes nothing. */
    public void advance(long eventNanos) {
        if (eventNanos > times.eventNanos) {
            boolean begins = times.eventNanos == StateTimes.UNKNOWN;
            times.eventNanos = eventNanos;
            if (begins) {
                expiring.forEach(ExpiringStatePerGroup::eventTimeBegins);
            }
        }
    }

    /** The clock on the wall has come to this: groups expire by it when it is told, not by themselves. */
    public void wallTime(long wallNanos) {
        times.wallNanos = wallNanos;
    }

    /** When {@link #wallTime} should be told, in nanoseconds since the epoch: a group may go then. {@link Long#MAX_VALUE} for no time that is known by now. */
    public long wallExpiryNanos() {
        long earliest = Long.MAX_VALUE;
        for (ExpiringStatePerGroup<?> state : expiring) {
            earliest = Math.min(earliest, state.wallExpiryNanos());
        }
        return earliest;
    }

    /**
     * Takes out the groups that have to go by now, up to and with the next of which the handler wants to be told.
     *
     * @return that one, which is not there any more; null when there is none
     */
    public Expired<?> nextExpired() {
        for (ExpiringStatePerGroup<?> state : expiring) {
            Expired<?> next = state.nextExpired();
            if (next != null) {
                return next;
            }
        }
        return null;
    }

    // ---- snapshots

    /**
     * Begins a snapshot of all state as it is now. The one before has to have ended.
     *
     * @param handlerBytes what {@code Handler.snapshot} gave
     * @param replaces whether it has to be a snapshot even if there is nothing to write, so that it replaces one that was not empty
     */
    public StateSnapshot begin(byte[] handlerBytes, boolean replaces) {
        return StateSnapshot.begin(description, maxSnapshotBytes, handlerBytes, states, replaces);
    }

    /**
     * What a snapshot holds beside the states.
     *
     * @param version of the state, as the function that saved it declared it
     * @param notes what is worth a line in the log
     */
    public record Restored(int version, byte[] handlerBytes, List<String> notes) {}

    /**
     * Takes back all state, or changes nothing at all. A state that the snapshot does not have stays as it is; one that is no longer declared is left out, with a
     * note.
     *
     * @return with what {@code Handler.restore} is to be given, zero bytes if nothing
     */
    public Restored restore(byte[] snapshot) {
        return restore(snapshot, Long.MAX_VALUE);
    }

    /**
     * As {@link #restore(byte[])}; but event time is unknown until the next point if the snapshot has it later than that: the clock of whoever made it was wrong.
     *
     * @param latestEventNanos in nanoseconds since the epoch
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
                notes.add("snapshot: state \"" + section.name() + "\" left out (expected: one of " + states.keySet()
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
                    + " does not count (expected: <= " + Instant.ofEpochSecond(0, latestEventNanos)
                    + ", as far ahead of the wall clock as maxEventTimeAhead allows)");
        }
    }

    /** {@link SnapshotException} unless a snapshot is one of the function, and of a version that can be read. */
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

    // ---- a backend in the place of snapshots

    /**
     * Takes all state from a backend, and keeps there from now on what {@link #saveChanges} gives. To be called once, after {@link #seal} and before data; there
     * are no snapshots then. After an error this object is of no use any more.
     *
     * @param latestEventNanos as in {@link #restore(byte[], long)}
     * @return with the lowest version among the values
     */
    public Restored attach(StateBackend stateBackend, long latestEventNanos) {
        backend = stateBackend;
        backendWriter = new BackendValue.Writer(description.version());
        BackendReading reading = new BackendReading();
        backend.readAll(reading);
        states.values().forEach(StoredState::keepChanges);
        states.values().forEach(StoredState::taken);
        List<String> notes = new ArrayList<>();
        for (String name : reading.leftOut) {
            notes.add("stored state \"" + name + "\" left out (expected: one of " + states.keySet() + ")");
        }
        advanceRestored(latestEventNanos, notes);
        return new Restored(reading.lowestVersion, savedHandlerBytes, List.copyOf(notes));
    }

    /** Takes the values of the backend. */
    private final class BackendReading implements StateBackend.ValueTaker {
        private final Set<String> leftOut = new LinkedHashSet<>();
        private int lowestVersion = description.version();

        @Override
        public void take(String name, String group, byte[] bytes) {
            String where = "stored state \"" + name + "\"";
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
                throw new SnapshotException(where + ": " + e.getMessage(), e);
            }
        }
    }

    /**
     * Gives the backend what has been changed since the last time.
     *
     * @param handlerBytes what {@code Handler.snapshot} gave
     */
    public void saveChanges(byte[] handlerBytes) {
        states.forEach((name, state) -> {
            try {
                state.save(name, backend, backendWriter);
            } catch (SnapshotException e) {
                throw new SnapshotException("state \"" + name + "\": " + e.getMessage(), e);
            }
        });
        if (!Arrays.equals(handlerBytes, savedHandlerBytes)) {
            backendWriter.begin(BackendValue.HANDLER_BYTES).write(handlerBytes, 0, handlerBytes.length);
            backend.put(BackendValue.HANDLER_STATE, SingleState.NO_GROUP, backendWriter.toByteArray());
            savedHandlerBytes = handlerBytes.clone();
        }
    }
}
