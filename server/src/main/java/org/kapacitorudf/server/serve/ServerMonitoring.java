package org.kapacitorudf.server.serve;

import java.io.IOException;
import java.io.PrintStream;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.kapacitorudf.embed.UdfServer;
import org.kapacitorudf.server.install.Installation;
import org.kapacitorudf.server.ops.Health;
import org.kapacitorudf.server.ops.OpsServer;
import org.kapacitorudf.server.ops.PageServer;
import org.kapacitorudf.server.ops.SdNotify;
import org.kapacitorudf.server.options.OpsOptions;
import org.kapacitorudf.server.tasks.TaskKeeper;

/**
 * Monitoring of a server over HTTP and through systemd.
 *
 * <p>Threading: for use only by the main thread, except for notifications to systemd.
 */
final class ServerMonitoring implements AutoCloseable {
    private final OpsOptions options;
    private final Optional<OpsServer> pages;
    private final Optional<SdNotify> systemd;
    private @Nullable Shown shown; // null before start
    private @Nullable TaskKeeper keeper; // null if tasks are not reloaded

    private record Shown(UdfServer server, Health health) {}

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

    /** Makes the monitoring also show counts of reloaded tasks. */
    void show(TaskKeeper tasks) {
        keeper = tasks;
        pages.ifPresent(some -> some.reloads(tasks::counts));
    }

    void listenTo(UdfServer.Builder builder) {
        pages.ifPresent(some -> builder.listener(some.listener()));
    }

    /** Starts monitoring a server that does not listen yet. */
    void start(UdfServer server, PrintStream ready) throws IOException {
        Health health = Health.of(server, options.maxAbandonedCalls());
        shown = new Shown(server, health);
        InetSocketAddress address = options.metrics();
        if (pages.isPresent() && address != null) {
            OpsServer started = pages.get().start(address, server, health);
            ready.println("metrics: listening on http://" + started.address() + "/");
        }
    }

    /** Called when the server has started to listen. */
    void ready() {
        Shown now = shown;
        if (now == null) {
            throw new IllegalStateException("ready: before start (expected: after it)");
        }
        systemd.ifPresent(some -> {
            some.ready(() -> status(now), () -> now.health().ills().isEmpty());
            if (keeper != null) {
                keeper.done().thenRun(() -> some.status(() -> status(now)));
            }
        });
    }

    private String status(Shown now) {
        List<String> hindrances = now.health().hindrances();
        String status = hindrances.isEmpty()
                ? now.server().connections().size() + " connections"
                : String.join("; ", hindrances);
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
        if (shown != null) {
            shown.health().close();
        }
    }
}
