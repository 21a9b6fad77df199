package org.kapacitorudf.streams.program;

import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.streams.StreamsConfig;
import org.jspecify.annotations.Nullable;
import org.kapacitorudf.Udf;
import org.kapacitorudf.agent.AgentConfig;
import org.kapacitorudf.errors.UdfException;
import org.kapacitorudf.server.command.DescribeCommand;
import org.kapacitorudf.server.command.ListCommand;
import org.kapacitorudf.server.install.Installation;
import org.kapacitorudf.server.options.AgentOption;
import org.kapacitorudf.server.options.Converters;
import org.kapacitorudf.server.options.HttpOptions;
import org.kapacitorudf.server.options.LogOptions;
import org.kapacitorudf.server.options.OptionParsing;
import org.kapacitorudf.server.plugin.Functions;
import org.kapacitorudf.server.plugin.PlugInPath;
import org.kapacitorudf.server.terminal.CommandException;
import org.kapacitorudf.server.terminal.ExitStatus;
import org.kapacitorudf.server.terminal.Signals;
import org.kapacitorudf.server.terminal.Terminal;
import org.kapacitorudf.streams.UdfTopology;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/** The command line: {@code kapacitor-udf-streams NAME}, {@code list}, {@code describe}. */
@Command(
        name = StreamsCommand.PROGRAM,
        versionProvider = StreamsCommand.Version.class,
        sortOptions = false,
        synopsisSubcommandLabel = "COMMAND",
        description = {
            "Runs a Kapacitor function on Kafka Streams: it reads topics with line protocol, and writes line protocol to a topic.",
            "Any number of instances, up to the number of partitions, can run on any machines: they share the partitions. "
                    + "Each partition has its own handler. State is stored in a topic, and moves with its partition.",
            "Differences from Kapacitor: a handler sees only the groups of its partition; each partition has its own event time; "
                    + "a handler must not emit anything in stop. docs/scale.md lists all differences."
        },
        exitCodeListHeading = "%nExit status:%n",
        exitCodeList = {
            " 0:a signal requested the end, and everything that was handled has been committed.",
            " 1:an internal error, whose stack trace is in the log.",
            " 2:invalid command line, or options that exclude each other.",
            " 3:no function of that name is installed.",
            " 4:the address of --metrics cannot be used.",
            " 5:Kafka cannot be used: no broker responds, a topic is missing, a request was refused, or the last commit was not done after 30 s.",
            " 10:the function has failed. The record at which it failed is read again at the next start.",
            " 14:the function was not started because its options or the snapshot of --seed are invalid."
        },
        optionListHeading = "%nOptions:%n",
        commandListHeading = "%nCommands:%n",
        footerHeading = "%nFor example:%n",
        footer = {
            "  kapacitor-udf-streams movingAvg --brokers localhost:9092 --in metrics --out averages \\",
            "      --group-by host --option field=usage_idle --option size=10",
            "  kapacitor-udf-streams baseline --brokers kafka1:9092,kafka2:9092 --in telegraf --out anomalies \\",
            "      --group-by '*' --option field=usage --exactly-once --dead-letters anomalies-dead",
            "  kapacitor-udf-streams outliers --brokers localhost:9092 --in metrics --out outliers \\",
            "      --option field=temperature --window 10s --grace 2s",
            "",
            "Telegraf writes such a topic with [[outputs.kafka]] and data_format = \"influx\", with or without use_batch_format = true.",
            " It needs no routing_tag, because records are divided by group here."
        })
final class StreamsCommand implements Callable<Integer> {
    static final String PROGRAM = "kapacitor-udf-streams";

    private static final int USAGE_WIDTH = 100;
    private static final int DEFAULT_SESSION_TIMEOUT_MILLIS = 10_000;

    private final Terminal terminal;
    private AgentConfig config = AgentConfig.defaults();

    @Spec
    private CommandSpec spec;

    @Parameters(index = "0", arity = "0..1", paramLabel = "NAME", description = "The function.")
    private String name;

    @Option(
            names = "--brokers",
            split = ",",
            paramLabel = "HOST:PORT",
            description = "Kafka brokers for the first connection, separated by commas. Required.")
    private List<String> brokers = List.of();

    @Option(
            names = "--in",
            split = ",",
            paramLabel = "TOPIC",
            description = "Topics with line protocol, separated by commas: one or more lines per record. Required.")
    private List<String> inputs = List.of();

    @Option(
            names = "--out",
            paramLabel = "TOPIC",
            description = "The topic for the results: line protocol, keyed by group. Required.")
    private String output = "";

