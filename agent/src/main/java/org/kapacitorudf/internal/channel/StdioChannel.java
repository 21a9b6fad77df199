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
import org.slf4j.LoggerFactory;

/**
 * A channel over two descriptors that are there already: STDIN and STDOUT of a process that Kapacitor has started.
 *
 * <p>They may be pipes, sockets, files, terminals or {@code /dev/null}: nothing is asked of them but blocking reads and
 * writes. A thread of the channel reads, one buffer ahead, which waits for as long as the channel does not want to read.
 * Writing is the event loop's, and <em>blocks</em> it: give the channel a loop of its own. While Kapacitor does not read,
 * that loop does nothing, its timers included; {@link #bytesWritten()} tells other threads, and {@link #abort()} lets them
 * end it.
 *
 * <p>The end of STDIN is a half-close, always. Where one socket is both STDIN and STDOUT, the peer sees the end of our
 * output when the channel closes, not before.
 *
 * <p>Threading and errors: {@link ProgressChannel}. A thread of the event loop must not be interrupted: the JDK closes
 * STDOUT under it.
 */
public final class StdioChannel extends AbstractChannel implements ProgressChannel {
    private static final ChannelMetadata METADATA = new ChannelMetadata(false, 16);

    /** What one writev takes (Linux: UIO_MAXIOV). */
    private static final int MAX_BUFFERS_PER_WRITE = 1024;

    /** As much as a pipe holds. */
    private static final int MAX_BYTES_PER_WRITE = 64 * 1024;

    /**
     * What is written at once to a peer that reads slowly: a write returns when all is taken, and until then does not
     * tell how much. Kapacitor reads 4 KiB at a time.
     */
    private static final int MAX_BYTES_PER_SLOW_WRITE = 4 * 1024;

    private static final long SLOW_WRITE_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    /** While a write is blocked for longer than this, one buffer is read each time that it passes, wanted or not. */
    private static final long STALLED_READ_NANOS = TimeUnit.MILLISECONDS.toNanos(250);

    private static final int MAX_STALLED_READS = 128;
    private static final int STALLED_READ_BYTES = 8 * 1024;

    /** How long to wait before trying again, where a descriptor was made non-blocking by whoever started us. */
    private static final long NOT_READY_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

    private static final String BROKEN_PIPE = "Broken pipe";

    private final FileChannel in;
    private final FileChannel out;
    private final Config config = new Config(this);
    private final AtomicLong bytesWritten = new AtomicLong();
    private final Reader reader = new Reader();
    /** When the write that is going on began; 0 when there is none. */
    private volatile long writingSinceNanos;

    private volatile boolean inputEndSeen;
    private volatile boolean open = true;
    private volatile boolean inputShutdown;
    private volatile boolean outputShutdown;

    /** Event loop only: somebody wants to read, and has got nothing yet. */
    private boolean readPending;

    /** Event loop only: the reader has a buffer to fill. */
    private boolean reading;

    /** Event loop only: what the reader has read, until somebody wants it; nothing is read meanwhile. */
    private Input input;

    /** Event loop only. */
    private int maxBytesPerWrite = MAX_BYTES_PER_WRITE;

    /**
     * A channel over two descriptors, which it owns from now on.
     *
     * @param in read from; the channel of a {@link FileInputStream}, for example
     * @param out written to; the channel of a {@link FileOutputStream}, for example
     */
    public StdioChannel(FileChannel in, FileChannel out) {
        super(null);
        this.in = in;
        this.out = out;
    }

    /** A channel over STDIN and STDOUT of this process, which are nobody else's from now on if they are pipes. To be called once. */
    public static StdioChannel ofProcess() {
        return new StdioChannel(PrivateStreams.stdin(), PrivateStreams.stdout());
    }

    /**
     * Closes the channel although a write may block the event loop; what is pending is lost.
     *
     * <p>Threading: any thread; does not wait.
     */
    public void abort() {
        try {
            out.close(); // a write that blocks fails then
        } catch (IOException e) {
            // What a failing close could lose is given up anyway.
        }
        close();
    }

    /**
     * Whether the end of STDIN has been read, be it delivered or not. Kapacitor that aborts a task stops reading, and its writer may sit in a write that we do
     * not read; so while a write of ours is blocked, a little is read in spite of that: the writer gets free, and its end is seen.
     *
     * <p>Threading: any thread.
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

    /** Reads while the bytes before are handled: the pipe empties, and its writer goes on. */
    private void readAhead() {
        try {
            startReading();
        } catch (OutOfMemoryError e) {
            // What is there comes first; the next read that is asked for tries again.
        }
    }

    private void endInput(Throwable failure) {
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
        // The loop has other things to do too, such as to read.
        eventLoop().execute(((StdioUnsafe) unsafe())::flushMore);
    }

    /** Logs a failure that is not the other side's going away, nor our own closing. */
    private void warn(String what, Throwable failure) {
        if (open && !(failure instanceof ClosedChannelException) && !BROKEN_PIPE.equals(failure.getMessage())) {
            LoggerFactory.getLogger(StdioChannel.class).warn("{}: {}", what, failure.getMessage());
        }
    }

    /** Writes buffers, or the first {@link #maxBytesPerWrite} of them. */
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
    protected SocketAddress localAddress0() {
        return null;
    }

    @Override
    protected SocketAddress remoteAddress0() {
        return null;
    }

    @Override
    protected void doBind(SocketAddress localAddress) {
        throw new UnsupportedOperationException("descriptors that are open already are not bound");
    }

    @Override
    protected void doDisconnect() throws IOException {
        doClose();
    }

    /** What came of one read. */
    private record Input(ByteBuf bytes, Throwable failure) {
        boolean isEnd() {
            return !bytes.isReadable();
        }
    }

    /** The thread that reads: fills one buffer after the other, as the event loop gives them. */
    private final class Reader implements Runnable {
        private final AtomicReference<ByteBuf> toFill = new AtomicReference<>();

        /** Read while a write was blocked, to be delivered first. The reading thread's own. */
        private final Deque<Input> stalledReads = new ArrayDeque<>();

        /** Event loop only. */
        private Thread thread;

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

        /** To be called when {@link #wanted()} has become false. A buffer that is being filled comes back. */
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
            } finally {
                stalledReads.forEach(input -> input.bytes.release());
            }
        }

        private void deliver(Input read) {
            try {
                eventLoop().execute(() -> received(read));
            } catch (RejectedExecutionException e) {
                read.bytes.release();
            }
        }

        /** The next buffer that is to be filled; null when nothing is wanted any more. */
        private ByteBuf next() {
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
                    stalledReads.add(read(config.getAllocator().directBuffer(STALLED_READ_BYTES, STALLED_READ_BYTES)));
                }
            }
            return null;
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
            promise.setFailure(new UnsupportedOperationException("descriptors that are open already do not connect"));
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
