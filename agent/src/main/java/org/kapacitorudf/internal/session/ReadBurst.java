package org.kapacitorudf.internal.session;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The messages of one read, in order. Messages are passed to the handler's thread in bursts.
 *
 * <p>Threading: one thread at a time; {@link HandlerExecutor} passes a burst from one thread to another.
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

    /** The next message; null if there is none. */
    @Nullable
    Object peek() {
        return cursor < count ? messages[cursor] : null;
    }

    /** Removes the next message, so that a burst in progress does not keep handled messages in memory. */
    void advance() {
        messages[cursor++] = null;
    }
}
