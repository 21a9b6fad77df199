package org.kapacitorudf.internal.output;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.handler.codec.EncoderException;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.kapacitorudf.Batch;
import org.kapacitorudf.EdgeType;
import org.kapacitorudf.Point;
import org.kapacitorudf.agent.AgentConfig;
import org.kapacitorudf.errors.OutputClosedException;
import org.kapacitorudf.errors.OutputException;
import org.kapacitorudf.internal.codec.ResponseEncoder;
import org.kapacitorudf.internal.host.CallTracker;
import org.kapacitorudf.internal.host.HandlerOutput;
import org.kapacitorudf.internal.host.OutputLimits;
import org.kapacitorudf.internal.host.ResultCheck;
import org.kapacitorudf.internal.wire.Wire;
import org.kapacitorudf.proto.Response;

/**
 * The way out: guard, encoder and back-pressure in one place, in front of the channel.
 *
 * <pre>
 *   any thread -- point, batch --> guard --> [chunk of whole frames]  \
 *   any thread -- answer ----------------------------> [message]       one queue  -- flush, once a burst -->  channel
 * </pre>
 *
 * <p>The queue keeps the order in which everything was accepted: an answer ends the chunk before it. Chunks leave by the {@link ChunkOutlet}, answers from the tail
 * of the pipeline, where they get their length.
 *
 * <p>Whoever emits encodes, under a lock that is free but for that: so a broken rule is an exception where it was broken, before a byte of it exists, and the
 * event loop encodes no data. What leaves is made of whole frames, and a batch lies in one piece: nothing can come between its parts.
 *
 * <p>Each life of a handler has an {@link Outlet} of its own: once it is closed, nothing gets out by it any more, whoever still holds it.
 *
 * <p>Threading: an outlet and {@link #answer} are safe for any thread; the rest is said where it stands.
 */
public final class OutputPort implements HandlerOutput.Port {
    private static final int CHUNK_BYTES = 32 * 1024;

    /** That many full chunks of a burst are written at its end; more of them leave before. */
    private static final int CHUNKS_OF_BURST = 4;

    private final Channel channel;
    private final ChunkOutlet chunks;
    private final OutputLimits limits;
    private final ResultCheck results;
    private final CallTracker tracker;
    private final OutputListener events;
    private final int highBytes;
    private final int lowBytes;

    private final Object lock = new Object();

    @GuardedBy("lock")
    private Deque<Entry> full = new ArrayDeque<>(1);

    private Deque<Entry> leaving = new ArrayDeque<>(1); // event loop only, empty between flushes

    @GuardedBy("lock")
    private ByteBuf chunk; // what is accepted next goes behind all of the queue

    @GuardedBy("lock")
    private boolean flushScheduled;

    @GuardedBy("lock")
    private long handedBytes; // to the channel, and not taken yet

    @GuardedBy("lock")
    private String endReason; // null as long as data is taken

    @GuardedBy("lock")
    private boolean answersEnded;

    @GuardedBy("lock")
    private long pointsOut;

    @GuardedBy("lock")
    private long batchesOut;

    /** Accepted, and not yet taken by the transport. Written under lock, whose release is fence enough: a volatile write for each point would cost as much again. */
    private final AtomicLong unsentBytes = new AtomicLong();

    /** Taken by the transport, since the beginning. Written under lock. */
    private volatile long takenBytes;

    /** Of answers, since the output was last nearly empty. Written under lock. */
    private volatile long answerBytes;

    private volatile boolean pending;

    /**
     * What is written at once: a chunk of whole frames, or an answer, a message without its length.
     *
     * @param lost of an answer: told when there is no memory to send it; null for a chunk
     */
    private record Entry(ByteBuf bytes, Consumer<Throwable> lost) {
        boolean isAnswer() {
            return lost != null;
        }

        /** How many bytes leave. */
        int wireBytes() {
            int readable = bytes.readableBytes();
            return isAnswer() ? Wire.delimitedSize(readable) : readable;
        }
    }

    /** Who hears of the output. */
    public interface OutputListener {
        /** There is room again after there was none. Any thread. */
        void room();

        /** Something has been handed to the channel, and not all of it has been taken. Event loop only. */
        void backlog();
    }

    public OutputPort(
            Channel channel,
            ChunkOutlet chunks,
            OutputLimits limits,
            ResultCheck results,
            AgentConfig config,
            CallTracker tracker,
            OutputListener events) {
        this.channel = channel;
        this.chunks = chunks;
        this.limits = limits;
        this.results = results;
        this.tracker = tracker;
        this.events = events;
        this.highBytes = config.outputBufferBytes();
        this.lowBytes = config.outputBufferBytes() / 2;
    }

