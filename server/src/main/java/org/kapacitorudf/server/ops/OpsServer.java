package org.kapacitorudf.server.ops;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.kapacitorudf.embed.ConnectionListener;
import org.kapacitorudf.embed.UdfServer;
import org.kapacitorudf.server.tasks.TaskKeeper;

/**
 * Metrics, health and the status page of a server, over HTTP.
 *
 * <pre>
 *   /metrics      for Prometheus
 *   /healthz      200 if the server is alive, otherwise 503 with the reasons
 *   /readyz       200 if it is ready, otherwise 503 with the reasons
 *   /             the live status page
 *   /status.json  the data of the page
 *   /history.json the data of the minutes before the page was opened
 * </pre>
 *
 * <p>Threading: safe for use by any thread.
 */
public final class OpsServer implements AutoCloseable {
    private final NodeStatistics statistics;
    private final Setting setting;
    private @Nullable Running running; // null before start
    private @Nullable Supplier<TaskKeeper.Counts> reloads; // null if tasks are not reloaded

    /**
     * @param maxNodes the maximum number of task nodes that are shown individually
     * @param version the version of the program
     */
    public record Setting(List<String> functions, int maxNodes, PageServer.Limits limits, String version) {
        public Setting {
            functions = List.copyOf(functions);
            if (maxNodes < 1) {
                throw new IllegalArgumentException("maxNodes: " + maxNodes + " (expected: >= 1)");
            }
        }
    }

    /** The objects that {@link #start} has created. */
    private record Running(Metrics metrics, PageServer listening) {}

    public OpsServer(Setting setting) {
        this.setting = setting;
        this.statistics = new NodeStatistics(setting.functions(), setting.maxNodes());
    }

    /** The listener for the server's connections. */
    public ConnectionListener listener() {
        return statistics;
    }

    /**
     * Sets the supplier of the counts of reloaded tasks, which are then also shown. Call this method before
     * {@link #start}.
     */
    public void reloads(Supplier<TaskKeeper.Counts> counts) {
        reloads = counts;
    }

    /**
     * Starts listening.
     *
     * @throws IOException if that fails; the message names the address
     */
    public OpsServer start(InetSocketAddress address, UdfServer server, Health health) throws IOException {
        Metrics metrics = new Metrics(
                statistics, health, new Metrics.ServerFacts(setting.version(), server::abandonedCalls, reloads));
        History history = new History(setting.maxNodes());
        StatusJson status =
                new StatusJson(server, statistics, health, setting, new StatusJson.Facts(metrics::processCpu, reloads));
        Pages pages = new Pages(metrics, health, status, history);
        PageServer listening;
        try {
            listening = PageServer.start(address, setting.limits(), pages::at);
        } catch (IOException e) {
            metrics.close();
            throw e;
        }
        running = new Running(metrics, listening);
        listening.every(
                History.INTERVAL_MILLIS, () -> history.sample(server.connections(), System.currentTimeMillis()));
        return this;
    }

    /** The address that the server listens on. */
    public String address() {
        Running now = running;
        if (now == null) {
            throw new IllegalStateException("address: before start (expected: after it)");
        }
        return now.listening().address();
    }

    @Override
    public void close() {
        if (running != null) {
            running.listening().close();
            running.metrics().close();
        }
    }
}
