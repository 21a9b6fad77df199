package org.kapacitorudf.server;

import java.util.Optional;
import org.kapacitorudf.server.command.KapacitorUdf;
import org.kapacitorudf.server.command.RunArguments;
import org.kapacitorudf.server.command.RunCommand;
import org.kapacitorudf.server.logging.Logging;
import org.kapacitorudf.server.terminal.CommandException;
import org.kapacitorudf.server.terminal.LineLimit;
import org.kapacitorudf.server.terminal.ProcessText;
import org.kapacitorudf.server.terminal.SystemExitDetector;
import org.kapacitorudf.server.terminal.Terminal;

/**
 * The program {@code kapacitor-udf}.
 *
 * <p>Kapacitor starts {@code run NAME} for each use of a function, and waits for the first response. Therefore
 * {@link RunArguments} parses this command line without the command line library. {@link KapacitorUdf} handles all
 * other command lines.
 */
public final class Main {
    private Main() {}

    public static void main(String[] args) {
        Terminal terminal = Terminal.takeOver();
        int status = terminal.exitStatus(begin(terminal, args));
        SystemExitDetector.release();
        System.exit(status);
    }

    private static int begin(Terminal terminal, String[] args) {
        try {
            Logging.install(terminal.coloursErr());
            Logging.maxLineBytes(LineLimit.keptBytes(LineLimit.DEFAULT_BYTES));
            SystemExitDetector.install();
        } catch (LinkageError e) {
            return CommandException.failed(terminal, e);
        }
        return execute(terminal, args);
    }

    public static int execute(Terminal terminal, String[] args) {
        try {
            String[] arguments = ProcessText.arguments(args);
            Optional<RunArguments> simple = RunArguments.of(terminal, arguments);
            return simple.isPresent()
                    ? RunCommand.run(terminal, simple.get()).code()
                    : KapacitorUdf.execute(terminal, arguments);
        } catch (Throwable e) {
            return CommandException.failed(terminal, e);
        }
    }
}
