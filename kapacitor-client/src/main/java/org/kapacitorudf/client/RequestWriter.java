package org.kapacitorudf.client;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Collections;
import java.util.Deque;
import java.util.Iterator;
import org.jspecify.annotations.Nullable;
import org.kapacitorudf.proto.KeepaliveRequest;
import org.kapacitorudf.proto.Request;

/**
 * Writes requests and data on one thread with blocking writes, like Kapacitor's single goroutine: while the agent does
 * not read, nothing is written, not even keepalives.
 *
 * <p>Threading: {@link #run} is for the writing thread; everything else is safe for use by any thread. Callers must
 * ensure that only one delivery is in progress at a time.
 */
final class RequestWriter implements Runnable {
    private final Transport transport;
    private final Framing framing;
    private final Kapacitor use;

    @GuardedBy("this")
    private final Deque<Request> requests = new ArrayDeque<>();

    @GuardedBy("this")
    private boolean keepaliveQueued;

    @GuardedBy("this")
    private @Nullable Delivery delivery;

    @GuardedBy("this")
    private boolean requestHadItsTurn;

    @GuardedBy("this")
    private boolean ending;

    @GuardedBy("this")
    private boolean aborted;

    RequestWriter(Transport transport, Framing framing, Kapacitor use) {
        this.transport = transport;
        this.framing = framing;
        this.use = use;
    }

    /** Queues a request. As in Kapacitor, the request may overtake data that is being delivered. */
    synchronized void request(Request request) {
        requests.add(request);
        notifyAll();
    }

    /** Queues a keepalive, unless the previous keepalive has not been written yet. */
    synchronized void keepalive(long timeNanos) {
        if (!keepaliveQueued && !ending) {
            keepaliveQueued = true;
            request(Request.newBuilder()
                    .setKeepalive(KeepaliveRequest.newBuilder().setTime(timeNanos))
                    .build());
        }
    }

    /** Writes messages, and returns when all of them are written. Queued requests may be written between them. */
    void deliver(Iterator<Request> messages, Duration limit) {
        deliver(new Delivery(false, messages, Collections.emptyIterator()), limit);
    }

    /**
     * Writes chunks of bytes, and returns when all of them are written. Each chunk is one write, and nothing is written
     * in between.
     */
    void deliverRaw(Iterator<byte[]> pieces, Duration limit) {
        deliver(new Delivery(true, Collections.emptyIterator(), pieces), limit);
    }

    /** Ends the agent's input when everything is written. */
    synchronized void end() {
        ending = true;
        notifyAll();
    }

    /** Discards the queue, and ends the agent's input after the current write. */
    synchronized void abort() {
        aborted = true;
        notifyAll();
    }

    @Override
    public void run() {
        try {
            for (Object next = next(); next != null; next = next()) {
                if (next instanceof Request request) {
                    write(request);
                } else {
                    writeSome((Delivery) next);
                }
            }
        } catch (IOException e) {
            use.fail("write error: " + e.getMessage());
        }
        try {
            transport.endInput();
        } catch (IOException e) {
            // The agent has already disconnected.
        }
        use.writerEnded();
    }

    private void deliver(Delivery mine, Duration limit) {
        synchronized (this) {
            delivery = mine;
            notifyAll();
            long seen = 0;
            long since = System.nanoTime();
            while (!mine.done && !aborted) {
                if (mine.written != seen) {
                    seen = mine.written;
                    since = System.nanoTime();
                }
                long leftNanos = since + limit.toNanos() - System.nanoTime();
                if (leftNanos <= 0) {
                    delivery = null;
                    throw use.failure(
                            "sending: stopped after " + seen + " messages, the agent has read nothing for " + limit);
                }
                ConversationState.waitOn(this, leftNanos);
            }
            if (delivery == mine) {
                delivery = null;
            }
        }
        if (mine.failure != null) {
            throw mine.failure;
        }
        if (!mine.done) {
            throw use.failure("sending: stopped after " + mine.written + " messages, the session was aborted");
        }
    }

    /**
     * Waits until there is something to write. Returns the next request, or the current delivery; null if nothing more
     * is to be written.
     */
    private @Nullable Object next() throws IOException {
        synchronized (this) {
            Object next = poll();
            if (next != null || aborted) {
                return next;
            }
        }
        framing.flush(transport);
        synchronized (this) {
            Object next = poll();
            while (next == null && !aborted && !ending) {
                ConversationState.waitOn(this, Long.MAX_VALUE);
                next = poll();
            }
            return next;
        }
    }

    @GuardedBy("this")
    private @Nullable Object poll() {
        if (aborted) {
            return null;
        }
        boolean requestIsNext = delivery == null || !delivery.isRaw && !requestHadItsTurn;
        if (!requests.isEmpty() && requestIsNext) {
            requestHadItsTurn = true;
            Request request = requests.poll();
            keepaliveQueued &= !request.hasKeepalive();
            return request;
        }
        requestHadItsTurn = false;
        return delivery;
    }

    private void writeSome(Delivery current) throws IOException {
        try {
            if (current.isRaw) {
                framing.flush(transport);
                while (current.pieces.hasNext()) {
                    byte[] piece = current.pieces.next();
                    transport.write(piece, 0, piece.length);
                    if (!goesOn(current)) {
                        return;
                    }
                }
            } else if (current.messages.hasNext()) {
                write(current.messages.next());
                goesOn(current);
                return;
            }
        } catch (RuntimeException e) {
            current.failure = e;
        }
        framing.flush(transport);
        synchronized (this) {
            current.done = true;
            if (delivery == current) {
                delivery = null;
            }
            notifyAll();
        }
    }

    private synchronized boolean goesOn(Delivery current) {
        current.written++;
        return delivery == current && !aborted;
    }

    private void write(Request request) throws IOException {
        byte[] body = request.toByteArray();
        framing.write(transport, Frames.header(body.length), body);
    }

    /** The data to be written by one call of {@code deliver} or {@code deliverRaw}. */
    private static final class Delivery {
        private final boolean isRaw;
        private final Iterator<Request> messages;
        private final Iterator<byte[]> pieces;
        private long written;
        private boolean done;
        private @Nullable RuntimeException failure;

        Delivery(boolean isRaw, Iterator<Request> messages, Iterator<byte[]> pieces) {
            this.isRaw = isRaw;
            this.messages = messages;
            this.pieces = pieces;
        }
    }
}
