package org.kapacitorudf.server.command;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.kapacitorudf.embed.UdfServer;
import org.kapacitorudf.server.install.SocketPaths;
import org.kapacitorudf.server.logging.Logging;
import org.kapacitorudf.server.options.AgentOption;
import org.kapacitorudf.server.options.HostOptions;
import org.kapacitorudf.server.options.LogOptions;
import org.kapacitorudf.server.options.OptionParsing;
import org.kapacitorudf.server.plugin.PlugInPath;
import org.kapacitorudf.server.serve.Hosted;
import org.kapacitorudf.server.serve.SocketHost;
import org.kapacitorudf.server.terminal.CommandException;
import org.kapacitorudf.server.terminal.ExitStatus;
import org.kapacitorudf.server.terminal.Terminal;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;

/**
 * Applies changes of the {@code --config} file and of plug-ins to a running server. Open connections keep their
 * functions, class loaders, limits and policies.
 *
 * <p>Errors: an invalid file changes nothing; the problems are logged.
 *
 * <p>Threading: safe for use by any thread.
 */
public final class Reload {
    private static final Logger LOG = LoggerFactory.getLogger(Reload.class);

    /** The options that take effect without a restart. Those of {@link AgentOption} apply to new connections only. */
    private static final Set<String> CHANGEABLE = Stream.concat(
                    Stream.of(
                            LogOptions.LEVEL,
                            LogOptions.MAX_LINES,
                            LogOptions.MAX_LINE_BYTES,
                            HostOptions.TRACE,
                            PlugInPath.OPTION,
                            ServeCommand.SOCKET),
                    Stream.of(AgentOption.values())
                            .filter(agentOption -> agentOption != AgentOption.TOTAL_READ_AHEAD_BYTES)
                            .map(AgentOption::option))
            .collect(Collectors.toUnmodifiableSet());

    private static final String AT_NEXT_START = "{}: {} (now: {}) takes effect after a restart only";

    private final Terminal terminal;
    private final ServeArguments arguments;
    private final Path dir;

    @GuardedBy("this")
    private ParseResult running;

    @GuardedBy("this")
    private @Nullable Hosted hosted; // null before the first call

    /**
     * @param dir the directory of the server's sockets; null for the default
     * @param running the options that the server was started with
     */
    Reload(Terminal terminal, ServeArguments arguments, Path dir, ParseResult running) {
        this.terminal = terminal;
        this.arguments = arguments;
        this.dir = dir;
        this.running = running;
    }

    /**
     * Reads the file again, and applies the changes.
     *
     * @param started the functions and options that the server was started with
     */
    public synchronized void run(UdfServer server, Hosted started) {
        Hosted before = hosted == null ? started : hosted;
        CommandLine commandLine = KapacitorUdf.commandLine(terminal);
        try {
            String[] next = arguments.withFile();
            ParseResult parsed = obey(commandLine, next);
            takeUp(server, before, ServeCommand.in(commandLine).hosted(dir));
            tell(values(running), values(parsed));
            running = parsed;
        } catch (CommandException | ParameterException e) {
            obey(KapacitorUdf.commandLine(terminal), running.originalArgs().toArray(String[]::new));
            LOG.error("{}: not applied, nothing has changed: {}", arguments.file(), OptionParsing.text(e));
        } catch (RuntimeException | Error e) {
            LOG.error("{}: not applied", arguments.file(), e);
        }
    }

    /**
     * Parses a command line. This also applies the options for the log and for plug-ins, which take effect when they
     * are read.
     */
    private ParseResult obey(CommandLine commandLine, String[] line) {
        LogOptions.reset(terminal);
        PlugInPath.use(List.of());
        return commandLine.parseArgs(line);
    }

    @GuardedBy("this")
    private void takeUp(UdfServer server, Hosted before, Hosted asked) {
        Hosted after = asked.keepingSocketsOf(before);
        TreeMap<String, Path> served = new TreeMap<>(before.sockets());
        served.putAll(after.sockets());
        try {
            SocketPaths.check(served);
        } catch (IllegalArgumentException e) {
            throw new CommandException(
                    ExitStatus.USAGE, e.getMessage() + "; until a restart, each function keeps its path");
        }
        after.sockets().forEach((name, socket) -> {
            if (!socket.equals(asked.sockets().get(name))) {
                LOG.warn(AT_NEXT_START, "socket of " + name, asked.sockets().get(name), socket);
            }
        });
        Logging.traceOnly(after.options().traced());
        server.config(after.options().hostConfig());
        Set<String> added = new TreeSet<>(after.sockets().keySet());
        added.removeAll(before.sockets().keySet());
        after.forEach((udf, socket) -> {
            String name = udf.describe().name();
            try {
                if (added.contains(name)) {
                    SocketHost.makeDirectory(SocketPaths.directory(socket));
                }
                server.serve(udf, socket);
            } catch (IOException | CommandException e) {
                LOG.error("{}: not served: {}", name, e.getMessage());
                if (added.remove(name)) {
                    served.remove(name); // The next reload tries again.
                }
            }
        });
        added.forEach(
                name -> LOG.info("{}: listening on {}", name, after.sockets().get(name)));
        Set<String> gone = new TreeSet<>(before.sockets().keySet());
        gone.removeAll(after.sockets().keySet());
        gone.forEach(name -> LOG.warn("{}: no longer configured; it is served until the next restart", name));
        hosted = new Hosted(after.functions(), served, after.options());
    }

    private void tell(Map<String, String> before, Map<String, String> after) {
        Set<String> options = new TreeSet<>(before.keySet());
        options.addAll(after.keySet());
        List<String> changed = new ArrayList<>();
        for (String option : options) {
            String old = before.getOrDefault(option, "");
            String now = after.getOrDefault(option, "");
            if (old.equals(now)) {
                continue;
            }
            String key = option.substring(2);
            if (CHANGEABLE.contains(option)) {
                changed.add(key);
            } else {
                LOG.warn(AT_NEXT_START, key, orDefault(now), orDefault(old));
            }
        }
        LOG.info(
                "{}: applied; changed for new connections: {}",
                arguments.file(),
                changed.isEmpty() ? "only the functions of plug-ins" : String.join(", ", changed));
    }

    private static String orDefault(String value) {
        return value.isEmpty() ? "the default" : value;
    }

    /** Returns the values from the command line or the file, by option name. */
    private static Map<String, String> values(ParseResult parsed) {
        Map<String, String> values = new TreeMap<>();
        for (ParseResult each = parsed; each != null; each = each.subcommand()) {
            for (OptionSpec option : each.matchedOptions()) {
                values.put(option.longestName(), String.join(", ", option.originalStringValues()));
            }
        }
        return values;
    }
}
