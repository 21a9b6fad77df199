package org.kapacitorudf.tools.load;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import org.kapacitorudf.client.Frames;
import org.kapacitorudf.proto.KeepaliveRequest;
import org.kapacitorudf.proto.Request;

/**
 * Writes to one connection: the traffic, repeated from its beginning, with keepalives between messages.
 *
 * <p>Threading: one thread at a time writes, but different runs may use different threads. The counts are safe for use
 * by any thread.
 */
final class Pump {
    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

    private final Traffic traffic;
    private final ByteBuffer view;
    private final int chunkBytes;
    private final long keepaliveEveryNanos;

    private int position;
    private int target;
    private int piece;
    private long passes;
    private ByteBuffer keepalive = NOTHING;
    private long nextKeepaliveNanos;

    private volatile boolean stopped = true;
    private volatile long keepalives;

    /**
     * @param chunkBytes the size of a write; 0 for two writes per message
     * @param keepaliveEveryNanos the interval of keepalives; 0 for none
     */
    Pump(Traffic traffic, int chunkBytes, long keepaliveEveryNanos) {
        this.traffic = traffic;
        this.view = traffic.view();
        this.chunkBytes = chunkBytes;
        this.keepaliveEveryNanos = keepaliveEveryNanos;
    }

    /**
     * Begins a run.
     *
     * @param keepaliveShare the delay before the first keepalive, as a share of the interval; connections have
     *     different shares, so that they do not all send at once
     */
    void start(double keepaliveShare) {
        nextKeepaliveNanos = System.nanoTime() + (long) (keepaliveShare * keepaliveEveryNanos);
        stopped = false;
    }

    /**
     * Writes once.
     *
     * @param stopping whether to continue only to the next {@linkplain Traffic#isStop stop}
     * @return true if the channel accepted everything and more may be written; false if it did not, or if the run has
     *     ended
     */
    boolean step(WritableByteChannel out, boolean stopping) throws IOException {
        if (position == target && !keepalive.hasRemaining()) {
            aim(stopping);
        }
        if (stopped) {
            return false;
        }
        if (keepalive.hasRemaining()) {
            out.write(keepalive);
            return !keepalive.hasRemaining();
        }
        view.limit(target).position(position);
        out.write(view);
        position = view.position();
        return position == target;
    }

    private void aim(boolean stopping) {
        if (position == traffic.length()) {
            beginPass();
        }
        boolean keepaliveDue = false;
        if (keepaliveEveryNanos > 0) {
            long now = System.nanoTime();
            keepaliveDue = now - nextKeepaliveNanos >= 0;
            if (keepaliveDue && traffic.isFrameEnd(position)) {
                ask(now);
                target = position;
                return;
            }
        }
        if (stopping && traffic.isStop(position)) {
            target = position;
            stopped = true;
        } else if (chunkBytes == 0) {
            target = traffic.pieceEnd(piece++);
        } else {
            target = Math.min(position + chunkBytes, traffic.length());
            if (stopping) {
                target = Math.min(target, traffic.stopAfter(position));
            } else if (keepaliveDue) {
                target = Math.min(target, traffic.frameEndAfter(position));
            }
        }
    }

    private void beginPass() {
        position = 0;
        piece = 0;
        passes++;
    }

    private void ask(long now) {
        keepalive = ByteBuffer.wrap(Frames.encode(Request.newBuilder()
                .setKeepalive(KeepaliveRequest.newBuilder().setTime(now))
                .build()));
        keepalives++;
        nextKeepaliveNanos = Math.max(nextKeepaliveNanos + keepaliveEveryNanos, now);
    }

    /** Writes one point or one batch: up to the next stop. For a blocking connection without other traffic. */
    void writeOne(WritableByteChannel out) throws IOException {
        if (position == traffic.length()) {
            beginPass();
        }
        int stop = traffic.stopAfter(position);
        while (position < stop) {
            target = chunkBytes == 0 ? traffic.pieceEnd(piece++) : Math.min(position + chunkBytes, stop);
            view.limit(target).position(position);
            while (view.hasRemaining()) {
                out.write(view);
            }
            position = target;
        }
    }

    /** Whether the run has ended: at a stop, with every byte written. */
    boolean isStopped() {
        return stopped;
    }

    /** The total number of points written; valid only after the pump has stopped. */
    long points() {
        return passes * traffic.points() + traffic.pointsUpTo(position);
    }

    /** The total number of batches written; valid only after the pump has stopped. */
    long batches() {
        return passes * traffic.batches() + traffic.batchesUpTo(position);
    }

    /** The total number of keepalive requests. */
    long keepalives() {
        return keepalives;
    }
}
