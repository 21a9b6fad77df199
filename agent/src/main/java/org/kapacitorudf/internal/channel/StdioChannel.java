package org.kapacitorudf.internal.channel;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.AbstractChannel;
import io.netty.channel.ChannelConfig;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelId;
import io.netty.channel.ChannelMetadata;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.ChannelPromise;
import io.netty.channel.DefaultChannelConfig;
import io.netty.channel.EventLoop;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.ChannelInputShutdownReadComplete;
import io.netty.util.ReferenceCountUtil;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/**
 * A channel over two existing descriptors: STDIN and STDOUT of a process that Kapacitor has started.
 *
 * <p>The descriptors may be pipes, sockets, files, terminals or {@code /dev/null}: only blocking reads and writes are
 * used. A thread of the channel reads one buffer ahead, and waits while no input is wanted. The event loop writes, and
 * a write <em>blocks</em> it, so give the channel its own event loop. While Kapacitor does not read, that event loop
 * does nothing, not even run timers. Other threads can detect this with {@link #bytesWritten()}, and end the blocked
 * write with {@link #abort()}.
 *
 * <p>The end of STDIN is always a half-close. If one socket is both STDIN and STDOUT, the peer sees the end of the
 * output only when the channel closes.
 *
 * <p>Threading and errors: {@link ProgressChannel}. Do not interrupt a thread of the event loop, because the JDK then
 * closes STDOUT.
 */
public final class StdioChannel extends AbstractChannel implements ProgressChannel {
    private static final ChannelMetadata METADATA = new ChannelMetadata(false, 16);

    /** The maximum number of buffers that writev accepts (Linux: UIO_MAXIOV). */
    private static final int MAX_BUFFERS_PER_WRITE = 1024;

    /** The maximum size of a write: the capacity of a pipe. */
    private static final int MAX_BYTES_PER_WRITE = 64 * 1024;

    /**
     * The size of a write to a slow reader. A write shows no progress until all of its bytes have been accepted.
     * Kapacitor reads 4 KiB at a time.
     */
    private static final int MAX_BYTES_PER_SLOW_WRITE = 4 * 1024;

    private static final long SLOW_WRITE_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    /** While a write is blocked, one buffer is read at intervals of this length, whether or not input is wanted. */
    private static final long STALLED_READ_NANOS = TimeUnit.MILLISECONDS.toNanos(250);

    private static final int MAX_STALLED_READS = 128;
    private static final int STALLED_READ_BYTES = 8 * 1024;

    /**
     * How long to wait before the next attempt if a descriptor is not ready, which happens only if the parent process
     * has made it non-blocking.
     */
    private static final long NOT_READY_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

    private static final String BROKEN_PIPE = "Broken pipe";

    private final FileChannel in;
    private final FileChannel out;
    private final Config config = new Config(this);
    private final AtomicLong bytesWritten = new AtomicLong();
    private final Reader reader = new Reader();
    /** The time at which the current write started; 0 if there is none. */
    private volatile long writingSinceNanos;

    private volatile boolean inputEndSeen;
    private volatile boolean open = true;
    private volatile boolean inputShutdown;
    private volatile boolean outputShutdown;

    /** Event loop only: a read has been requested, and nothing has been delivered yet. */
    private boolean readPending;

    /** Event loop only: the reader is filling a buffer. */
    private boolean reading;

    /**
     * Event loop only: input that has been read but not yet requested. While there is such input, nothing more is read.
     */
    private @Nullable Input input;

    /** Event loop only. */
    private int maxBytesPerWrite = MAX_BYTES_PER_WRITE;

    /**
     * Creates a channel over two descriptors, which it then owns.
     *
     * @param in for reading, for example the channel of a {@link FileInputStream}
     * @param out for writing, for example the channel of a {@link FileOutputStream}
     */
    public StdioChannel(FileChannel in, FileChannel out) {
        super(null);
        this.in = in;
        this.out = out;
    }

    /**
     * Creates a channel over STDIN and STDOUT of this process, which become inaccessible to other code if they are
     * pipes. Call this method only once.
     */
    public static StdioChannel ofProcess() {
        return new StdioChannel(PrivateStreams.stdin(), PrivateStreams.stdout());
    }

