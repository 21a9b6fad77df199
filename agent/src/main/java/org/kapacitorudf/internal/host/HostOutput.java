package org.kapacitorudf.internal.host;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.ArrayDeque;
import java.util.Queue;
import org.jspecify.annotations.Nullable;
import org.kapacitorudf.Batch;
import org.kapacitorudf.EdgeType;
import org.kapacitorudf.Output;
import org.kapacitorudf.Point;
import org.kapacitorudf.errors.OutputClosedException;
import org.kapacitorudf.errors.OutputException;

/**
 * The output side of a {@link HandlerHost}. Output of a call is passed on immediately. Output of other threads waits
 * until the host's thread passes it on.
 *
 * <p>Threading: any thread may emit; everything else is for the host's thread.
 */
final class HostOutput implements HandlerOutput.Port {
    private final HandlerHost host;
    private final Output target;
    private final OutputLimits limits;
    private final ResultCheck results;
    private final int maxWaitingBytes;

    private final Object lock = new Object();

    @GuardedBy("lock")
    private final Queue<Waiting> waiting = new ArrayDeque<>();

    @GuardedBy("lock")
    private long waitingBytes;

    @GuardedBy("lock")
    private @Nullable String endReason; // null while data is accepted

    @GuardedBy("lock")
    private long pointsOut;

    @GuardedBy("lock")
    private long batchesOut;

    /** A point or batch that another thread has emitted. */
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
        @GuardedBy("lock")
        private boolean isOpen;

        @GuardedBy("lock")
        private boolean isClosed;

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
                        throw new OutputException("output: used inside create (expected: after it has returned)");
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

        @GuardedBy("lock")
        private boolean isOver() {
            return isClosed || endReason != null;
        }

        @GuardedBy("lock")
        private void requireOpen() {
            if (isOver()) {
                throw new OutputClosedException(
                        endReason == null
                                ? "output: closed, its handler has been replaced (expected: the output of the new handler)"
                                : "output: closed, " + endReason + " (expected: an open connection)");
            }
        }

        /** Waits until there is room and the output is open or has ended. */
        @GuardedBy("lock")
        private void awaitRoom() {
            try {
                while (!isOver() && (!isOpen || waitingBytes >= maxWaitingBytes)) {
                    lock.wait();
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new OutputException("output: interrupted while waiting for room");
            }
        }

        @Override
        public boolean isWritable() {
            synchronized (lock) {
                return isOpen && !isOver() && (host.isInCall() || waitingBytes < maxWaitingBytes);
            }
        }
    }

    /** Passes on the data that other threads had emitted when this method was called. */
    void drain() {
        synchronized (lock) {
            send(waiting.size());
        }
    }

    @GuardedBy("lock")
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

    private void send(Object data) {
        if (data instanceof Point point) {
            target.point(point);
        } else {
            target.batch((Batch) data);
        }
    }

    @GuardedBy("lock")
    private void count(Object data) {
        if (data instanceof Batch batch) {
            batchesOut++;
            pointsOut += batch.points().size();
        } else {
            pointsOut++;
        }
    }

    /** Rejects data from now on. Accepted data is still sent. */
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
