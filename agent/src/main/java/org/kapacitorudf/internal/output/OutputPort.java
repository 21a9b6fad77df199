package org.kapacitorudf.internal.output;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.EncoderException;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.kapacitorudf.Batch;
import org.kapacitorudf.EdgeType;
import org.kapacitorudf.Point;
import org.kapacitorudf.agent.AgentConfig;
import org.kapacitorudf.errors.OutputClosedException;
import org.kapacitorudf.errors.OutputException;
import org.kapacitorudf.internal.channel.UnixChannel;
import org.kapacitorudf.internal.codec.ResponseEncoder;
import org.kapacitorudf.internal.host.CallTracker;
import org.kapacitorudf.internal.host.HandlerOutput;
import org.kapacitorudf.internal.host.OutputLimits;
import org.kapacitorudf.internal.host.ResultCheck;
import org.kapacitorudf.internal.wire.Wire;
import org.kapacitorudf.proto.Response;

/**
 * The output side of a connection: validation, encoding and back-pressure, in front of the channel.
 *
 * <pre>
 *   any thread -- point, batch --> guard --> [chunk of whole frames]  \
 *   any thread -- answer ----------------------------> [message]       one queue  -- flush, once a burst -->  channel
 * </pre>
 *
 * <p>The queue keeps the order in which output was accepted: an answer ends the current chunk. Chunks leave through the
 * {@link ChunkOutlet}. Answers leave from the tail of the pipeline, which prepends their length.
 *
 * <p>The emitting thread encodes the data, under a lock that is used for nothing else. If data violates a rule, the
 * call that emits it therefore throws an exception, before any byte is written. Output consists of complete frames, and
 * the frames of a batch are contiguous.
 *
 * <p>Each handler instance has its own {@link Outlet}. After the outlet is closed, nothing can be sent through it.
 *
 * <p>Threading: an outlet and {@link #answer} are safe for use by any thread; other methods document their threads.
 */
public final class OutputPort implements HandlerOutput.Port {
    private static final int CHUNK_BYTES = 32 * 1024;

    /** If there are this many full chunks, output is written before the burst ends. */
    private static final int CHUNKS_OF_BURST = 4;

    /**
     * Less output than this is left to the event loop. While small bursts follow each other, it sends the output of
     * several bursts with one write.
     */
    private static final int DIRECT_BYTES = 4 * 1024;

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
    private @Nullable ByteBuf chunk; // the chunk that is being filled; it follows everything in full

    private volatile boolean flushScheduled; // written under the lock

    @GuardedBy("lock")
    private long handedBytes; // passed to the channel, not yet written

    @GuardedBy("lock")
    private @Nullable String endReason; // null while data is accepted

    @GuardedBy("lock")
    private boolean answersEnded;

    @GuardedBy("lock")
    private long pointsOut;

    @GuardedBy("lock")
    private long batchesOut;

    /**
     * The number of bytes accepted and not yet taken by the transport. Written under the lock. The release of the lock
     * is a sufficient fence; a volatile write per point would double the cost.
     */
    private final AtomicLong unsentBytes = new AtomicLong();

    /** The number of bytes taken by the transport since the start. Written under the lock. */
    private volatile long takenBytes;

    /**
     * The number of answer bytes accepted since output was last taken and at most {@link #lowBytes} bytes remained.
     * Written under the lock.
     */
    private volatile long answerBytes;

    private volatile boolean pending;

    /**
     * A unit of output: a chunk of complete frames, or an answer, which is a message without its length.
     *
     * @param lost called if there is no memory to send an answer; null for a chunk
     */
    private record Entry(ByteBuf bytes, @Nullable Consumer<Throwable> lost) {
        boolean isAnswer() {
            return lost != null;
        }

        /** The number of bytes that this entry takes on the wire. */
        int wireBytes() {
            int readable = bytes.readableBytes();
            return isAnswer() ? Wire.delimitedSize(readable) : readable;
        }
    }

    /** Receives events of the output. */
    public interface OutputListener {
        /** Called on any thread when there is room again after there was none. */
        void room();

        /** Called on the event loop when the channel has not accepted all data that was passed to it. */
        void backlog();

        /** Called on the event loop when output has been lost. The output has ended; the channel is closed next. */
        void broken(Throwable problem);
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

    /** Creates an outlet that is not open yet. */
    @Override
    public Outlet outlet() {
        return new Outlet();
    }

    /** The outlet of one handler instance. */
    final class Outlet implements HandlerOutput {
        @GuardedBy("lock")
        private Gate gate = Gate.SHUT;

        private enum Gate {
            /** {@code create} has not returned, or Init has not been answered. Data sent now would be out of order. */
            SHUT,
            OPEN,
            /** The handler instance has ended. */
            CLOSED
        }

        /** Starts accepting data, unless the outlet is already closed. */
        @Override
        public void open() {
            synchronized (lock) {
                gate = gate == Gate.SHUT ? Gate.OPEN : gate;
                lock.notifyAll();
            }
        }

