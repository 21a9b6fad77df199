package org.kapacitorudf.tools.recording;

import java.nio.charset.StandardCharsets;

/**
 * An event of a recorded session.
 *
 * @param kind the kind of event
 * @param nanos the time since the start of the recording
 * @param bytes the content, whose meaning depends on the kind; must not be modified
 */
public record RecordingEntry(EntryKind kind, long nanos, byte[] bytes) {
    /** The text of an entry of kind {@link EntryKind#START} or {@link EntryKind#END}. */
    public String text() {
        return new String(bytes, StandardCharsets.UTF_8);
    }
}
