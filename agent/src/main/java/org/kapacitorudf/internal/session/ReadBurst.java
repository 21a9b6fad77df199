package org.kapacitorudf.internal.session;

import java.util.Arrays;

/**
 * The messages of one read, in order: what crosses to the handler's thread in one go.
 *
 * <p>Threading: one owner at a time, handed over through {@link HandlerExecutor}.
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

    /** The size of the messages on the wire, all of them. */
    long bytes() {
        return bytes;
    }

    /** The next message, or null. */
    Object peek() {
        return cursor < count ? messages[cursor] : null;
    }

    /** Moves on, and forgets the message: a burst may be at work for long. */
    void advance() {
        messages[cursor++] = null;
    }
}
