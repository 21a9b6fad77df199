package org.kapacitorudf.server.serve;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import org.kapacitorudf.embed.UdfServer;
import org.kapacitorudf.server.install.SocketPaths;
import org.kapacitorudf.server.logging.Logging;
import org.kapacitorudf.server.options.OpsOptions;
import org.kapacitorudf.server.options.TaskOptions;
import org.kapacitorudf.server.tasks.TaskKeeper;
import org.kapacitorudf.server.terminal.CommandException;
import org.kapacitorudf.server.terminal.ExitReport;
import org.kapacitorudf.server.terminal.ExitStatus;
import org.kapacitorudf.server.terminal.Signals;
import org.kapacitorudf.server.terminal.SystemExitDetector;
import org.slf4j.LoggerFactory;

/** Hosts functions on Unix sockets. */
public final class SocketHost {
    private static final Set<PosixFilePermission> FOR_OWNER_TO_WRITE = PosixFilePermissions.fromString("rwxr-xr-x");

    /**
     * The time limit for closing the server after a function has called {@code System.exit}, in addition to the time
     * limit for its connections.
     */
    private static final Duration LAST_STEPS = Duration.ofSeconds(5);

    /**
     * The number of threads that must be available in addition to one event loop per core. They are needed to monitor
     * the event loops, and for a signal, the shutdown hooks and a few handlers.
     */
    private static final int MORE_THREADS = 8;

    private final Hosted hosted;
    private final String mode;
    private final @Nullable String group;
    private final boolean takeOver;
    private final OpsOptions opsOptions;
    private final Optional<TaskOptions.Chosen> tasks;
    private volatile boolean isExitCalled; // a function has called System.exit
    private @Nullable BiConsumer<UdfServer, Hosted> reload; // null if SIGHUP stops the server

    /**
     * @param group the group of the sockets; null for that of the process
     * @param tasks how tasks are reloaded after a restart; empty if they are not reloaded
     */
    public SocketHost(
            Hosted hosted,
            String mode,
            @Nullable String group,
            boolean takeOver,
            OpsOptions opsOptions,
            Optional<TaskOptions.Chosen> tasks) {
        this.hosted = hosted;
        this.mode = mode;
        this.group = group;
        this.takeOver = takeOver;
        this.opsOptions = opsOptions;
        this.tasks = tasks;
    }

    /** Sets the action of SIGHUP once the server has started to listen. Without an action, SIGHUP stops the server. */
    public void reloadBy(BiConsumer<UdfServer, Hosted> reload) {
        this.reload = reload;
    }

    /**
     * Serves the functions until a signal stops the server.
     *
     * @param ready receives a line for each socket that can be connected to
     */
    public ExitStatus serve(PrintStream ready) {
        requireThreads();
        hosted.options().traced().forEach(Logging::trace);
        SortedMap<String, Path> sockets = hosted.sockets();
        CountDownLatch asked = new CountDownLatch(1);
        CountDownLatch ended = new CountDownLatch(1);
        Signals.handle(asked::countDown);
        sockets.values().forEach(socket -> makeDirectory(SocketPaths.directory(socket)));
        ServerMonitoring monitoring = ServerMonitoring.areWanted(opsOptions)
                ? ServerMonitoring.of(opsOptions, List.copyOf(sockets.keySet()))
                : null;
        try (monitoring;
                TaskKeeper keeper = tasks.isPresent() ? keeper(tasks.get()) : null;
                UdfServer server = start(monitoring, keeper, ready)) {
            Runtime.getRuntime().addShutdownHook(new Thread(() -> endInOrder(asked, ended), "kapacitor-udf-end"));
            SystemExitDetector.release();
            BiConsumer<UdfServer, Hosted> action = reload;
            if (action != null) {
                Signals.onHangUp(() -> action.accept(server, hosted));
            }
            sockets.forEach((name, path) -> ready.println(name + ": listening on " + path));
            if (monitoring != null) {
                monitoring.ready();
            }
            if (keeper != null) {
                keeper.begin();
            }
            asked.await();
            if (keeper != null) {
                keeper.stopping(!isExitCalled);
            }
            if (monitoring != null) {
                monitoring.stopping();
            }
        } catch (InterruptedException e) {
            throw new IllegalStateException("the main thread was interrupted", e);
        } finally {
            ended.countDown();
        }
        return ExitStatus.OK;
    }

