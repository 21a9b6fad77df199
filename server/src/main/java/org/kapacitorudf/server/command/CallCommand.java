package org.kapacitorudf.server.command;

import java.io.FileInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Stack;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;
import org.kapacitorudf.Description;
import org.kapacitorudf.EdgeType;
import org.kapacitorudf.Udf;
import org.kapacitorudf.agent.AgentConfig;
import org.kapacitorudf.internal.line.Precision;
import org.kapacitorudf.server.call.Answers;
import org.kapacitorudf.server.call.BadLines;
import org.kapacitorudf.server.call.Call;
import org.kapacitorudf.server.call.CallException;
import org.kapacitorudf.server.call.Chart;
import org.kapacitorudf.server.call.CsvColumns;
import org.kapacitorudf.server.call.FileSource;
import org.kapacitorudf.server.call.GrowingFile;
import org.kapacitorudf.server.call.InputFormat;
import org.kapacitorudf.server.call.InputSettings;
import org.kapacitorudf.server.call.NamedPipe;
import org.kapacitorudf.server.call.Summary;
import org.kapacitorudf.server.logging.LogLevel;
import org.kapacitorudf.server.logging.Logging;
import org.kapacitorudf.server.options.AgentOption;
import org.kapacitorudf.server.options.Converters;
import org.kapacitorudf.server.options.LogOptions;
import org.kapacitorudf.server.options.OptionParsing;
import org.kapacitorudf.server.options.Quantities;
import org.kapacitorudf.server.plugin.Functions;
import org.kapacitorudf.server.terminal.CommandException;
import org.kapacitorudf.server.terminal.ExitStatus;
import org.kapacitorudf.server.terminal.Signals;
import org.kapacitorudf.server.terminal.SystemExitDetector;
import org.kapacitorudf.server.terminal.Terminal;
import picocli.CommandLine.Command;
import picocli.CommandLine.IParameterPreprocessor;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code call NAME}: calls a function with the points of an input. */
@Command(
        name = "call",
        sortOptions = false,
        description = {
            "Calls a function with points in line protocol and prints the results, without Kapacitor.",
            "The points may also be CSV, an InfluxDB export, a Kapacitor recording, and compressed with gzip: see --format.",
            "A function that takes batches needs --window or --batch. Each batch is printed with a comment before its points: "
                    + "# batch cpu,host=a until 20000000000",
            "Time is that of the data: the clock and the timers of the function run as if the data had arrived live.",
            "With --follow, lines are handled as they arrive, in real time, until Ctrl-C; a file is read from its beginning, and then as it grows.",
            "STDERR shows what the function has skipped, and its errors. --log-level info shows its complete log."
        },
        exitCodeListHeading = "%nExit status:%n",
        exitCodeList = {
            " 0:the input has ended and everything has been handled, or a signal has ended --follow.",
            " 1:kapacitor-udf cannot start because of Java or a system limit; or an internal error, whose stack trace is in the log.",
            " 2:invalid command line.",
            " 3:no function of that name is installed.",
            " 6:the input cannot be read, or is not line protocol.",
            " 10:the function has failed, or has no state to save.",
            " 11:the output, the chart or the state cannot be written, or the reader of the output has closed it.",
            " 14:the function was not started because its options are invalid.",
            " 130:a signal has stopped the command before the end of the input."
        },
        footerHeading = "%nFor example:%n",
        footer = {
            "  kapacitor-udf call movingAvg --option field=usage --option size=10 --tag-columns host cpu.csv",
            "  echo 'cpu,host=a value=1 0' | kapacitor-udf call movingAvg --option field=value --option size=3",
            "  kapacitor-udf call outliers --option field=value --window 10s --group-by host cpu.lp",
            "  kapacitor-udf call deviation --option field=value --group-by host --summary --chart cpu.html cpu.lp",
            "  kapacitor-udf call baseline --option field=value --group-by host --summary --save-state seeds/cpu.baseline2 cpu.lp",
            "  kapacitor-udf call mirror --precision s --follow /var/log/points.lp"
        })
