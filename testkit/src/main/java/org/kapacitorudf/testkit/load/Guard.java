package org.kapacitorudf.testkit.load;

import java.io.Closeable;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * Sees that nobody waits for an agent for ever: it closes a connection whose time is over, and the call that waits on it
 * fails.
 *
 * <pre>{@code
 * try (Guard guard = Guard.over(link, limit)) {
 *     link.ask(request);
 * }
 * }</pre>
 */
final class Guard implements Closeable {
    /** How long an agent may take for an answer. */
    static final Duration ANSWER_LIMIT = Duration.ofSeconds(10);

    private static final ScheduledThreadPoolExecutor TIMER = timer();

    private final ScheduledFuture<?> alarm;

    private Guard(ScheduledFuture<?> alarm) {
        this.alarm = alarm;
    }

    static Guard over(Closeable connection, Duration limit) {
        Runnable close = () -> {
            try {
                connection.close();
            } catch (IOException e) {
                // It is closed all the same.
            }
        };
        return new Guard(TIMER.schedule(close, limit.toNanos(), TimeUnit.NANOSECONDS));
    }

    /** What a failure under guard comes from: the guard itself, or what failed. */
    IOException reason(IOException failure) {
        return alarm.isDone() && !alarm.isCancelled() ? new IOException("no answer in time", failure) : failure;
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
