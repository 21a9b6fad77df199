package org.kapacitorudf.server.command;

import java.util.List;
import java.util.concurrent.Callable;
import org.kapacitorudf.Udf;
import org.kapacitorudf.server.install.Installation;
import org.kapacitorudf.server.install.KapacitorConf;
import org.kapacitorudf.server.options.HostOptionSpecs;
import org.kapacitorudf.server.options.HostOptions;
import org.kapacitorudf.server.plugin.Functions;
import org.kapacitorudf.server.serve.ProcessHost;
import org.kapacitorudf.server.terminal.ExitStatus;
import org.kapacitorudf.server.terminal.Terminal;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code run NAME}: runs a function as a child process of Kapacitor. */
@Command(
        name = "run",
        sortOptions = false,
        description = {
            "Runs one function on STDIN and STDOUT, as a child process of Kapacitor.",
            "Kapacitor starts it once for each use of the function in an enabled task: see config."
        },
        exitCodeListHeading = "%nExit status:%n",
        footerHeading = "%nFor example, in kapacitor.conf:%n",
        footer = {
            "  [udf.functions.movingAvg]",
            "      prog = \"/opt/kapacitor-udf/bin/kapacitor-udf\"",
            "      args = [\"run\", \"movingAvg\", \"--on-error\", \"skip\"]",
            "      timeout = \"10s\""
        })
public final class RunCommand implements Callable<Integer> {
    private final Terminal terminal;

    @Parameters(paramLabel = "NAME", completionCandidates = FunctionNames.class, description = "The function.")
    private String name;

    private CommandSpec spec;

    RunCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Spec
    private void spec(CommandSpec spec) {
        this.spec = spec;
        HostOptionSpecs.addTo(spec);
        ExitStatuses.addTo(spec);
    }

    @Override
    public Integer call() {
        HostOptions options = HostOptionSpecs.read(spec);
        HostOptionSpecs.checkNames(spec, options, List.of(name));
        return run(terminal, new RunArguments(name, options)).code();
    }

    /**
     * Runs the function, and exits the process when the session with Kapacitor has ended. If STDIN is a terminal,
     * prints an explanation and returns instead.
     */
    public static ExitStatus run(Terminal terminal, RunArguments arguments) {
        Udf udf = Functions.find(arguments.name());
        if (terminal.isInputTerminal()) {
            explain(terminal, arguments.name());
            return ExitStatus.USAGE;
        }
        terminal.host();
        ProcessHost.run(terminal, arguments.name(), udf, arguments.options());
        throw new AssertionError("the process should have exited");
    }

    private static void explain(Terminal terminal, String name) {
        terminal.err()
                .print("kapacitor-udf run " + name
                        + " talks to Kapacitor on STDIN and STDOUT, in a binary protocol. Kapacitor starts it.\n"
                        + "To use it, add this to kapacitor.conf and restart Kapacitor:\n\n"
                        + KapacitorConf.process(name, Installation.launcher(), Installation.environment())
                                .indent(4)
                        + "\nkapacitor-udf describe " + name + " shows how a TICKscript uses it.\n"
                        + "To serve it on a socket instead: kapacitor-udf serve " + name + "\n");
    }
}
