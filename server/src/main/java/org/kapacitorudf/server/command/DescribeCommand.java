package org.kapacitorudf.server.command;

import java.util.concurrent.Callable;
import org.kapacitorudf.server.plugin.Functions;
import org.kapacitorudf.server.terminal.ExitStatus;
import org.kapacitorudf.server.terminal.Terminal;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code describe NAME}: documents a function. */
@Command(
        name = "describe",
        description = "Shows what a function does, its options, and a TICKscript that uses it.",
        footerHeading = "%nFor example:%n",
        footer = "  kapacitor-udf describe movingAvg")
public final class DescribeCommand implements Callable<Integer> {
    private final Terminal terminal;

    @Parameters(paramLabel = "NAME", completionCandidates = FunctionNames.class, description = "The function.")
    private String name;

    public DescribeCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() {
        terminal.out().print(FunctionManual.of(Functions.find(name)));
        terminal.out().flush();
        return ExitStatus.OK.code();
    }
}