    @Option(
            names = "--option",
            paramLabel = "NAME=VALUE",
            description = "An option of the function; separate several arguments by commas. Can be repeated.")
    private List<String> options = List.of();

    @Option(
            names = "--group-by",
            split = ",",
            paramLabel = "TAG",
            description =
                    "Groups by a tag, like groupBy('TAG'); * for all tags. Separate several by commas. Default: one group, in one partition.")
    private List<String> groupBy = List.of();

    @Option(
            names = "--application",
            paramLabel = "ID",
            description =
                    "Kafka's application.id: workers with the same id share the work; it is the prefix of internal topics. Default: kapacitor-udf-NAME.")
    private String application;

    @Option(
            names = "--exactly-once",
            description =
                    "Commits output, state and offsets in one transaction: no duplicates, and no loss when a worker crashes. Default: at least once.")
    private boolean exactlyOnce;

    @Option(
            names = "--dead-letters",
            paramLabel = "TOPIC",
            description =
                    "A topic for dropped data: invalid lines, points that the function could not handle, late points. Headers contain the reason. Default: they are only counted.")
    private String deadLetters;

    @Option(
            names = "--threads",
            paramLabel = "COUNT",
            description = "The number of threads for the partitions of this worker. Default: 1.")
    private @Nullable Integer threads;

    @Option(
            names = "--standby",
            paramLabel = "COUNT",
            description =
                    "The number of other workers with a copy of each partition's state, so that it need not be read when a worker crashes. Default: 0.")
    private @Nullable Integer standby;

    @Option(
            names = "--partitions",
            paramLabel = "COUNT",
            description =
                    "The number of partitions into which the groups are divided. It cannot be changed later. Default: that of the input.")
    private Integer partitions;

    @Option(
            names = "--partitioned",
            description =
                    "Each group is already in a single partition of the input, so that no topic is needed to divide them. An error is logged for a group in two partitions.")
    private boolean partitioned;

    StreamsCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    /** Runs a command line and returns the exit status. */
    static int execute(Terminal terminal, String... args) {
        PlugInPath.use(List.of());
        return commandLine(terminal).execute(args);
    }

    static CommandLine commandLine(Terminal terminal) {
        return Converters.addTo(new CommandLine(new StreamsCommand(terminal)))
                .addSubcommand(new ListCommand(terminal))
                .addSubcommand(new DescribeCommand(terminal))
                .setOut(new PrintWriter(terminal.ownOut(), true))
                .setErr(new PrintWriter(terminal.err(), true))
                .setColorScheme(Help.defaultColorScheme(terminal.coloursOut() ? Help.Ansi.ON : Help.Ansi.OFF))
                .setParameterExceptionHandler((mistake, arguments) -> explain(mistake))
                .setExecutionExceptionHandler(
                        (failure, command, arguments) -> CommandException.failed(terminal, failure))
                .setUsageHelpWidth(USAGE_WIDTH);
    }

    private static int explain(ParameterException mistake) {
        PrintWriter err = mistake.getCommandLine().getErr();
        err.println(PROGRAM + ": " + OptionParsing.text(mistake));
        CommandLine.UnmatchedArgumentException.printSuggestions(mistake, err);
        err.println("Try: " + mistake.getCommandLine().getCommandSpec().qualifiedName() + " --help");
        return ExitStatus.USAGE.code();
    }

    @Option(
            names = "--window",
            paramLabel = "DURATION",
            description =
                    "Makes a batch of the points of each interval, such as 10s, for each measurement and group: for a function that takes batches.")
    private @Nullable Duration window;

    @Option(
            names = "--grace",
            paramLabel = "DURATION",
            description = "How far event time must be past the end of a window before it is closed. Default: 0s.")
    private Duration grace = Duration.ZERO;

    @Option(
            names = "--seed",
            paramLabel = "FILE",
            description =
                    "A snapshot of the function, from Kapacitor or call --save-state: a partition without state starts from its groups.")
    private Path seed;

    @Option(
            names = "--precision",
            paramLabel = "UNIT",
            description = "The unit of input times: ns, us, ms, s, m or h. Default: ns.")
    private String precision = "ns";

    @Option(
            names = "--max-open-points",
            paramLabel = "COUNT",
            converter = Converters.PositiveCount.class,
            description =
                    "The maximum number of points in the open windows of a partition; if exceeded, the first window is closed early. Default: 500000.")
    private int maxOpenPoints = UdfTopology.DEFAULT_MAX_OPEN_POINTS;

