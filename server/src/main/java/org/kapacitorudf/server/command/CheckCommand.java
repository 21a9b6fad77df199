package org.kapacitorudf.server.command;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.kapacitorudf.server.options.OptionParsing;
import org.kapacitorudf.server.options.Quantities;
import org.kapacitorudf.server.terminal.CommandException;
import org.kapacitorudf.server.terminal.ExitStatus;
import org.kapacitorudf.server.terminal.Terminal;
import org.kapacitorudf.tools.conformance.AgentUnderTest;
import org.kapacitorudf.tools.conformance.Case;
import org.kapacitorudf.tools.conformance.Catalogue;
import org.kapacitorudf.tools.conformance.CheckPlan;
import org.kapacitorudf.tools.conformance.Conformance;
import org.kapacitorudf.tools.conformance.ConformanceReport;
import org.kapacitorudf.tools.conformance.Severity;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code check}: tests any agent from Kapacitor's side of the protocol. */
@Command(
        name = "check",
        sortOptions = false,
        description = {
            "Tests an agent in any language from Kapacitor's side of the protocol: one that listens on a socket, or a command that is started "
                    + "for each connection.",
            "A case is MUST (a failure kills, hangs or stops Kapacitor or a task), SHOULD (data or state is lost, or users are misled) or MAY "
                    + "(fragile, but Kapacitor does not do this). --list shows all cases; docs/conformance.md explains them.",
            "Exits with status 0 if no case fails, otherwise with 10; see --fail-on."
        },
        footerHeading = "%nFor example:%n",
        footer = {
            "  kapacitor-udf check --socket /tmp/mirror.sock",
            "  kapacitor-udf check --option field=value --option size=10 -- ./movingAvg -x",
            "  kapacitor-udf check -- ./mirror -socket {socket}",
            "  kapacitor-udf check --case split-body --case error-text -- kapacitor-udf run mirror",
            "Default input, unless --input is given: points with the tags host and region, grouped by host; the doubles value and",
            "usage_user, the int count, the string state, the bool ok."
        })
final class CheckCommand implements Callable<Integer> {
    private final Terminal terminal;
    private CommandSpec spec;
    private CheckPlan plan = CheckPlan.standard();

    @Option(names = "--socket", paramLabel = "PATH", description = "The socket of a listening agent.")
    private Path socket;

    @Parameters(
            paramLabel = "COMMAND",
            arity = "0..*",
            description =
                    "After --: an agent that uses STDIN and STDOUT, with its arguments; or, with {socket} in place of the path, a server, "
                            + "which is started again after it has ended.")
    private List<String> command = List.of();

    @Option(
            names = "--option",
            paramLabel = "NAME=VALUE",
            description = "An option of the function; separate several arguments by commas. Can be repeated.")
    private List<String> options = List.of();

    @Option(
            names = "--input",
            paramLabel = "FILE",
            description = "Points to send, in line protocol; they are grouped by all their tags.")
    private Path input;

    @Option(names = "--case", paramLabel = "NAME", description = "Runs only this case. Can be repeated.")
    private List<String> cases = List.of();

    @Option(names = "--list", description = "Lists the cases.")
    private boolean list;

    @Option(names = "--json", description = "Prints the results as JSON.")
    private boolean json;

    @Option(names = "--junit-xml", paramLabel = "FILE", description = "Writes the results in JUnit's format, for CI.")
    private Path junitXml;

    @Option(
            names = "--fail-on",
            paramLabel = "must|should|may",
            defaultValue = "should",
            description = "The lowest level whose failures cause status 10. Default: ${DEFAULT-VALUE}.")
    private Severity failOn;

    CheckCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Spec
    private void spec(CommandSpec spec) {
        this.spec = spec;
    }

    @Option(
            names = "--timeout",
            paramLabel = "DURATION",
            description = "The assumed keepalive timeout of Kapacitor: how long the agent may be silent. Default: 10s.")
    private void timeout(String value) {
        plan = OptionParsing.value(spec, "--timeout", () -> plan.withTimeout(Quantities.parseDuration(value)));
    }

    @Option(
            names = "--stall-limit",
            paramLabel = "DURATION",
            description = "How long the agent may keep a connection to a Kapacitor that no longer reads. Default: 45s.")
    private void stallLimit(String value) {
        plan = OptionParsing.value(spec, "--stall-limit", () -> plan.withStallLimit(Quantities.parseDuration(value)));
    }

    @Override
    public Integer call() {
        PrintStream out = terminal.out();
        if (list) {
            Catalogue.cases()
                    .forEach(each -> out.printf("%-6s  %-24s  %s%n", each.severity(), each.name(), each.what()));
            out.flush();
            return ExitStatus.OK.code();
        }
        List<Case> chosen = cases.isEmpty()
                ? Catalogue.cases()
                : OptionParsing.value(
                        spec,
                        "--case",
                        () -> cases.stream().map(Catalogue::named).toList());
        plan = OptionParsing.value(spec, "--option", () -> plan.withOptions(options));
        if (input != null) {
            plan = OptionParsing.value(spec, "--input", () -> plan.withInput(read(input)));
        }
        ConformanceReport report;
        try (AgentUnderTest agent = candidate()) {
            report = new Conformance(agent, plan).run(chosen, result -> {
                if (!json) {
                    out.print(ConformanceReport.line(result));
                    out.flush();
                }
            });
        } catch (IOException e) {
            throw new CommandException(ExitStatus.FAILED, "a temporary file of the check cannot be removed: " + e);
        }
        out.print(json ? report.json() : "\n" + report.summary());
        out.flush();
        if (junitXml != null) {
            write(junitXml, report.junitXml());
        }
        return (report.failures(failOn) == 0 ? ExitStatus.OK : ExitStatus.FAILED).code();
    }

    private AgentUnderTest candidate() {
        if ((socket == null) == command.isEmpty()) {
            throw new ParameterException(
                    spec.commandLine(),
                    "agent: " + (socket == null ? "missing" : "two") + " (expected: --socket PATH, or -- COMMAND)");
        }
        return socket == null ? AgentUnderTest.command(command) : AgentUnderTest.socket(socket);
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new CommandException(ExitStatus.FAILED, file + ": cannot be read: " + e);
        }
    }

    private static void write(Path file, String text) {
        try {
            Files.writeString(file, text);
        } catch (IOException e) {
            throw new CommandException(ExitStatus.FAILED, file + ": cannot be written: " + e);
        }
    }
}
