package org.kapacitorudf.server.command;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import org.kapacitorudf.Description;
import org.kapacitorudf.Udf;
import org.kapacitorudf.agent.AgentConfig;
import org.kapacitorudf.errors.FailurePolicy;
import org.kapacitorudf.internal.line.LineReader;
import org.kapacitorudf.server.logging.LogFormat;
import org.kapacitorudf.server.logging.Logging;
import org.kapacitorudf.server.options.AgentOption;
import org.kapacitorudf.server.options.OptionParsing;
import org.kapacitorudf.server.options.Quantities;
import org.kapacitorudf.server.plugin.Functions;
import org.kapacitorudf.server.telegraf.Bypass;
import org.kapacitorudf.server.telegraf.Journal;
import org.kapacitorudf.server.telegraf.Processor;
import org.kapacitorudf.server.terminal.CommandException;
import org.kapacitorudf.server.terminal.ExitStatus;
import org.kapacitorudf.server.terminal.Signals;
import org.kapacitorudf.server.terminal.Terminal;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code telegraf NAME}: a processor of Telegraf. */
@Command(
        name = "telegraf",
        sortOptions = false,
        description = {
            "Runs a function as a processor of Telegraf: [[processors.execd]] starts it, writes metrics to its STDIN and reads its STDOUT. "
                    + "config --telegraf NAME prints what telegraf.conf needs.",
            "A line that is not a metric is skipped and counted. A function that fails is replaced, and goes on with its last state: --on-error.",
            "When it cannot run because an option is wrong, it says so once and reads metrics until Telegraf stops it, because Telegraf would start it for ever.",
            "STDERR has lines that begin with E!, W!, I! or D!, which Telegraf logs at that level."
        },
        exitCodeListHeading = "%nExit status:%n",
        exitCodeList = {
            " 0:STDIN has ended, or a signal asked for the end, and everything was handled and written.",
            " 2:the command line is not understood. It was said, and STDIN read to its end.",
            " 3:a function of that name is not installed. It was said, and STDIN read to its end.",
            " 10:the function has failed.",
            " 11:nobody reads STDOUT any more.",
            " 14:the options, or the state, are not right. It was said, and STDIN read to its end."
        },
        footerHeading = "%nFor example:%n",
        footer = {
            "  kapacitor-udf telegraf movingAvg --option field=usage_user --option size=10 --group-by host --pass",
            "  kapacitor-udf telegraf baseline --option field=usage_user --group-by host --state /var/lib/telegraf/baseline.state"
        })
final class TelegrafCommand implements Callable<Integer> {
    static final String NAME = "telegraf";
    static final String PASS = "--pass";

    private static final int DEFAULT_MAX_WAITING_POINTS = 500_000;

    private final Terminal terminal;
    private CommandSpec spec;
    private Duration window;
    private int batchPoints;
    private Duration stateInterval = Duration.ofSeconds(10);
    private int maxLineBytes = LineReader.DEFAULT_MAX_LINE_BYTES;
    private int maxWaitingPoints = DEFAULT_MAX_WAITING_POINTS;
    private AgentConfig config =
            AgentConfig.builder().onError(FailurePolicy.RESTART).build();

    @Parameters(
            index = "0",
            paramLabel = "NAME",
            completionCandidates = FunctionNames.class,
            description = "The function.")
    private String name;

    @Option(
            names = "--option",
            paramLabel = "NAME=VALUE",
            description = "An option of the function; several arguments with commas between. Can be repeated.")
    private List<String> options = List.of();

    @Option(
            names = "--group-by",
            paramLabel = "TAG",
            split = ",",
            description = "Groups by a tag, as groupBy('TAG') does; * for all tags. Several with commas between.")
    private List<String> dimensions = List.of();

    @Option(
            names = PASS,
            description =
                    "Writes each metric that comes in as well, as it came. Default: only what the function emits, because a processor replaces its input.")
    private boolean passes;

    @Option(
            names = "--state",
            paramLabel = "FILE",
            description =
                    "Keeps the state of the function in a file, and begins with it. snapshot show reads it. Default: the state ends with the process.")
    private Path stateFile;

    TelegrafCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Spec
    private void spec(CommandSpec spec) {
        this.spec = spec;
    }

    @Option(
            names = "--state-interval",
            paramLabel = "DURATION",
            description =
                    "How often the state is written: so much of it is lost at most when the process is killed. Default: 10s.")
    private void stateInterval(String value) {
        stateInterval = positive("--state-interval", value);
    }

