package org.kapacitorudf.internal.host;

/** The answer to a {@link Work.Request}. */
public sealed interface Answer {
    /**
     * How it went.
     *
     * @param error empty if it went well
     */
    record Outcome(String error) implements Answer {
        static final Outcome SUCCESS = new Outcome("");
    }

    /**
     * The handler's state, empty if there is none.
     *
     * @param snapshot not copied; nobody writes to it
     */
    record SavedState(byte[] snapshot) implements Answer {}
}
