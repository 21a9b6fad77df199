package org.kapacitorudf.internal.snapshot;

import java.util.function.BooleanSupplier;

/** A state as snapshots and backends see it. */
sealed interface StoredState permits SingleState, StatePerGroup {
    /** The kind of section in which the state is stored. */
    Kind kind();

    /** Whether there is nothing to store. */
    boolean isEmpty();

    /** The number of groups; 0 for a state without groups. */
    int groupCount();

    /** Begins to write the body of the section. Later changes of the state do not affect what is written. */
    Writing begin(SnapshotBuffer out);

    /**
     * Reads the body of a section without changing anything yet.
     *
     * @return an action that replaces the contents with what was read
     */
    Runnable read(Envelope.Section section);

    /** Starts recording changes for {@link #save}. From now on, no snapshots are taken. */
    void keepChanges();

    /**
     * Adds a value from a backend. No value of the same group has been added before.
     *
     * @param section the value in the format of this version of the function
     */
    void take(String group, BackendValue value, Envelope.Section section);

    /** Called after all values of the backend have been added. */
    void taken();

    /** The number of groups that {@link #save} has to write. */
    int unsavedGroups();

    /** Writes to the backend everything that has changed since the last write. */
    void save(String state, StateBackend backend, BackendValue.Writer out);

    /**
     * The body of a section while it is being written. Threading: one call at a time, and not concurrently with the
     * handler's calls.
     */
    interface Writing {
        /**
         * Writes as long as allowed, and at least a little.
         *
         * @return whether the body is complete
         */
        boolean goOn(BooleanSupplier mayGoOn);

        /** Ends the writing, whether or not the body is complete. */
        void end();
    }

    /** The kind of a section. The codes are part of the format. */
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

        /** Whether a state of this kind can read a section with the given code. */
        boolean reads(int sectionCode) {
            return (this == VALUE) == (sectionCode == VALUE.code) && sectionCode >= 1 && sectionCode <= values().length;
        }
    }
}
