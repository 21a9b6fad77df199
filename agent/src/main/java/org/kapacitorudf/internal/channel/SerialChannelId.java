package org.kapacitorudf.internal.channel;

import io.netty.channel.ChannelId;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Numbers the channels of this process: 1, 2, 3.
 *
 * <p>Netty's own ids are unique in the world. For that it enumerates the network interfaces, on the way to the answer
 * to {@code Info}; and a small number is what a person finds again in a log.
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
