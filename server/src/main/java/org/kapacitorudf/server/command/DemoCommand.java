package org.kapacitorudf.server.command;

import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.kapacitorudf.server.demo.Demo;
import org.kapacitorudf.server.install.SocketPaths;
import org.kapacitorudf.server.terminal.ExitStatus;
import org.kapacitorudf.server.terminal.Terminal;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code demo}: runs a day of made-up temperatures through served functions. */
@Command(
        name = "demo",
        sortOptions = false,
        description = {
            "Demonstrates movingAvg and outliers: plays Kapacitor to a running server, with a day of made-up temperatures.",
            "It checks the results. Exits with status 0 if they are correct, otherwise with 10. Kapacitor is not needed; scripts/demo "
                    + "also starts the server."
        },
        footerHeading = "%nFor example:%n",
        footer = {"  kapacitor-udf serve --dir /tmp/udf &", "  kapacitor-udf demo --dir /tmp/udf"})
final class DemoCommand implements Callable<Integer> {
    private final Terminal terminal;

    @Option(
            names = ServeCommand.DIR,
            paramLabel = "DIR",
            description = "The directory of serve's sockets. Default: " + SocketPaths.DEFAULT_DIR + ".")
    private Path dir = Path.of(SocketPaths.DEFAULT_DIR);

    DemoCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() {
        List<String> problems =
                Demo.run(SocketPaths.in(dir, "movingAvg"), SocketPaths.in(dir, "outliers"), terminal.out());
        problems.forEach(problem -> terminal.say("kapacitor-udf: " + problem));
        return (problems.isEmpty() ? ExitStatus.OK : ExitStatus.FAILED).code();
    }
}
