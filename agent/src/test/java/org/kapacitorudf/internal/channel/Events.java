package org.kapacitorudf.internal.channel;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * Records the events of a channel: user events and failures, {@code "writable"}, and, if each read must be requested,
 * {@code "read 1"}, {@code "read 2"}, one for each buffer.
 */
final class Events extends ChannelInboundHandlerAdapter {
    private final boolean onDemand;
    private final List<Object> past = new ArrayList<>();
    private final BlockingQueue<Object> coming = new LinkedBlockingQueue<>();
    private volatile long bytesRead;

    /** Event loop only. */
    private int reads;

    Events() {
        this(false);
    }

    private Events(boolean onDemand) {
        this.onDemand = onDemand;
    }

    static Events readingOnDemand() {
        return new Events(true);
    }

    /** Waits for an event, skipping those before it. */
    void await(Object event) throws InterruptedException {
        Object next;
        do {
            next = coming.poll(5, TimeUnit.MINUTES);
            assertThat(next).as("next event, after %s, before %s", past, event).isNotNull();
            past.add(next);
        } while (!next.equals(event));
    }

    /** Waits a moment for an event that may not occur. */
    boolean comesSoon(Object event) throws InterruptedException {
        Object next = coming.poll(300, TimeUnit.MILLISECONDS);
        return event.equals(next);
    }

    /** The events that were waited for, and those skipped. */
    List<Object> past() {
        return past;
    }

    long bytesRead() {
        return bytesRead;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext context) {
        context.channel().config().setAutoRead(!onDemand);
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        ByteBuf bytes = (ByteBuf) message;
        bytesRead += bytes.readableBytes();
        bytes.release();
        reads++;
        if (onDemand) {
            coming.add("read " + reads);
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
        coming.add(event);
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext context) {
        if (context.channel().isWritable()) {
            coming.add("writable");
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        coming.add(cause);
    }
}