final class CallCommand implements Callable<Integer> {
    private static final String STDIN = "-";
    /** The paths of STDIN. They cannot be opened if STDIN is a socket. */
    private static final List<String> STDIN_PATHS = List.of("/dev/stdin", "/dev/fd/0", "/proc/self/fd/0");

    private static final int STATUS_INTERRUPTED = 130;
    private static final int DEFAULT_MAX_WAITING_POINTS = 500_000;
    private static final int DEFAULT_MAX_CHART_POINTS = 500_000;
    /** The time limit for the remaining work when a thread of the function has called {@code System.exit}. */
    private static final Duration LAST_STEPS = Duration.ofSeconds(10);

    private static final long SHOW_EVERY_NANOS = TimeUnit.MILLISECONDS.toNanos(200);

    private static final String WARM_UP = "warmUp";

    private final Terminal terminal;
    private CommandSpec spec;
    private AgentConfig config = AgentConfig.defaults();

    @Parameters(
            index = "0",
            paramLabel = "NAME",
            completionCandidates = FunctionNames.class,
            description = "The function.")
    private String name;

    @Parameters(
            index = "1",
            arity = "0..1",
            paramLabel = "FILE",
            description = "The points; - for STDIN (the default).")
    private String file = STDIN;

    @Option(
            names = "--option",
            paramLabel = "NAME=VALUE",
            description = "An option of the function; separate several arguments by commas. Can be repeated.")
    private List<String> options = List.of();

    @Option(
            names = "--group-by",
            paramLabel = "TAG",
            split = ",",
            description = "Groups by a tag, like groupBy('TAG'); * for all tags. Separate several by commas.")
    private List<String> dimensions = List.of();

    @Option(names = "--follow", description = "Handles lines as they arrive, in real time.")
    private boolean follow;

    @Option(
            names = "--summary",
            description =
                    "Prints, instead of the points, how many alerts each group would have had, and when. For a function that is not a detector, prints the numbers of input and output points.")
    private boolean summarized;

    @Option(
            names = "--chart",
            paramLabel = "FILE",
            description =
                    "Writes, instead of the points, an HTML page with a chart for each group. It needs no network.")
    private Path chartFile;

    @Option(
            names = "--save-state",
            paramLabel = "FILE",
            description =
                    "Writes the state of the function after the last point. A task can start from it: see --seed-dir of run and serve.")
    private Path stateFile;

    @Option(
            names = "--skip-bad-lines",
            arity = "0..1",
            fallbackValue = "",
            preprocessor = AttachedValue.class,
            paramLabel = "=FILE",
            description =
                    "Skips and counts lines that are not points; =FILE also saves them. --follow always skips them.")
    private String badLinesFile;

    @Option(
            names = "--measurement",
            paramLabel = "NAME",
            description =
                    "The name of the points in CSV. Default: the column _measurement or name, or the name of the file.")
    private String measurement;

    @Option(
            names = "--time-column",
            paramLabel = "COLUMN",
            description =
                    "The column of CSV with the time: 2026-01-01T00:00:00Z, or a number in units of --precision. Default: time, _time or timestamp.")
    private String timeColumn;

    @Option(
            names = "--tag-columns",
            paramLabel = "COLUMN",
            split = ",",
            description =
                    "The columns of CSV that are tags, separated by commas. Default: according to InfluxDB's annotations.")
    private List<String> tagColumns = List.of();

    @Option(
            names = "--field-columns",
            paramLabel = "COLUMN",
            split = ",",
            description = "The columns of CSV that are fields, separated by commas. Default: all others.")
    private List<String> fieldColumns = List.of();

    @Option(
            names = "--batch",
            paramLabel = "COUNT",
            converter = Converters.PositiveCount.class,
            description = "Makes a batch of this many points, for each measurement and group.")
    private int batchPoints;

