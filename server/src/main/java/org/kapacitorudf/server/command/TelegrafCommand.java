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
import org.kapacitorudf.server.logging.LogFormat;
import org.kapacitorudf.server.logging.Logging;
import org.kapacitorudf.server.options.AgentOption;
import org.kapacitorudf.server.options.Converters;
import org.kapacitorudf.server.options.OptionParsing;
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
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code telegraf NAME}: runs a function as a Telegraf processor. */
@Command(
        name = "telegraf",
        sortOptions = false,
        description = {
            "Runs a function as a Telegraf processor: [[processors.execd]] starts it, writes metrics to its STDIN and reads its STDOUT. "
                    + "config --telegraf NAME prints the configuration for telegraf.conf.",
            "A line that is not a metric is skipped and counted. A function that fails is restarted from its last state: see --on-error.",
            "If it cannot run because an option is invalid, it reports this once and reads metrics until Telegraf stops it, because Telegraf would restart it forever.",
            "Lines on STDERR begin with E!, W!, I! or D!, and Telegraf logs them at that level."
        },
        exitCodeListHeading = "%nExit status:%n",
        exitCodeList = {
            " 0:STDIN has ended, or a signal has stopped the command, and everything was handled and written.",
            " 2:invalid command line. This was reported, and STDIN read to its end.",
            " 3:no function of that name is installed. This was reported, and STDIN read to its end.",
            " 10:the function has failed.",
            " 11:the reader of STDOUT has closed it.",
            " 14:the options or the state are invalid. This was reported, and STDIN read to its end."
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
            description = "An option of the function; separate several arguments by commas. Can be repeated.")
    private List<String> options = List.of();

    @Option(
            names = "--group-by",
            paramLabel = "TAG",
            split = ",",
            description = "Groups by a tag, like groupBy('TAG'); * for all tags. Separate several by commas.")
    private List<String> dimensions = List.of();

    @Option(
            names = PASS,
            description =
                    "Also writes each input metric, unchanged. Default: only the output of the function, because a processor replaces its input.")
    private boolean passes;

    @Option(
            names = "--state",
            paramLabel = "FILE",
            description =
                    "Saves the state of the function in a file, and starts from it. snapshot show reads it. Default: the state is not saved.")
    private Path stateFile;

    @Option(
            names = "--batch",
            paramLabel = "COUNT",
            converter = Converters.PositiveCount.class,
            description = "Makes a batch of this many metrics, for each measurement and group.")
    private int batchPoints;

    @Option(
            names = "--max-line-bytes",
            defaultValue = "1MiB",
            paramLabel = "BYTES",
            converter = Converters.LineBytes.class,
            description = "The maximum length of a line. Default: ${DEFAULT-VALUE}.")
    private int maxLineBytes;

    @Option(
            names = "--max-waiting-points",
            defaultValue = "" + DEFAULT_MAX_WAITING_POINTS,
            paramLabel = "COUNT",
            converter = Converters.PositiveCount.class,
            description =
                    "The maximum number of metrics that wait for their batches to be complete; if exceeded, all batches are completed early. Default: ${DEFAULT-VALUE}.")
    private int maxWaitingPoints;

    @Option(
            names = "--state-interval",
            defaultValue = "10s",
            paramLabel = "DURATION",
            converter = Converters.PositiveDuration.class,
            description =
                    "How often the state is saved: at most this much is lost if the process is killed. Default: ${DEFAULT-VALUE}.")
    private Duration stateInterval;

    @Option(
            names = "--window",
            paramLabel = "DURATION",
            converter = Converters.PositiveDuration.class,
            description = "Makes a batch of the metrics of each interval, such as 10s, for each measurement and group. "
                    + "It is complete when a later metric of its group arrives, or when the clock is past its end.")
    private Duration window;

    TelegrafCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Spec
    private void spec(CommandSpec spec) {
        this.spec = spec;
    }

    @Option(
            names = "--on-error",
            paramLabel = "fail|skip|restart",
            description = "What happens when the function throws an exception. Default: restart.")
    private void onError(String value) {
        config = OptionParsing.value(spec, "--on-error", () -> AgentOption.ON_ERROR.apply(config, value));
    }

    @Option(
            names = "--on-bad-snapshot",
            paramLabel = "fail|fresh",
            description =
                    "What happens if the state is damaged, or belongs to another function or a later version: fail does not run the function, fresh starts without it and "
                            + "renames the file to FILE.bad. Default: fail.")
    private void onBadSnapshot(String value) {
        config = OptionParsing.value(spec, "--on-bad-snapshot", () -> AgentOption.ON_BAD_SNAPSHOT.apply(config, value));
    }

    @Option(
            names = "--non-finite",
            paramLabel = "keep|drop|fail",
            description =
                    "What happens to a NaN or an infinity in the function's output, which Telegraf cannot read. Default: as the function declares.")
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

    /**
     * Reports a problem, and then reads metrics without handling them until STDIN ends. If this command exited,
     * Telegraf would restart it forever.
     */
    static int bypassed(Terminal terminal, String name, String problem, boolean passes, ExitStatus status) {
        new Journal(name, terminal::say)
                .error(problem + "; until this is corrected, "
                        + (passes ? "metrics are passed through unchanged" : "metrics are dropped"));
        try {
            new Bypass(passes).run(System.in, terminal.out());
        } catch (IOException e) {
            return ExitStatus.PEER_GONE.code();
        }
        return status.code();
    }
}
