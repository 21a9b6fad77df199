package org.kapacitorudf.server.tasks;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.kapacitorudf.embed.ConnectionListener;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Restores the tasks of a server after a restart of the server. While the server runs, this class records which tasks
 * are connected. When the next server has started to listen, this class makes Kapacitor reload these tasks.
 *
 * <pre>{@code
 * open -- begin, once the server listens --> at work -- stopping, while it still listens --> close, once it has ended
 * }</pre>
 *
 * <p>Threading: safe for use by any thread. The thread that reloads exists only while tasks have to be reloaded.
 */
public final class TaskKeeper implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(TaskKeeper.class);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(30);

    /** The maximum time for which {@link #stopping} waits for a reload that has begun. */
    private static final Duration STOP_PATIENCE = Duration.ofSeconds(5);

    private final TaskRecord record;
    private final TaskReloader reloader;
    private final InstantSource clock;
    private final CountDownLatch stopped = new CountDownLatch(1);
    private final CompletableFuture<Void> done = new CompletableFuture<>();
    private final Thread thread = new Thread(this::bringBack, "udf-tasks");

    private TaskKeeper(TaskRecord record, TaskReloader reloader, InstantSource clock) {
        this.record = record;
        this.reloader = reloader;
        this.clock = clock;
        thread.setDaemon(true);
    }

    /**
     * The results of reloading since the server started.
     *
     * @param reloaded the number of reloads
     * @param failed the number of failed attempts
     * @param left the number of tasks that were not reloaded, for a reason given in the log
     * @param waiting the number of tasks without a decision yet
     */
    public record Counts(long reloaded, long failed, long left, int waiting) {
        @Override
        public String toString() {
            return reloaded + " reloaded, " + left + " skipped, " + waiting + " pending";
        }
    }

    /**
     * Locks the file, and reads the tasks of the previous server. If a running server uses the file and
     * {@code takeOver} is true, {@link #begin} does this later.
     *
     * @param takeOver whether the file may be taken from a running server
     * @throws IOException if the file is unavailable; the message names it
     */
    public static TaskKeeper open(KapacitorAccess access, Path file, ReloadRules rules, boolean takeOver)
            throws IOException {
        InstantSource clock = InstantSource.system();
        TaskRecord record = new TaskRecord(TaskFile.keep(file, takeOver, rules.served()), clock, rules.interval());
        return new TaskKeeper(record, new TaskReloader(access, record, rules, clock), clock);
    }

    /** The listener for the server's connections. */
    public ConnectionListener listener() {
        return record;
    }

    public Counts counts() {
        return reloader.counts();
    }

    /**
     * Starts reloading tasks. The server must be listening. If the file cannot be taken from the running server, logs
     * an error, and neither records nor reloads tasks: this server must go on, because it has already taken the
     * sockets.
     */
    public void begin() {
        try {
            record.listening();
        } catch (IOException e) {
            LOG.error("the task file cannot be taken, so tasks are neither recorded nor reloaded: {}", e.toString());
            done.complete(null);
            return;
        }
        if (record.open().isEmpty()) {
            done.complete(null);
        } else {
            thread.start();
        }
    }

    /** Completes when no more tasks have to be reloaded, or when this object has been stopped. */
    public CompletableFuture<Void> done() {
        return done;
    }

    private void bringBack() {
        long startNanos = System.nanoTime();
        try {
            Optional<Instant> next = reloader.round();
            while (next.isPresent() && !pauseUntil(next.get())) {
                next = reloader.round();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException | Error e) {
            LOG.error("tasks are no longer reloaded", e);
            done.complete(null);
            return;
        }
        LOG.info("tasks: {}, in {} ms", counts(), TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - startNanos));
        done.complete(null);
    }

    /**
     * Waits until a time, but not longer than {@link #LONGEST_PAUSE}, because the wall clock may be changed. Returns
     * true if this object has been stopped.
     */
    private boolean pauseUntil(Instant time) throws InterruptedException {
        Duration pause = Duration.between(clock.instant(), time);
        Duration bounded = pause.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : pause;
        return stopped.await(bounded.toNanos(), TimeUnit.NANOSECONDS);
    }

    /**
     * Called before the server exits, while it is still listening. Records which tasks are connected, and waits for a
     * reload that has begun.
     *
     * @param isPlanned whether the exit is intended; if so, the reloads after it do not count towards the limit
     */
    public void stopping(boolean isPlanned) throws InterruptedException {
        stopped.countDown();
        reloader.stop();
        record.stopping(isPlanned);
        thread.join(STOP_PATIENCE.toMillis());
    }

    @Override
    public void close() {
        record.close();
    }
}
