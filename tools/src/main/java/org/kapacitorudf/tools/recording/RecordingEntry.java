package org.kapacitorudf.tools.recording;

import java.nio.charset.StandardCharsets;

/**
 * An event of a recorded session.
 *
 * @param kind its kind
 * @param nanos its time since the start of the recording
 * @param bytes depend on the kind; never modified
 */
public record RecordingEntry(EntryKind kind, long nanos, byte[] bytes) {
    /** The bytes of a {@link EntryKind#START} or {@link EntryKind#END}. */
    public String text() {
        return new String(bytes, StandardCharsets.UTF_8);
    }
}
