package org.kapacitorudf.internal.snapshot;

import java.util.function.BooleanSupplier;

/** A state as its snapshot sees it. */
sealed interface StoredState permits SingleState, StatePerGroup {
    /** The kind of the section that the state is stored in. */
    Kind kind();

    /** Whether there is nothing to store. */
    boolean isEmpty();

    /** How many groups there are; 0 for a state that has none. */
    int groupCount();

    /** Begins to write the section's body: what it holds now, whatever happens to it meanwhile. */
    Writing begin(SnapshotBuffer out);

    /**
     * Reads a section's body, and changes nothing yet.
     *
     * @return puts what was read in the place of what is there
     */
    Runnable read(Envelope.Section section);

    /** From now on what is changed is kept for {@link #save}. There are no snapshots then. */
    void keepChanges();

    /**
     * Takes a value of a backend, before there is any other of this group.
     *
     * @param section the value, as this version of the function has it
     */
    void take(String group, BackendValue value, Envelope.Section section);

    /** All values of the backend have been taken. */
    void taken();

    /** Gives the backend what has been changed since the last time. */
    void save(String state, StateBackend backend, BackendValue.Writer out);

    /** A section's body that is being written. Threading: one call at a time, and none beside the handler's. */
    interface Writing {
        /**
         * Goes on for as long as it may, and at least a little.
         *
         * @return whether it is complete
         */
        boolean goOn(BooleanSupplier mayGoOn);

        /** Ends it, complete or not. */
        void end();
    }

    /** What a section holds. The codes are part of the format. */
    enum Kind {
        VALUE(1, "one value"),
        GROUPS(2, "a value for each group"),
        USED_GROUPS(3, "a value for each group, with its last use");

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

        /** Whether a state of this kind can read a section of that one. */
        boolean reads(int sectionCode) {
            return (this == VALUE) == (sectionCode == VALUE.code) && sectionCode >= 1 && sectionCode <= values().length;
        }
    }
}
