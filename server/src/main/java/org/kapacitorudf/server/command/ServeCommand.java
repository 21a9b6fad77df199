package org.kapacitorudf.server.command;

import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.kapacitorudf.server.install.SocketPaths;
import org.kapacitorudf.server.options.HostOptionSpecs;
import org.kapacitorudf.server.options.HostOptions;
import org.kapacitorudf.server.options.LogOptions;
import org.kapacitorudf.server.options.OpsOptions;
import org.kapacitorudf.server.options.OptionParsing;
import org.kapacitorudf.server.options.TaskOptions;
import org.kapacitorudf.server.plugin.Functions;
import org.kapacitorudf.server.plugin.PlugInPath;
import org.kapacitorudf.server.serve.Hosted;
import org.kapacitorudf.server.serve.SocketHost;
import org.kapacitorudf.server.terminal.CommandException;
import org.kapacitorudf.server.terminal.ExitStatus;
import org.kapacitorudf.server.terminal.ProcessText;
import org.kapacitorudf.server.terminal.Terminal;
import picocli.CommandLine;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code serve}: serves functions on sockets, for any number of connections. */
@Command(
        name = "serve",
        sortOptions = false,
        description = {
            "Serves functions on Unix sockets, for any number of tasks and connections.",
            "Prints NAME: listening on PATH on STDOUT when a function is available. SIGTERM and SIGINT end it with status 0 after the connections have "
                    + "finished their work; a second signal ends it immediately."
        },
        exitCodeListHeading = "%nExit status:%n",
        footerHeading = "%nFor example:%n",
        footer = {
            "  kapacitor-udf serve --metrics 9274                  metrics and a status page at http://127.0.0.1:9274/",
            "  kapacitor-udf serve                                 all functions, in " + SocketPaths.DEFAULT_DIR,
            "  kapacitor-udf serve movingAvg --dir /srv/udf        one, at /srv/udf/movingAvg.sock",
            "  kapacitor-udf serve --socket mirror=/tmp/m.sock     one, at its own path",
            "  kapacitor-udf serve --socket-group kapacitor        for a Kapacitor with its own user",
            "  kapacitor-udf serve --config /etc/kapacitor-udf/kapacitor-udf.toml",
            "                                                      all options from a file",
            "  kapacitor-udf serve --kapacitor http://127.0.0.1:9092",
            "                                                      reloads tasks after a restart",
            "  kapacitor-udf serve --on-error skip --on-error movingAvg=restart",
            "                                                      skips failed points; movingAvg restarts"
        })
final class ServeCommand implements Callable<Integer> {
    static final String DIR = "--dir";
    static final String SOCKET = "--socket";
    static final String CONFIG = "--config";
    static final String CHECK_CONFIG = "--check-config";
    private static final String TAKE_OVER = "--take-over";

    private final Terminal terminal;

    @Parameters(
            paramLabel = "NAME",
            arity = "0..*",
            completionCandidates = FunctionNames.class,
            description = "The functions. Default: all, or those of --socket if --dir is not given.")
    private List<String> names = List.of();

    @Option(
            names = CONFIG,
            paramLabel = "FILE",
            description =
                    "Reads options from a TOML file whose keys are option names. The command line has precedence. SIGHUP reads the file again and "
                            + "applies what can change at run time; the rest is logged.")
    private Path config;

    @Option(
            names = CHECK_CONFIG,
            paramLabel = "FILE",
            description =
                    "Checks such a file, prints all problems with line and column, and exits, with status 2 if there are any.")
    private Path checked;

    @Option(
            names = DIR,
            paramLabel = "DIR",
            description = "The directory of the sockets, NAME.sock; created if it does not exist. Default: "
                    + SocketPaths.DEFAULT_DIR + ".")
    private Path dir;

    private final Map<String, Path> own = new LinkedHashMap<>();

    @Option(
            names = "--socket-mode",
            paramLabel = "MODE",
            defaultValue = "0660",
            description = "The sockets' permissions, which decide who may connect. Default: ${DEFAULT-VALUE}.")
    private String mode;

    @Option(
            names = "--socket-group",
            paramLabel = "GROUP",
            description =
                    "The sockets' group: that of Kapacitor if it runs as another user. Default: that of this process.")
    private String group;

    @Mixin
    private OpsOptions opsOptions;

    @Option(
            names = TAKE_OVER,
            description =
                    "Takes over the sockets of a running server. That server keeps its connections until their tasks are reloaded or it is "
                            + "stopped; with --kapacitor, the new server reloads them.")
    private boolean takeOver;

    @ArgGroup(exclusive = false, multiplicity = "0..1", heading = TaskOptions.HEADING, order = 0)
    private TaskOptions tasks;

