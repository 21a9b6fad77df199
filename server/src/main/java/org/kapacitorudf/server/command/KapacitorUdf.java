package org.kapacitorudf.server.command;

import java.io.PrintWriter;
import java.util.List;
import java.util.Optional;
import org.kapacitorudf.internal.line.Precision;
import org.kapacitorudf.server.call.InputFormat;
import org.kapacitorudf.server.install.Installation;
import org.kapacitorudf.server.options.Converters;
import org.kapacitorudf.server.options.LogOptions;
import org.kapacitorudf.server.options.OptionParsing;
import org.kapacitorudf.server.plugin.PlugInPath;
import org.kapacitorudf.server.terminal.CommandException;
import org.kapacitorudf.server.terminal.ExitStatus;
import org.kapacitorudf.server.terminal.Terminal;
import org.kapacitorudf.tools.conformance.Severity;
import org.kapacitorudf.tools.load.Measure;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/** The command line: {@code kapacitor-udf COMMAND}. */
@Command(
        name = "kapacitor-udf",
        versionProvider = KapacitorUdf.Version.class,
        sortOptions = false,
        synopsisSubcommandLabel = "COMMAND",
        description = {
            "Hosts user-defined functions for Kapacitor: Java classes that TICKscripts call, @NAME().",
            "Kapacitor starts one as a process (run), or connects to a server of all of them (serve)."
        },
        optionListHeading = "%nOptions of every command:%n",
        commandListHeading = "%nCommands:%n",
        footerHeading = "%nFor example:%n",
        footer = {
            "  kapacitor-udf list                  lists the functions",
            "  kapacitor-udf describe movingAvg    describes one of them, with a TICKscript",
            "  kapacitor-udf call mirror FILE      calls one with line protocol, without Kapacitor",
            "  kapacitor-udf telegraf mirror       runs one as a processor of Telegraf",
            "  kapacitor-udf config --process      for kapacitor.conf: Kapacitor starts the functions",
            "  kapacitor-udf config --socket       for kapacitor.conf: Kapacitor connects to them",
            "  kapacitor-udf serve movingAvg       serves one; without a name, all of them",
            "  kapacitor-udf doctor                finds configuration problems",
            "  kapacitor-udf new --help            creates a project for your own function",
            "  kapacitor-udf serve --help          shows the options of a command"
        })
public final class KapacitorUdf implements Runnable {
    private static final int USAGE_WIDTH = 100;

    private final Terminal terminal;