    /** A new way out, shut as yet. */
    @Override
    public Outlet outlet() {
        return new Outlet();
    }

    /** The way out for one life of a handler. */
    final class Outlet implements HandlerOutput {
        @GuardedBy("lock")
        private Gate gate = Gate.SHUT;

        private enum Gate {
            /** {@code create} has not returned, or Init has not been answered: data would be out of order. */
            SHUT,
            OPEN,
            /** The life is over. */
            CLOSED
        }

        /** From now on data is taken, unless that is over already. */
        @Override
        public void open() {
            synchronized (lock) {
                gate = gate == Gate.SHUT ? Gate.OPEN : gate;
                lock.notifyAll();
            }
        }

        /** From now on data is refused, for good; who waits is told. What has been accepted still leaves. */
        @Override
        public void close() {
            synchronized (lock) {
                gate = Gate.CLOSED;
                lock.notifyAll();
            }
        }

        @Override
        public void point(Point point) {
            Point sent = results.checked(point);
            if (sent != null) {
                OutputPort.this.point(sent, this);
            }
        }

        @Override
        public void batch(Batch batch) {
            OutputPort.this.batch(results.checked(batch), this);
        }

        @Override
        public boolean isWritable() {
            synchronized (lock) {
                return isOpen() && unsentBytes() < highBytes;
            }
        }

        @GuardedBy("lock")
        private boolean isOpen() {
            return gate == Gate.OPEN && endReason == null;
        }

        @GuardedBy("lock")
        private boolean isShut() {
            return gate == Gate.SHUT && endReason == null;
        }

        @GuardedBy("lock")
        private OutputClosedException closed() {
            return new OutputClosedException(
                    endReason == null
                            ? "output: closed, its handler has been replaced (expected: that of the new one)"
                            : "output: closed, " + endReason + " (expected: an open connection)");
        }
    }

    private void point(Point point, Outlet outlet) {
        limits.checkKind(EdgeType.STREAM);
        int bytes = limits.checkedSize(point);
        boolean flush;
        synchronized (lock) {
            admit(outlet);
            ByteBuf target = roomFor(bytes);
            int start = target.writerIndex();
            try {
                ResponseEncoder.writePoint(point, target);
            } catch (Throwable e) {
                target.writerIndex(start);
                throw e;
            }
            pointsOut++;
            flush = accepted(bytes);
        }
        if (flush) {
            scheduleFlush();
        }
    }

    private void batch(Batch batch, Outlet outlet) {
        limits.checkKind(EdgeType.BATCH);
        // Apart from the rest, because their size is not known before.
        ByteBuf begin = Unpooled.buffer();
        ByteBuf end = Unpooled.buffer();
        try {
            ResponseEncoder.writeBegin(
                    batch.name(), batch.group(), batch.tags(), batch.points().size(), batch.byName(), begin);
            ResponseEncoder.writeEnd(batch.name(), batch.group(), batch.tmaxNanos(), batch.tags(), end);
            batch(batch, begin, end, outlet);
        } finally {
            begin.release();
            end.release();
        }
    }

    private void batch(Batch batch, ByteBuf begin, ByteBuf end, Outlet outlet) {
        int bytes = limits.checkedSize(batch, begin.readableBytes(), end.readableBytes());
        boolean flush;
        synchronized (lock) {
            admit(outlet);
            ByteBuf target = roomFor(bytes);
            int start = target.writerIndex();
            try {
                target.writeBytes(begin);
                for (Point point : batch.points()) {
                    ResponseEncoder.writePoint(point, target);
                }
                target.writeBytes(end);
            } catch (Throwable e) {
                // Half a batch must never leave: the next one would make Kapacitor panic.
                target.writerIndex(start);
                throw e;
            }
            batchesOut++;
            pointsOut += batch.points().size();
            flush = accepted(bytes);
        }
        if (flush) {
            scheduleFlush();
        }
    }

    /** Waits until there is room and the outlet is open, or throws. */
    @GuardedBy("lock")
    @SuppressWarnings("GuardedBy") // the outlet is one of this port
    private void admit(Outlet outlet) {
        if (outlet.isOpen() && unsentBytes() < highBytes) {
            return;
        }
        if (outlet.isShut() && tracker.isRunBy(Thread.currentThread())) {
            throw new OutputException("output: used inside create (expected: not before it has returned)");
        }
        awaitRoom(outlet);
        if (!outlet.isOpen()) {
            throw outlet.closed();
        }
    }

