package org.kapacitorudf.internal.host;

/**
 * Which method of a handler runs. Between calls that are entered it is {@code point}, the most frequent one, which is
 * therefore not entered.
 *
 * <pre>{@code
 * try (CallName call = name.enter("snapshot")) { ... }
 * }</pre>
 *
 * <p>Threading: the handler's calls, except for {@link #running}, which is safe for any thread.
 */
final class CallName implements AutoCloseable {
    static final String POINT = "point";

    private volatile String running = "create";
    private String last = "create";

    CallName enter(String method) {
        last = method;
        running = method;
        return this;
    }

    /** The call that was entered has ended. */
    @Override
    public void close() {
        running = POINT;
    }

    /** The method that runs. */
    String running() {
        return running;
    }

    /** The method that was entered last, even if it has ended: the one that an exception comes from. */
    String last() {
        return last;
    }
}
