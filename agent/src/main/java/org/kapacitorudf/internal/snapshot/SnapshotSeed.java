package org.kapacitorudf.internal.snapshot;

import java.util.function.Predicate;
import org.kapacitorudf.Description;
import org.kapacitorudf.errors.SnapshotException;
import tools.jackson.dataformat.cbor.CBORMapper;

/**
 * A snapshot from Kapacitor that initializes several backends. Each backend gets its own groups.
 *
 * <p>The values keep their version. {@link States} migrates them when it reads the backend.
 *
 * <p>Threading: immutable, safe for use by any thread.
 *
 * <p>Errors: {@link SnapshotException}.
 */
public final class SnapshotSeed {
    private static final CBORMapper MAPPER = SectionMigration.MAPPER;

    private final Envelope envelope;

    private SnapshotSeed(Envelope envelope) {
        this.envelope = envelope;
    }

    /**
     * Opens a snapshot.
     *
     * @param description the description of the function that must have saved it
     * @param maxBytes the maximum size after decompression
     */
    public static SnapshotSeed of(byte[] snapshot, Description description, int maxBytes) {
        Envelope envelope = Envelope.open(snapshot, maxBytes);
        States.requireOwn(description, envelope);
        return new SnapshotSeed(envelope);
    }

    /**
     * Writes a backend's part of the snapshot: the groups of the backend, and all values that belong to no group.
     *
     * @return the number of groups written
     */
    public int writeTo(StateBackend backend, Predicate<String> isOwnGroup) {
        BackendValue.Writer out = new BackendValue.Writer(envelope.version());
        int groups = 0;
        for (Envelope.Section section : envelope.sections()) {
            try {
                groups += write(section, out, backend, isOwnGroup);
            } catch (RuntimeException e) {
                throw new SnapshotException(
                        "snapshot: state \"" + section.name() + "\": " + StateSerializer.oneLine(e), e);
            }
        }
        byte[] handlerBytes = envelope.handlerBytes();
        if (handlerBytes.length > 0) {
            out.begin(BackendValue.HANDLER_BYTES).write(handlerBytes, 0, handlerBytes.length);
            backend.put(BackendValue.HANDLER_STATE, SingleState.NO_GROUP, out.toByteArray());
        }
        return groups;
    }

    private static int write(
            Envelope.Section section, BackendValue.Writer out, StateBackend backend, Predicate<String> isOwnGroup) {
        if (section.kind() == StoredState.Kind.VALUE.code()) {
            out.begin(section.kind()).write(section.bytes(), section.offset(), section.length());
            backend.put(section.name(), SingleState.NO_GROUP, out.toByteArray());
            return 0;
        }
        int count = 0;
        try (GroupsParser groups = GroupsParser.of(section, MAPPER)) {
            UseClock clock = UseClock.of(groups.clock());
            while (groups.next()) {
                String group = groups.group();
                if (isOwnGroup.test(group)) {
                    Object value = MAPPER.readValue(groups.values(), Object.class);
                    BackendValue.Writer begun = clock == null
                            ? out.begin(StoredState.Kind.GROUPS.code())
                            : out.begin(clock, groups.lastUse());
                    MAPPER.writeValue(begun, value);
                    backend.put(section.name(), group, out.toByteArray());
                    count++;
                } else {
                    groups.values().skipChildren();
                }
            }
        }
        return count;
    }
}