    @Option(
            names = "--window",
            paramLabel = "DURATION",
            description = "Makes a batch of the metrics of each 10s, say, for each measurement and group. "
                    + "It is complete when a later metric of its group comes, or the clock is past its end.")
    private void window(String value) {
        window = positive("--window", value);
    }

    private Duration positive(String option, String value) {
        Duration duration = OptionParsing.value(spec, option, () -> Quantities.parseDuration(value));
        if (duration.isZero()) {
            throw new ParameterException(spec.commandLine(), option + ": " + value + " (expected: > 0, such as 10s)");
        }
        return duration;
    }

    @Option(
            names = "--batch",
            paramLabel = "COUNT",
            description = "Makes a batch of so many metrics, for each measurement and group.")
    private void batch(String value) {
        batchPoints = OptionParsing.value(spec, "--batch", () -> Quantities.parsePositiveCount(value));
    }

    @Option(
            names = "--on-error",
            paramLabel = "fail|skip|restart",
            description = "What an exception of the function does. Default: restart.")
    private void onError(String value) {
        config = OptionParsing.value(spec, "--on-error", () -> AgentOption.ON_ERROR.apply(config, value));
    }

    @Option(
            names = "--on-bad-snapshot",
            paramLabel = "fail|fresh",
            description =
                    "What a state that is damaged, of another function or of a later version does: fail does not run the function, fresh begins without it and "
                            + "renames the file to FILE.bad. Default: fail.")
    private void onBadSnapshot(String value) {
        config = OptionParsing.value(spec, "--on-bad-snapshot", () -> AgentOption.ON_BAD_SNAPSHOT.apply(config, value));
    }

    @Option(
            names = "--non-finite",
            paramLabel = "keep|drop|fail",
            description =
                    "What becomes of a NaN or an infinity that the function has made; Telegraf cannot read one. Default: what the function declares.")
    private void nonFinite(String value) {
        config = OptionParsing.value(spec, "--non-finite", () -> AgentOption.NON_FINITE.apply(config, value));
    }

    @Option(
            names = "--max-snapshot-bytes",
            paramLabel = "BYTES",
            description = "The largest state that is saved, before it is deflated. Default: 64MiB.")
    private void maxSnapshotBytes(String value) {
        config = OptionParsing.value(
                spec, "--max-snapshot-bytes", () -> AgentOption.MAX_SNAPSHOT_BYTES.apply(config, value));
    }

    @Option(names = "--max-line-bytes", paramLabel = "BYTES", description = "The longest line. Default: 1MiB.")
    private void maxLineBytes(String value) {
        maxLineBytes = OptionParsing.value(spec, "--max-line-bytes", () -> Quantities.parseLineBytes(value));
    }

    @Option(
            names = "--max-waiting-points",
            paramLabel = "COUNT",
            description =
                    "How many metrics may wait for their batches to be complete; all batches are complete early then. Default: 500000.")
    private void maxWaitingPoints(String value) {
        maxWaitingPoints =
                OptionParsing.value(spec, "--max-waiting-points", () -> Quantities.parsePositiveCount(value));
    }

    @Override
    public Integer call() throws IOException {
        Logging.format(LogFormat.TELEGRAF);
        Journal journal = new Journal(name, terminal::say);
        OutputStream out = terminal.out();
        try {
            Udf udf = Functions.find(name);
            checkBatches(udf.describe());
            Processor processor = new Processor(
                    new Processor.Settings(
                            udf,
                            options,
                            config,
                            dimensions,
                            window,
                            batchPoints,
                            maxWaitingPoints,
                            maxLineBytes,
                            passes,
                            stateFile,
                            stateInterval),
                    out,
                    journal);
            Signals.handle(processor::stop);
            return processor.run(System.in).code();
        } catch (CommandException e) {
            return bypassed(terminal, name, e.getMessage(), passes, e.status());
        }
    }

    private void checkBatches(Description function) {
        BatchChoice.problem(function, window, batchPoints, "").ifPresent(problem -> {
            throw new CommandException(ExitStatus.USAGE, problem);
        });
    }

    /** Says what is wrong, and keeps Telegraf from starting this for ever: metrics are read until STDIN ends. */
    static int bypassed(Terminal terminal, String name, String problem, boolean passes, ExitStatus status) {
        new Journal(name, terminal::say)
                .error(problem + "; until this is corrected, "
                        + (passes ? "metrics go through untouched" : "metrics are dropped"));
        try {
            new Bypass(passes).run(System.in, terminal.out());
        } catch (IOException e) {
            return ExitStatus.PEER_GONE.code();
        }
        return status.code();
    }
}
