package org.kapacitorudf.server;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code describe NAME}: what a function does. */
@Command(
        name = "describe",
        description = "Shows what a function does, its options, and a TICKscript that uses it.",
        footerHeading = "%nFor example:%n",
        footer = "  kapacitor-udf describe movingAvg")
final class DescribeCommand implements Callable<Integer> {
    private final Terminal terminal;

    @Parameters(paramLabel = "NAME", completionCandidates = FunctionNames.class, description = "The function.")
    private String name;

    DescribeCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() {
        terminal.out().print(Manual.of(Functions.find(name)));
        terminal.out().flush();
        return ExitStatus.OK.code();
    }
}