    /**
     * Closes the channel even if a write blocks the event loop. Pending data is lost.
     *
     * <p>Threading: safe for use by any thread. Does not wait.
     */
    public void abort() {
        try {
            out.close(); // makes a blocked write fail
        } catch (IOException e) {
            // A failed close could only lose data that is dropped anyway.
        }
        close();
    }

    /**
     * Whether the end of STDIN has been read, even if it has not been delivered. When Kapacitor aborts a task, it stops
     * reading, and may itself be blocked in a write to this process. The channel therefore reads a little input even
     * while its own write is blocked. This unblocks Kapacitor, so that the end of its output can be detected.
     *
     * <p>Threading: safe for use by any thread.
     */
    public boolean isInputEndSeen() {
        return inputEndSeen;
    }

    @Override
    protected ChannelId newId() {
        return SerialChannelId.next();
    }

    @Override
    public ChannelConfig config() {
        return config;
    }

    @Override
    public ChannelMetadata metadata() {
        return METADATA;
    }

    @Override
    public boolean isOpen() {
        return open;
    }

    @Override
    public boolean isActive() {
        return open;
    }

    @Override
    protected boolean isCompatible(EventLoop loop) {
        return true;
    }

    @Override
    protected AbstractUnsafe newUnsafe() {
        return new StdioUnsafe();
    }

    @Override
    public long bytesWritten() {
        return bytesWritten.get();
    }

    @Override
    protected void doBeginRead() {
        if (!open || inputShutdown) {
            return;
        }
        readPending = true;
        if (input != null) {
            eventLoop().execute(this::deliver);
        } else if (!reading) {
            try {
                startReading();
            } catch (OutOfMemoryError e) {
                eventLoop().execute(() -> pipeline().fireExceptionCaught(e));
            }
        }
    }

    private void startReading() {
        var handle = unsafe().recvBufAllocHandle();
        handle.reset(config);
        ByteBuf buffer = handle.allocate(config.getAllocator());
        handle.attemptedBytesRead(buffer.writableBytes());
        reading = true;
        reader.fill(buffer);
    }

    private void received(Input read) {
        reading = false;
        if (!open || inputShutdown) {
            read.bytes.release();
            return;
        }
        input = read;
        deliver();
    }

    private void deliver() {
        if (input == null || !readPending) {
            return;
        }
        Input delivered = input;
        input = null;
        readPending = false;
        if (delivered.isEnd()) {
            delivered.bytes.release();
            endInput(delivered.failure);
        } else {
            deliver(delivered.bytes);
        }
    }

    private void deliver(ByteBuf bytes) {
        var handle = unsafe().recvBufAllocHandle();
        handle.lastBytesRead(bytes.readableBytes());
        handle.incMessagesRead(1);
        handle.readComplete();
        if (config.isAutoRead()) {
            readAhead();
        }
        pipeline().fireChannelRead(bytes);
        pipeline().fireChannelReadComplete();
    }

    /**
     * Starts reading the next buffer before the previous input is handled. This empties the pipe and unblocks
     * Kapacitor.
     */
    private void readAhead() {
        try {
            startReading();
        } catch (OutOfMemoryError e) {
            // The buffered input is delivered first. The next requested read tries again.
        }
    }

    private void endInput(@Nullable Throwable failure) {
        inputShutdown = true;
        pipeline().fireChannelReadComplete();
        if (failure != null) {
            warn("STDIN: cannot be read", failure);
            pipeline().fireExceptionCaught(failure);
        }
        pipeline().fireUserEventTriggered(ChannelInputShutdownEvent.INSTANCE);
        pipeline().fireUserEventTriggered(ChannelInputShutdownReadComplete.INSTANCE);
    }

    private void stopDelivering() {
        EventLoop loop = isRegistered() ? eventLoop() : null;
        if (loop == null || loop.inEventLoop()) {
            readPending = false;
        } else {
            loop.execute(() -> readPending = false);
        }
    }

    @Override
    public boolean isInputShutdown() {
        return inputShutdown || !open;
    }

    @Override
    public ChannelFuture shutdownInput(ChannelPromise promise) {
        EventLoop loop = eventLoop();
        if (!loop.inEventLoop()) {
            loop.execute(() -> shutdownInput(promise));
            return promise;
        }
        inputShutdown = true;
        releaseInput();
        try {
            in.close();
            return promise.setSuccess();
        } catch (IOException e) {
            return promise.setFailure(e);
        }
    }