    @Option(
            names = "--max-value-bytes",
            paramLabel = "BYTES",
            converter = Converters.LineBytes.class,
            description =
                    "The maximum size of the state of a group. Kafka's max.request.size and max.message.bytes must allow it. Default: 1000000.")
    private int maxValueBytes = UdfTopology.DEFAULT_MAX_VALUE_BYTES;

    @Option(
            names = "--max-unwritten-groups",
            paramLabel = "COUNT",
            converter = Converters.PositiveCount.class,
            description =
                    "The maximum number of groups of a partition whose state has changed since the last commit; if exceeded, it is written before the next one. Default: 100000.")
    private int maxUnwrittenGroups = UdfTopology.DEFAULT_MAX_UNWRITTEN_GROUPS;

    @Option(
            names = "--max-unwritten-bytes",
            paramLabel = "BYTES",
            converter = Converters.LineBytes.class,
            description = "The same in bytes, estimated by the mean size of a group's state. Default: 16MiB.")
    private int maxUnwrittenBytes = UdfTopology.DEFAULT_MAX_UNWRITTEN_BYTES;

    @Option(
            names = "--max-line-bytes",
            paramLabel = "BYTES",
            converter = Converters.LineBytes.class,
            description = "The maximum length of a line. Default: 1MiB.")
    private int maxLineBytes = UdfTopology.DEFAULT_MAX_LINE_BYTES;

    @Option(
            names = "--on-error",
            paramLabel = "fail|skip|restart",
            description =
                    "What happens when the function throws an exception: stop this worker, so that the record is read again; skip the point; or replace the handler by one with the "
                            + "state of the last successful call. Default: as the function declares.")
    private void onError(String value) {
        set(AgentOption.ON_ERROR, value);
    }

    @Option(
            names = "--max-restarts",
            paramLabel = "COUNT",
            description = "How often a handler may be replaced within --restart-interval. Default: 5.")
    private void maxRestarts(String value) {
        set(AgentOption.MAX_RESTARTS, value);
    }

    @Option(
            names = "--restart-interval",
            paramLabel = "DURATION",
            description = "The time for which --max-restarts counts. Default: 1m.")
    private void restartInterval(String value) {
        set(AgentOption.RESTART_INTERVAL, value);
    }

    @Option(
            names = "--non-finite",
            paramLabel = "keep|drop|fail",
            description =
                    "What happens to a NaN or an infinity in the function's output. Default: as the function declares.")
    private void nonFinite(String value) {
        set(AgentOption.NON_FINITE, value);
    }

    @Option(
            names = "--max-event-time-ahead",
            paramLabel = "DURATION",
            description =
                    "How far a point's time may be ahead of the wall clock and still move event time. With --window, a later point goes to the dead letters. Default: 1d.")
    private void maxEventTimeAhead(String value) {
        set(AgentOption.MAX_EVENT_TIME_AHEAD, value);
    }

    private void set(AgentOption option, String value) {
        config = OptionParsing.value(spec, option.option(), () -> option.apply(config, value));
    }

    @Option(
            names = "--session-timeout",
            paramLabel = "DURATION",
            description =
                    "The time without heartbeats after which a worker's partitions are taken over by others. Default: 10s.")
    private @Nullable Duration sessionTimeout;

    @Option(
            names = "--kafka",
            paramLabel = "KEY=VALUE",
            description =
                    "A setting of Kafka Streams, its consumers or producers, for example for security. Can be repeated.")
    private List<String> kafka = List.of();

    @Option(
            names = "--kafka-config",
            paramLabel = "FILE",
            description =
                    "A file with such settings, in the format of Java properties. --kafka and the other options take precedence, but not their defaults.")
    private Path kafkaConfig;

    @Mixin
    private HttpOptions http;

    @Override
    public Integer call() {
        require(name != null, "NAME: missing (expected: a function, list or describe)");
        require(!brokers.isEmpty(), "--brokers: missing (expected: HOST:PORT)");
        require(!inputs.isEmpty(), "--in: missing (expected: a topic)");
        require(!output.isEmpty(), "--out: missing (expected: a topic)");
        require(threads == null || threads >= 1, "--threads: " + threads + " (expected: >= 1)");
        require(standby == null || standby >= 0, "--standby: " + standby + " (expected: >= 0)");
        checkHttpOptions();
        Udf udf = Functions.find(name);
        CountDownLatch end = new CountDownLatch(1);
        Signals.handle(end::countDown);
        Properties properties = properties();
        UdfTopology topology = topology(udf);
        // Reports invalid options without a broker.
        checked(() -> topology.partitions(partitions == null ? 1 : partitions).tryOut());
        int count = Topics.of(properties, inputs, output, Optional.ofNullable(deadLetters))
                .partitions();
        checked(() ->
                topology.partitions(partitions == null ? count : partitions).tryOut());
        return new Worker(terminal, topology, properties, http, end).run().code();
    }

