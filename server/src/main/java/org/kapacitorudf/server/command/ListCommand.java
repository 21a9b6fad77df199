package org.kapacitorudf.server.command;

import java.io.PrintStream;
import java.util.Collection;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.kapacitorudf.Description;
import org.kapacitorudf.Udf;
import org.kapacitorudf.server.plugin.Functions;
import org.kapacitorudf.server.terminal.ExitStatus;
import org.kapacitorudf.server.terminal.Terminal;
import picocli.CommandLine.Command;

/** {@code list}: which functions there are. */
@Command(
        name = "list",
        description = "Lists the functions that are installed: name, what they take and give, what they do.",
        footerHeading = "%nFor example:%n",
        footer = {
            "  kapacitor-udf list                             those that come with it",
            "  kapacitor-udf list --plugins /opt/functions    and those of the jars in a directory"
        })
public final class ListCommand implements Callable<Integer> {
    private final Terminal terminal;

    public ListCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() {
        Collection<Udf> functions = Functions.installed().all();
        PrintStream out = terminal.out();
        int width = functions.stream()
                .mapToInt(udf -> udf.describe().name().length())
                .max()
                .orElse(0);
        for (Udf udf : functions) {
            Description description = udf.describe();
            String edges = (description.wants() + " -> " + description.provides()).toLowerCase(Locale.ROOT);
            out.printf("%-" + width + "s  %-16s  %s%n", description.name(), edges, description.summary());
        }
        return ExitStatus.OK.code();
    }
}
