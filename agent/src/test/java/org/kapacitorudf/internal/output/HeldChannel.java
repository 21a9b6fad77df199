package org.kapacitorudf.internal.output;

import io.netty.buffer.AbstractByteBufAllocator;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.local.LocalChannel;
import io.netty.channel.local.LocalIoHandler;
import io.netty.util.concurrent.Future;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.kapacitorudf.internal.session.AgentRuntime;
import org.kapacitorudf.proto.Response;

/**
 * A channel on its own event loop whose writes are held, recorded and counted until the test takes them.
 *
 * <p>Threading: {@code bytes} and the counts are read after the loop has done what the test waits for.
 */
public final class HeldChannel implements AutoCloseable {
    private static final long LIMIT_SECONDS = 300;

    private record Held(ByteBuf bytes, ChannelPromise promise) {}

    private final EventLoopGroup loops =
            new MultiThreadIoEventLoopGroup(1, AgentRuntime.loopThreads(true), LocalIoHandler.newFactory());
    private final UnpooledByteBufAllocator memory = new UnpooledByteBufAllocator(true);
    private final Channel channel = new LocalChannel() {
        @Override
        public ChannelPromise newPromise() {
            failIfNoMemory(promiseToFail);
            return super.newPromise();
        }
    };
    private final ArrayDeque<Held> held = new ArrayDeque<>(); // event loop only
    private final ByteArrayOutputStream taken = new ByteArrayOutputStream(); // event loop only
    private final boolean takesAtOnce;
    private boolean isClosed; // event loop only

    /** The number of times that memory for a write is unavailable. */
    public final AtomicInteger allocationsToFail = new AtomicInteger();

    /** The number of the promise for which memory is unavailable, counted from now; 0 for none. */
    final AtomicInteger promiseToFail = new AtomicInteger();

    /** The number of the write that fails although the channel stays open, counted from now; 0 for none. */
    public final AtomicInteger writeToFail = new AtomicInteger();

    volatile int writes;
    volatile int flushes;

    public HeldChannel(boolean takesAtOnce) {
        this.takesAtOnce = takesAtOnce;
        channel.config().setAllocator(new Allocator());
        loops.register(channel).syncUninterruptibly();
        channel.pipeline().addLast(new Recorder());
    }

    public Channel channel() {
        return channel;
    }

    /** Runs something on the event loop, and waits for its end. */
    public <T> T onLoop(Callable<T> task) throws Exception {
        Future<T> done = channel.eventLoop().submit(task);
        return done.get(LIMIT_SECONDS, TimeUnit.SECONDS);
    }

    public void runOnLoop(Runnable task) throws Exception {
        onLoop(() -> {
            task.run();
            return null;
        });
    }

    /** Takes everything that is held, like a Kapacitor that reads. */
    public void takeAll() throws Exception {
        runOnLoop(this::takeHeld);
    }

    private void takeHeld() {
        Held next;
        while ((next = held.poll()) != null) {
            take(next);
        }
    }

    private void take(Held next) {
        byte[] bytes = ByteBufUtil.getBytes(next.bytes());
        taken.writeBytes(bytes);
        next.bytes().release();
        next.promise().setSuccess();
    }

    private static void failIfNoMemory(AtomicInteger countdown) {
        if (countdown.getAndUpdate(left -> Math.max(0, left - 1)) == 1) {
            throw new OutOfMemoryError("no memory, says the test");
        }
    }

    /** Closes the channel, which fails all held and future writes. */
    public void fail() throws Exception {
        runOnLoop(channel::close);
    }

    /** What has been taken. */
    public byte[] bytes() throws Exception {
        return onLoop(taken::toByteArray);
    }

    /** What has been taken: whole responses, or this fails. */
    public List<Response> responses() throws Exception {
        ByteArrayInputStream in = new ByteArrayInputStream(bytes());
        List<Response> responses = new ArrayList<>();
        Response response;
        while ((response = Response.parseDelimitedFrom(in)) != null) {
            responses.add(response);
        }
        return responses;
    }

    /** Memory that has been allocated for output and not been given back, in bytes. */
    long allocatedBytes() {
        return memory.metric().usedDirectMemory() + memory.metric().usedHeapMemory();
    }

    @Override
    public void close() {
        loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
    }

    private final class Allocator extends AbstractByteBufAllocator {
        Allocator() {
            super(true);
        }

        @Override
        protected ByteBuf newHeapBuffer(int initialCapacity, int maxCapacity) {
            return memory.heapBuffer(initialCapacity, maxCapacity);
        }

        @Override
        protected ByteBuf newDirectBuffer(int initialCapacity, int maxCapacity) {
            if (allocationsToFail.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
                throw new OutOfMemoryError("no memory, says the test");
            }
            return memory.directBuffer(initialCapacity, maxCapacity);
        }

        @Override
        public boolean isDirectBufferPooled() {
            return false;
        }
    }

    private final class Recorder extends ChannelOutboundHandlerAdapter {
        @Override
        @SuppressWarnings("NonAtomicOperationOnVolatileField") // one writer, the event loop
        public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
            writes++;
            ByteBuf bytes = (ByteBuf) message;
            try {
                failIfNoMemory(writeToFail);
            } catch (OutOfMemoryError e) {
                bytes.release();
                throw e;
            }
            if (isClosed) {
                bytes.release();
                promise.setFailure(new IOException("closed"));
            } else {
                held.add(new Held(bytes, promise));
            }
        }

        @Override
        public void close(ChannelHandlerContext context, ChannelPromise promise) {
            context.close(promise);
            isClosed = true;
            Held next;
            while ((next = held.poll()) != null) {
                next.bytes().release();
                next.promise().setFailure(new IOException("closed"));
            }
        }

        @Override
        @SuppressWarnings("NonAtomicOperationOnVolatileField")
        public void flush(ChannelHandlerContext context) {
            flushes++;
            if (takesAtOnce) {
                takeHeld();
            }
        }
    }
}