    private void releaseInput() {
        reader.stop();
        if (input != null) {
            input.bytes.release();
            input = null;
        }
    }

    @Override
    protected Object filterOutboundMessage(Object message) {
        if (!(message instanceof ByteBuf bytes)) {
            throw new UnsupportedOperationException(
                    "message: a " + message.getClass().getSimpleName() + " (expected: a ByteBuf)");
        }
        if (bytes.isDirect()) {
            return bytes;
        }
        ByteBuf direct =
                config.getAllocator().directBuffer(bytes.readableBytes()).writeBytes(bytes);
        bytes.release();
        return direct;
    }

    @Override
    protected void doWrite(ChannelOutboundBuffer pending) throws IOException {
        for (int left = config.getWriteSpinCount(); left > 0; left--) {
            if (pending.isEmpty()) {
                return;
            }
            ByteBuffer[] buffers = pending.nioBuffers(MAX_BUFFERS_PER_WRITE, maxBytesPerWrite);
            int count = pending.nioBufferCount();
            if (count == 0) {
                pending.remove(); // empty
                continue;
            }
            long startNanos = System.nanoTime();
            writingSinceNanos = startNanos | 1; // never 0
            long written;
            try {
                written = write(buffers, count);
            } catch (IOException e) {
                warn("STDOUT: cannot be written", e);
                throw e;
            }
            writingSinceNanos = 0;
            if (written == 0) {
                LockSupport.parkNanos(NOT_READY_NANOS);
            }
            maxBytesPerWrite =
                    System.nanoTime() - startNanos < SLOW_WRITE_NANOS ? MAX_BYTES_PER_WRITE : MAX_BYTES_PER_SLOW_WRITE;
            bytesWritten.lazySet(bytesWritten.get() + written);
            pending.removeBytes(written);
        }
        // The event loop does other work first, such as reading.
        eventLoop().execute(((StdioUnsafe) unsafe())::flushMore);
    }

    /** Logs a failure, unless the peer has disconnected or this channel has been closed. */
    private void warn(String what, Throwable failure) {
        if (open && !(failure instanceof ClosedChannelException) && !BROKEN_PIPE.equals(failure.getMessage())) {
            LoggerFactory.getLogger(StdioChannel.class).warn("{}: {}", what, failure.getMessage());
        }
    }

    /** Writes the buffers, or the first {@link #maxBytesPerWrite} bytes of them. */
    private long write(ByteBuffer[] buffers, int count) throws IOException {
        int room = maxBytesPerWrite;
        for (int i = 0; i < count; i++) {
            ByteBuffer buffer = buffers[i];
            if (buffer.remaining() > room) {
                int limit = buffer.limit();
                buffer.limit(buffer.position() + room);
                try {
                    return out.write(buffers, 0, i + 1);
                } finally {
                    buffer.limit(limit);
                }
            }
            room -= buffer.remaining();
        }
        return out.write(buffers, 0, count);
    }

    @Override
    public boolean isOutputShutdown() {
        return outputShutdown || !open;
    }

    @Override
    public ChannelFuture shutdownOutput(ChannelPromise promise) {
        EventLoop loop = eventLoop();
        if (loop.inEventLoop()) {
            ((AbstractUnsafe) unsafe()).shutdownOutput(promise);
        } else {
            loop.execute(() -> shutdownOutput(promise));
        }
        return promise;
    }

    @Override
    protected void doShutdownOutput() throws IOException {
        out.close();
        outputShutdown = true;
    }

    @Override
    protected void doClose() throws IOException {
        open = false;
        releaseInput();
        try (in) {
            out.close();
        }
    }

    @Override
    protected @Nullable SocketAddress localAddress0() {
        return null;
    }

    @Override
    protected @Nullable SocketAddress remoteAddress0() {
        return null;
    }

    @Override
    protected void doBind(SocketAddress localAddress) {
        throw new UnsupportedOperationException("open descriptors cannot be bound");
    }

    @Override
    protected void doDisconnect() throws IOException {
        doClose();
    }

    /** The result of one read. */
    private record Input(ByteBuf bytes, @Nullable Throwable failure) {
        boolean isEnd() {
            return !bytes.isReadable();
        }
    }

    /** The reader thread. It fills the buffers that the event loop provides, one after the other. */
    private final class Reader implements Runnable {
        private final AtomicReference<ByteBuf> toFill = new AtomicReference<>();

