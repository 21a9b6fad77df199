package org.kapacitorudf.internal.session;

import io.netty.channel.Channel;
import java.time.Duration;
import org.kapacitorudf.internal.output.OutputPort;

/**
 * Collects what is read into bursts for the handler, and stops reading while too much waits.
 *
 * <p>Threading: event loop only, except for {@link #resumeSoon} and {@link #isPaused}, which are safe for any thread.
 */
final class ReadGate {
    /** Input crosses to the handler in pieces of about this size, however long a read goes on. */
    private static final int BURST_BYTES = 64 * 1024;

    private static final long STALLED_READ_NANOS = Duration.ofSeconds(1).toNanos();

    private final Channel channel;
    private final HandlerExecutor executor;
    private final OutputPort output;
    private final ReadAheadBudget budget;
    private final int maxQueuedBytes;
    private final Owner owner;

    private ReadBurst burst = new ReadBurst();
    private volatile boolean isPaused;
    private long lastStalledReadNanos;

    /** The connection, as far as reading needs it. */
    interface Owner {
        /** Whether data that is read is dropped. */
        boolean isDiscarding();

        /** Whether there still is something to read. */
        boolean isReading();

        void paused(boolean paused);

        /** Runs a step on the event loop. Safe for any thread. */
        void onLoop(Runnable step);
    }

    ReadGate(
            Channel channel,
            HandlerExecutor executor,
            OutputPort output,
            ReadAheadBudget budget,
            int maxQueuedBytes,
            Owner owner) {
        this.channel = channel;
        this.executor = executor;
        this.output = output;
        this.budget = budget;
        this.maxQueuedBytes = maxQueuedBytes;
        this.owner = owner;
    }

    /** Takes what was read, unless it is to be dropped. */
    void add(Object message, long bytes) {
        if (owner.isDiscarding()) {
            return;
        }
        burst.add(message, bytes);
        if (burst.bytes() >= BURST_BYTES) {
            submit();
        }
    }

    /** Hands over what has been read so far. */
    void submit() {
        if (burst.count() == 0) {
            return;
        }
        ReadBurst complete = burst;
        burst = new ReadBurst();
        executor.submit(complete);
        pauseIfFull();
    }

    /** Hands over a message of our own, after what has been submitted. */
    void submitAlone(Object message) {
        ReadBurst alone = new ReadBurst();
        alone.add(message, 0);
        executor.submit(alone);
    }

    void pauseIfFull() {
        if (isPaused || !isFull()) {
            return;
        }
        pause(true);
        channel.config().setAutoRead(false);
        // A worker may have come to the end in between, and seen no pause.
        resumeIfRoom();
    }

    private void pause(boolean paused) {
        isPaused = paused;
        owner.paused(paused);
    }

    boolean isPaused() {
        return isPaused;
    }

    private boolean isFull() {
        long queued = owner.isDiscarding() ? 0 : executor.queuedBytes();
        return queued >= maxQueuedBytes || (queued > 0 && budget.isExceeded()) || output.isFlooded();
    }

    private boolean hasRoom() {
        long queued = executor.queuedBytes();
        boolean room = queued == 0 || (queued <= maxQueuedBytes / 2 && !budget.isExceeded());
        return room && !output.isFlooded();
    }

    private void resumeIfRoom() {
        if (isPaused && hasRoom()) {
            pause(false);
            if (owner.isReading()) {
                channel.config().setAutoRead(true);
            }
        }
    }

    /** Goes on reading if it was paused and there is room again. Any thread. */
    void resumeSoon() {
        if (isPaused && hasRoom()) {
            if (channel.eventLoop().inEventLoop()) {
                resumeIfRoom();
            } else {
                owner.onLoop(this::resumeIfRoom);
            }
        }
    }

    /** Reads on, whatever waits: what is read is dropped. */
    void open() {
        pause(false);
        channel.config().setAutoRead(true);
    }

    /**
     * Reads a little although there is no room. A Kapacitor that aborts a task stops reading, and its writer may sit in a write that we do not read: so the writer
     * gets free, and we see the end of the input long before the write-stall limit.
     */
    void readIfStalled(long nowNanos, long stalledNanos) {
        boolean stalled =
                isPaused && stalledNanos > STALLED_READ_NANOS && nowNanos - lastStalledReadNanos > STALLED_READ_NANOS;
        if (stalled && executor.queuedBytes() < 2L * maxQueuedBytes && budget.hasReserve()) {
            lastStalledReadNanos = nowNanos;
            channel.read();
        }
    }
}
