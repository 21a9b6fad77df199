package org.kapacitorudf.internal.host;

/**
 * The method of a handler that is running. Between calls that are entered it is {@code point}, the most frequent
 * method, which is therefore not entered.
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

    /** Leaves the call. */
    @Override
    public void close() {
        running = POINT;
    }

    /** The running method. */
    String running() {
        return running;
    }

    /** The method that was entered last, even if it has ended: the source of an exception. */
    String last() {
        return last;
    }
}