    /**
     * Fails if too few threads can be started. Otherwise the server could not handle points, and could not be stopped
     * by a signal, because the JVM handles each signal on a new thread.
     */
    private static void requireThreads() {
        CountDownLatch started = new CountDownLatch(1);
        try {
            for (int i = 0; i < Runtime.getRuntime().availableProcessors() + MORE_THREADS; i++) {
                Thread spare = new Thread(() -> awaitQuietly(started), "kapacitor-udf-spare");
                spare.setDaemon(true);
                spare.start();
            }
        } finally {
            started.countDown();
        }
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /**
     * Called when the JVM exits. If a function has called {@code System.exit}, closes the server in order: the handlers
     * of the other functions handle the data that has been read, and then stop.
     */
    private void endInOrder(CountDownLatch asked, CountDownLatch ended) {
        if (ended.getCount() == 0) {
            return;
        }
        LoggerFactory.getLogger(SocketHost.class)
                .error("a function has called System.exit: stopping{}", ExitReport.text(Thread.getAllStackTraces()));
        isExitCalled = true;
        asked.countDown();
        try {
            ended.await(hosted.options().grace().plus(LAST_STEPS).toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private TaskKeeper keeper(TaskOptions.Chosen tasks) {
        if (tasks.unsafeTls()) {
            LoggerFactory.getLogger(SocketHost.class)
                    .warn(
                            "--kapacitor-unsafe-tls: any server at {} is trusted, and receives the credentials",
                            tasks.access());
        }
        try {
            return TaskKeeper.open(tasks.access(), tasks.file(), tasks.rules(), takeOver);
        } catch (IOException e) {
            throw new CommandException(ExitStatus.CANNOT_LISTEN, e.getMessage());
        }
    }

    /**
     * Builds and starts the server.
     *
     * @param monitoring null if there is none
     * @param keeper null if tasks are not reloaded
     */
    private UdfServer start(@Nullable ServerMonitoring monitoring, @Nullable TaskKeeper keeper, PrintStream ready) {
        UdfServer.Builder builder = UdfServer.builder()
                .config(hosted.options().hostConfig())
                .grace(hosted.options().grace())
                .socketMode(mode)
                .takeOver(takeOver);
        if (group != null) {
            builder = builder.socketGroup(group);
        }
        if (keeper != null) {
            builder = builder.listener(keeper.listener());
        }
        UdfServer.Builder functions = builder;
        hosted.forEach(functions::function);
        if (monitoring != null) {
            monitoring.listenTo(builder);
            if (keeper != null) {
                monitoring.show(keeper);
            }
        }
        try {
            UdfServer server = builder.build();
            if (monitoring != null) {
                monitoring.start(server, ready);
            }
            return server.start();
        } catch (IOException | IllegalArgumentException e) {
            throw (CommandException) new CommandException(ExitStatus.CANNOT_LISTEN, e.getMessage()).initCause(e);
        }
    }

    /**
     * Creates a directory of sockets, unless it exists.
     *
     * @throws CommandException if it cannot be created; the message names it
     */
    public static void makeDirectory(Path directory) {
        try {
            // At most these permissions, regardless of the umask. With write permission for the directory, others could
            // replace the sockets.
            Files.createDirectories(directory, PosixFilePermissions.asFileAttribute(FOR_OWNER_TO_WRITE));
        } catch (IOException e) {
            throw new CommandException(
                    ExitStatus.CANNOT_LISTEN,
                    "dir: " + directory + " (expected: a directory, or a path where one can be created): " + e);
        }
    }
}
