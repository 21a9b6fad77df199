package org.kapacitorudf.server.command;

import org.kapacitorudf.server.terminal.Terminal;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code snapshot}: inspects saved state. */
@Command(
        name = "snapshot",
        synopsisSubcommandLabel = "COMMAND",
        description = "Inspects the snapshots of functions.",
        commandListHeading = "%nCommands:%n",
        footerHeading = "%nFor example:%n",
        footer = "  kapacitor-udf snapshot show /var/lib/kapacitor/kapacitor.db")
final class SnapshotCommand implements Runnable {
    @Spec
    private CommandSpec spec;

    private SnapshotCommand() {}

    static CommandLine on(Terminal terminal) {
        CommandLine commandLine =
                new CommandLine(new SnapshotCommand()).addSubcommand(new SnapshotShowCommand(terminal));
        for (CommandLine command : commandLine.getSubcommands().values()) {
            command.getCommandSpec().usageMessage().abbreviateSynopsis(true);
        }
        return commandLine;
    }

    @Override
    public void run() {
        throw new ParameterException(
                spec.commandLine(),
                "command: missing (expected: one of "
                        + String.join(", ", spec.subcommands().keySet()) + ")");
    }
}
