package org.kapacitorudf.tools.load;

import java.io.Closeable;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * Limits how long a call waits for an agent: at the deadline the connection is closed, which makes the call fail.
 *
 * <pre>{@code
 * try (DeadlineGuard guard = DeadlineGuard.over(link, limit)) {
 *     link.ask(request);
 * }
 * }</pre>
 */
final class DeadlineGuard implements Closeable {
    private static final ScheduledThreadPoolExecutor TIMER = timer();

    private final Closeable connection;
    private final ScheduledFuture<?> alarm;
    private volatile boolean isOver;

    private DeadlineGuard(Closeable connection, Duration limit) {
        this.connection = connection;
        alarm = TIMER.schedule(this::end, limit.toNanos(), TimeUnit.NANOSECONDS);
    }

    static DeadlineGuard over(Closeable connection, Duration limit) {
        return new DeadlineGuard(connection, limit);
    }

    private void end() {
        isOver = true;
        try {
            connection.close();
        } catch (IOException e) {
            // It is closed nevertheless.
        }
    }

    /** The cause of a failure during a guarded call: the deadline, or the failure itself. */
    IOException reason(IOException failure) {
        return isOver ? new IOException("no answer in time", failure) : failure;
    }

    @Override
    public void close() {
        alarm.cancel(false);
    }

    private static ScheduledThreadPoolExecutor timer() {
        ScheduledThreadPoolExecutor timer = new ScheduledThreadPoolExecutor(1, work -> {
            Thread thread = new Thread(work, "load-guard");
            thread.setDaemon(true);
            return thread;
        });
        timer.setRemoveOnCancelPolicy(true);
        return timer;
    }
}
