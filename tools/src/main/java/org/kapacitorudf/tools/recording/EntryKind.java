package org.kapacitorudf.tools.recording;

/** What a record of a recording holds; and, read as messages, what happened in the conversation. */
public enum EntryKind {
    /** The first record: what is recorded, in UTF-8. */
    START('*'),
    /** What Kapacitor wrote: some bytes, or read as messages, one request. */
    REQUEST('>'),
    /** What the agent wrote: some bytes, or read as messages, one response. */
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

    /** Null for a code that is none: of a later version of the format, to be passed over. */
    static EntryKind of(int code) {
        for (EntryKind kind : values()) {
            if (kind.code == code) {
                return kind;
            }
        }
        return null;
    }
}
