package org.kapacitorudf.server.command;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.kapacitorudf.server.terminal.CommandException;
import org.kapacitorudf.server.terminal.ExitStatus;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParseResult;

/**
 * A command line with {@code serve --config FILE}, extended by the options in the file. If an option is on the command
 * line, its values in the file are ignored.
 *
 * <pre>
 *   serve --config FILE --metrics 9274   ->   serve --max-connections=100 --config FILE --metrics 9274
 * </pre>
 *
 * <p>Threading: immutable.
 */
final class ServeArguments {
    private final CommandSpec spec;
    private final Path file;
    private final String[] typed;

    /**
     * @param commandLine all commands
     * @param typed the arguments, including {@code serve}
     */
    ServeArguments(CommandLine commandLine, Path file, String[] typed) {
        this.spec = serve(commandLine).getCommandSpec();
        this.file = file;
        this.typed = typed;
    }

    /** Returns the command {@code serve} of a command line that has all commands. */
    static CommandLine serve(CommandLine commandLine) {
        CommandLine serve = commandLine.getSubcommands().get("serve");
        if (serve == null) {
            throw new IllegalArgumentException("command line: without serve (expected: all commands)");
        }
        return serve;
    }

    /**
     * Returns the arguments if they name a file; otherwise empty. Also passes the arguments to the command
     * {@code serve}, so that the command can read the file again.
     */
    static Optional<ServeArguments> of(CommandLine commandLine, String[] typed) {
        int serve = List.of(typed).indexOf("serve");
        for (int i = Math.max(serve, 0); serve >= 0 && i < typed.length; i++) {
            String argument = typed[i];
            boolean isNext = argument.equals(ServeCommand.CONFIG) && i + 1 < typed.length;
            if (isNext || argument.startsWith(ServeCommand.CONFIG + "=")) {
                String path = isNext ? typed[i + 1] : argument.substring(ServeCommand.CONFIG.length() + 1);
                ServeArguments arguments = new ServeArguments(commandLine, Path.of(path), typed);
                ServeCommand.in(commandLine).configuredBy(arguments);
                return Optional.of(arguments);
            }
        }
        return Optional.empty();
    }

    /** The file. */
    Path file() {
        return file;
    }

    /**
     * Returns the arguments, with the options in the file inserted. Reads the file each time.
     *
     * @throws CommandException if the file is invalid; the message contains all problems
     */
    String[] withFile() {
        ServeConfig config = ServeConfig.read(file, spec);
        if (!config.problems().isEmpty()) {
            throw new CommandException(ExitStatus.USAGE, String.join("\n", config.problems()));
        }
        List<String> arguments = new ArrayList<>(List.of(typed));
        arguments.addAll(arguments.indexOf("serve") + 1, config.arguments(typedOptions()));
        return arguments.toArray(String[]::new);
    }

    /** Parses the arguments and the file. Options that take effect when they are read are also applied. */
    ParseResult parse(CommandLine commandLine) {
        return commandLine.parseArgs(withFile());
    }

    /**
     * Returns the names of the options on the command line. Contains {@link ServeConfig#NAMES} if the command line has
     * names of functions.
     */
    private Set<String> typedOptions() {
        Set<String> options = new TreeSet<>();
        boolean isCommandSeen = false;
        for (int i = 0; i < typed.length; i++) {
            int equals = typed[i].indexOf('=');
            OptionSpec option = spec.findOption(equals < 0 ? typed[i] : typed[i].substring(0, equals));
            if (option != null) {
                options.add(option.longestName());
                i += equals < 0 ? option.arity().min() : 0;
            } else if (isCommandSeen) {
                options.add(ServeConfig.NAMES);
            } else {
                isCommandSeen = true;
            }
        }
        return options;
    }
}
