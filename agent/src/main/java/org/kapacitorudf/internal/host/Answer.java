package org.kapacitorudf.internal.host;

/** The answer to a {@link Work.Request}. */
public sealed interface Answer {
    /**
     * The result of creating or restoring the handler.
     *
     * @param error the text of the error; empty on success
     */
    record Outcome(String error) implements Answer {
        static final Outcome SUCCESS = new Outcome("");
    }

    /**
     * The handler's state; empty if there is none.
     *
     * @param snapshot not copied and never modified
     */
    record SavedState(byte[] snapshot) implements Answer {}
}
