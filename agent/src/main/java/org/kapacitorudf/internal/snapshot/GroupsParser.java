package org.kapacitorudf.internal.snapshot;

import org.jspecify.annotations.Nullable;
import org.kapacitorudf.errors.SnapshotException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.databind.ObjectMapper;

/**
 * Iterates over a section with groups:
 * <pre>
 *   [group, value, group, value ...]                               kind 2
 *   [clock, group, last use, value, group, last use, value ...]    kind 3
 * </pre>
 *
 * <p>Threading: one thread at a time.
 *
 * <p>Errors: {@link SnapshotException} if the section has another structure; Jackson's exceptions if the CBOR is
 * invalid.
 */
final class GroupsParser implements AutoCloseable {
    private final JsonParser parser;
    private final @Nullable String clock;
    private String group = "";
    private long lastUse;

    private GroupsParser(JsonParser parser, boolean used) {
        this.parser = parser;
        require(parser.nextToken() == JsonToken.START_ARRAY, "no groups", "an array");
        if (used) {
            require(parser.nextToken() == JsonToken.VALUE_STRING, "no clock of the last uses", "a string");
        }
        this.clock = used ? parser.getString() : null;
    }

    static GroupsParser of(Envelope.Section section, ObjectMapper mapper) {
        return new GroupsParser(parser(section, mapper), section.kind() == StoredState.Kind.USED_GROUPS.code());
    }

    /** Returns a parser for a section of any kind, positioned before the first token. */
    static JsonParser parser(Envelope.Section section, ObjectMapper mapper) {
        CborCheck.require(section.bytes(), section.offset(), section.length());
        return mapper.createParser(section.bytes(), section.offset(), section.length());
    }

    /**
     * Moves to the next group. Afterwards, {@link #values} is at the first token of the group's value. Returns false if
     * there are no more groups.
     */
    boolean next() {
        if (parser.nextToken() == JsonToken.END_ARRAY) {
            return false;
        }
        require(parser.currentToken() == JsonToken.VALUE_STRING, "a group without a name", "a string");
        group = parser.getString();
        parser.nextToken();
        if (clock != null) {
            require(parser.currentToken() == JsonToken.VALUE_NUMBER_INT, "no last use", "an integer");
            lastUse = parser.getLongValue();
            parser.nextToken();
        }
        requireValue(parser);
        return true;
    }

    /** Throws {@link SnapshotException} unless a value begins here. */
    static void requireValue(JsonParser parser) {
        JsonToken token = parser.currentToken();
        require(token != null && token != JsonToken.VALUE_NULL && token != JsonToken.END_ARRAY, "no value", "a value");
    }

    private static void require(boolean condition, String found, String expected) {
        if (!condition) {
            throw new SnapshotException(found + " (expected: " + expected + ")");
        }
    }

    /** The name of the clock of the last uses; null if there is none. */
    @Nullable
    String clock() {
        return clock;
    }

    /** The name of the current group; empty before the first group. */
    String group() {
        return group;
    }

    /** The last use of the current group; 0 if there is no clock. */
    long lastUse() {
        return lastUse;
    }

    JsonParser values() {
        return parser;
    }

    @Override
    public void close() {
        parser.close();
    }
}
