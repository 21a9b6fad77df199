package org.kapacitorudf.internal.channel;

import io.netty.channel.ChannelId;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The id of a channel: a number that is unique in this process, counted from 1.
 *
 * <p>Netty's own ids are globally unique. To create such an id, Netty enumerates the network interfaces, which would
 * delay the answer to {@code Info}. Small numbers are also easier to find in a log.
 *
 * <p>Threading: immutable.
 */
record SerialChannelId(long serial) implements ChannelId {
    private static final AtomicLong LAST = new AtomicLong();

    static SerialChannelId next() {
        return new SerialChannelId(LAST.incrementAndGet());
    }

    @Override
    public String asShortText() {
        return Long.toHexString(serial);
    }

    @Override
    public String asLongText() {
        return asShortText();
    }

    @Override
    public int compareTo(ChannelId other) {
        return other instanceof SerialChannelId that
                ? Long.compare(serial, that.serial)
                : asLongText().compareTo(other.asLongText());
    }
}
