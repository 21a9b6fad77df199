package org.kapacitorudf.server.command;

import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.concurrent.Callable;
import org.kapacitorudf.server.install.SocketPaths;
import org.kapacitorudf.server.options.HostOptionSpecs;
import org.kapacitorudf.server.options.HostOptions;
import org.kapacitorudf.server.options.OpsOptions;
import org.kapacitorudf.server.options.OptionParsing;
import org.kapacitorudf.server.options.Quantities;
import org.kapacitorudf.server.options.TaskOptions;
import org.kapacitorudf.server.plugin.Functions;
import org.kapacitorudf.server.plugin.PlugInPath;
import org.kapacitorudf.server.serve.SocketHost;
import org.kapacitorudf.server.terminal.CommandException;
import org.kapacitorudf.server.terminal.ExitStatus;
import org.kapacitorudf.server.terminal.ProcessText;
import org.kapacitorudf.server.terminal.Terminal;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code serve}: functions on sockets, for any number of connections. */
@Command(
        name = "serve",
        sortOptions = false,
        description = {
            "Serves functions on Unix sockets, for any number of tasks and connections.",
            "Prints NAME: listening on PATH on STDOUT once a function can be used. SIGTERM and SIGINT let the connections end their work, "
                    + "and end it with status 0; a second signal ends it at once."
        },
        exitCodeListHeading = "%nExit status:%n",
        footerHeading = "%nFor example:%n",
        footer = {
            "  kapacitor-udf serve --metrics 9274                  metrics and a status page at http://127.0.0.1:9274/",
            "  kapacitor-udf serve                                 all functions, in " + SocketPaths.DEFAULT_DIR,
            "  kapacitor-udf serve movingAvg --dir /srv/udf        one, at /srv/udf/movingAvg.sock",
            "  kapacitor-udf serve --socket mirror=/tmp/m.sock     one, at a path of its own",
            "  kapacitor-udf serve --socket-group kapacitor        for a Kapacitor that runs as its own user",
            "  kapacitor-udf serve --kapacitor http://127.0.0.1:9092",
            "                                                      after a restart, the tasks come back",
            "  kapacitor-udf serve --on-error skip --on-error movingAvg=restart",
            "                                                      skip what fails; movingAvg: begin anew"
        })
final class ServeCommand implements Callable<Integer> {
    static final String DIR = "--dir";
    private static final String TAKE_OVER = "--take-over";

    private final Terminal terminal;

    @Parameters(
            paramLabel = "NAME",
            arity = "0..*",
            completionCandidates = FunctionNames.class,
            description = "The functions. Default: all, or those of --socket where --dir is not given.")
    private List<String> names = List.of();

    @Option(
            names = DIR,
            paramLabel = "DIR",
            description = "Where the sockets are, as NAME.sock; made if it does not exist. Default: "
                    + SocketPaths.DEFAULT_DIR + ".")
    private Path dir;

    private final Map<String, Path> own = new LinkedHashMap<>();

    @Option(
            names = "--socket-mode",
            paramLabel = "MODE",
            description = "Who may connect: the sockets' permissions. Default: 0660.")
    private String mode = "0660";

    @Option(
            names = "--socket-group",
            paramLabel = "GROUP",
            description = "The sockets' group: Kapacitor's, if it runs as another user. Default: that of this process.")
    private String group;

    private InetSocketAddress metrics;

    @Option(
            names = OpsOptions.MAX_NODES,
            paramLabel = "COUNT",
            description = OpsOptions.MAX_NODES_HELP + " Default: " + OpsOptions.DEFAULT_MAX_NODES + ".")
    private int maxMetricsNodes = OpsOptions.DEFAULT_MAX_NODES;

    @Option(
            names = OpsOptions.MAX_CLIENTS,
            paramLabel = "COUNT",
            description = OpsOptions.MAX_CLIENTS_HELP + " Default: " + OpsOptions.DEFAULT_MAX_CLIENTS + ".")
    private int maxMetricsClients = OpsOptions.DEFAULT_MAX_CLIENTS;

    private long maxMetricsRequestLineBytes = OpsOptions.DEFAULT_MAX_REQUEST_LINE_BYTES;
    private long maxMetricsHeaderBytes = OpsOptions.DEFAULT_MAX_HEADER_BYTES;
    private Duration metricsTimeout = OpsOptions.DEFAULT_EXCHANGE_LIMIT;

    @Option(
            names = OpsOptions.MAX_ABANDONED_CALLS,
            paramLabel = "COUNT",
            description =
                    OpsOptions.MAX_ABANDONED_CALLS_HELP + " Default: " + OpsOptions.DEFAULT_MAX_ABANDONED_CALLS + ".")
    private int maxAbandonedCalls = OpsOptions.DEFAULT_MAX_ABANDONED_CALLS;

