package org.kapacitorudf.state;

import java.io.OutputStream;

/** A state as its snapshot sees it. */
sealed interface StoredState permits SingleState, StatePerGroup {
    /** The kind of the section that the state is stored in. */
    Kind kind();

    /** Whether there is nothing to store. */
    boolean isEmpty();

    /** Writes the section's body. */
    void write(OutputStream out);

    /**
     * Reads a section's body, and changes nothing yet.
     *
     * @return puts what was read in the place of what is there
     */
    Runnable read(byte[] bytes, int offset, int length);

    /** What a section holds. The codes are part of the format. */
    enum Kind {
        VALUE(1, "one value"),
        GROUPS(2, "a value for each group");

        private final int code;
        private final String phrase;

        Kind(int code, String phrase) {
            this.code = code;
            this.phrase = phrase;
        }

        int code() {
            return code;
        }

        String phrase() {
            return phrase;
        }
    }
}
