package org.kapacitorudf.server;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.kapacitorudf.server.terminal.ExitStatus;
import org.kapacitorudf.tools.conformance.Case;
import org.kapacitorudf.tools.conformance.Catalogue;
import picocli.CommandLine;
import picocli.CommandLine.Model.ArgGroupSpec;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;
import picocli.CommandLine.Model.UsageMessageSpec;

/**
 * docs/reference.md: the commands, options, environment and exit statuses in the code.
 *
 * <p>Options are sorted, because the order in which picocli finds those that are methods depends on the JVM.
 */
final class Reference {
    /** A variable and its description in the launcher. */
    private static final Pattern VARIABLE = Pattern.compile("(?m)^#   ([A-Z_]+) +(\\S.*)$");

    private static final String HEAD = """
            # Reference

            Commands, options, environment, exit statuses, conformance cases. This file is generated from the code: `scripts/reference` rewrites it. `kapacitor-udf COMMAND --help` shows
            the same text.

            Write sizes as `65536`, `64KiB`, `1MiB`, and durations as `500ms`, `10s`, `1m30s`. `--option VALUE` and `--option=VALUE` are the same.

            """;

    private final StringBuilder text = new StringBuilder(HEAD);

    /** Groups of options that have been shown, and the command where they were shown. */
    private final Map<String, String> shown = new LinkedHashMap<>();

    private Reference() {}

    /** Generates the document for a command line and the launcher's source. */
    static String of(CommandLine commandLine, String launcher) {
        Reference reference = new Reference();
        CommandSpec root = commandLine.getCommandSpec();
        List<CommandSpec> commands = new ArrayList<>();
        collect(root, commands::add);
        reference.overview(root, commands);
        commands.forEach(reference::command);
        reference.environment(launcher);
        reference.exitStatuses();
        reference.conformanceCases();
        return reference.text.toString();
    }

    /** The commands that can be executed, in order, without those that only have subcommands. */
    private static void collect(CommandSpec parent, Consumer<CommandSpec> commands) {
        for (CommandLine line : parent.subcommands().values()) {
            CommandSpec command = line.getCommandSpec();
            if (command.usageMessage().hidden()) {
                continue;
            }
            if (command.subcommands().isEmpty()) {
                commands.accept(command);
            }
            collect(command, commands);
        }
    }

    private void overview(CommandSpec root, List<CommandSpec> commands) {
        table("command", "what");
        for (CommandSpec command : commands) {
            String name = command.qualifiedName();
            row(
                    "[`" + name.replaceFirst("\\S+ ", "") + "`](#" + name.replace(' ', '-') + ")",
                    escaped(command.usageMessage().description()[0]));
        }
        line("\n## Options of every command\n");
        options(root.options());
        line("\nThey go after the command; `--version` is used without a command.");
    }

    private void command(CommandSpec command) {
        UsageMessageSpec usage = command.usageMessage();
        line("\n## " + command.qualifiedName() + "\n");
        prose(usage.description());
        line("\n```");
        line(command.commandLine().getHelp().synopsis(0).strip());
        line("```");
        List<OptionSpec> own = new ArrayList<>(command.options());
        own.removeIf(OptionSpec::inherited);
        command.argGroups().stream()
                .filter(group -> group.heading() != null)
                .forEach(group -> own.removeAll(group.allOptionsNested()));
        if (!command.positionalParameters().isEmpty() || own.stream().anyMatch(option -> !option.hidden())) {
            line("");
            table("argument", "what");
            command.positionalParameters().stream()
                    .filter(parameter -> !parameter.hidden())
                    .forEach(parameter -> row("`" + label(parameter) + "`", words(description(parameter))));
            rows(own);
        }
        command.argGroups().stream().filter(group -> group.heading() != null).forEach(group -> group(command, group));
        if (!usage.exitCodeList().isEmpty()) {
            line("\nIts [exit statuses](#exit-status) tell how it ended.");
        }
        if (usage.footer().length > 0) {
            line("\n" + plain(usage.footerHeading()).strip() + "\n\n```");
            Arrays.stream(usage.footer())
                    .map(Reference::plain)
                    .map(each -> each.startsWith("  ") ? each.substring(2) : each)
                    .forEach(this::line);
            line("```");
        }
    }