    @Option(
            names = "--precision",
            defaultValue = "ns",
            paramLabel = "UNIT",
            description = "The unit of input times: ns, us, ms, s, m or h. Default: ${DEFAULT-VALUE}.")
    private Precision precision;

    @Option(
            names = "--format",
            paramLabel = "lines|csv|srpl|brpl",
            description =
                    "The input format: line protocol (including InfluxDB exports), CSV with a header, a Kapacitor recording of a stream or of batches; each may be compressed with gzip. "
                            + "Default: detected from the name and the first bytes of the file.")
    private InputFormat format;

    @Option(
            names = "--max-line-bytes",
            defaultValue = "1MiB",
            paramLabel = "BYTES",
            converter = Converters.LineBytes.class,
            description =
                    "The maximum length of a line, or of a point with line breaks in strings. Default: ${DEFAULT-VALUE}.")
    private int maxLineBytes;

    @Option(
            names = "--max-waiting-points",
            defaultValue = "" + DEFAULT_MAX_WAITING_POINTS,
            paramLabel = "COUNT",
            converter = Converters.PositiveCount.class,
            description =
                    "The maximum number of points that wait for their batches to be complete. Default: ${DEFAULT-VALUE}.")
    private int maxWaitingPoints;

    @Option(
            names = "--max-chart-points",
            defaultValue = "" + DEFAULT_MAX_CHART_POINTS,
            paramLabel = "COUNT",
            converter = Converters.PositiveCount.class,
            description = "The maximum number of points in a chart, over all groups. Default: ${DEFAULT-VALUE}.")
    private int maxChartPoints;

    @Option(
            names = "--window",
            paramLabel = "DURATION",
            converter = Converters.PositiveDuration.class,
            description =
                    "Makes a batch of the points of each interval, such as 10s, for each measurement and group, like window() with align(). "
                            + "A point that arrives after the end of its window is dropped.")
    private Duration window;

    CallCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Spec
    private void spec(CommandSpec spec) {
        this.spec = spec;
    }

    @Option(
            names = "--on-error",
            paramLabel = "fail|skip|restart",
            description = "What happens when the function throws an exception. Default: as the function declares.")
    private void onError(String value) {
        config = OptionParsing.value(spec, "--on-error", () -> AgentOption.ON_ERROR.apply(config, value));
    }

    @Option(
            names = "--non-finite",
            paramLabel = "keep|drop|fail",
            description =
                    "What happens to a NaN or an infinity in the function's output. Default: as the function declares.")
    private void nonFinite(String value) {
        config = OptionParsing.value(spec, "--non-finite", () -> AgentOption.NON_FINITE.apply(config, value));
    }

    @Option(
            names = "--max-snapshot-bytes",
            paramLabel = "BYTES",
            description = "The maximum size of the saved state before compression. Default: 64MiB.")
    private void maxSnapshotBytes(String value) {
        config = OptionParsing.value(
                spec, "--max-snapshot-bytes", () -> AgentOption.MAX_SNAPSHOT_BYTES.apply(config, value));
    }

