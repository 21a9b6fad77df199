package org.kapacitorudf.server.command;

import java.util.concurrent.Callable;
import org.kapacitorudf.server.terminal.ExitStatus;
import org.kapacitorudf.server.terminal.Terminal;
import picocli.AutoComplete;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code completion}: what makes a shell complete commands, options and functions' names. */
@Command(
        name = "completion",
        description = {
            "Prints what makes a shell complete commands, options and the names of functions.",
            "The names are those of the functions that there are now: make it anew for others."
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
        // One script for both: it makes zsh understand bash's.
        terminal.out().print(AutoComplete.bash("kapacitor-udf", spec.root().commandLine()));
        terminal.out().flush();
        return ExitStatus.OK.code();
    }

    private enum Shell {
        bash,
        zsh
    }
}
