package org.kapacitorudf.internal.host;

import java.time.Instant;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.FutureTask;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.kapacitorudf.errors.UdfException;
import org.kapacitorudf.internal.snapshot.StateSnapshot;

/**
 * Takes a handler's snapshots, and answers the requests for them. Each request is answered once, and in order.
 *
 * <pre>
 *   Snapshot -> slice -> calls -> slice -> calls -> slice -> a worker compresses -> answered
 * </pre>
 *
 * <p>The handler keeps running during a snapshot. The snapshot gets half of the time, in slices, or all of the time
 * while there is nothing else to do.
 *
 * <p>Threading: called by the thread that makes the handler's calls, unless noted otherwise.
 *
 * <p>Errors: none. If a snapshot fails, the last good one is sent again.
 */
public final class Snapshots {
    /** The connection as this class sees it. All methods are safe for use by any thread. */
    public interface SnapshotCallbacks {
        /** Answers a request, unless it has already been answered. */
        void answer(Work.Request request, Answer answer);

        /** Reports that a call has thrown an exception, whatever the consequence. */
        void thrown(String text, Throwable cause);

        /** Ends the task with an error. Has no effect if the task has already failed. */
        void fail(String text, Throwable cause);

        /** The current wall-clock time. */
        Instant now();

        /** Schedules {@link #goOn} after the work that is already queued. */
        void goOnWithSnapshotSoon();
    }

    private static final byte[] NOTHING = {};
    private static final long SHORTEST_SLICE_NANOS = TimeUnit.MILLISECONDS.toNanos(10);
    private static final long LONGEST_SLICE_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

    /** Up to this size, compressing a snapshot on the handler's thread is faster than handing it to a worker. */
    private static final int SMALL_BYTES = 64 * 1024;

    /** A warning is logged when a snapshot exceeds this fraction of the maximum size. */
    private static final double NEAR_LIMIT = 0.8;

    private final SnapshotCallbacks callbacks;
    private final Executor workers;
    private final int maxBytes;
    private final LongSupplier nanoTime;

    private @Nullable Making making; // null if no snapshot is in progress
    private @Nullable FutureTask<Void> answering; // null if no answer is being prepared
    private long sliceEndedNanos;
    private volatile boolean atWork;
    private volatile byte[] lastGood = NOTHING;
    private volatile byte[] goodBefore = NOTHING;
    private volatile boolean nearLimitLogged;
    private volatile Made made = new Made(0, 0, Instant.EPOCH, 0, 0);
    private volatile long failures;

    /** The snapshots that have been taken and sent to Kapacitor: their number and total time, and the last one. */
    public record Made(long count, long totalNanos, Instant lastAt, int lastBytes, long lastNanos) {
        private Made plus(Instant at, int bytes, long nanos) {
            return new Made(count + 1, totalNanos + nanos, at, bytes, nanos);
        }
    }

    /** A request, and the snapshot in progress for it. */
    private record Making(Work.Snapshot request, StateSnapshot snapshot, ConnectionLog log, long begunNanos) {}

    Snapshots(SnapshotCallbacks callbacks, Executor workers, int maxBytes, LongSupplier nanoTime) {
        this.callbacks = callbacks;
        this.workers = workers;
        this.maxBytes = maxBytes;
        this.nanoTime = nanoTime;
    }

    /**
     * The last good snapshot: the last one that was sent to Kapacitor, or from which the handler has been restored.
     * Safe for use by any thread.
     */
    public byte[] lastGood() {
        return lastGood;
    }

    /** Safe for use by any thread. */
    public Made made() {
        return made;
    }

    /** How often the last good snapshot was sent again because a new one failed. Safe for use by any thread. */
    public long failures() {
        return failures;
    }

    /**
     * Called when there was no memory to send the last snapshot. The snapshot before it becomes the last good one
     * again. Called on the event loop, before Kapacitor requests another snapshot.
     *
     * @return whether there is a snapshot to send instead, possibly an empty one
     */
    public boolean takeBack() {
        if (lastGood.length == 0) {
            return false;
        }
        failures++;
        lastGood = goodBefore;
        goodBefore = NOTHING;
        return true;
    }

    /** Whether a snapshot is being written or compressed, so that {@link #finish} changes the last good one. */
    boolean isInProgress() {
        return making != null || answering != null && !answering.isDone();
    }

    /** Records that this snapshot has been restored: it is now the last good one. */
    void restored(byte[] snapshot) {
        lastGood = snapshot;
    }

    /** Begins a snapshot. */
    void begin(Work.Snapshot request, HandlerInstance instance) {
        finish();
        long now = nanoTime.getAsLong();
        try {
            byte[] handlerBytes = instance.handler().snapshot(instance.output());
            atWork = true;
            StateSnapshot snapshot = instance.states().begin(handlerBytes, lastGood.length > 0);
            making = new Making(request, snapshot, instance.log(), now);
        } catch (Throwable e) {
            failed(request, instance.log(), e);
            return;
        } finally {
            atWork = false;
        }
        sliceEndedNanos = nanoTime.getAsLong();
        goOn();
    }

    /**
     * Writes a slice of the snapshot in progress, if there is one. If the snapshot is still incomplete afterwards,
     * schedules another call of this method after the work that is already queued.
     */
    void goOn() {
        if (making != null && !writeSlice()) {
            callbacks.goOnWithSnapshotSoon();
        }
    }

