package org.kapacitorudf.internal.host;

import java.util.ArrayDeque;
import java.util.Queue;
import org.kapacitorudf.Batch;
import org.kapacitorudf.EdgeType;
import org.kapacitorudf.Output;
import org.kapacitorudf.Point;
import org.kapacitorudf.errors.OutputClosedException;
import org.kapacitorudf.errors.OutputException;

/**
 * The way out of a {@link HandlerHost}: what a call emits goes to the host's output at once, what other threads emit waits
 * for the host's thread.
 *
 * <p>Threading: emitting is safe for any thread; the rest belongs to the host's thread.
 */
final class HostOutput implements HandlerOutput.Port {
    private final HandlerHost host;
    private final Output target;
    private final OutputLimits limits;
    private final ResultCheck results;
    private final int maxWaitingBytes;

    private final Object lock = new Object();
    private final Queue<Waiting> waiting = new ArrayDeque<>(); // guarded by lock
    private long waitingBytes; // guarded by lock
    private String endReason; // guarded by lock; null while data is accepted
    private long pointsOut; // guarded by lock
    private long batchesOut; // guarded by lock

    /** What another thread has emitted: a point or a batch. */
    private record Waiting(Object data, int bytes) {}

    HostOutput(HandlerHost host, Output target, OutputLimits limits, ResultCheck results, int maxWaitingBytes) {
        this.host = host;
        this.target = target;
        this.limits = limits;
        this.results = results;
        this.maxWaitingBytes = maxWaitingBytes;
    }

    @Override
    public HandlerOutput outlet() {
        return new Outlet();
    }

    private final class Outlet implements HandlerOutput {
        private boolean isOpen; // guarded by lock
        private boolean isClosed; // guarded by lock

        @Override
        public void open() {
            synchronized (lock) {
                isOpen = true;
                lock.notifyAll();
            }
        }

        @Override
        public void close() {
            synchronized (lock) {
                isClosed = true;
                lock.notifyAll();
            }
        }

        @Override
        public void point(Point point) {
            Point sent = results.checked(point);
            if (sent != null) {
                limits.checkKind(EdgeType.STREAM);
                emit(sent, limits.checkedSize(sent));
            }
        }

        @Override
        public void batch(Batch batch) {
            Batch sent = results.checked(batch);
            limits.checkKind(EdgeType.BATCH);
            emit(sent, limits.checkedSize(sent));
        }

        private void emit(Object data, int bytes) {
            synchronized (lock) {
                if (host.isInCall()) {
                    if (!isOver() && !isOpen) {
                        throw new OutputException("output: used inside create (expected: not before it has returned)");
                    }
                    requireOpen();
                    send(waiting.size());
                    count(data);
                    send(data);
                } else {
                    awaitRoom();
                    requireOpen();
                    waiting.add(new Waiting(data, bytes));
                    waitingBytes += bytes;
                    count(data);
                }
            }
        }

        /** Holds the lock. */
        private boolean isOver() {
            return isClosed || endReason != null;
        }

        /** Holds the lock. */
        private void requireOpen() {
            if (isOver()) {
                throw new OutputClosedException(
                        endReason == null
                                ? "output: closed, its handler has been replaced (expected: that of the new one)"
                                : "output: closed, " + endReason + " (expected: an open connection)");
            }
        }

        /** Waits until there is room and the output is open, or over. Holds the lock. */
        private void awaitRoom() {
            try {
                while (!isOver() && (!isOpen || waitingBytes >= maxWaitingBytes)) {
                    lock.wait();
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new OutputException("output: interrupted while it waited for room");
            }
        }

        @Override
        public boolean isWritable() {
            synchronized (lock) {
                return isOpen && !isOver() && (host.isInCall() || waitingBytes < maxWaitingBytes);
            }
        }
    }

    /** Sends what other threads have emitted by now; a thread that emits for ever does not hold it up. */
    void drain() {
        synchronized (lock) {
            send(waiting.size());
        }
    }

    /** Holds the lock. */
    private void send(int count) {
        for (int left = count; left > 0; left--) {
            Waiting next = waiting.remove();
            waitingBytes -= next.bytes();
            send(next.data());
        }
        if (count > 0) {
            lock.notifyAll();
        }
    }

    /** Holds the lock. */
    private void send(Object data) {
        if (data instanceof Point point) {
            target.point(point);
        } else {
            target.batch((Batch) data);
        }
    }

    /** Holds the lock. */
    private void count(Object data) {
        if (data instanceof Batch batch) {
            batchesOut++;
            pointsOut += batch.points().size();
        } else {
            pointsOut++;
        }
    }

    /** From now on data is refused. What has been accepted is still sent. */
    void end(String reason) {
        synchronized (lock) {
            if (endReason == null) {
                endReason = reason;
            }
            lock.notifyAll();
        }
    }

    @Override
    public long pointsOut() {
        synchronized (lock) {
            return pointsOut;
        }
    }

    @Override
    public long batchesOut() {
        synchronized (lock) {
            return batchesOut;
        }
    }

    @Override
    public long nonFinite() {
        return results.nonFinite();
    }
}
