package org.kapacitorudf.server.command;

import java.util.Optional;
import org.kapacitorudf.server.options.HostOptions;
import org.kapacitorudf.server.options.LogOptions;
import org.kapacitorudf.server.plugin.PlugInPath;
import org.kapacitorudf.server.terminal.Terminal;

/**
 * {@code run NAME} and its options, parsed without the command line library, because Kapacitor is waiting for the
 * answer to {@code Info}.
 *
 * <pre>
 *   run NAME [--option VALUE | --option=VALUE]...
 * </pre>
 *
 * @param name the function
 * @param options how the function is hosted
 */
public record RunArguments(String name, HostOptions options) {
    /**
     * Returns the arguments if they are valid and simple; otherwise empty, and the command line library must parse
     * them. Options for the log and for plug-ins take effect when they are read, even if the result is empty.
     */
    public static Optional<RunArguments> of(Terminal terminal, String[] args) {
        if (args.length < 2 || !args[0].equals("run") || args[1].startsWith("-")) {
            return Optional.empty();
        }
        HostOptions options = HostOptions.defaults();
        int next = 2;
        while (next < args.length) {
            String option = args[next++];
            int equals = option.indexOf('=');
            String value;
            if (equals >= 0) {
                value = option.substring(equals + 1);
                option = option.substring(0, equals);
            } else if (next < args.length) {
                value = args[next++];
            } else {
                return Optional.empty();
            }
            try {
                if (option.equals(PlugInPath.OPTION)) {
                    PlugInPath.add(value);
                } else if (!LogOptions.apply(terminal, option, value)) {
                    Optional<HostOptions> changed = options.with(option, value);
                    if (changed.isEmpty()) {
                        return Optional.empty();
                    }
                    options = changed.get();
                }
            } catch (IllegalArgumentException e) {
                return Optional.empty();
            }
        }
        boolean named = options.onErrorOf().keySet().stream().allMatch(args[1]::equals)
                && options.traced().stream().allMatch(args[1]::equals);
        return named ? Optional.of(new RunArguments(args[1], options)) : Optional.empty();
    }
}