    /**
     * Whether a snapshot is in progress and its next slice is due, because the handler's calls have had their share of
     * the time.
     */
    boolean isDue() {
        return making != null && nanoTime.getAsLong() - sliceEndedNanos >= SHORTEST_SLICE_NANOS;
    }

    /**
     * Writes a slice. It takes as long as the handler's calls have run since the last slice, within limits. Returns
     * whether nothing is left to write.
     */
    boolean writeSlice() {
        long now = nanoTime.getAsLong();
        long sliceNanos = Math.max(SHORTEST_SLICE_NANOS, Math.min(now - sliceEndedNanos, LONGEST_SLICE_NANOS));
        atWork = true;
        boolean written = write(() -> nanoTime.getAsLong() - now < sliceNanos);
        atWork = false;
        sliceEndedNanos = nanoTime.getAsLong();
        return written;
    }

    /** Completes the snapshot in progress, and waits until its request has been answered. */
    void finish() {
        atWork = true;
        try {
            write(() -> true);
            awaitAnswer();
        } finally {
            atWork = false;
        }
    }

    private void awaitAnswer() {
        if (answering == null) {
            return;
        }
        // There may be no free worker. Therefore the task runs on this thread, unless a worker has already begun it.
        answering.run();
        boolean isInterrupted = false;
        while (true) {
            try {
                answering.get();
                break;
            } catch (InterruptedException e) {
                isInterrupted = true;
            } catch (ExecutionException e) {
                throw new IllegalStateException(e.getCause());
            }
        }
        if (isInterrupted) {
            Thread.currentThread().interrupt();
        }
        answering = null;
    }

    /**
     * Whether the handler's thread is busy with a snapshot, which may take a long time if there is a lot of state. Safe
     * for use by any thread.
     */
    public boolean isAtWork() {
        return atWork;
    }

    /** Discards the snapshot in progress, because the connection has ended. */
    void drop() {
        if (making != null) {
            making.snapshot().end();
            making = null;
        }
    }

    /**
     * Writes as long as allowed. Returns whether nothing is left to write: the snapshot is complete, has failed, or
     * does not exist.
     */
    private boolean write(BooleanSupplier mayGoOn) {
        Making current = making;
        if (current == null) {
            return true;
        }
        try {
            if (!current.snapshot().goOn(mayGoOn)) {
                return false;
            }
            making = null;
            answerSoon(current);
        } catch (Throwable e) {
            making = null;
            failed(current.request(), current.log(), e);
        }
        return true;
    }

    private void answerSoon(Making made) {
        if (made.snapshot().plainBytes() > SMALL_BYTES) {
            try {
                FutureTask<Void> answer = new FutureTask<>(() -> answer(made), null);
                workers.execute(answer);
                answering = answer;
                return;
            } catch (RejectedExecutionException | OutOfMemoryError e) {
                made.log().debug("snapshot: no thread for it: {}", FailureTexts.of(e));
            }
        }
        answer(made);
    }

    /**
     * Answers the request for a snapshot that has been written completely. Called on any thread, one call at a time.
     */
    private void answer(Making made) {
        try {
            requestAnswered(made);
        } catch (Throwable e) {
            callbacks.fail("snapshot: " + FailureTexts.of(e), e);
        }
    }

    private void requestAnswered(Making done) {
        try {
            byte[] bytes = done.snapshot().toBytes();
            given(done.request(), bytes);
            long nanos = nanoTime.getAsLong() - done.begunNanos();
            made = made.plus(callbacks.now(), bytes.length, nanos);
            log(done, bytes.length, nanos);
        } catch (Throwable e) {
            failed(done.request(), done.log(), e);
        }
    }

    private void given(Work.Snapshot request, byte[] bytes) {
        byte[] before = lastGood;
        goodBefore = before;
        lastGood = bytes;
        try {
            callbacks.answer(request, new Answer.SavedState(bytes));
        } catch (Throwable e) {
            lastGood = before;
            throw e;
        }
    }

    private void log(Making made, int bytes, long nanos) {
        int plainBytes = made.snapshot().plainBytes();
        long groups = made.snapshot().groups();
        made.log()
                .debug(
                        "snapshot: {} bytes ({} before compression, limit {}), {} groups, {} ms",
                        bytes,
                        plainBytes,
                        maxBytes,
                        groups,
                        TimeUnit.NANOSECONDS.toMillis(nanos));
        if (!nearLimitLogged && plainBytes > 0 && plainBytes >= maxBytes * NEAR_LIMIT) {
            nearLimitLogged = true;
            made.log()
                    .warn(
                            "snapshot: {} bytes before compression, of {} groups (expected: less than {} % of the limit, {} bytes)."
                                    + " Above the limit no snapshot is taken, and Kapacitor keeps the previous one:"
                                    + " let groups expire, group by fewer tags, or raise maxSnapshotBytes",
                            plainBytes, groups, Math.round(100 * NEAR_LIMIT), maxBytes);
        }
    }

    private void failed(Work.Snapshot request, ConnectionLog log, Throwable cause) {
        failures++;
        String text = FailureTexts.of(cause);
        callbacks.thrown("snapshot: " + text, cause);
        log.error(
                "snapshot failed, sending the last good one again: {}",
                text,
                cause instanceof UdfException ? null : cause);
        try {
            callbacks.answer(request, new Answer.SavedState(lastGood));
        } catch (OutOfMemoryError e) {
            log.error("snapshot: {} bytes (expected: enough memory to send them)", lastGood.length, e);
            callbacks.answer(request, new Answer.SavedState(NOTHING));
        }
    }
}
