package org.kapacitorudf.server;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.SortedMap;
import java.util.concurrent.CountDownLatch;
import org.kapacitorudf.Udf;
import org.kapacitorudf.embed.UdfServer;
import org.kapacitorudf.server.logging.Logging;

/** Functions on Unix sockets. */
final class SocketHost {
    private final Functions functions;
    private final SortedMap<String, Path> sockets;
    private final String mode;
    private final String group;
    private final HostOptions options;
    private final OpsOptions opsOptions;

    /**
     * @param group null for that of the process
     */
    SocketHost(
            Functions functions,
            SortedMap<String, Path> sockets,
            String mode,
            String group,
            HostOptions options,
            OpsOptions opsOptions) {
        this.functions = functions;
        this.sockets = sockets;
        this.mode = mode;
        this.group = group;
        this.options = options;
        this.opsOptions = opsOptions;
    }

    /**
     * Serves until a signal asks for the end.
     *
     * @param ready is told of each socket once it can be connected to
     */
    ExitStatus serve(PrintStream ready) {
        options.traced().forEach(Logging::trace);
        CountDownLatch asked = new CountDownLatch(1);
        Signals.handle(asked::countDown);
        Operations operations =
                Operations.areWanted(opsOptions) ? Operations.of(opsOptions, List.copyOf(sockets.keySet())) : null;
        try (operations;
                UdfServer server = start(operations, ready)) {
            sockets.forEach((name, path) -> ready.println(name + ": listening on " + path));
            if (operations != null) {
                operations.ready();
            }
            asked.await();
            if (operations != null) {
                operations.stopping();
            }
        } catch (InterruptedException e) {
            throw new IllegalStateException("the main thread was interrupted", e);
        }
        return ExitStatus.OK;
    }

    /** @param operations null for none */
    private UdfServer start(Operations operations, PrintStream ready) {
        UdfServer.Builder builder = UdfServer.builder()
                .config(options.hostConfig())
                .grace(options.grace())
                .socketMode(mode);
        if (group != null) {
            builder = builder.socketGroup(group);
        }
        for (String name : sockets.keySet()) {
            Path socket = sockets.get(name);
            makeDirectory(socket.getParent());
            Udf udf = functions.require(name);
            Thread.currentThread().setContextClassLoader(udf.getClass().getClassLoader());
            builder = builder.function(options.hosted(name, udf), socket);
        }
        Thread.currentThread().setContextClassLoader(SocketHost.class.getClassLoader());
        if (operations != null) {
            operations.listenTo(builder);
        }
        try {
            UdfServer server = builder.build();
            if (operations != null) {
                operations.start(server, longestCall(), ready);
            }
            return server.start();
        } catch (IOException e) {
            throw new CommandException(ExitStatus.CANNOT_LISTEN, e.getMessage());
        }
    }

    private Duration longestCall() {
        return sockets.keySet().stream()
                .flatMap(name -> functions.require(name).describe().callLimit().stream())
                .reduce(options.config().callLimit(), (one, other) -> one.compareTo(other) > 0 ? one : other);
    }

    private static void makeDirectory(Path directory) {
        try {
            Files.createDirectories(directory);
        } catch (IOException e) {
            throw new CommandException(
                    ExitStatus.CANNOT_LISTEN,
                    "dir: " + directory + " (expected: a directory, or a place for one): " + e);
        }
    }
}