        /**
         * Input that was read while a write was blocked. It is delivered before any other input. Used by the reader
         * thread only.
         */
        private final Deque<Input> stalledReads = new ArrayDeque<>(MAX_STALLED_READS);

        /** Event loop only. */
        private @Nullable Thread thread;

        void fill(ByteBuf buffer) {
            toFill.set(buffer);
            if (thread == null) {
                thread = new Thread(this, "kapacitor-udf-stdin");
                thread.setDaemon(true);
                thread.start();
            } else {
                LockSupport.unpark(thread);
            }
        }

        /**
         * Stops the thread. Call this method when {@link #wanted()} has become false. A buffer that waits to be filled
         * is released immediately. A buffer that is being filled is released when its read has returned.
         */
        void stop() {
            ReferenceCountUtil.release(toFill.getAndSet(null));
            LockSupport.unpark(thread);
        }

        private boolean wanted() {
            return open && !inputShutdown;
        }

        @Override
        public void run() {
            try {
                readToEnd();
            } catch (Throwable e) {
                // Nothing can be read any more, so the process must end. The thread's exception handler reports why.
                inputEndSeen = true;
                abort();
                throw e;
            } finally {
                stalledReads.forEach(input -> input.bytes.release());
            }
        }

        private void readToEnd() {
            ByteBuf buffer;
            boolean end = false;
            while (!end && (buffer = next()) != null) {
                Input read = stalledReads.poll();
                if (read == null) {
                    read = read(buffer);
                } else {
                    buffer.release();
                }
                end = read.isEnd();
                deliver(read);
            }
        }

        private void deliver(Input read) {
            try {
                eventLoop().execute(() -> received(read));
            } catch (RejectedExecutionException e) {
                read.bytes.release();
            }
            // After an OutOfMemoryError, the event loop may have the buffer, so this thread must not release it.
        }

        /** The next buffer to fill; null when no more input is wanted. */
        private @Nullable ByteBuf next() {
            while (wanted()) {
                ByteBuf buffer = toFill.getAndSet(null);
                if (buffer != null) {
                    return buffer;
                }
                LockSupport.parkNanos(this, STALLED_READ_NANOS);
                if (toFill.get() == null
                        && isWriteBlocked()
                        && stalledReads.size() < MAX_STALLED_READS
                        && !inputEndSeen) {
                    readWhileStalled();
                }
            }
            return null;
        }

        /** Reads one buffer. If there is no memory for it, nothing is read; the next interval tries again. */
        private void readWhileStalled() {
            ByteBuf buffer;
            try {
                buffer = config.getAllocator().directBuffer(STALLED_READ_BYTES, STALLED_READ_BYTES);
            } catch (OutOfMemoryError e) {
                return;
            }
            stalledReads.add(read(buffer));
        }

        private boolean isWriteBlocked() {
            long since = writingSinceNanos;
            return since != 0 && System.nanoTime() - since > STALLED_READ_NANOS;
        }

        private Input read(ByteBuf buffer) {
            try {
                while (buffer.writeBytes(in, buffer.writableBytes()) == 0) {
                    LockSupport.parkNanos(NOT_READY_NANOS);
                }
                inputEndSeen = !buffer.isReadable();
                return new Input(buffer, null);
            } catch (Throwable e) {
                inputEndSeen = true;
                return new Input(buffer, e);
            }
        }
    }

    private final class StdioUnsafe extends AbstractUnsafe {
        @Override
        public void connect(SocketAddress remoteAddress, SocketAddress localAddress, ChannelPromise promise) {
            promise.setFailure(new UnsupportedOperationException("open descriptors cannot be connected"));
        }

        void flushMore() {
            flush0();
        }
    }

    private static final class Config extends DefaultChannelConfig {
        Config(StdioChannel channel) {
            super(channel);
            setAllocator(PooledByteBufAllocator.DEFAULT);
        }

        @Override
        protected void autoReadCleared() {
            ((StdioChannel) channel).stopDelivering();
        }

        @Override
        @SuppressWarnings("unchecked")
        public <T> T getOption(ChannelOption<T> option) {
            return option == ChannelOption.ALLOW_HALF_CLOSURE ? (T) Boolean.TRUE : super.getOption(option);
        }
    }
}