    private void group(CommandSpec command, ArgGroupSpec group) {
        String heading = plain(group.heading()).strip();
        String before = shown.putIfAbsent(heading + rows(group.allOptionsNested().stream()), command.qualifiedName());
        if (before != null) {
            line("\n" + heading.replaceFirst(":$", "") + " are those of [" + before + "](#" + before.replace(' ', '-')
                    + ").");
        } else {
            line("\n" + heading + "\n");
            options(group.allOptionsNested());
        }
    }

    private void environment(String launcher) {
        line("\n## Environment\n");
        table("variable", "what");
        VARIABLE.matcher(launcher)
                .results()
                .forEach(variable -> row("`" + variable.group(1) + "`", variable.group(2) + "."));
        line("\nA process gets them from Kapacitor, by `[udf.functions.NAME.env]`.");
    }

    private void exitStatuses() {
        line("\n## Exit status\n");
        table("status", "meaning");
        for (ExitStatus status : ExitStatus.values()) {
            row(Integer.toString(status.code()), status.meaning());
        }
    }

    private void conformanceCases() {
        line("\n## Conformance cases\n");
        line("What `kapacitor-udf check` tries: see [conformance.md](conformance.md).\n");
        line("| case | level | what is tried and demanded | why |\n| --- | --- | --- | --- |");
        for (Case each : Catalogue.cases()) {
            line("| `" + each.name() + "` | " + each.severity() + " | " + each.what() + " | " + each.why() + " |");
        }
    }

    /** Joins lines to paragraphs; indented lines are kept. */
    private void prose(String[] lines) {
        boolean asTheyAre = false;
        for (String each : lines) {
            if (asTheyAre != each.startsWith("  ")) {
                asTheyAre = !asTheyAre;
                line(asTheyAre ? "\n```" : "```\n");
            }
            line(asTheyAre ? plain(each.substring(2)) : escaped(plain(each)));
        }
        if (asTheyAre) {
            line("```");
        }
    }

    private void options(List<OptionSpec> options) {
        table("option", "what");
        rows(options);
    }

    private void rows(List<OptionSpec> options) {
        text.append(rows(options.stream()));
    }

    private static String rows(Stream<OptionSpec> options) {
        return options.filter(option -> !option.hidden())
                .sorted(Comparator.comparing(option -> option.longestName().replaceFirst("^-+", "")))
                .map(option -> cells(
                        "`" + label(option) + "`",
                        (option.required() && option.group() == null ? "Required. " : "") + words(description(option))))
                .collect(Collectors.joining());
    }

    private static String label(OptionSpec option) {
        String names = String.join(", ", option.names());
        return option.arity().max() == 0 ? names : names + " " + option.paramLabel();
    }

    private static String label(PositionalParamSpec parameter) {
        String label = parameter.paramLabel() + (parameter.arity().isVariable() ? "..." : "");
        return parameter.arity().min() == 0 ? "[" + label + "]" : label;
    }

    private void table(String left, String right) {
        row(left, right);
        row("---", "---");
    }

    private void row(String left, String right) {
        text.append(cells(left, right));
    }

    private static String cells(String left, String right) {
        return "| " + left.replace("|", "\\|") + " | " + right.replace("|", "\\|") + " |\n";
    }

    /** The help of an option or parameter, with its default. */
    static String[] description(ArgSpec argument) {
        return Arrays.stream(argument.description())
                .map(line -> line.replace("${DEFAULT-VALUE}", String.valueOf(argument.defaultValue())))
                .toArray(String[]::new);
    }

    private static String words(String[] lines) {
        return escaped(plain(String.join(" ", lines)).strip());
    }

    /** The text as printed by picocli. */
    private static String plain(String line) {
        return line.replace("%n", "\n").replace("%%", "%");
    }

    private static String escaped(String text) {
        return text.replace("<", "\\<");
    }

    private void line(String line) {
        text.append(line).append('\n');
    }
}