    @Override
    public Integer call() throws IOException {
        Udf udf = Functions.find(name);
        checkBatches(udf.describe());
        checkAnswers(udf.describe());
        if (!isGiven(LogOptions.LEVEL)) {
            // Skipped and rejected points are printed below. They are logged as well only if a level was requested,
            // because stack traces are only in the log.
            Logging.level(LogLevel.ERROR);
        }
        ProgressLine line = new ProgressLine(terminal);
        AtomicBoolean interrupted = new AtomicBoolean();
        Summary summary = new Summary();
        Chart chart = new Chart(name + " of " + shownFile(), Call.givenField(options), maxChartPoints);
        List<Answers> answers = new ArrayList<>();
        if (summarized) {
            answers.add(summary);
        }
        if (chartFile != null) {
            answers.add(chart);
        }
        try (Source source = open();
                ResultFile chartResult = resultFile(chartFile);
                ResultFile stateResult = resultFile(stateFile);
                OutputStream keptLines = keptLines()) {
            Call.Settings settings = new Call.Settings(
                    udf,
                    options,
                    config,
                    dimensions,
                    window,
                    batchPoints,
                    maxWaitingPoints,
                    follow,
                    answers,
                    stateFile != null);
            Call call = new Call(
                    settings,
                    terminal.out(),
                    note -> say(line, note),
                    progress(line, source),
                    badLines(keptLines, line));
            Signals.handle(() -> {
                interrupted.set(true);
                call.stop();
            });
            Thread caller = Thread.currentThread();
            CountDownLatch ended = new CountDownLatch(1);
            SystemExitDetector.endsWith(thread -> end(call, thread == caller, ended));
            try {
                call.run(new FileSource(
                        source,
                        new InputSettings(
                                file,
                                Optional.ofNullable(format),
                                precision,
                                maxLineBytes,
                                settings.grouping(),
                                new CsvColumns(
                                        Optional.ofNullable(measurement),
                                        Optional.ofNullable(timeColumn),
                                        tagColumns,
                                        fieldColumns),
                                follow,
                                CallCommand::nowNanos)));
            } finally {
                ended.countDown();
            }
            if (summarized) {
                terminal.out().print(summary.table());
                terminal.out().flush();
                tellWarmUp(udf.describe(), summary, line);
                if (!summary.countsAlerts()) {
                    say(
                            line,
                            name + ": alerts cannot be counted: no point has the fields of a detector"
                                    + " (expected: anomaly, expected, lower, upper)");
                }
            }
            if (chartResult != null) {
                write(chart, chartResult, line);
            }
            if (interrupted.get() && !follow) {
                return STATUS_INTERRUPTED;
            }
            if (stateResult != null) {
                write(call.state(), stateResult, line);
            }
            return ExitStatus.OK.code();
        } catch (CallException e) {
            return failed(line, e).code();
        } finally {
            line.clear();
        }
    }

    /** Reports the number of groups that are still in the warm-up period, during which a detector raises no alerts. */
    private void tellWarmUp(Description function, Summary summary, ProgressLine line) {
        Optional<String> warmUp = options.stream()
                .filter(option -> option.startsWith(WARM_UP + "="))
                .map(option -> option.substring(WARM_UP.length() + 1))
                .findFirst()
                .or(() -> function.options().stream()
                        .filter(option -> option.name().equals(WARM_UP))
                        .findFirst()
                        .flatMap(option -> option.defaultText()));
        warmUp.ifPresent(text -> {
            long groups = summary.groupsShorterThan(Quantities.parseDuration(text));
            if (summary.countsAlerts() && groups > 0) {
                say(
                        line,
                        String.format(
                                Locale.ROOT,
                                "%s: %,d %s no alert yet, because there are points for less than warmUp, %s",
                                name,
                                groups,
                                groups == 1 ? "group can have" : "groups can have",
                                text));
            }
        });
    }

    /**
     * Ends the call when the function has called {@code System.exit}, either in one of its methods or on a thread of
     * its own.
     */
    private static void end(Call call, boolean inCall, CountDownLatch ended) throws InterruptedException {
        if (inCall) {
            call.abandon();
        } else {
            call.stop();
            ended.await(LAST_STEPS.toMillis(), TimeUnit.MILLISECONDS);
        }
    }

    /** Opens the file of a result; returns null if the path is null. */
    private static @Nullable ResultFile resultFile(Path path) {
        try {
            return path == null ? null : ResultFile.at(path);
        } catch (IOException e) {
            throw notWritten(path, e);
        }
    }

    private static CommandException notWritten(Path path, IOException cause) {
        return new CommandException(
                ExitStatus.PEER_GONE, path + ": cannot be written: " + cause + " (expected: a file)");
    }

