package org.kapacitorudf.internal.session;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The messages of one read, in order; the unit that is passed to the handler's thread.
 *
 * <p>Threading: one owner at a time, passed on through {@link HandlerExecutor}.
 */
final class ReadBurst {
    private static final int INITIAL_CAPACITY = 16;

    private Object[] messages = new Object[INITIAL_CAPACITY];
    private int count;
    private int cursor;
    private long bytes;

    void add(Object message, long messageBytes) {
        if (count == messages.length) {
            messages = Arrays.copyOf(messages, 2 * count);
        }
        messages[count++] = message;
        bytes += messageBytes;
    }

    int count() {
        return count;
    }

    /** The total size of the messages on the wire. */
    long bytes() {
        return bytes;
    }

    /** The next message, or null. */
    @Nullable
    Object peek() {
        return cursor < count ? messages[cursor] : null;
    }

    /** Removes the message, so that a burst in progress does not keep it in memory. */
    void advance() {
        messages[cursor++] = null;
    }
}
