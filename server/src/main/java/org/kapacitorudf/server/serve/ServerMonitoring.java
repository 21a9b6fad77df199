package org.kapacitorudf.server.serve;

import java.io.IOException;
import java.io.PrintStream;
import java.util.List;
import java.util.Optional;
import org.kapacitorudf.embed.UdfServer;
import org.kapacitorudf.server.install.Installation;
import org.kapacitorudf.server.ops.Health;
import org.kapacitorudf.server.ops.OpsServer;
import org.kapacitorudf.server.ops.PageServer;
import org.kapacitorudf.server.ops.SdNotify;
import org.kapacitorudf.server.options.OpsOptions;
import org.kapacitorudf.server.tasks.TaskKeeper;

/**
 * Monitoring of a server over HTTP and by systemd.
 *
 * <p>Threading: the main thread only, except for notifications of systemd.
 */
final class ServerMonitoring implements AutoCloseable {
    private final OpsOptions options;
    private final Optional<OpsServer> pages;
    private final Optional<SdNotify> systemd;
    private UdfServer server;
    private Health health;
    private TaskKeeper keeper; // null if tasks are not reloaded

    private ServerMonitoring(OpsOptions options, Optional<OpsServer> pages, Optional<SdNotify> systemd) {
        this.options = options;
        this.pages = pages;
        this.systemd = systemd;
    }

    static ServerMonitoring of(OpsOptions options, List<String> functions) {
        Optional<OpsServer> pages = Optional.ofNullable(options.metrics())
                .map(address -> new OpsServer(new OpsServer.Setting(
                        functions,
                        options.maxNodes(),
                        new PageServer.Limits(
                                options.maxClients(),
                                options.maxRequestLineBytes(),
                                options.maxHeaderBytes(),
                                options.exchangeLimit()),
                        Installation.version())));
        return new ServerMonitoring(options, pages, SdNotify.of(System.getenv()));
    }

    /** Whether any monitoring is configured. */
    static boolean areWanted(OpsOptions options) {
        return options.metrics() != null || System.getenv("NOTIFY_SOCKET") != null;
    }

    /** Also shows the reloading of tasks. */
    void show(TaskKeeper shown) {
        keeper = shown;
        pages.ifPresent(some -> some.reloads(shown::counts));
    }

    void listenTo(UdfServer.Builder builder) {
        pages.ifPresent(some -> builder.listener(some.listener()));
    }

    /** Starts to monitor a server that does not listen yet. */
    void start(UdfServer shown, PrintStream ready) throws IOException {
        server = shown;
        health = Health.of(shown, options.maxAbandonedCalls());
        if (pages.isPresent()) {
            OpsServer started = pages.get().start(options.metrics(), shown, health);
            ready.println("metrics: listening on http://" + started.address() + "/");
        }
    }

    /** Called when the server listens. */
    void ready() {
        systemd.ifPresent(some -> {
            some.ready(this::status, () -> health.ills().isEmpty());
            if (keeper != null) {
                keeper.done().thenRun(() -> some.status(this::status));
            }
        });
    }

    private String status() {
        List<String> hindrances = health.hindrances();
        String status =
                hindrances.isEmpty() ? server.connections().size() + " connections" : String.join("; ", hindrances);
        if (keeper == null) {
            return status;
        }
        return status + "; tasks: " + (keeper.done().isDone() ? keeper.counts() : "being reloaded");
    }

    /** Called before the server is closed. */
    void stopping() {
        systemd.ifPresent(SdNotify::stopping);
    }

    @Override
    public void close() {
        pages.ifPresent(OpsServer::close);
        systemd.ifPresent(SdNotify::close);
        if (health != null) {
            health.close();
        }
    }
}
