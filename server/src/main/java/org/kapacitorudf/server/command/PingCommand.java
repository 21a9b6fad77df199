package org.kapacitorudf.server.command;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.kapacitorudf.client.Ping;
import org.kapacitorudf.internal.codec.MessageText;
import org.kapacitorudf.proto.EdgeType;
import org.kapacitorudf.server.terminal.CommandException;
import org.kapacitorudf.server.terminal.ExitStatus;
import org.kapacitorudf.server.terminal.Terminal;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code ping PATH}: queries the agent at a socket. */
@Command(
        name = "ping",
        sortOptions = false,
        description = {
            "Shows which agent listens on a socket: sends an Info request, as Kapacitor does at startup, and a keepalive request.",
            "Exits with status 0 if it answers, otherwise with 10, so it can be used as the health check of a container."
        },
        footerHeading = "%nFor example:%n",
        footer = {
            "  kapacitor-udf ping /run/kapacitor-udf/movingAvg.sock",
            "  kapacitor-udf ping /run/kapacitor-udf/movingAvg.sock --quiet --timeout 1s"
        })
final class PingCommand implements Callable<Integer> {
    private static final double NANOS_PER_MILLI = 1e6;

    private final Terminal terminal;

    @Parameters(paramLabel = "PATH", description = "The socket.")
    private Path socket;

    @Option(
            names = {"-q", "--quiet"},
            description = "Prints nothing if the agent answers.")
    private boolean quiet;

    @Option(
            names = "--timeout",
            defaultValue = "5s",
            paramLabel = "DURATION",
            description = "The total time limit. Default: ${DEFAULT-VALUE}.")
    private Duration timeout;

    PingCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() {
        Ping ping;
        try {
            ping = Ping.of(socket, timeout);
        } catch (IOException e) {
            throw new CommandException(ExitStatus.FAILED, e.getMessage());
        }
        if (!quiet) {
            show(ping, terminal.out());
        }
        return ExitStatus.OK.code();
    }

    private void show(Ping ping, PrintStream out) {
        out.println(socket + ": an agent" + (ping.owner().isEmpty() ? "" : ", run by " + ping.owner()));
        out.println("  takes " + edge(ping.info().getWants()) + ", gives "
                + edge(ping.info().getProvides()));
        MessageText.options(ping.info())
                .forEach((name, types) -> out.println("  ." + name + "(" + String.join(", ", types) + ")"));
        out.printf(
                Locale.ROOT,
                "  connected in %.1f ms, Info in %.1f ms, Keepalive in %.1f ms%n",
                ping.connectNanos() / NANOS_PER_MILLI,
                ping.infoNanos() / NANOS_PER_MILLI,
                ping.keepaliveNanos() / NANOS_PER_MILLI);
        out.flush();
    }

    private static String edge(EdgeType edge) {
        return switch (edge) {
            case STREAM -> "a stream of points";
            case BATCH -> "batches";
            case UNRECOGNIZED -> "what Kapacitor does not know";
        };
    }
}
