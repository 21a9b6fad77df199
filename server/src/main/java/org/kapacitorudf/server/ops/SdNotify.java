package org.kapacitorudf.server.ops;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reports the state of the service to systemd: {@code Type=notify}, {@code WatchdogSec=}.
 *
 * <p>Java has no datagram Unix sockets. To call the C library, a program needs native code or, in newer versions of
 * Java, a flag that suppresses a warning. Each message is therefore sent by running {@code systemd-notify}, which is
 * present wherever systemd is. This takes a few milliseconds at startup, at shutdown, and twice within each
 * {@code WatchdogSec}. systemd accepts messages of a child process only with {@code NotifyAccess=all}.
 *
 * <p>Threading: safe for use by any thread; messages are sent in order. {@link #ready} and {@link #stopping} wait for a
 * short time for their message to be sent.
 *
 * <p>Errors: the first one is logged; the service continues.
 */
public final class SdNotify implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(SdNotify.class);
    private static final Duration LIMIT = Duration.ofSeconds(5);

    private final List<String> command;
    private final Optional<Duration> watchdog;
    private final Duration limit;
    private final ScheduledExecutorService sender = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread thread = new Thread(task, "udf-sd-notify");
        thread.setDaemon(true);
        return thread;
    });
    private boolean failureLogged; // used only by the sender's thread

    private SdNotify(List<String> command, Optional<Duration> watchdog, Duration limit) {
        this.command = command;
        this.watchdog = watchdog;
        this.limit = limit;
    }

    /** Returns an instance if systemd waits for notifications of this process; otherwise empty. */
    public static Optional<SdNotify> of(Map<String, String> environment) {
        return of(environment, List.of("systemd-notify"), LIMIT);
    }

    static Optional<SdNotify> of(Map<String, String> environment, List<String> command, Duration limit) {
        String socket = environment.getOrDefault("NOTIFY_SOCKET", "");
        return socket.isEmpty() ? Optional.empty() : Optional.of(new SdNotify(command, watchdog(environment), limit));
    }

    /** The maximum interval of watchdog notifications; empty if the watchdog is not enabled for this process. */
    static Optional<Duration> watchdog(Map<String, String> environment) {
        String pid = environment.getOrDefault("WATCHDOG_PID", "");
        boolean ours = pid.isEmpty()
                || pid.equals(Long.toString(ProcessHandle.current().pid()));
        try {
            long micros = Long.parseLong(environment.getOrDefault("WATCHDOG_USEC", "0"));
            return ours && micros > 0
                    ? Optional.of(Duration.ofNanos(Math.multiplyExact(micros, 1_000L)))
                    : Optional.empty();
        } catch (NumberFormatException | ArithmeticException e) {
            return Optional.empty();
        }
    }

    /**
     * Reports that the service is ready. If the watchdog is enabled, it is notified from now on, as long as the service
     * is alive.
     *
     * @param status supplies the line for {@code systemctl status}
     */
    public void ready(Supplier<String> status, BooleanSupplier isAlive) {
        sendAndWait("READY=1", "STATUS=" + line(status.get()));
        watchdog.ifPresent(interval -> {
            long halfNanos = interval.toNanos() / 2;
            sender.scheduleAtFixedRate(() -> feed(status, isAlive), halfNanos, halfNanos, TimeUnit.NANOSECONDS);
        });
    }

    /** Sends a new line for {@code systemctl status}. Does nothing after {@link #close}. */
    public void status(Supplier<String> status) {
        try {
            sender.execute(() -> send(List.of("STATUS=" + line(status.get()))));
        } catch (RejectedExecutionException e) {
            LOG.debug("the status is not sent to systemd, because the service is ending");
        }
    }

    private void feed(Supplier<String> status, BooleanSupplier isAlive) {
        try {
            if (isAlive.getAsBoolean()) {
                send(List.of("WATCHDOG=1", "STATUS=" + line(status.get())));
            } else {
                LOG.error("the event loops do not respond: the watchdog is not notified");
            }
        } catch (RuntimeException | Error e) { // an Error if the process cannot be started because memory is short
            LOG.error("the watchdog could not be notified", e);
        }
    }

    /** Reports that the service is stopping. */
    public void stopping() {
        sendAndWait("STOPPING=1", "STATUS=stopping: waiting for connections to finish their work");
    }

    private void sendAndWait(String... states) {
        try {
            sender.submit(() -> send(List.of(states))).get(limit.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException | TimeoutException e) {
            LOG.warn("systemd could not be notified of {}", states[0], e);
        }
    }

    private void send(List<String> states) {
        List<String> arguments = new ArrayList<>(command);
        arguments.addAll(states);
        try {
            Process process =
                    new ProcessBuilder(arguments).redirectErrorStream(true).start();
            process.getOutputStream().close();
            if (!process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
                process.destroyForcibly();
                failed(states, "not finished within " + limit.toSeconds() + " s");
            } else if (process.exitValue() != 0) {
                failed(states, output(process));
            }
        } catch (IOException e) {
            failed(states, e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static String output(Process process) throws IOException {
        try (InputStream in = process.getInputStream()) {
            return new String(in.readNBytes(1_000), StandardCharsets.UTF_8).strip();
        }
    }

    private void failed(List<String> states, @Nullable String reason) {
        if (!failureLogged) {
            failureLogged = true;
            LOG.warn("systemd could not be notified of {}: {}; further failures are not logged", states.get(0), reason);
        }
    }

    /** Returns the text as one line, because each line of a message is a separate assignment. */
    private static String line(String text) {
        return text.replace('\n', ' ').replace('\r', ' ');
    }

    @Override
    public void close() {
        sender.shutdownNow();
    }
}
