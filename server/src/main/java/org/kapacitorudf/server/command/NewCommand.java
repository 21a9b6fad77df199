package org.kapacitorudf.server.command;

import java.io.PrintStream;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.kapacitorudf.EdgeType;
import org.kapacitorudf.server.install.Installation;
import org.kapacitorudf.server.plugin.Functions;
import org.kapacitorudf.server.project.NewProject;
import org.kapacitorudf.server.terminal.ExitStatus;
import org.kapacitorudf.server.terminal.Terminal;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code new DIR}: creates a project for a function. */
@Command(
        name = "new",
        sortOptions = false,
        customSynopsis = "kapacitor-udf new [OPTIONS] --name=NAME --stream|--batch DIR",
        description = {
            "Creates a Maven project with a working function, its test, and a TICKscript, as a starting point.",
            "The generated function has state and options. Replace it by your own."
        },
        footerHeading = "%nFor example:%n",
        footer = {
            "  kapacitor-udf new rate --name rate --stream",
            "  cd rate",
            "  mvn package",
            "  kapacitor-udf serve rate --plugins target --dir /tmp/udf"
        })
final class NewCommand implements Callable<Integer> {
    private final Terminal terminal;

    @Parameters(paramLabel = "DIR", description = "The directory of the project; must be empty or not exist.")
    private Path directory;

    @Option(
            names = "--name",
            required = true,
            paramLabel = "NAME",
            description = "The name of the function in TICKscripts: @NAME().")
    private String name;

    @ArgGroup(multiplicity = "1")
    private Kind kind;

    @Option(
            names = "--package",
            paramLabel = "PACKAGE",
            description = "The Java package of its class. Default: org.example.")
    private String packageName = "org.example";

    @Spec
    private CommandSpec spec;

    NewCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() {
        NewProject project;
        try {
            project = new NewProject(name, packageName, kind.batch ? EdgeType.BATCH : EdgeType.STREAM);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), e.getMessage());
        }
        List<String> installed = Functions.installed().names();
        if (installed.contains(name)) {
            throw new ParameterException(
                    spec.commandLine(),
                    "--name: " + name + " (expected: none of " + String.join(", ", installed) + ")");
        }
        project.writeTo(directory);
        PrintStream out = terminal.out();
        out.println("Made " + directory + ". Now:");
        out.println("  cd " + directory);
        out.println("  mvn package");
        out.println("  " + Installation.launcher() + " serve " + name + " --plugins target --dir /tmp/udf");
        out.println("See README.md there for more.");
        return ExitStatus.OK.code();
    }

    private static final class Kind {
        @Option(names = "--stream", description = "The function takes points, one at a time.")
        private boolean stream;

        @Option(names = "--batch", description = "The function takes batches: windows, or results of queries.")
        private boolean batch;
    }
}
