package org.kapacitorudf.server.command;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import org.kapacitorudf.Udf;
import org.kapacitorudf.embed.UdfServer;
import org.kapacitorudf.server.options.Converters;
import org.kapacitorudf.server.plugin.Functions;
import org.kapacitorudf.server.terminal.CommandException;
import org.kapacitorudf.server.terminal.ExitStatus;
import org.kapacitorudf.server.terminal.Terminal;
import org.kapacitorudf.tools.recording.RecordedConversation;
import org.kapacitorudf.tools.recording.Replay;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code replay}: sends recorded requests to an agent. */
@Command(
        name = "replay",
        sortOptions = false,
        description = {
            "Plays Kapacitor's side of a recording to any agent, and compares its responses with the recorded ones.",
            "Points and batches are compared group by group, in order. The order of groups, tags and fields is ignored, and so are keepalives "
                    + "and the contents of snapshots. Lines with - are recorded, lines with + are current.",
            "Exits with status 0 if all responses are the same, otherwise with 10."
        },
        footerHeading = "%nFor example:%n",
        footer = {
            "  kapacitor-udf replay agent.udfrec --function movingAvg",
            "  kapacitor-udf replay agent.udfrec --socket /run/kapacitor-udf/movingAvg.sock",
            "  kapacitor-udf replay agent.udfrec -- python3 moving_avg.py"
        })
final class ReplayCommand implements Callable<Integer> {
    private final Terminal terminal;
    private CommandSpec spec;

    @Parameters(paramLabel = "FILE", index = "0", description = "The recording.")
    private Path file;

    @Parameters(
            paramLabel = "COMMAND",
            index = "1..*",
            arity = "0..*",
            description = "After --: an agent to start, and its arguments.")
    private List<String> command = List.of();

    @Option(names = "--socket", paramLabel = "PATH", description = "The socket of a listening agent.")
    private Path socket;

    @Option(names = "--function", paramLabel = "NAME", description = "An installed function, run in this process.")
    private String function;

    @Option(names = "--timing", description = "Sends at the recorded pace instead of as fast as the agent reads.")
    private boolean timing;

    @Option(
            names = "--tolerance",
            paramLabel = "NUMBER",
            defaultValue = "1e-9",
            description = "The maximum relative difference between doubles; 0 for none. Default: ${DEFAULT-VALUE}.")
    private double tolerance;

    @Option(
            names = "--timeout",
            defaultValue = "10s",
            paramLabel = "DURATION",
            description =
                    "How long to wait for a response, or for the agent to continue reading. Default: ${DEFAULT-VALUE}.")
    private Duration timeout;

    @Option(
            names = "--differences",
            defaultValue = "20",
            paramLabel = "COUNT",
            converter = Converters.PositiveCount.class,
            description = "The number of differences after which to stop. Default: ${DEFAULT-VALUE}.")
    private int maxDifferences;

    ReplayCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Spec
    private void spec(CommandSpec spec) {
        this.spec = spec;
    }

    @Override
    public Integer call() {
        int agents = (socket == null ? 0 : 1) + (function == null ? 0 : 1) + (command.isEmpty() ? 0 : 1);
        if (agents != 1) {
            throw new ParameterException(
                    spec.commandLine(),
                    "agent: " + (agents == 0 ? "none" : "several")
                            + " (expected: --socket PATH, --function NAME, or -- COMMAND)");
        }
        try (RecordedConversation conversation = RecordedConversation.open(file)) {
            Replay replay = new Replay(conversation, timing, timeout, tolerance, maxDifferences);
            return show(function == null ? play(replay) : playToFunction(replay));
        } catch (IOException e) {
            throw new CommandException(ExitStatus.FAILED, e.getMessage());
        }
    }

    private Replay.Outcome play(Replay replay) throws IOException {
        return replay.play(kapacitor -> socket == null ? kapacitor.spawn(command) : kapacitor.connect(socket));
    }

    private Replay.Outcome playToFunction(Replay replay) throws IOException {
        Udf udf = Functions.find(function);
        Path directory = Files.createTempDirectory("kapacitor-udf");
        Path path = directory.resolve("s");
        UdfServer server = UdfServer.builder().function(udf, path).build();
        try (server) {
            server.start();
            return replay.play(kapacitor -> kapacitor.connect(path));
        } finally {
            Files.deleteIfExists(directory);
        }
    }

    private int show(Replay.Outcome outcome) {
        PrintStream out = terminal.out();
        outcome.differences().forEach(difference -> out.println(difference + "\n"));
        outcome.notes().forEach(note -> out.println("note: " + note));
        boolean isSame = outcome.differences().isEmpty();
        out.println((isSame ? "all the same: " : "the same: ") + outcome.same() + ", of " + outcome.points()
                + " points sent");
        if (!isSame) {
            out.println("differences: " + outcome.differences().size()
                    + (outcome.differences().size() < maxDifferences ? "" : ", and possibly more"));
        }
        out.flush();
        return (isSame ? ExitStatus.OK : ExitStatus.FAILED).code();
    }
}
