package org.kapacitorudf.server.command;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.kapacitorudf.server.options.HostOptionSpecs;
import org.kapacitorudf.server.options.LogOptions;
import org.kapacitorudf.server.options.OptionParsing;
import org.kapacitorudf.server.options.Quantities;
import org.kapacitorudf.server.plugin.PlugInPath;
import org.kapacitorudf.server.plugin.Suggestion;
import org.kapacitorudf.server.terminal.CommandException;
import org.kapacitorudf.server.terminal.Terminal;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;
import tools.jackson.databind.JsonNode;

/** Checks {@code [udf.functions]} of a kapacitor.conf against the installed and served functions. */
final class KapacitorConfCheck {
    /** Timeouts below this value are reported, because a JVM may take this long to start on a busy machine. */
    private static final Duration SHORT = Duration.ofSeconds(3);

    private final TomlFile file;
    private final Findings findings;
    private final Optional<SystemUser> kapacitor;
    private final Collection<String> installed;
    private final SortedMap<String, Path> sockets = new TreeMap<>();

    /**
     * The functions that a kapacitor.conf configures.
     *
     * @param functions the names of these functions
     * @param sockets the sockets that Kapacitor connects to, by function name
     */
    record Used(SortedSet<String> functions, SortedMap<String, Path> sockets) {
        static final Used NOTHING = new Used(new TreeSet<>(), new TreeMap<>());
    }

    private KapacitorConfCheck(
            TomlFile file, Findings findings, Optional<SystemUser> kapacitor, Collection<String> installed) {
        this.file = file;
        this.findings = findings;
        this.kapacitor = kapacitor;
        this.installed = installed;
    }

    /**
     * Checks all functions.
     *
     * @param kapacitor the user that Kapacitor runs as, if known
     * @param installed the names of the functions of this installation
     * @param served the sockets of the served functions, by name
     */
    static Used check(
            Path path,
            Findings findings,
            Optional<SystemUser> kapacitor,
            Collection<String> installed,
            Map<String, Path> served) {
        TomlFile file;
        try {
            file = TomlFile.read(path);
        } catch (CommandException e) {
            findings.bad("kapacitor.conf", e.getMessage(), "correct the file; Kapacitor reads it at startup");
            return Used.NOTHING;
        }
        KapacitorConfCheck check = new KapacitorConfCheck(file, findings, kapacitor, installed);
        JsonNode functions = file.tree().path("udf").path("functions");
        if (functions.size() == 0) {
            findings.bad(
                    "kapacitor.conf",
                    path + ": no [udf.functions]",
                    "kapacitor-udf config --socket >>" + path + ", then restart Kapacitor");
        }
        SortedSet<String> names = new TreeSet<>();
        for (Map.Entry<String, JsonNode> function : TomlFile.entries(functions)) {
            names.add(function.getKey());
            check.function(function.getKey(), function.getValue(), served);
        }
        return new Used(names, check.sockets);
    }

    private void function(String name, JsonNode table, Map<String, Path> served) {
        int before = findings.all().size();
        String prog = table.path("prog").asString("");
        String socket = table.path("socket").asString("");
        if (prog.isEmpty() == socket.isEmpty()) {
            bad(
                    name,
                    name,
                    "prog or socket: " + (prog.isEmpty() ? "neither" : "both") + " (expected: one of them)",
                    "kapacitor-udf config " + name + ", or config --socket " + name);
        }
        Duration timeout = timeout(name, table.path("timeout").asString(""));
        for (Map.Entry<String, JsonNode> entry : TomlFile.entries(table)) {
            if (!List.of("prog", "args", "socket", "timeout", "env").contains(entry.getKey())) {
                findings.warn(
                        subject(name, entry.getKey()),
                        entry.getKey() + ": unknown key",
                        "expected: prog, args, env, socket, timeout");
            }
        }
        if (!prog.isEmpty()) {
            process(name, Path.of(prog), table);
        }
        if (!socket.isEmpty()) {
            sockets.put(name, Path.of(socket));
            Path ours = served.get(name);
            if (ours != null && !ours.equals(Path.of(socket))) {
                bad(
                        name,
                        "socket",
                        socket + " (expected: " + ours + ", the socket of serve)",
                        "kapacitor-udf config --socket " + name);
            } else if (ours == null && installed.contains(name)) {
                bad(name, "socket", name + " is not served", "add it to names in the file of serve --config");
            }
        }
        boolean isBad = findings.all().stream().skip(before).anyMatch(finding -> finding.level() == Findings.Level.BAD);
        if (!prog.isEmpty() && !isBad) {
            start(name, prog, table, timeout);
        }
        if (findings.all().size() == before) {
            findings.ok(subject(name, name), socket);
        }
    }

    private void start(String name, String prog, JsonNode table, Duration timeout) {
        List<String> command = new ArrayList<>(List.of(prog));
        table.path("args").values().forEach(arg -> command.add(arg.asString("")));
        Map<String, String> environment = new TreeMap<>();
        TomlFile.entries(table.path("env"))
                .forEach(entry ->
                        environment.put(entry.getKey(), entry.getValue().asString("")));
        new ProcessCheck(findings, kapacitor).check(subject(name, name), command, environment, timeout);
    }

