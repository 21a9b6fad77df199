package org.kapacitorudf.server.ops;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.kapacitorudf.embed.UdfServer;

/**
 * Checks whether a server is alive and ready.
 *
 * <p>A server is alive if its event loops respond. They are queried every second, and must respond within a minute.
 * Functions do not run on event loops, so the event loops take that long only if the whole process is suspended. A
 * server is ready if it is alive and listening, is not being closed, and does not have too many abandoned calls.
 *
 * <p>Threading: safe for use by any thread.
 */
public final class Health implements AutoCloseable {
    private static final long ASK_MILLIS = 1_000;
    private static final Duration SILENCE_LIMIT = Duration.ofMinutes(1);

    private final UdfServer server;
    private final Supplier<CompletableFuture<Void>> ping;
    private final LongSupplier nanoTime;
    private final long silenceLimitNanos;
    private final int maxAbandonedCalls;
    private final ScheduledExecutorService asking = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread thread = new Thread(task, "udf-health");
        thread.setDaemon(true);
        return thread;
    });

    @GuardedBy("this")
    private CompletableFuture<Void> answer = CompletableFuture.completedFuture(null);

    @GuardedBy("this")
    private long askedNanos;

    /**
     * Starts monitoring a server.
     *
     * @param maxAbandonedCalls the maximum number of abandoned calls with which the server is still ready
     */
    public static Health of(UdfServer server, int maxAbandonedCalls) {
        Health health = new Health(server, server::ping, System::nanoTime, SILENCE_LIMIT, maxAbandonedCalls);
        health.asking.scheduleWithFixedDelay(health::ask, 0, ASK_MILLIS, TimeUnit.MILLISECONDS);
        return health;
    }

    Health(
            UdfServer server,
            Supplier<CompletableFuture<Void>> ping,
            LongSupplier nanoTime,
            Duration silenceLimit,
            int maxAbandonedCalls) {
        this.server = server;
        this.ping = ping;
        this.nanoTime = nanoTime;
        this.silenceLimitNanos = silenceLimit.toNanos();
        this.maxAbandonedCalls = maxAbandonedCalls;
    }

    /** Queries the event loops, unless the previous answer is still pending. Never throws. */
    synchronized void ask() {
        try {
            if (answer.isDone()) {
                askedNanos = nanoTime.getAsLong();
                answer = ping.get();
            }
        } catch (Throwable e) {
            // For example, memory was short. If this method threw, the loops would never be queried again.
        }
    }

    /** The reasons why the server is not alive; empty if it is alive. */
    public synchronized List<String> ills() {
        long silentNanos = answer.isDone() ? 0 : nanoTime.getAsLong() - askedNanos;
        return silentNanos <= silenceLimitNanos
                ? List.of()
                : List.of("event loops: no answer for " + seconds(silentNanos) + " (expected: <= "
                        + seconds(silenceLimitNanos) + ")");
    }

    /** The reasons why the server is not ready; empty if it is ready. */
    public List<String> hindrances() {
        List<String> hindrances = new ArrayList<>(ills());
        if (!server.isListening()) {
            hindrances.add(
                    "sockets: not all can be connected to (expected: all; the server is starting or stopping, or has lost one)");
        }
        int abandoned = server.abandonedCalls();
        if (abandoned > maxAbandonedCalls) {
            hindrances.add("abandoned calls: " + abandoned + " (expected: <= " + maxAbandonedCalls + ")");
        }
        return hindrances;
    }

    private static String seconds(long nanos) {
        return TimeUnit.NANOSECONDS.toSeconds(nanos) + " s";
    }

    @Override
    public void close() {
        asking.shutdownNow();
    }
}
