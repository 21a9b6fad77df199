package org.kapacitorudf.server.command;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import org.kapacitorudf.server.install.SocketPaths;
import org.kapacitorudf.server.options.TaskOptions;
import org.kapacitorudf.server.plugin.Functions;
import org.kapacitorudf.server.tasks.ReloadDecision;
import org.kapacitorudf.server.tasks.TaskPlan;
import org.kapacitorudf.server.terminal.CommandException;
import org.kapacitorudf.server.terminal.ExitStatus;
import org.kapacitorudf.server.terminal.ProcessText;
import org.kapacitorudf.server.terminal.Terminal;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code tasks}: shows what {@code serve --kapacitor} would do for each task, and why. */
@Command(
        name = "tasks",
        sortOptions = false,
        description = {
            "Shows what serve --kapacitor would do for each Kapacitor task if it started now, and why; if it is running, what it would do for tasks "
                    + "that are not connected. Changes nothing.",
            "Without NAME, the functions are those of the server that uses or last used the task file; without such a file, the installed ones."
        },
        footerHeading = "%nFor example:%n",
        footer = {"  kapacitor-udf tasks --kapacitor http://127.0.0.1:9092"})
final class TasksCommand implements Callable<Integer> {
    private final Terminal terminal;
    private CommandSpec spec;

    @Parameters(
            paramLabel = "NAME",
            arity = "0..*",
            description = "The served functions. Default: as in the task file.")
    private List<String> names = List.of();

    @Option(
            names = ServeCommand.DIR,
            paramLabel = "DIR",
            description = "The directory of the sockets. Default: " + SocketPaths.DEFAULT_DIR + ".")
    private Path dir;

    @ArgGroup(exclusive = false, multiplicity = "1", heading = TaskOptions.HEADING)
    private TaskOptions options;

    TasksCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Spec
    private void spec(CommandSpec spec) {
        this.spec = spec;
    }

    @Override
    public Integer call() throws InterruptedException {
        Functions functions = Functions.installed();
        names.forEach(functions::require);
        TaskOptions.Chosen chosen = options.read(
                spec,
                ProcessText.environment(),
                new TreeSet<>(names),
                dir == null ? Path.of(SocketPaths.DEFAULT_DIR) : dir);
        Set<String> recorded = names.isEmpty() ? TaskPlan.functions(chosen.file()) : Set.of();
        Set<String> served = names.isEmpty() && recorded.isEmpty()
                ? new TreeSet<>(functions.names())
                : recorded.isEmpty() ? new TreeSet<>(names) : recorded;
        TaskPlan plan;
        try {
            plan = TaskPlan.make(chosen.access(), chosen.file(), chosen.rules().serving(served));
        } catch (IOException e) {
            throw new CommandException(ExitStatus.UNREACHABLE, e.getMessage());
        }
        print(plan, chosen, served, recorded.isEmpty());
        return ExitStatus.OK.code();
    }

    /**
     * @param assumed true if the functions were named by the user or are all installed ones; false if they are those of
     *     a server
     */
    private void print(TaskPlan plan, TaskOptions.Chosen chosen, Set<String> functions, boolean assumed) {
        PrintStream out = terminal.out();
        List<TaskPlan.Line> lines = plan.lines();
        int task = width(lines.stream().map(TaskPlan.Line::task).toList(), "TASK");
        int nodes = width(lines.stream().map(TaskPlan.Line::nodes).toList(), "NODES");
        int status = width(lines.stream().map(TaskPlan.Line::status).toList(), "STATUS");
        String format = "%-" + task + "s  %-" + nodes + "s  %-" + status + "s  %-6s  %s%n";
        out.println((plan.serverRuns() ? "a running server uses " : "no running server uses ") + chosen.file());
        out.println("functions: " + String.join(", ", functions)
                + (!assumed
                        ? plan.serverRuns() ? " (of that server)" : " (of the last server)"
                        : names.isEmpty() ? " (installed)" : " (as given)"));
        out.printf(format, "TASK", "NODES", "STATUS", "ACTION", "WHY");
        for (TaskPlan.Line line : lines) {
            out.printf(
                    format,
                    line.task(),
                    line.nodes(),
                    line.status(),
                    line.decision().action().name().toLowerCase(Locale.ROOT),
                    why(line.decision().reason()));
        }
        out.flush();
    }

    private String why(String reason) {
        return dir == null && reason.equals(ReloadDecision.UNKNOWN_FUNCTIONS)
                ? reason + ", or one of a server with another --dir"
                : reason;
    }

    private static int width(List<String> cells, String head) {
        return Math.max(
                head.length(), cells.stream().mapToInt(String::length).max().orElse(0));
    }
}
