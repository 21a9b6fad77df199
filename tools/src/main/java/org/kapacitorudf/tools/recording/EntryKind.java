package org.kapacitorudf.tools.recording;

import org.jspecify.annotations.Nullable;

/** The kind of a record in a recording, or of an event in the recorded session. */
public enum EntryKind {
    /** The first record: the recorded subject, in UTF-8. */
    START('*'),
    /** Output of Kapacitor: the bytes of one read, or one request if the recording is read as messages. */
    REQUEST('>'),
    /** Output of the agent: the bytes of one read, or one response if the recording is read as messages. */
    RESPONSE('<'),
    /** Kapacitor ended the agent's input. */
    REQUESTS_END(')'),
    /** The agent ended its output. */
    RESPONSES_END('('),
    /** The last record: why the recording ended, in UTF-8. */
    END('.');

    private final byte code;

    EntryKind(char code) {
        this.code = (byte) code;
    }

    byte code() {
        return code;
    }

    /**
     * The kind with this code; null for an unknown code, which belongs to a later version of the format and is skipped.
     */
    static @Nullable EntryKind of(int code) {
        for (EntryKind kind : values()) {
            if (kind.code == code) {
                return kind;
            }
        }
        return null;
    }
}