    /** Opens the file for bad lines; returns null if no such file is requested. */
    private @Nullable OutputStream keptLines() {
        if (badLinesFile == null || badLinesFile.isEmpty()) {
            return null;
        }
        try {
            Path kept = Path.of(badLinesFile);
            if (!file.equals(STDIN) && Files.exists(kept) && Files.isSameFile(kept, Path.of(file))) {
                throw new ParameterException(
                        spec.commandLine(), "--skip-bad-lines: " + kept + " (expected: another file than the input)");
            }
            return Files.newOutputStream(kept);
        } catch (InvalidPathException | IOException e) {
            throw new CommandException(
                    ExitStatus.PEER_GONE, badLinesFile + ": cannot be written: " + e + " (expected: a file)");
        }
    }

    private BadLines badLines(@Nullable OutputStream keptLines, ProgressLine line) {
        return badLinesFile == null && !follow ? BadLines.FATAL : BadLines.skipped(keptLines, note -> say(line, note));
    }

    private void write(byte[] state, ResultFile result, ProgressLine line) {
        if (state.length == 0) {
            throw new CommandException(
                    ExitStatus.FAILED,
                    stateFile + ": not written: " + name
                            + " has no state (expected: a function with state, and points)");
        }
        try {
            Files.write(result.part(), state);
            result.commit();
        } catch (IOException e) {
            throw notWritten(stateFile, e);
        }
        say(line, String.format(Locale.ROOT, "state: %s: bytes: %,d", stateFile, state.length));
    }

    private void write(Chart chart, ResultFile result, ProgressLine line) {
        try {
            chart.write(result.part());
            result.commit();
        } catch (IOException e) {
            throw notWritten(chartFile, e);
        }
        say(
                line,
                String.format(
                        Locale.ROOT, "chart: %s: points: %,d, groups: %,d", chartFile, chart.drawn(), chart.groups()));
        if (chart.leftOut() > 0) {
            say(
                    line,
                    String.format(
                            Locale.ROOT,
                            "chart: %,d points left out (expected: <= %,d points, --max-chart-points)",
                            chart.leftOut(),
                            maxChartPoints));
        }
    }

    private ExitStatus failed(ProgressLine line, CallException failure) {
        return switch (failure.kind()) {
            case REFUSED -> failed(line, ExitStatus.REFUSED, failure.getMessage());
            case FAILED -> failed(line, ExitStatus.FAILED, name + ": " + failure.getMessage());
            case INPUT -> failed(line, ExitStatus.BAD_INPUT, shownFile() + ": " + failure.getMessage());
            case TOO_MANY_WAITING -> failed(line, ExitStatus.BAD_INPUT, failure.getMessage());
            // No message: a reader such as head stops reading early.
            case OUTPUT_GONE -> ExitStatus.PEER_GONE;
        };
    }

    private ExitStatus failed(ProgressLine line, ExitStatus status, String message) {
        say(line, "kapacitor-udf: " + message);
        return status;
    }

    private void checkBatches(Description function) {
        Optional<String> problem = isRecordingOfBatches()
                ? problemOfRecording(function)
                : BatchChoice.problem(
                        function,
                        window,
                        batchPoints,
                        "; --group-by TAG for batches of a group; of a recording of batches --format brpl");
        problem.ifPresent(text -> {
            throw new ParameterException(spec.commandLine(), text);
        });
    }

    private boolean isRecordingOfBatches() {
        return Optional.ofNullable(format).or(() -> InputFormat.ofName(file)).equals(Optional.of(InputFormat.BRPL));
    }

    private Optional<String> problemOfRecording(Description function) {
        if (function.wants() == EdgeType.STREAM) {
            return Optional.of(function.name() + " takes a stream (expected: a function that takes batches, because "
                    + shownFile() + " is a recording of batches)");
        }
        return window == null && batchPoints == 0
                ? Optional.empty()
                : Optional.of(shownFile() + " is a recording of batches (expected: neither --window nor --batch)");
    }

