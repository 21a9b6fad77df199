package org.kapacitorudf.internal.host;

import java.time.Instant;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.FutureTask;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import org.kapacitorudf.errors.UdfException;
import org.kapacitorudf.internal.snapshot.StateSnapshot;

/**
 * Makes a handler's snapshots, and answers the requests for them, each once and in order.
 *
 * <pre>
 *   Snapshot -> slice -> calls -> slice -> calls -> slice -> a worker deflates -> answered
 * </pre>
 *
 * <p>The handler goes on meanwhile: the snapshot gets half of the time, in slices, and all of it while there is nothing else to do.
 *
 * <p>Threading: among the handler's calls, unless said otherwise.
 *
 * <p>Errors: none. Whatever fails, the last good snapshot is given again.
 */
public final class Snapshots {
    /** The connection, as far as snapshots need it. All methods are safe for any thread. */
    public interface SnapshotCallbacks {
        /** Answers a request that was read, unless it has been answered already. */
        void answer(Work.Request request, Answer answer);

        /** A call has thrown; what comes of that is another matter. */
        void thrown(String text, Throwable cause);

        /** Ends the task with an error. The first one counts. */
        void fail(String text, Throwable cause);

        /** The current wall-clock time. */
        Instant now();

        /** Sees that {@link #goOn} is called behind what waits by now. */
        void goOnWithSnapshotSoon();
    }

    private static final byte[] NOTHING = {};
    private static final long SHORTEST_SLICE_NANOS = TimeUnit.MILLISECONDS.toNanos(10);
    private static final long LONGEST_SLICE_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

    /** So much is deflated faster than it is handed over. */
    private static final int SMALL_BYTES = 64 * 1024;

    /** The share of the limit from which on there is a warning. */
    private static final double NEAR_LIMIT = 0.8;

    private final SnapshotCallbacks callbacks;
    private final Executor workers;
    private final int maxBytes;
    private final LongSupplier nanoTime;

    private Making making; // null for none
    private FutureTask<Void> answering; // null for none
    private long sliceEndedNanos;
    private volatile boolean atWork;
    private volatile byte[] lastGood = NOTHING;
    private volatile byte[] goodBefore = NOTHING;
    private volatile boolean nearLimitLogged;
    private volatile Made made = new Made(0, 0, Instant.EPOCH, 0, 0);
    private volatile long failures;

    /** The snapshots that have been made and given to Kapacitor: how many, in what time, and the last of them. */
    public record Made(long count, long totalNanos, Instant lastAt, int lastBytes, long lastNanos) {
        private Made plus(Instant at, int bytes, long nanos) {
            return new Made(count + 1, totalNanos + nanos, at, bytes, nanos);
        }
    }

    /** A request, and what is being made for it. */
    private record Making(Work.Snapshot request, StateSnapshot snapshot, ConnectionLog log, long begunNanos) {}

    Snapshots(SnapshotCallbacks callbacks, Executor workers, int maxBytes, LongSupplier nanoTime) {
        this.callbacks = callbacks;
        this.workers = workers;
        this.maxBytes = maxBytes;
        this.nanoTime = nanoTime;
    }

    /** What Kapacitor has by now, as far as is known: it was given that, or gave it. Safe for any thread. */
    public byte[] lastGood() {
        return lastGood;
    }

    /** Safe for any thread. */
    public Made made() {
        return made;
    }

    /** How often the last good snapshot was given again, because a new one could not be made. Safe for any thread. */
    public long failures() {
        return failures;
    }

    /**
     * The last one could not be sent after all, for want of memory: from now on the one before is the last good one. The
     * event loop, before Kapacitor asks again.
     *
     * @return whether there is one to send in its place, even if empty
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

    /** Kapacitor has given this one, and it has been restored. */
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
            making = new Making(
                    request, snapshot, instance.context().parameters().log(), now);
        } catch (Throwable e) {
            failed(request, instance.context().parameters().log(), e);
            return;
        } finally {
            atWork = false;
        }
        sliceEndedNanos = nanoTime.getAsLong();
        goOn();
    }

    /** Writes a slice of the snapshot that is being made, if there is one, and asks to be called again when there is nothing else to do. */
    void goOn() {
        if (making != null && !writeSlice()) {
            callbacks.goOnWithSnapshotSoon();
        }
    }

    /** Whether a snapshot is being made, and the handler's calls have had their share of the time. */
    boolean isDue() {
        return making != null && nanoTime.getAsLong() - sliceEndedNanos >= SHORTEST_SLICE_NANOS;
    }

    /** Writes for as long as the handler's calls have gone on since the last slice. Tells whether nothing is left. */
    boolean writeSlice() {
        long now = nanoTime.getAsLong();
        long sliceNanos = Math.max(SHORTEST_SLICE_NANOS, Math.min(now - sliceEndedNanos, LONGEST_SLICE_NANOS));
        atWork = true;
        boolean written = write(() -> nanoTime.getAsLong() - now < sliceNanos);
        atWork = false;
        sliceEndedNanos = nanoTime.getAsLong();
        return written;
    }

    /** Finishes the snapshot that is being made, and waits until it has been answered. */
    void finish() {
        atWork = true;
        try {
            if (making != null) {
                write(() -> true);
            }
            awaitAnswer();
        } finally {
            atWork = false;
        }
    }

    private void awaitAnswer() {
        if (answering == null) {
            return;
        }
        // Here, unless a worker has begun it: there may be none for it.
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

    /** Whether the handler's thread is just busy with one: our own work, which takes its time where there is much state. Safe for any thread. */
    public boolean isAtWork() {
        return atWork;
    }

    /** Forgets the snapshot that is being made: the connection has ended. */
    void drop() {
        if (making != null) {
            making.snapshot().end();
            making = null;
        }
    }

    /** Tells whether nothing is left, for whatever reason. */
    private boolean write(BooleanSupplier mayGoOn) {
        Making current = making;
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

    /** Any thread, one at a time. */
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
                        "snapshot: {} bytes ({} before deflating, limit {}), {} groups, {} ms",
                        bytes,
                        plainBytes,
                        maxBytes,
                        groups,
                        TimeUnit.NANOSECONDS.toMillis(nanos));
        if (!nearLimitLogged && plainBytes > 0 && plainBytes >= maxBytes * NEAR_LIMIT) {
            nearLimitLogged = true;
            made.log()
                    .warn(
                            "snapshot: {} bytes before deflating, of {} groups (expected: less than {} % of the limit, {} bytes)."
                                    + " Beyond the limit no snapshot is made, and Kapacitor keeps the one before:"
                                    + " let groups expire, group by fewer tags, or raise maxSnapshotBytes",
                            plainBytes, groups, Math.round(100 * NEAR_LIMIT), maxBytes);
        }
    }

    private void failed(Work.Snapshot request, ConnectionLog log, Throwable cause) {
        failures++;
        String text = FailureTexts.of(cause);
        callbacks.thrown("snapshot: " + text, cause);
        log.error(
                "snapshot failed, giving the last good one again: {}",
                text,
                cause instanceof UdfException ? null : cause);
        try {
            callbacks.answer(request, new Answer.SavedState(lastGood));
        } catch (OutOfMemoryError e) {
            log.error("snapshot: {} bytes (expected: memory for as many, to send them)", lastGood.length, e);
            callbacks.answer(request, new Answer.SavedState(NOTHING));
        }
    }
}
