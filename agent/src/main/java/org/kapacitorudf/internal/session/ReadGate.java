package org.kapacitorudf.internal.session;

import io.netty.channel.Channel;
import java.time.Duration;
import org.kapacitorudf.internal.output.OutputPort;

/**
 * Collects input in bursts for the handler, and stops reading while too much input waits.
 *
 * <p>Threading: event loop only, except for {@link #resumeSoon} and {@link #isPaused}, which are safe for use by any
 * thread.
 */
final class ReadGate {
    /** Input is passed to the handler in bursts of about this size, even if more is read at a time. */
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

    /** The connection as the read gate sees it. */
    interface Owner {
        /** Whether input data is dropped. */
        boolean isDiscarding();

        /** Whether the connection may be read, either for the handler or to drop the input. */
        boolean isReading();

        void paused(boolean paused);

        /** Runs a step on the event loop. Safe for use by any thread. */
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

    /** Adds input, unless input is being dropped. */
    void add(Object message, long bytes) {
        if (owner.isDiscarding()) {
            return;
        }
        burst.add(message, bytes);
        if (burst.bytes() >= BURST_BYTES) {
            submit();
        }
    }

    /** Passes to the handler all input that has been read so far. */
    void submit() {
        if (burst.count() == 0) {
            return;
        }
        ReadBurst complete = burst;
        burst = new ReadBurst();
        executor.submit(complete);
        pauseIfFull();
    }

    /** Passes an internal message to the handler, after everything that has been submitted. */
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
        // In between, a worker may have made room without seeing the pause.
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

    /** Resumes reading soon, if it is paused and there is room again. Safe for use by any thread. */
    void resumeSoon() {
        if (isPaused && hasRoom()) {
            if (channel.eventLoop().inEventLoop()) {
                resumeIfRoom();
            } else {
                owner.onLoop(this::resumeIfRoom);
            }
        }
    }

    /** Resumes reading, however much input waits. For use when input is dropped from now on. */
    void open() {
        pause(false);
        channel.config().setAutoRead(true);
    }

    /**
     * Reads a little even if there is no room. When Kapacitor aborts a task, it stops reading, and Kapacitor's writer
     * may be blocked because this side does not read either. Reading a little unblocks the writer, so that the end of
     * the input is detected long before the write-stall limit.
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