    @Option(
            names = TAKE_OVER,
            description =
                    "Takes the sockets of a server that listens there. That one keeps its connections until their tasks are reloaded, or it is "
                            + "ended; with --kapacitor, this one reloads them.")
    private boolean takeOver;

    @ArgGroup(exclusive = false, multiplicity = "0..1", heading = TaskOptions.HEADING, order = 0)
    private TaskOptions tasks;

    private CommandSpec spec;

    ServeCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Spec
    private void spec(CommandSpec spec) {
        this.spec = spec;
        HostOptionSpecs.addTo(spec);
        ExitStatuses.addTo(spec);
    }

    @Option(
            names = "--socket",
            paramLabel = "NAME=PATH",
            description = "A function's socket, where it is not to be in the directory. Can be repeated.")
    private void socket(List<String> values) {
        own.clear();
        for (String value : values) {
            Map.Entry<String, Path> socket = OptionParsing.value(spec, "--socket", () -> SocketPaths.parse(value));
            own.put(socket.getKey(), socket.getValue());
        }
    }

    @Option(
            names = OpsOptions.METRICS,
            paramLabel = "[HOST:]PORT",
            description =
                    "Shows metrics for Prometheus (/metrics), health (/healthz, /readyz) and a status page (/) over HTTP, to this machine alone "
                            + "unless HOST says otherwise. Default: off.")
    private void metrics(String value) {
        metrics = OptionParsing.value(spec, OpsOptions.METRICS, () -> OpsOptions.parseAddress(value));
    }

    @Option(
            names = OpsOptions.MAX_REQUEST_LINE_BYTES,
            paramLabel = "BYTES",
            description = OpsOptions.MAX_REQUEST_LINE_BYTES_HELP + " Default: 4KiB.")
    private void maxMetricsRequestLineBytes(String value) {
        maxMetricsRequestLineBytes =
                OptionParsing.value(spec, OpsOptions.MAX_REQUEST_LINE_BYTES, () -> Quantities.parseBytes(value));
    }

    @Option(
            names = OpsOptions.MAX_HEADER_BYTES,
            paramLabel = "BYTES",
            description = OpsOptions.MAX_HEADER_BYTES_HELP + " Default: 8KiB.")
    private void maxMetricsHeaderBytes(String value) {
        maxMetricsHeaderBytes =
                OptionParsing.value(spec, OpsOptions.MAX_HEADER_BYTES, () -> Quantities.parseBytes(value));
    }

    @Option(
            names = OpsOptions.EXCHANGE_LIMIT,
            paramLabel = "DURATION",
            description = OpsOptions.EXCHANGE_LIMIT_HELP + " Default: 15s.")
    private void metricsTimeout(String value) {
        metricsTimeout = OptionParsing.value(spec, OpsOptions.EXCHANGE_LIMIT, () -> Quantities.parseDuration(value));
    }

    private OpsOptions opsOptions() {
        try {
            return new OpsOptions(
                    metrics,
                    maxMetricsNodes,
                    maxMetricsClients,
                    maxMetricsRequestLineBytes,
                    maxMetricsHeaderBytes,
                    metricsTimeout,
                    maxAbandonedCalls);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), e.getMessage());
        }
    }

    @Override
    public Integer call() {
        if (!mode.matches("0?[0-7]{3}")) {
            throw new ParameterException(spec.commandLine(), "--socket-mode: " + mode + " (expected: 0660)");
        }
        HostOptions options = HostOptionSpecs.read(spec);
        OpsOptions opsOptions = opsOptions();
        Functions functions = Functions.installed();
        SortedMap<String, Path> sockets = SocketPaths.choose(functions.names(), names, dir, own);
        if (sockets.isEmpty()) {
            throw new CommandException(
                    ExitStatus.UNKNOWN_FUNCTION,
                    "functions: none (expected: one on the class path, or in a jar of " + PlugInPath.OPTION + ")");
        }
        sockets.keySet().forEach(functions::require);
        HostOptionSpecs.checkNames(spec, options, sockets.keySet());
        terminal.host();
        return new SocketHost(functions, sockets, mode, group, takeOver, options, opsOptions, tasks(sockets))
                .serve(terminal.out())
                .code();
    }

    private Optional<TaskOptions.Chosen> tasks(SortedMap<String, Path> sockets) {
        if (tasks == null) {
            return Optional.empty();
        }
        Path directory = dir == null ? sockets.get(sockets.firstKey()).getParent() : dir;
        return Optional.of(tasks.read(spec, ProcessText.environment(), sockets.keySet(), directory));
    }
}
