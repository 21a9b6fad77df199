package org.kapacitorudf.tools.conformance;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** Serves agents in a few lines on a socket, with a thread for each connection. */
class AgentServer implements AutoCloseable {
    private static final int BACKLOG = 256;

    private static final ScheduledExecutorService TIMER = Executors.newSingleThreadScheduledExecutor(work -> {
        Thread thread = new Thread(work, "right-timer");
        thread.setDaemon(true);
        return thread;
    });

    final Set<SocketChannel> open = ConcurrentHashMap.newKeySet();
    private final Supplier<RightAgent> agents;
    private final CountDownLatch closed = new CountDownLatch(1);
    private ServerSocketChannel listener;
    private Path path;

    AgentServer(Supplier<RightAgent> agents) {
        this.agents = agents;
    }

    AgentServer start(Path socket) throws IOException {
        path = socket;
        listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        listener.bind(UnixDomainSocketAddress.of(socket), BACKLOG);
        daemon(this::acceptAll, "right-accept");
        return this;
    }

    final Path path() {
        return path;
    }

    private void acceptAll() {
        int number = 0;
        try {
            while (true) {
                accepted(listener.accept(), ++number);
            }
        } catch (IOException e) {
            // Closed.
        }
    }

    void accepted(SocketChannel channel, int number) throws IOException {
        begin(channel, new byte[0]);
    }

    /** Starts a session of which some bytes have been read. */
    final void begin(SocketChannel channel, byte[] read) {
        open.add(channel);
        daemon(() -> serve(channel, read), "right-agent");
    }

    private void serve(SocketChannel channel, byte[] read) {
        try (channel) {
            RightAgent agent = agents.get();
            System.arraycopy(read, 0, agent.buffer, 0, read.length);
            agent.limit = read.length;
            agent.converse(this, channel);
        } catch (Exception e) {
            // The defect, or a case that has ended early.
        } finally {
            open.remove(channel);
        }
    }

    /** Work that may throw. */
    interface Work {
        void run() throws Exception;
    }

    static void later(int millis, Work work) {
        TIMER.schedule(
                () -> {
                    work.run();
                    return null;
                },
                millis,
                TimeUnit.MILLISECONDS);
    }

    /** Accepts no more connections. */
    void stopListening() {
        try {
            listener.close();
            Files.deleteIfExists(path);
        } catch (IOException e) {
            // It is closed nevertheless.
        }
    }

    void closeAll() {
        for (SocketChannel channel : open) {
            try {
                channel.close();
            } catch (IOException e) {
                // It is closed nevertheless.
            }
        }
    }

    void awaitClose() throws InterruptedException {
        closed.await();
    }

    @Override
    public void close() {
        stopListening();
        closed.countDown();
        closeAll();
    }

    static void daemon(Runnable work, String name) {
        Thread thread = new Thread(work, name);
        thread.setDaemon(true);
        thread.start();
    }
}