    private void checkAnswers(Description function) {
        if ((summarized || chartFile != null) && function.provides() == EdgeType.BATCH) {
            throw new ParameterException(
                    spec.commandLine(), name + " emits batches (expected: neither --summary nor --chart)");
        }
        if ((summarized || chartFile != null) && follow) {
            throw new ParameterException(
                    spec.commandLine(), "--follow: with --summary or --chart (expected: input that ends)");
        }
    }

    private boolean isGiven(String option) {
        for (CommandSpec command = spec; command != null; command = command.parent()) {
            if (command.commandLine().getParseResult().hasMatchedOption(option)) {
                return true;
            }
        }
        return false;
    }

    /**
     * Accepts a value only after {@code =} in the same argument. The next argument may be the input file, which must
     * not be overwritten.
     */
    static final class AttachedValue implements IParameterPreprocessor {
        @Override
        public boolean preprocess(
                Stack<String> arguments, CommandSpec command, ArgSpec option, Map<String, Object> context) {
            if (" ".equals(context.get("separator"))) {
                arguments.push("");
            }
            return false;
        }
    }

    /** An input that counts the bytes that are read from it. */
    private static class Source extends FilterInputStream {
        private final long size;
        private volatile long position;

        private Source(InputStream in, long size) {
            super(in);
            this.size = size;
        }

        @Override
        public int read(byte[] buffer, int offset, int length) throws IOException {
            int count = in.read(buffer, offset, length);
            position += Math.max(0, count);
            return count;
        }
    }

    private Source open() {
        try {
            if (file.equals(STDIN) || STDIN_PATHS.contains(file)) {
                if (terminal.isInputTerminal()) {
                    terminal.say("reading line protocol from the terminal; Ctrl-D ends it");
                }
                // STDIN is never closed: it belongs to the process, and a reader may be blocked in it.
                return new Source(System.in, 0) {
                    @Override
                    public void close() {}
                };
            }
            Path path = Path.of(file);
            if (Files.isDirectory(path)) {
                throw new CommandException(ExitStatus.BAD_INPUT, file + ": a directory (expected: a file)");
            }
            if (Files.isRegularFile(path)) {
                return follow
                        ? new Source(new GrowingFile(path), 0)
                        : new Source(new FileInputStream(file), Files.size(path));
            }
            // A descriptor of this process, such as <(...), has one writer; a named pipe may get another one.
            boolean named = !path.toAbsolutePath().startsWith("/dev")
                    && !path.toAbsolutePath().startsWith("/proc");
            return new Source(
                    follow && named && Files.exists(path) ? new NamedPipe(path) : new FileInputStream(file), 0);
        } catch (InvalidPathException | IOException e) {
            throw new CommandException(ExitStatus.BAD_INPUT, file + ": cannot be read: " + e + " (expected: a file)");
        }
    }

    private LongConsumer progress(ProgressLine line, Source source) {
        if (follow || !terminal.isErrTerminal()) {
            return points -> {};
        }
        long startNanos = System.nanoTime();
        return new LongConsumer() {
            private long shownNanos = startNanos;

            @Override
            public void accept(long points) {
                long now = System.nanoTime();
                if (now - shownNanos >= SHOW_EVERY_NANOS) {
                    shownNanos = now;
                    String part = source.size > 0
                            ? String.format(Locale.ROOT, ", %d %%", 100 * source.position / source.size)
                            : "";
                    line.at(String.format(
                            Locale.ROOT,
                            "%,d points, %,d/s%s",
                            points,
                            Math.round(points * 1e9 / (now - startNanos)),
                            part));
                }
            }
        };
    }

    private void say(ProgressLine line, String text) {
        line.clear();
        terminal.say(text);
    }

    private String shownFile() {
        return file.equals(STDIN) ? "STDIN" : file;
    }

    private static long nowNanos() {
        Instant now = Instant.now();
        return TimeUnit.SECONDS.toNanos(now.getEpochSecond()) + now.getNano();
    }
}
