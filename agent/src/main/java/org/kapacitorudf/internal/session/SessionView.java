package org.kapacitorudf.internal.session;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.kapacitorudf.agent.Connection;
import org.kapacitorudf.errors.FieldException;
import org.kapacitorudf.internal.host.HandlerCounts;
import org.kapacitorudf.internal.host.Snapshots;
import org.kapacitorudf.internal.host.Stopwatch;
import org.kapacitorudf.internal.host.UdfFunction;

/**
 * The public view of a session.
 *
 * <p>Threading: the methods of {@link Connection} are safe for use by any thread; the other methods document their
 * threads.
 */
final class SessionView implements Connection {
    private final long number;
    private final UdfFunction function;
    private final Instant openedAt;
    private final Session session;
    private final Stopwatch readingPaused = new Stopwatch();
    private final AtomicLong errors = new AtomicLong();
    private final AtomicLong callNanos = new AtomicLong(); // the highest value shown so far
    private volatile long unaskedKeepalives; // written by the event loop
    private volatile boolean started;
    private volatile @Nullable Failure lastFailure; // null if nothing has failed

    SessionView(long number, UdfFunction function, Instant openedAt, Session session) {
        this.number = number;
        this.function = function;
        this.openedAt = openedAt;
        this.session = session;
    }

    /** Called when the handler has been created. */
    void started() {
        started = true;
    }

    /** Counts a keepalive that Kapacitor has not requested. Event loop only. */
    void unaskedKeepalive() {
        unaskedKeepalives++;
    }

    void readingPaused(boolean paused) {
        if (paused) {
            readingPaused.start();
        } else {
            readingPaused.stop();
        }
    }

    /** Called when a call or a snapshot has thrown an exception. Any thread. */
    void thrown(String text, Throwable cause) {
        countError(cause);
        failed(text);
    }

    /** Counts an exception of a call, except for a {@code FieldException}. Any thread. */
    void countError(Throwable cause) {
        if (!(cause instanceof FieldException)) {
            errors.incrementAndGet();
        }
    }

    /** Called when the connection has failed. Any thread. */
    void failed(String text) {
        lastFailure = new Failure(Instant.now(), text);
    }

    @Override
    public long number() {
        return number;
    }

    @Override
    public String function() {
        return function.name();
    }

    @Override
    public String taskId() {
        return session.invoker.taskId();
    }

    @Override
    public String nodeId() {
        return session.invoker.nodeId();
    }

    @Override
    public Instant openedAt() {
        return openedAt;
    }

    @Override
    public boolean isStarted() {
        return started;
    }

    @Override
    public String options() {
        return session.invoker.options();
    }

    @Override
    public Optional<Restored> restored() {
        return session.invoker.restored();
    }

    @Override
    public List<Skip> skips() {
        return session.invoker.skips().list();
    }

    @Override
    public Counts counts() {
        HandlerCounts handler = session.invoker.counts();
        return new Counts(
                handler.pointsIn(),
                session.output.pointsOut(),
                handler.batchesIn(),
                session.output.batchesOut(),
                session.frames.bytesIn(),
                session.takenBytes(),
                callTimes(),
                Duration.ofNanos(session.tracker.waitedNanos() + session.executor.parkedNanos()),
                Duration.ofNanos(readingPaused.nanos()),
                unaskedKeepalives,
                errors.get(),
                handler.skipped(),
                session.output.nonFinite(),
                handler.restarts(),
                handler.snapshots().count(),
                handler.snapshotFailures(),
                Duration.ofNanos(handler.snapshots().totalNanos()),
                session.invoker.counters().values());
    }

    /** The durations of the calls, including the current call as far as it has been observed. */
    private CallTimes callTimes() {
        CallTimes done = session.tracker.times();
        long nanos = done.total().toNanos() + session.callObserver.seenNanos();
        // A call that ends while this method runs may briefly be counted twice or not at all.
        return new CallTimes(Duration.ofNanos(callNanos.accumulateAndGet(nanos, Math::max)), done.within());
    }

    @Override
    public long queuedBytes() {
        return session.executor.queuedBytes();
    }

    @Override
    public long unsentBytes() {
        return session.output.unsentBytes();
    }

    @Override
    public OptionalLong groups() {
        long groups = session.invoker.counts().groups();
        return groups < 0 ? OptionalLong.empty() : OptionalLong.of(groups);
    }

    @Override
    public Optional<Snapshot> lastSnapshot() {
        Snapshots.Made made = session.invoker.counts().snapshots();
        return made.count() == 0
                ? Optional.empty()
                : Optional.of(new Snapshot(made.lastAt(), made.lastBytes(), Duration.ofNanos(made.lastNanos())));
    }

    @Override
    public Optional<Call> currentCall() {
        if (!session.tracker.isInCall()) {
            return Optional.empty();
        }
        return Optional.of(new Call(
                session.invoker.call(),
                Duration.ofNanos(session.callObserver.seenNanos()),
                session.tracker.isWaiting()));
    }

    @Override
    public Optional<Failure> lastFailure() {
        return Optional.ofNullable(lastFailure);
    }
}
