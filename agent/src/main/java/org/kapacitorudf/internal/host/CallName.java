package org.kapacitorudf.internal.host;

import java.util.ArrayDeque;
import java.util.Deque;

/**
 * The method of a handler that is running. While no call has been entered, this is {@code point}, the most frequent
 * method, which is therefore never entered explicitly. Calls nest: after the inner call the outer one is running again.
 *
 * <pre>{@code
 * try (CallName call = name.enter("snapshot")) { ... }
 * }</pre>
 *
 * <p>Threading: the handler's calls, except for {@link #running}, which is safe for use by any thread.
 */
final class CallName implements AutoCloseable {
    static final String POINT = "point";

    private final Deque<String> outer = new ArrayDeque<>();
    private volatile String running = POINT;
    private String last = "create";

    CallName enter(String method) {
        outer.push(running);
        last = method;
        running = method;
        return this;
    }

    /** Leaves the call. */
    @Override
    public void close() {
        running = outer.pop();
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
