package org.kapacitorudf.tools.recording;

import java.nio.charset.StandardCharsets;

/**
 * Something that happened in a conversation.
 *
 * @param kind what it was
 * @param nanos when, from the start of the recording
 * @param bytes as the kind says; nobody changes them
 */
public record RecordingEntry(EntryKind kind, long nanos, byte[] bytes) {
    /** The bytes of a {@link EntryKind#START} or {@link EntryKind#END}. */
    public String text() {
        return new String(bytes, StandardCharsets.UTF_8);
    }
}