    @GuardedBy("lock")
    @SuppressWarnings("GuardedBy") // the outlet is one of this port
    private void awaitRoom(Outlet outlet) {
        boolean inCall = tracker.isRunBy(Thread.currentThread());
        if (inCall) {
            tracker.waiting(true);
        }
        try {
            while (outlet.isShut() || (outlet.isOpen() && unsentBytes() >= highBytes)) {
                if (pending && !flushScheduled) {
                    flushScheduled = true;
                    channel.eventLoop().execute(this::flush);
                }
                lock.wait();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new OutputException("output: interrupted while it waited for Kapacitor to read");
        } finally {
            if (inCall) {
                tracker.waiting(false);
            }
        }
    }

    /** A buffer with room for this many bytes. */
    @GuardedBy("lock")
    private ByteBuf roomFor(int bytes) {
        if (chunk != null && chunk.writableBytes() < bytes) {
            retireChunk();
        }
        if (chunk == null) {
            int capacity = Math.max(CHUNK_BYTES, bytes);
            chunk = channel.alloc().directBuffer(capacity, capacity);
        }
        return chunk;
    }

    @GuardedBy("lock")
    private void retireChunk() {
        Entry retired = new Entry(chunk, null);
        // In this order: what runs out of memory in between must not be sent twice.
        chunk = null;
        full.add(retired);
    }

    /**
     * Counts what has been written; tells whether a flush has to be scheduled. What a burst emits is flushed at its end, or
     * before, when enough chunks are full; what anything else emits is flushed at once.
     */
    @GuardedBy("lock")
    private boolean accepted(int bytes) {
        addUnsent(bytes);
        if (!pending) {
            pending = true;
        }
        boolean flushedByBurst =
                tracker.isRunBy(Thread.currentThread()) && full.size() < (chunks.isDirect() ? CHUNKS_OF_BURST : 1);
        if (flushScheduled || flushedByBurst) {
            return false;
        }
        flushScheduled = true;
        return true;
    }

    private void scheduleFlush() {
        channel.eventLoop().execute(this::flush);
    }

    /** Sends an answer, or an error. It never waits, and needs no outlet: every request that was read has to be answered. */
    public void answer(Response response) {
        answer(response, this::fail);
    }

    /**
     * Sends an answer that Kapacitor waits for.
     *
     * @param lost told, on the event loop, when there is no memory to send it
     */
    public void answer(Response response, Consumer<Throwable> lost) {
        answer(ResponseEncoder.message(response), lost);
    }

    /** Sends an {@code InfoResponse} that is encoded already. */
    public void answerInfo(byte[] info) {
        answer(ResponseEncoder.info(info), this::fail);
    }

    /**
     * Sends a sign of life, asked for or not.
     *
     * @param time what the request said, or nanoseconds since the epoch
     */
    public void answerKeepalive(long time) {
        answer(ResponseEncoder.keepalive(time), this::fail);
    }

    private void fail(Throwable problem) {
        channel.pipeline().fireExceptionCaught(problem);
    }

    private void answer(byte[] message, Consumer<Throwable> lost) {
        Entry answer = new Entry(Unpooled.wrappedBuffer(message), lost);
        boolean flush;
        synchronized (lock) {
            if (answersEnded) {
                return;
            }
            if (chunk != null && chunk.isReadable()) {
                retireChunk();
            }
            full.add(answer);
            answerBytes += answer.wireBytes();
            flush = accepted(answer.wireBytes());
        }
        if (flush) {
            scheduleFlush();
        }
    }

    /** From now on data is refused; who waits is told. What has been accepted still leaves. */
    public void end(String reason) {
        synchronized (lock) {
            endData(reason);
        }
    }

    @GuardedBy("lock")
    private void endData(String reason) {
        if (endReason == null) {
            endReason = reason;
        }
        lock.notifyAll();
    }

    /** Sees that everything that has been accepted leaves, some time soon. Safe for any thread. */
    public void flushSoon() {
        if (!pending) {
            return;
        }
        if (channel.eventLoop().inEventLoop()) {
            flush();
            return;
        }
        synchronized (lock) {
            if (flushScheduled) {
                return;
            }
            flushScheduled = true;
        }
        scheduleFlush();
    }

    /** Hands everything that has been accepted to the channel. Event loop only. */
    public void flush() {
        synchronized (lock) {
            // Even when there is nothing to do: whoever emits next counts on it to be scheduled again.
            flushScheduled = false;
            if (!pending) {
                return;
            }
            pending = false;
            if (chunk != null && chunk.isReadable()) {
                retireChunk();
            }
            Deque<Entry> swapped = leaving;
            leaving = full;
            full = swapped;
            leaving.forEach(entry -> handedBytes += entry.wireBytes());
        }
        Entry next;
        while ((next = leaving.poll()) != null) {
            write(next);
        }
        channel.flush();
        if (unsentBytes() > 0) {
            events.backlog();
        }
    }

    private void write(Entry entry) {
        int bytes = entry.wireBytes();
        if (!entry.isAnswer()) {
            chunks.write(entry.bytes()).addListener(written -> takenFromChannel(bytes));
            return;
        }
        channel.write(entry.bytes()).addListener(written -> {
            takenFromChannel(bytes);
            if (written.cause() instanceof EncoderException e) {
                entry.lost().accept(e.getCause());
            }
        });
    }

    /** Nothing is accepted any more. The future completes when everything that had been accepted has been taken by the transport. Event loop only. */
    public ChannelFuture finish() {
        synchronized (lock) {
            answersEnded = true;
            endData("it has ended");
        }
        flush();
        ChannelFuture last = chunks.write(Unpooled.EMPTY_BUFFER);
        channel.flush();
        return last;
    }

    /** Drops whatever has not been taken yet: nobody will read it. Event loop only. */
    public void abandon(String reason) {
        synchronized (lock) {
            // The data first, and all in one: whoever emitted in between would leave a buffer that nobody releases.
            endData(reason);
            answersEnded = true;
            if (chunk != null) {
                retireChunk();
            }
            Entry next;
            while ((next = full.poll()) != null) {
                addUnsent(-next.wireBytes());
                next.bytes().release();
            }
            pending = false;
        }
    }

    /**
     * Writes what a burst has emitted on the thread that has run it, which saves the way through the event loop. What the
     * transport does not take leaves by the loop.
     */
    public void flushBurst() {
        if (!pending) {
            return;
        }
        boolean room = false;
        synchronized (lock) {
            if (chunks.isDirect() && handedBytes == 0) {
                room = taken(writeAll());
            }
        }
        if (room) {
            events.room();
        }
        flushSoon();
    }

    /** Holds the lock, so nothing else writes; gives the number of bytes that the transport has taken. */
    @GuardedBy("lock")
    private int writeAll() {
        if (chunk != null && chunk.isReadable()) {
            retireChunk();
        }
        int written = 0;
        try {
            Entry next;
            while ((next = full.peek()) != null && !next.isAnswer()) {
                written += chunks.tryWrite(next.bytes());
                if (next.bytes().isReadable()) {
                    return written;
                }
                full.poll().bytes().release();
            }
            pending = next != null;
        } catch (IOException e) {
            // The event loop meets it too, and tells.
        }
        return written;
    }

    private void takenFromChannel(int bytes) {
        boolean room;
        synchronized (lock) {
            handedBytes -= bytes;
            room = taken(bytes);
        }
        if (room) {
            events.room();
        }
    }

    /** Tells whether there is room again after there was none. */
    private boolean taken(int bytes) {
        long before = unsentBytes();
        long left = addUnsent(-bytes);
        takenBytes += bytes;
        if (left <= lowBytes) {
            answerBytes = 0;
        }
        boolean room = before > lowBytes && left <= lowBytes;
        if (room) {
            lock.notifyAll();
        }
        return room;
    }

    /** Accepted, and not yet taken by the transport, in bytes. Safe for any thread. */
    public long unsentBytes() {
        return unsentBytes.get();
    }

    private long addUnsent(long bytes) {
        long sum = unsentBytes.getPlain() + bytes;
        unsentBytes.lazySet(sum);
        return sum;
    }

    /** Taken by the transport since the beginning, counted by whole chunks, in bytes. Safe for any thread. */
    public long takenBytes() {
        return takenBytes;
    }

    /** Whether a call may begin: there is room for its output. Safe for any thread. */
    public boolean hasRoom() {
        return unsentBytes() < highBytes;
    }

    /** Whether answers alone have filled the buffer: they do not wait, so whoever asks has to. Room comes before long, or the connection is given up. */
    public boolean isFlooded() {
        return answerBytes >= highBytes;
    }

    @Override
    public long pointsOut() {
        synchronized (lock) {
            return pointsOut;
        }
    }

    /** Values in results that were not finite. Safe for any thread. */
    @Override
    public long nonFinite() {
        return results.nonFinite();
    }

    @Override
    public long batchesOut() {
        synchronized (lock) {
            return batchesOut;
        }
    }
}