        /** Rejects data from now on, and wakes up waiting threads. Accepted data is still sent. */
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
                            ? "output: closed, its handler has been replaced (expected: the output of the new handler)"
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
        // Encoded separately, because the sizes are not known in advance.
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
                // An incomplete batch must never leave, because the next batch would make Kapacitor panic.
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

    /** Waits until there is room and the outlet is open. Throws an exception if the outlet or the output has ended. */
    @GuardedBy("lock")
    @SuppressWarnings("GuardedBy") // the outlet belongs to this port
    private void admit(Outlet outlet) {
        if (outlet.isOpen() && unsentBytes() < highBytes) {
            return;
        }
        if (outlet.isShut() && tracker.isRunBy(Thread.currentThread())) {
            throw new OutputException("output: used inside create (expected: after it has returned)");
        }
        awaitRoom(outlet);
        if (!outlet.isOpen()) {
            throw outlet.closed();
        }
    }

    @GuardedBy("lock")
    @SuppressWarnings("GuardedBy") // the outlet belongs to this port
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
            throw new OutputException("output: interrupted while waiting for Kapacitor to read");
        } finally {
            if (inCall) {
                tracker.waiting(false);
            }
        }
    }

    /** Returns a buffer with room for the given number of bytes. */
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
        if (chunk == null) {
            return;
        }
        Entry retired = new Entry(chunk, null);
        // The order matters: if memory runs out in between, nothing is sent twice.
        chunk = null;
        full.add(retired);
    }

    /**
     * Ends the current chunk for a flush. While the channel has a backlog, each flush would keep a whole chunk until it
     * is written. A chunk that is mostly empty is therefore copied, and then filled again.
     */
    @GuardedBy("lock")
    private void retireChunkForFlush() {
        if (chunk == null || !chunk.isReadable()) {
            return;
        }
        int bytes = chunk.readableBytes();
        if (handedBytes == 0 || bytes > chunk.capacity() / 4) {
            retireChunk();
            return;
        }
        ByteBuf copy;
        try {
            copy = channel.alloc().directBuffer(bytes, bytes).writeBytes(chunk);
        } catch (OutOfMemoryError e) {
            retireChunk();
            return;
        }
        full.add(new Entry(copy, null));
        chunk.clear();
    }

    /**
     * Counts output that has been accepted, and returns whether a flush must be scheduled. The output of a burst is
     * flushed at the end of the burst, or earlier if enough chunks are full. Other output is flushed immediately.
     */
    @GuardedBy("lock")
    private boolean accepted(int bytes) {
        addUnsent(bytes);
        if (!pending) {
            pending = true;
        }
        boolean flushedByBurst = tracker.isRunBy(Thread.currentThread())
                && full.size() < (chunks.direct() != null ? CHUNKS_OF_BURST : 1);
        if (flushScheduled || flushedByBurst) {
            return false;
        }
        flushScheduled = true;
        return true;
    }

    private void scheduleFlush() {
        channel.eventLoop().execute(this::flush);
    }

    /**
     * Sends an answer or an error. This method never waits and needs no outlet, because every request must be answered.
     */
    public void answer(Response response) {
        answer(response, this::fail);
    }

    /**
     * Sends an answer that Kapacitor waits for.
     *
     * @param lost called on the event loop if there is no memory to send the answer
     */
    public void answer(Response response, Consumer<Throwable> lost) {
        answer(ResponseEncoder.message(response), lost);
    }

    /** Sends an encoded {@code InfoResponse}. */
    public void answerInfo(byte[] info) {
        answer(ResponseEncoder.info(info), this::fail);
    }

    /**
     * Sends a keepalive response, whether or not one was requested.
     *
     * @param time the time in the request; without a request, the current time in nanoseconds since the epoch
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

    /** Rejects data from now on, and wakes up waiting threads. Accepted data is still sent. */
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

    /** Schedules a flush of everything that has been accepted. Safe for use by any thread. */
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

    /**
     * Flushes now if a flush is scheduled. While many connections are busy, the event loop runs scheduled tasks late,
     * and output would take more memory. Event loop only.
     */
    public void flushIfScheduled() {
        if (flushScheduled) {
            flush();
        }
    }

    /** Passes to the channel everything that has been accepted. If that fails, closes the channel. Event loop only. */
    public void flush() {
        try {
            flushAccepted();
        } catch (Throwable e) {
            breakOff(e);
        }
    }

    private void flushAccepted() {
        synchronized (lock) {
            // Also if there is nothing to flush: otherwise the next emitter would not schedule a flush.
            flushScheduled = false;
            if (!pending) {
                return;
            }
            pending = false;
            retireChunkForFlush();
            Deque<Entry> swapped = leaving;
            leaving = full;
            full = swapped;
            leaving.forEach(entry -> handedBytes += entry.wireBytes());
        }
        Entry next;
        while ((next = leaving.peek()) != null) {
            // If there is no memory for the promise, the entry is still in the queue, and is released with it.
            ChannelPromise written = promiseFor(next);
            leaving.poll();
            if (next.isAnswer()) {
                channel.write(next.bytes(), written);
            } else {
                chunks.write(next.bytes(), written);
            }
        }
        channel.flush();
        if (unsentBytes() > 0) {
            events.backlog();
        }
    }

    private ChannelPromise promiseFor(Entry entry) {
        int bytes = entry.wireBytes();
        Consumer<Throwable> lost = entry.lost();
        ChannelPromise promise = channel.newPromise();
        promise.addListener(written -> {
            try {
                takenFromChannel(bytes);
                checkWritten(written.cause(), lost);
            } catch (Throwable e) {
                breakOff(e);
            }
        });
        return promise;
    }

    /**
     * @param problem the reason why an entry has not been written; null if it has been written
     * @param lost null for a chunk
     */
    private void checkWritten(@Nullable Throwable problem, @Nullable Consumer<Throwable> lost) {
        if (problem instanceof EncoderException && lost != null) {
            lost.accept(problem.getCause());
        } else if (problem != null) {
            breakOff(problem);
        }
    }

    /**
     * Closes the channel. After output has been lost, nothing may be sent, because Kapacitor would not notice the gap.
     * A channel that is closed already needs nothing: {@link #abandon} follows.
     */
    private void breakOff(Throwable problem) {
        if (!channel.isOpen()) {
            return;
        }
        try {
            abandon("an internal error has lost output");
            events.broken(problem);
        } finally {
            channel.close();
        }
    }

    /**
     * Stops accepting output. The future completes when the transport has taken everything accepted so far. Event loop
     * only.
     */
    public ChannelFuture finish() {
        synchronized (lock) {
            answersEnded = true;
            endData("it has ended");
        }
        flush();
        ChannelFuture last = chunks.write(Unpooled.EMPTY_BUFFER, channel.newPromise());
        channel.flush();
        return last;
    }

    /** Drops everything that the transport has not taken, because nothing will read it. Event loop only. */
    public void abandon(String reason) {
        synchronized (lock) {
            // Data must be rejected first: a buffer that is accepted later would never be released.
            endData(reason);
            answersEnded = true;
            if (chunk != null) {
                addUnsent(-chunk.readableBytes());
                chunk.release();
                chunk = null;
            }
            Entry next;
            while ((next = leaving.poll()) != null || (next = full.poll()) != null) {
                addUnsent(-next.wireBytes());
                next.bytes().release();
            }
            pending = false;
        }
    }

    /**
     * Writes the output of a large burst directly, on the thread that has run the burst. The event loop sends the rest.
     */
    public void flushBurst() {
        if (!pending) {
            return;
        }
        boolean room = false;
        synchronized (lock) {
            UnixChannel direct = chunks.direct();
            if (direct != null && handedBytes == 0 && unsentBytes() >= DIRECT_BYTES) {
                room = taken(writeAll(direct));
            }
        }
        if (room) {
            events.room();
        }
        flushSoon();
    }

    /**
     * Writes all chunks up to the first answer. Returns the number of bytes taken by the transport. The caller holds
     * the lock, so no other thread writes.
     */
    @GuardedBy("lock")
    private int writeAll(UnixChannel direct) {
        if (chunk != null && chunk.isReadable()) {
            retireChunk();
        }
        int written = 0;
        try {
            Entry next;
            while ((next = full.peek()) != null && !next.isAnswer()) {
                written += direct.tryWrite(next.bytes());
                if (next.bytes().isReadable()) {
                    return written;
                }
                full.poll().bytes().release();
            }
            pending = next != null;
        } catch (IOException e) {
            // The event loop will get the same error and report it.
        }
        return written;
    }

    private void takenFromChannel(int bytes) {
        boolean room;
        synchronized (lock) {
            handedBytes -= bytes;
            if (handedBytes == 0 && chunk != null && !chunk.isReadable()) {
                // An idle connection keeps no chunk.
                chunk.release();
                chunk = null;
            }
            room = taken(bytes);
        }
        if (room) {
            events.room();
        }
    }

    /** Records that the transport has taken bytes. Returns whether there is room again after there was none. */
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

    /** The number of bytes accepted and not yet taken by the transport. Safe for use by any thread. */
    public long unsentBytes() {
        return unsentBytes.get();
    }

    private long addUnsent(long bytes) {
        long sum = unsentBytes.getPlain() + bytes;
        unsentBytes.lazySet(sum);
        return sum;
    }

    /**
     * The number of bytes taken by the transport since the start, counted in complete chunks. Safe for use by any
     * thread.
     */
    public long takenBytes() {
        return takenBytes;
    }

    /** Whether there is room for the output of a call. Safe for use by any thread. */
    public boolean hasRoom() {
        return unsentBytes() < highBytes;
    }

    /**
     * Whether answers alone have filled the buffer. Answers never wait for room, so reading must pause until there is
     * room again.
     */
    public boolean isFlooded() {
        return answerBytes >= highBytes;
    }

    @Override
    public long pointsOut() {
        synchronized (lock) {
            return pointsOut;
        }
    }

    /**
     * The number of field values that the function has produced and that were not finite. Safe for use by any thread.
     */
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