    /** Returns the timeout; zero if it is missing or invalid. */
    private Duration timeout(String name, String text) {
        Duration timeout = Duration.ZERO;
        try {
            timeout = text.isEmpty() ? Duration.ZERO : Quantities.parseDuration(text);
            if (timeout.compareTo(Duration.ofMillis(1)) <= 0) {
                bad(
                        name,
                        name,
                        "timeout: " + (text.isEmpty() ? "missing" : text) + " (expected: > 1ms)",
                        "timeout = \"10s\"");
            } else if (timeout.compareTo(SHORT) < 0) {
                findings.warn(
                        subject(name, "timeout"),
                        "timeout: " + text + ": a JVM may take longer to start, and a busy node to read",
                        "timeout = \"10s\"");
            }
        } catch (IllegalArgumentException e) {
            bad(name, "timeout", "timeout: " + e.getMessage(), "timeout = \"10s\"");
        }
        return timeout;
    }

    private void process(String name, Path prog, JsonNode table) {
        try {
            if (!Files.exists(prog)) {
                bad(name, "prog", prog + ": no such file", "kapacitor-udf config " + name + " prints the correct path");
                return;
            }
            if (!prog.isAbsolute()) {
                return;
            }
            if (kapacitor.isPresent()) {
                Optional<Path> closed = kapacitor.get().closedOnTheWayTo(prog.toRealPath());
                if (closed.isPresent() || !kapacitor.get().mayExecute(prog)) {
                    String user = kapacitor.get().name();
                    bad(
                            name,
                            "prog",
                            closed.orElse(prog) + ": " + user + " may not "
                                    + (closed.isPresent() ? "enter it" : "run it"),
                            "chmod o+x " + closed.orElse(prog));
                }
            } else if (!Files.isExecutable(prog)) {
                bad(name, "prog", prog + ": not executable", "chmod +x " + prog);
            }
        } catch (IOException e) {
            bad(name, "prog", prog + ": " + e.getMessage(), "run doctor as root");
        }
        List<String> args = new ArrayList<>();
        table.path("args").values().forEach(arg -> args.add(arg.asString("")));
        if (prog.endsWith("kapacitor-udf")) {
            run(name, args, table.path("env"));
        }
    }

    private void run(String name, List<String> args, JsonNode env) {
        String java = env.path("JAVA_HOME").asString("");
        if (!java.isEmpty() && !Files.isExecutable(Path.of(java, "bin/java"))) {
            bad(
                    name,
                    "JAVA_HOME",
                    "JAVA_HOME: " + java + " (expected: a Java installation, version 17 or later, with bin/java)",
                    "correct it, or remove it if java is on Kapacitor's PATH");
        }
        if (args.size() < 2 || !args.get(0).equals("run")) {
            bad(name, "args", "args: " + args + " (expected: [\"run\", NAME])", "kapacitor-udf config " + name);
            return;
        }
        Terminal terminal = new Terminal(OutputStream.nullOutputStream(), OutputStream.nullOutputStream(), "", false);
        List<String> own = new ArrayList<>();
        for (String arg : args.subList(1, args.size())) {
            own.add(arg);
        }
        try {
            CommandLine run = KapacitorUdf.withConverters(new CommandLine(new RunCommand(terminal)));
            run.addMixin("inherited", new Inherited());
            run.parseArgs(own.toArray(String[]::new));
            HostOptionSpecs.read(run.getCommandSpec());
        } catch (ParameterException e) {
            bad(
                    name,
                    "args",
                    "args: " + OptionParsing.text(e),
                    suggestion(e)
                            .orElse("each option and each value must be a separate string: [\"run\", \"movingAvg\","
                                    + " \"--on-error\", \"skip\"]"));
        }
        boolean ownPlugIns = args.contains(PlugInPath.OPTION) || env.has(PlugInPath.VARIABLE);
        if (!installed.contains(args.get(1)) && !ownPlugIns) {
            bad(
                    name,
                    "args",
                    "function: " + args.get(1) + " (expected: one of " + String.join(", ", installed) + ")",
                    Suggestion.closest(args.get(1), installed)
                            .map(closest -> "did you mean " + closest + "?")
                            .orElse("for a plug-in: " + PlugInPath.VARIABLE + " in [udf.functions." + name + ".env]"));
        }
    }

    private static Optional<String> suggestion(ParameterException e) {
        return e instanceof UnmatchedArgumentException unknown
                ? unknown.getSuggestions().stream().findFirst().map(closest -> "did you mean " + closest + "?")
                : Optional.empty();
    }

    /**
     * The options that all commands share. They are accepted in {@code args} of a function, and not checked further.
     */
    private static final class Inherited {
        @CommandLine.Option(
                names = {
                    LogOptions.LEVEL,
                    LogOptions.FORMAT,
                    LogOptions.MAX_LINES,
                    LogOptions.MAX_LINE_BYTES,
                    LogOptions.BUFFER_BYTES,
                    PlugInPath.OPTION
                })
        private List<String> values;
    }

    private void bad(String name, String key, String text, String cure) {
        findings.bad(subject(name, key), text, cure);
    }

    private String subject(String name, String key) {
        return file.positionOf(
                key.equals(name) || key.equals("JAVA_HOME")
                        ? List.of("udf", "functions", name)
                        : List.of("udf", "functions", name, key));
    }
}
