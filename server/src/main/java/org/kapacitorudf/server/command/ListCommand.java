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

/** {@code list}: lists the functions. */
@Command(
        name = "list",
        description = "Lists the installed functions: their names, input and output, and purpose.",
        footerHeading = "%nFor example:%n",
        footer = {
            "  kapacitor-udf list                             the bundled functions",
            "  kapacitor-udf list --plugins /opt/functions    also those of the jars in a directory"
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
