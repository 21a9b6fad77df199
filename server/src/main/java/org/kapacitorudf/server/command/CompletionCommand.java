package org.kapacitorudf.server.command;

import java.util.concurrent.Callable;
import org.kapacitorudf.server.terminal.ExitStatus;
import org.kapacitorudf.server.terminal.Terminal;
import picocli.AutoComplete;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code completion}: prints a shell completion script. */
@Command(
        name = "completion",
        description = {
            "Prints a script for shell completion of commands, options and names of functions.",
            "It contains the names of the currently installed functions: create it again when they change."
        },
        footerHeading = "%nFor example:%n",
        footer = {
            "  kapacitor-udf completion bash >/etc/bash_completion.d/kapacitor-udf",
            "  source <(kapacitor-udf completion zsh)"
        })
final class CompletionCommand implements Callable<Integer> {
    private final Terminal terminal;

    @Parameters(paramLabel = "bash|zsh", description = "The shell.")
    private Shell shell;

    @Spec
    private CommandSpec spec;

    CompletionCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() {
        // One script for both, because zsh can emulate bash's completion.
        terminal.out().print(AutoComplete.bash("kapacitor-udf", spec.root().commandLine()));
        terminal.out().flush();
        return ExitStatus.OK.code();
    }

    private enum Shell {
        bash,
        zsh
    }
}