    private CommandSpec spec;
    private @Nullable ServeArguments arguments; // null without --config

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
            names = SOCKET,
            paramLabel = "NAME=PATH",
            description = "The socket of a function, if it is not in the directory. Can be repeated.")
    private void socket(List<String> values) {
        own.clear();
        for (String value : values) {
            Map.Entry<String, Path> socket = OptionParsing.value(spec, SOCKET, () -> SocketPaths.parse(value));
            own.put(socket.getKey(), socket.getValue());
        }
    }

    private OpsOptions opsOptions() {
        try {
            return opsOptions.checked();
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), e.getMessage());
        }
    }

    /**
     * Checks the values of one option of {@code serve}, without applying the option.
     *
     * @throws ParameterException or {@link IllegalArgumentException} if the value is invalid
     */
    static void check(String option, List<String> arguments) {
        if (option.equals(PlugInPath.OPTION)
                || arguments.stream().anyMatch(argument -> LogOptions.check(option, valueOf(argument)))) {
            return;
        }
        List<String> line = new ArrayList<>(arguments);
        if (!option.equals(TaskOptions.KAPACITOR)) {
            line.add(TaskOptions.KAPACITOR + "=http://127.0.0.1:9092"); // without it, some options are rejected
        }
        ServeCommand command = new ServeCommand(
                new Terminal(OutputStream.nullOutputStream(), OutputStream.nullOutputStream(), "", false));
        KapacitorUdf.withConverters(new CommandLine(command)).parseArgs(line.toArray(String[]::new));
        command.checkMode();
        HostOptionSpecs.read(command.spec);
        command.opsOptions();
        command.tasks.read(command.spec, Map.of(), Set.of(), Path.of(SocketPaths.DEFAULT_DIR));
    }

    private static String valueOf(String argument) {
        return argument.substring(argument.indexOf('=') + 1);
    }

    /** Sets the arguments, with which the configuration file can be read again. */
    void configuredBy(ServeArguments arguments) {
        this.arguments = arguments;
    }

    @Override
    public Integer call() {
        if (checked != null) {
            return checkConfig();
        }
        checkMode();
        OpsOptions checkedOps = opsOptions();
        Hosted hosted = hosted(dir);
        terminal.host();
        SocketHost host = new SocketHost(hosted, mode, group, takeOver, checkedOps, tasks(hosted.sockets()));
        if (arguments != null) {
            host.reloadBy(new Reload(
                    terminal, arguments, dir, spec.root().commandLine().getParseResult())::run);
        }
        return host.serve(terminal.out()).code();
    }

    private Integer checkConfig() {
        ServeConfig file = ServeConfig.read(checked, spec);
        file.problems().forEach(terminal::say);
        if (file.problems().isEmpty()) {
            CommandLine commandLine = KapacitorUdf.commandLine(terminal);
            new ServeArguments(commandLine, checked, new String[] {spec.name()}).parse(commandLine);
            Functions functions = Functions.installed();
            List<String> unknown = file.unknownFunctions(functions.names());
            unknown.forEach(terminal::say);
            if (unknown.isEmpty()) {
                ServeCommand configured = in(commandLine);
                configured.hosted(configured.dir());
                terminal.out().println(checked + ": ok");
                return ExitStatus.OK.code();
            }
        }
        return ExitStatus.USAGE.code();
    }

    /** Returns the command {@code serve} that is part of a command line. */
    static ServeCommand in(CommandLine commandLine) {
        return ServeArguments.serve(commandLine).getCommand();
    }

    /** The requested directory of the sockets; null for the default. */
    Path dir() {
        return dir;
    }

    /** The requested group of the sockets; null for that of the process. */
    String group() {
        return group;
    }

    /** The address of metrics and the status page; null for none. */
    InetSocketAddress metrics() {
        return opsOptions.metrics();
    }

    private void checkMode() {
        if (!mode.matches("0?[0-7]{3}")) {
            throw new ParameterException(spec.commandLine(), "--socket-mode: " + mode + " (expected: 0660)");
        }
    }

    /**
     * The requested functions, and how they are hosted.
     *
     * @param dir the directory of their sockets; null for the default
     */
    Hosted hosted(Path dir) {
        Hosted hosted = chosen(dir);
        try {
            SocketPaths.check(hosted.sockets());
        } catch (IllegalArgumentException e) {
            throw new CommandException(ExitStatus.USAGE, e.getMessage());
        }
        return hosted;
    }

    /** Like {@link #hosted}, but the paths of the sockets are not checked. */
    Hosted chosen(Path dir) {
        HostOptions options = hostOptions();
        Functions functions = Functions.installed();
        SortedMap<String, Path> sockets = SocketPaths.choose(functions.names(), names, dir, own);
        if (sockets.isEmpty()) {
            throw new CommandException(
                    ExitStatus.UNKNOWN_FUNCTION,
                    "functions: none (expected: one on the class path, or in a jar of " + PlugInPath.OPTION + ")");
        }
        sockets.keySet().forEach(functions::require);
        HostOptionSpecs.checkNames(spec, options, sockets.keySet());
        return new Hosted(functions, sockets, options);
    }

    /** The limits and policies. */
    HostOptions hostOptions() {
        return HostOptionSpecs.read(spec);
    }

    /** How tasks are reloaded after a restart; empty if they are not reloaded. */
    Optional<TaskOptions.Chosen> tasks(SortedMap<String, Path> sockets) {
        if (tasks == null) {
            return Optional.empty();
        }
        Path directory =
                dir == null ? SocketPaths.directory(sockets.values().iterator().next()) : dir;
        return Optional.of(tasks.read(spec, ProcessText.environment(), sockets.keySet(), directory));
    }
}
