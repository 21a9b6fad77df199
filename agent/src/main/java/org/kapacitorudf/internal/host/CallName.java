package org.kapacitorudf.internal.host;

import java.util.ArrayDeque;
import java.util.Deque;

/**
 * The name of the handler's method that is running. While no method has been entered, the name is {@code point}: this
 * method is called most often, and is therefore never entered explicitly. Calls nest: after the inner call, the outer
 * method is running again.
 *
 * <pre>{@code
 * try (CallName call = name.enter("snapshot")) { ... }
 * }</pre>
 *
 * <p>Threading: for use only within the handler's calls, except for {@link #running}, which is safe for use by any
 * thread.
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

    /** The name of the running method. */
    String running() {
        return running;
    }

    /**
     * The name of the method that was entered last, even if the method has ended. An exception is attributed to this
     * method.
     */
    String last() {
        return last;
    }
}
