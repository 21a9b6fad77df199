package org.kapacitorudf.internal.snapshot;

import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.time.Instant;
import org.kapacitorudf.errors.SnapshotException;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.core.StreamWriteConstraints;
import tools.jackson.core.StreamWriteFeature;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.dataformat.cbor.CBORMapper;

/**
 * Shows a snapshot as JSON. The classes of the values are not needed:
 * <pre>
 *   {
 *     "function" : "movingAvg", "version" : 1, "format" : 1, "bytes" : 214, "plainBytes" : 214, "checksum" : "ok",
 *     "handlerBytes" : { "bytes" : 2, "base64" : "yv4=" },
 *     "states" : [ {
 *       "name" : "window", "kind" : "a value for each group, with its last use", "bytes" : 26, "clock" : "event",
 *       "groupCount" : 1,
 *       "groups" : [ { "group" : "host=a", "lastUse" : "2026-01-01T00:00:00Z", "value" : { "sum" : 1.5 } } ]
 *     } ]
 *   }
 * </pre>
 *
 * <p>Threading: immutable, safe for use by any thread.
 *
 * <p>Errors: {@link SnapshotException} on creation, when the whole snapshot is read once.
 */
public final class SnapshotView {
    /** The handler's own bytes are printed only up to this size. */
    private static final int MAX_BASE64_BYTES = 1024;

    private static final CBORMapper CBOR = new CBORMapper(StateSerializer.factory());
    private static final JsonMapper JSON = JsonMapper.builder(JsonFactory.builder()
                    // Allows the deepest possible value, which is inside further objects and arrays.
                    .streamWriteConstraints(StreamWriteConstraints.builder()
                            .maxNestingDepth(1000)
                            .build())
                    .build())
            .enable(SerializationFeature.INDENT_OUTPUT)
            .disable(StreamWriteFeature.AUTO_CLOSE_TARGET)
            .build();

    private final byte[] snapshot;
    private final Envelope envelope;

    private SnapshotView(byte[] snapshot, Envelope envelope) {
        this.snapshot = snapshot;
        this.envelope = envelope;
    }

    /**
     * Opens a snapshot.
     *
     * @param maxBytes the maximum size after decompression
     */
    public static SnapshotView of(byte[] snapshot, int maxBytes) {
        Envelope envelope = Envelope.open(snapshot, maxBytes);
        for (Envelope.Section section : envelope.sections()) {
            try {
                requireReadable(section);
            } catch (RuntimeException e) {
                throw new SnapshotException(
                        "snapshot: damaged, state \"" + section.name() + "\": " + StateSerializer.oneLine(e), e);
            }
        }
        return new SnapshotView(snapshot, envelope);
    }

    /**
     * Throws {@link SnapshotException} unless a section can be read. Writes the whole section to a null stream, because
     * the parser checks strings and numbers only when they are read.
     */
    private static void requireReadable(Envelope.Section section) {
        try (JsonGenerator json = JSON.createGenerator(OutputStream.nullOutputStream())) {
            writeState(json, section, Integer.MAX_VALUE);
        }
    }

    private static boolean hasGroups(Envelope.Section section) {
        return section.kind() == StoredState.Kind.GROUPS.code()
                || section.kind() == StoredState.Kind.USED_GROUPS.code();
    }

    private static int groupCount(Envelope.Section section) {
        try (GroupsParser groups = GroupsParser.of(section, CBOR)) {
            int count = 0;
            while (groups.next()) {
                groups.values().skipChildren();
                count++;
            }
            return count;
        }
    }

    /** The name of the function that saved the snapshot. */
    public String udf() {
        return envelope.udf();
    }

    /** The version of that function's state. */
    public int version() {
        return envelope.version();
    }

    /**
     * Writes the snapshot as JSON, in UTF-8 with a line feed at the end, and leaves the stream open.
     *
     * @param maxGroups the maximum number of groups written for each state
     */
    public void writeJson(OutputStream out, int maxGroups) {
        try (JsonGenerator json = JSON.createGenerator(out)) {
            json.writeStartObject();
            writeHead(json);
            json.writeArrayPropertyStart("states");
            for (Envelope.Section section : envelope.sections()) {
                writeState(json, section, maxGroups);
            }
            json.writeEndArray();
            json.writeEndObject();
            json.writeRaw('\n');
        }
    }

    private void writeHead(JsonGenerator json) {
        int format = snapshot[Integer.BYTES];
        int plainBytes = format == Envelope.PLAIN
                ? snapshot.length
                : Envelope.HEAD_BYTES + ByteBuffer.wrap(snapshot).getInt(Envelope.HEAD_BYTES);
        json.writeStringProperty("function", envelope.udf());
        json.writeNumberProperty("version", envelope.version());
        json.writeNumberProperty("format", format);
        json.writeNumberProperty("bytes", snapshot.length);
        json.writeNumberProperty("plainBytes", plainBytes);
        json.writeStringProperty("checksum", "ok");
        byte[] handlerBytes = envelope.handlerBytes();
        json.writeObjectPropertyStart("handlerBytes");
        json.writeNumberProperty("bytes", handlerBytes.length);
        if (handlerBytes.length > 0 && handlerBytes.length <= MAX_BASE64_BYTES) {
            json.writeName("base64");
            json.writeBinary(handlerBytes);
        }
        json.writeEndObject();
    }

    private static void writeState(JsonGenerator json, Envelope.Section section, int maxGroups) {
        json.writeStartObject();
        json.writeStringProperty("name", section.name());
        json.writeStringProperty("kind", kind(section));
        json.writeNumberProperty("bytes", section.length());
        if (section.kind() == StoredState.Kind.VALUE.code()) {
            try (JsonParser parser = GroupsParser.parser(section, CBOR)) {
                parser.nextToken();
                GroupsParser.requireValue(parser);
                json.writeName("value");
                json.copyCurrentStructure(parser);
            }
        } else if (hasGroups(section)) {
            writeGroups(json, section, maxGroups);
        }
        json.writeEndObject();
    }

    private static String kind(Envelope.Section section) {
        for (StoredState.Kind kind : StoredState.Kind.values()) {
            if (kind.code() == section.kind()) {
                return kind.phrase();
            }
        }
        return "unknown: " + section.kind();
    }

    private static void writeGroups(JsonGenerator json, Envelope.Section section, int maxGroups) {
        try (GroupsParser groups = GroupsParser.of(section, CBOR)) {
            if (groups.clock() != null) {
                json.writeStringProperty("clock", groups.clock());
            }
            json.writeNumberProperty("groupCount", groupCount(section));
            json.writeArrayPropertyStart("groups");
            for (int i = 0; i < maxGroups && groups.next(); i++) {
                json.writeStartObject();
                json.writeStringProperty("group", groups.group());
                writeLastUse(json, groups);
                json.writeName("value");
                json.copyCurrentStructure(groups.values());
                json.writeEndObject();
            }
            json.writeEndArray();
        }
    }

    private static void writeLastUse(JsonGenerator json, GroupsParser groups) {
        UseClock clock = UseClock.of(groups.clock());
        if (clock == UseClock.EVENT || clock == UseClock.WALL) {
            Instant lastUse = Instant.ofEpochSecond(0, groups.lastUse());
            json.writeStringProperty("lastUse", lastUse.toString());
        } else if (groups.clock() != null) {
            json.writeNumberProperty("lastUse", groups.lastUse());
        }
    }
}
