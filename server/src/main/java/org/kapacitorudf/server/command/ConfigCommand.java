package org.kapacitorudf.server.command;

import java.io.PrintStream;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.kapacitorudf.server.install.Installation;
import org.kapacitorudf.server.install.KapacitorConf;
import org.kapacitorudf.server.install.SocketPaths;
import org.kapacitorudf.server.install.TelegrafConf;
import org.kapacitorudf.server.plugin.Functions;
import org.kapacitorudf.server.terminal.ExitStatus;
import org.kapacitorudf.server.terminal.Terminal;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code config}: prints configuration for {@code kapacitor.conf}. */
@Command(
        name = "config",
        sortOptions = false,
        description = {
            "Prints the configuration of the functions for kapacitor.conf; paste it at the end of the file.",
            "Kapacitor reads it at startup, and does not start if a function in it does not work.",
            "With --telegraf, prints the configuration for telegraf.conf, which runs them as processors."
        },
        footerHeading = "%nFor example:%n",
        footer = {
            "  kapacitor-udf config movingAvg             Kapacitor starts a process for each use",
            "  kapacitor-udf config --telegraf movingAvg  Telegraf starts a processor",
            "  kapacitor-udf config --socket --dir /srv   one server for all: kapacitor-udf serve --dir /srv"
        })
final class ConfigCommand implements Callable<Integer> {
    private final Terminal terminal;

    @Parameters(
            paramLabel = "NAME",
            arity = "0..*",
            completionCandidates = FunctionNames.class,
            description = "The functions. Default: all.")
    private List<String> names = List.of();

    @ArgGroup
    private Kind kind = new Kind();

    @Option(
            names = ServeCommand.DIR,
            paramLabel = "DIR",
            description = "The directory of serve's sockets. Default: " + SocketPaths.DEFAULT_DIR + ".")
    private Path dir = Path.of(SocketPaths.DEFAULT_DIR);

    ConfigCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() {
        PrintStream out = terminal.out();
        Functions functions = Functions.installed();
        List<String> wanted = names.isEmpty() ? functions.names() : names;
        wanted.forEach(functions::require);
        for (String name : wanted) {
            out.print(
                    kind.telegraf
                            ? TelegrafConf.processor(
                                    functions.require(name), Installation.launcher(), Installation.environment())
                            : kind.socket
                                    ? KapacitorConf.socket(name, SocketPaths.in(dir, name))
                                    : KapacitorConf.process(name, Installation.launcher(), Installation.environment()));
        }
        if (kind.telegraf) {
            out.print(TelegrafConf.note());
        }
        out.flush();
        return ExitStatus.OK.code();
    }

    private static final class Kind {
        @Option(names = "--process", description = "Kapacitor starts the functions as child processes. The default.")
        private boolean process;

        @Option(names = "--socket", description = "serve provides the functions on sockets.")
        private boolean socket;

        @Option(names = "--telegraf", description = "Telegraf starts the functions as processors.")
        private boolean telegraf;
    }
}
