package org.kapacitorudf.streams.program;

import org.kapacitorudf.server.logging.Logging;
import org.kapacitorudf.server.terminal.CommandException;
import org.kapacitorudf.server.terminal.LineLimit;
import org.kapacitorudf.server.terminal.ProcessText;
import org.kapacitorudf.server.terminal.SystemExitDetector;
import org.kapacitorudf.server.terminal.Terminal;

/** The program {@code kapacitor-udf-streams}. */
public final class Main {
    private Main() {}

    public static void main(String[] args) {
        Terminal terminal = Terminal.takeOver();
        terminal.program(StreamsCommand.PROGRAM);
        int status = terminal.exitStatus(begin(terminal, args));
        SystemExitDetector.release();
        System.exit(status);
    }

    private static int begin(Terminal terminal, String[] args) {
        try {
            Logging.install(terminal.coloursErr());
            Logging.maxLineBytes(LineLimit.keptBytes(LineLimit.DEFAULT_BYTES));
            // Kafka logs its whole configuration, several times.
            Logging.quiet("org.apache.kafka.");
            SystemExitDetector.install();
            return StreamsCommand.execute(terminal, ProcessText.arguments(args));
        } catch (Throwable e) {
            return CommandException.failed(terminal, e);
        }
    }
}
