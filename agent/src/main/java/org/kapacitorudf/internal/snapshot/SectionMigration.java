package org.kapacitorudf.internal.snapshot;

import java.io.ByteArrayOutputStream;
import org.kapacitorudf.errors.SnapshotException;
import org.kapacitorudf.errors.UdfException;
import org.kapacitorudf.state.Migration;
import org.kapacitorudf.state.SavedValue;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.dataformat.cbor.CBORMapper;

/**
 * Runs a {@link Migration} on the values of a section, one at a time. At most one value is in memory as an object.
 *
 * <p>Threading: one thread at a time.
 *
 * <p>Errors: {@link SnapshotException}, whose message names the group.
 */
final class SectionMigration {
    static final CBORMapper MAPPER = CBORMapper.builder(StateSerializer.factory())
            .disable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .disable(SerializationFeature.FLUSH_AFTER_WRITE_VALUE)
            .build();

    private final Envelope.Section section;
    private final int version;
    private final Migration migration;

    private SectionMigration(Envelope.Section section, int version, Migration migration) {
        this.section = section;
        this.version = version;
        this.migration = migration;
    }

    /**
     * Returns a section with the migrated values.
     *
     * @param version the version of the function that saved the section
     */
    static Envelope.Section migrated(Envelope.Section section, int version, Migration migration) {
        SectionMigration work = new SectionMigration(section, version, migration);
        ByteArrayOutputStream out = new ByteArrayOutputStream(section.length());
        try (JsonGenerator to = MAPPER.createGenerator(out)) {
            if (section.kind() == StoredState.Kind.VALUE.code()) {
                work.migrateOne(to);
            } else {
                work.migrateGroups(to);
            }
        }
        byte[] bytes = out.toByteArray();
        return new Envelope.Section(section.kind(), section.name(), bytes, 0, bytes.length);
    }

    private void migrateOne(JsonGenerator to) {
        try (JsonParser from = GroupsParser.parser(section, MAPPER)) {
            from.nextToken();
            GroupsParser.requireValue(from);
            migrate(from, to);
        } catch (RuntimeException | StackOverflowError e) {
            throw failed(e);
        }
    }

    private void migrateGroups(JsonGenerator to) {
        String at = null;
        try (GroupsParser from = GroupsParser.of(section, MAPPER)) {
            to.writeStartArray();
            if (from.clock() != null) {
                to.writeString(from.clock());
            }
            while (from.next()) {
                at = from.group();
                to.writeString(at);
                if (from.clock() != null) {
                    to.writeNumber(from.lastUse());
                }
                migrate(from.values(), to);
            }
            to.writeEndArray();
        } catch (RuntimeException | StackOverflowError e) {
            throw StateSerializer.at(at, failed(e));
        }
    }

    private void migrate(JsonParser from, JsonGenerator to) {
        SavedValue value = new SavedValue(version, section.name(), MAPPER.readValue(from, Object.class));
        try {
            migration.migrate(value);
        } catch (Exception e) {
            String text = e instanceof UdfException ? e.getMessage() : e.toString();
            throw new SnapshotException("migration from version " + version + ": " + text, e);
        }
        MAPPER.writeValue(to, value.value());
    }

    private static SnapshotException failed(Throwable cause) {
        return cause instanceof SnapshotException known
                ? known
                : new SnapshotException(StateSerializer.oneLine(cause), cause);
    }
}