    private void checkHttpOptions() {
        try {
            http.checked();
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), e.getMessage());
        }
    }

    private void require(boolean condition, String message) {
        if (!condition) {
            throw new ParameterException(spec.commandLine(), message);
        }
    }

    /** The settings of Kafka Streams. The default of an option does not replace a setting of the file. */
    Properties properties() {
        Properties properties = new Properties();
        if (kafkaConfig != null) {
            try (InputStream in = Files.newInputStream(kafkaConfig)) {
                properties.load(in);
            } catch (IOException | IllegalArgumentException e) {
                throw new ParameterException(spec.commandLine(), "--kafka-config: " + kafkaConfig + ": " + e);
            }
        }
        properties.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, String.join(",", brokers));
        put(properties, StreamsConfig.APPLICATION_ID_CONFIG, application, "kapacitor-udf-" + name);
        put(properties, StreamsConfig.NUM_STREAM_THREADS_CONFIG, threads, 1);
        put(properties, StreamsConfig.NUM_STANDBY_REPLICAS_CONFIG, standby, 0);
        put(
                properties,
                StreamsConfig.PROCESSING_GUARANTEE_CONFIG,
                exactlyOnce ? StreamsConfig.EXACTLY_ONCE_V2 : null,
                StreamsConfig.AT_LEAST_ONCE);
        Integer session = sessionTimeout == null ? null : (Integer) (int) sessionTimeout.toMillis();
        put(properties, ConsumerConfig.SESSION_TIMEOUT_MS_CONFIG, session, DEFAULT_SESSION_TIMEOUT_MILLIS);
        put(
                properties,
                ConsumerConfig.HEARTBEAT_INTERVAL_MS_CONFIG,
                session == null ? null : (Integer) Math.max(1, session / 4),
                DEFAULT_SESSION_TIMEOUT_MILLIS / 4);
        for (String setting : kafka) {
            int equals = setting.indexOf('=');
            require(equals > 0, "--kafka: " + setting + " (expected: KEY=VALUE)");
            properties.put(setting.substring(0, equals), setting.substring(equals + 1));
        }
        return properties;
    }

    /** @param given the value of an option; null if the option is not given */
    private static void put(Properties properties, String key, @Nullable Object given, Object otherwise) {
        if (given == null) {
            properties.putIfAbsent(key, otherwise);
        } else {
            properties.put(key, given);
        }
    }

    private UdfTopology topology(Udf udf) {
        return checked(() -> {
            UdfTopology topology = UdfTopology.of(udf)
                    .optionTexts(options)
                    .config(config)
                    .input(inputs.toArray(String[]::new))
                    .output(output)
                    .groupBy(groupBy.toArray(String[]::new))
                    .precision(precision)
                    .grace(grace)
                    .maxOpenPoints(maxOpenPoints)
                    .maxValueBytes(maxValueBytes)
                    .maxUnwrittenGroups(maxUnwrittenGroups)
                    .maxUnwrittenBytes(maxUnwrittenBytes)
                    .maxLineBytes(maxLineBytes);
            if (partitioned) {
                topology.partitioned();
            }
            if (deadLetters != null) {
                topology.deadLetters(deadLetters);
            }
            if (window != null) {
                topology.window(window);
            }
            if (seed != null) {
                topology.seed(Files.readAllBytes(seed));
            }
            return topology;
        });
    }

    private UdfTopology checked(Callable<UdfTopology> part) {
        try {
            return part.call();
        } catch (UdfException e) {
            throw new CommandException(ExitStatus.REFUSED, e.getMessage());
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), e.getMessage());
        } catch (RuntimeException e) {
            throw e;
        } catch (IOException e) {
            throw new CommandException(ExitStatus.REFUSED, "seed: " + seed + ": " + e);
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

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

    @Option(
            names = LogOptions.LEVEL,
            paramLabel = "LEVEL",
            scope = ScopeType.INHERIT,
            description =
                    "The log level: off, error, warn, info, debug or trace; Kafka's own messages from warn on, all of them at trace. Default: info.")
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

    /** The output of {@code --version}. */
    static final class Version implements IVersionProvider {
        @Override
        public String[] getVersion() {
            return new String[] {
                PROGRAM + " " + Installation.version(),
                "Java " + Runtime.version() + " (" + System.getProperty("java.vendor") + "), "
                        + System.getProperty("java.home")
            };
        }
    }
}
