package org.kapacitorudf.tools.load;

import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * One connection under load.
 *
 * <p>Threading: one thread writes, one thread reads.
 */
final class LoadConnection {
    private static final byte[] NOTHING = {};

    private final Link link;
    private final Pump pump;
    private final FrameCounter counter = new FrameCounter();
    private byte[] rest = NOTHING;

    LoadConnection(Link link, Pump pump) {
        this.link = link;
        this.pump = pump;
    }

    Link link() {
        return link;
    }

    Pump pump() {
        return pump;
    }

    FrameCounter counter() {
        return counter;
    }

    /** Whether all points and ends of batches that were written have been received; valid after writing has stopped. */
    boolean hasAllBack() {
        return counter.points() >= pump.points() && counter.ends() >= pump.batches();
    }

    /** Writes once; see {@link Pump#step}. */
    boolean write(boolean stopping) throws IOException {
        return pump.step(link.out(), stopping);
    }

    /**
     * Reads once, and counts the responses.
     *
     * @param buffer any buffer; its content is not needed afterwards
     * @return false at the end of the agent's output
     */
    boolean read(ByteBuffer buffer) throws IOException {
        buffer.clear().put(rest);
        if (link.in().read(buffer) < 0) {
            if (rest.length > 0 || !counter.isBetweenFrames()) {
                throw new IOException("the agent's output ended in the middle of a message");
            }
            return false;
        }
        int limit = buffer.position();
        int done = counter.count(buffer, limit);
        rest = done == limit ? NOTHING : new byte[limit - done];
        buffer.get(done, rest);
        return true;
    }
}