    @Spec
    private CommandSpec spec;

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            scope = ScopeType.INHERIT,
            description = "Show this help and exit.")
    private boolean help;

    @Option(
            names = {"-V", "--version"},
            versionHelp = true,
            description = "Show the version and exit.")
    private boolean version;

    private KapacitorUdf(Terminal terminal) {
        this.terminal = terminal;
    }

    /** Runs a command line and returns the exit status. */
    public static int execute(Terminal terminal, String... args) {
        PlugInPath.use(List.of());
        try {
            CommandLine commandLine = commandLine(terminal);
            Optional<ServeArguments> configured = ServeArguments.of(commandLine, args);
            return commandLine.execute(configured.isPresent() ? configured.get().withFile() : args);
        } finally {
            PlugInPath.use(List.of());
        }
    }

    /** All commands, with their options and help text. */
    public static CommandLine commandLine(Terminal terminal) {
        CommandLine commandLine = new CommandLine(new KapacitorUdf(terminal))
                .addSubcommand(new RunCommand(terminal))
                .addSubcommand(new ServeCommand(terminal))
                .addSubcommand(new ListCommand(terminal))
                .addSubcommand(new DescribeCommand(terminal))
                .addSubcommand(new ConfigCommand(terminal))
                .addSubcommand(new DoctorCommand(terminal))
                .addSubcommand(new CallCommand(terminal))
                .addSubcommand(new TelegrafCommand(terminal))
                .addSubcommand(new TasksCommand(terminal))
                .addSubcommand(new DemoCommand(terminal))
                .addSubcommand(new BenchCommand(terminal))
                .addSubcommand(new CheckCommand(terminal))
                .addSubcommand(new PingCommand(terminal))
                .addSubcommand(new RecordCommand(terminal))
                .addSubcommand(new ReplayCommand(terminal))
                .addSubcommand(new ShowCommand(terminal))
                .addSubcommand(SnapshotCommand.on(terminal))
                .addSubcommand(new NewCommand(terminal))
                .addSubcommand(new CompletionCommand(terminal))
                .setOut(new PrintWriter(terminal.ownOut(), true))
                .setErr(new PrintWriter(terminal.err(), true))
                .setColorScheme(Help.defaultColorScheme(terminal.coloursOut() ? Help.Ansi.ON : Help.Ansi.OFF))
                .setParameterExceptionHandler((mistake, arguments) -> explain(terminal, mistake, arguments))
                .setExecutionExceptionHandler(
                        (failure, command, arguments) -> CommandException.failed(terminal, failure));
        for (CommandLine command : commandLine.getSubcommands().values()) {
            command.getCommandSpec().usageMessage().abbreviateSynopsis(true);
        }
        commandLine.setUsageHelpWidth(USAGE_WIDTH);
        return withConverters(commandLine);
    }

    /** Sets the value converters of all commands. */
    static CommandLine withConverters(CommandLine commandLine) {
        return Converters.addTo(commandLine)
                .registerConverter(InputFormat.class, Converters.choice(InputFormat.class))
                .registerConverter(Measure.class, Converters.choice(Measure.class))
                .registerConverter(Precision.class, Precision::of)
                .registerConverter(Severity.class, Converters.choice(Severity.class));
    }

    @Override
    public void run() {
        throw new ParameterException(
                spec.commandLine(),
                "command: missing (expected: one of "
                        + String.join(", ", spec.subcommands().keySet()) + ")");
    }

    @Option(
            names = LogOptions.LEVEL,
            paramLabel = "LEVEL",
            scope = ScopeType.INHERIT,
            description = "The log level: off, error, warn, info, debug or trace. Default: info.")
    private void logLevel(String value) {
        log(LogOptions.LEVEL, value);
    }

    @Option(
            names = LogOptions.FORMAT,
            paramLabel = "FORMAT",
            scope = ScopeType.INHERIT,
            description = "The log format: text, or json with one object per line, for log collectors. Default: text.")
    private void logFormat(String value) {
        log(LogOptions.FORMAT, value);
    }

    @Option(
            names = LogOptions.MAX_LINES,
            paramLabel = "COUNT",
            scope = ScopeType.INHERIT,
            description =
                    "The maximum number of lines that a task's node may log within 10 seconds; further lines are counted. Default: 500.")
    private void maxLogLines(String value) {
        log(LogOptions.MAX_LINES, value);
    }

    @Option(
            names = LogOptions.MAX_LINE_BYTES,
            paramLabel = "BYTES",
            scope = ScopeType.INHERIT,
            description = "The maximum length of a line on STDERR; longer lines are cut. Default: 8KiB.")
    private void maxLogLineBytes(String value) {
        log(LogOptions.MAX_LINE_BYTES, value);
    }

    @Option(
            names = LogOptions.BUFFER_BYTES,
            paramLabel = "BYTES",
            scope = ScopeType.INHERIT,
            description = LogOptions.BUFFER_BYTES_HELP + " Default: 1MiB.")
    private void logBufferBytes(String value) {
        log(LogOptions.BUFFER_BYTES, value);
    }

    @Option(
            names = PlugInPath.OPTION,
            paramLabel = "DIR",
            scope = ScopeType.INHERIT,
            description = "Adds the functions of the jars in DIR. Can be repeated. Default: the directories in "
                    + PlugInPath.VARIABLE + ".")
    private void plugIns(List<String> values) {
        PlugInPath.use(values);
    }

    private void log(String option, String value) {
        try {
            LogOptions.apply(terminal, option, value);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), option + ": " + e.getMessage());
        }
    }

    private static int explain(Terminal terminal, ParameterException mistake, String[] arguments) {
        CommandLine command = mistake.getCommandLine();
        if (command.getCommandName().equals(TelegrafCommand.NAME) && !terminal.isInputTerminal()) {
            return TelegrafCommand.bypassed(
                    terminal,
                    TelegrafCommand.NAME,
                    OptionParsing.text(mistake),
                    List.of(arguments).contains(TelegrafCommand.PASS),
                    ExitStatus.USAGE);
        }
        PrintWriter err = command.getErr();
        err.println("kapacitor-udf: " + OptionParsing.text(mistake));
        CommandLine.UnmatchedArgumentException.printSuggestions(mistake, err);
        err.println("Try: " + command.getCommandSpec().qualifiedName() + " --help");
        return ExitStatus.USAGE.code();
    }

    /** The output of {@code --version}. */
    static final class Version implements IVersionProvider {
        @Override
        public String[] getVersion() {
            return new String[] {
                "kapacitor-udf " + Installation.version(),
                "Java " + Runtime.version() + " (" + System.getProperty("java.vendor") + "), "
                        + System.getProperty("java.home")
            };
        }
    }
}
