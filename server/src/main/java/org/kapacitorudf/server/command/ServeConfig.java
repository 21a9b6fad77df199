package org.kapacitorudf.server.command;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.kapacitorudf.server.options.AgentOption;
import org.kapacitorudf.server.options.HostOptions;
import org.kapacitorudf.server.options.OptionParsing;
import org.kapacitorudf.server.plugin.Suggestion;
import org.kapacitorudf.server.terminal.CommandException;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;
import tools.jackson.databind.JsonNode;

/**
 * The file of {@code serve --config}, converted to arguments of {@code serve}.
 *
 * <pre>
 *   names = ["mirror", "movingAvg"]     mirror movingAvg
 *   max-connections = 100               --max-connections=100
 *   plugins = ["/opt/functions"]        --plugins=/opt/functions
 *   take-over = true                    --take-over
 *   [sockets]
 *   mirror = "/run/mirror.sock"         --socket=mirror=/run/mirror.sock
 *   [functions.movingAvg]
 *   on-error = "skip"                   --on-error=movingAvg=skip
 *   trace = true                        --trace=movingAvg
 * </pre>
 *
 * <p>Threading: immutable.
 */
public final class ServeConfig {
    static final String NAMES = "names";
    static final String SOCKETS = "sockets";
    static final String FUNCTIONS = "functions";

    /**
     * Options that are not keys of a file. The table {@code sockets} replaces {@code --socket}; the other options make
     * sense only on the command line.
     */
    private static final Set<String> TYPED_ONLY =
            Set.of(ServeCommand.CONFIG, ServeCommand.CHECK_CONFIG, ServeCommand.SOCKET, "--help");

    private static final String ON_ERROR = AgentOption.ON_ERROR.option().substring(2);
    private static final String TRACE = HostOptions.TRACE.substring(2);
    private static final List<String> OF_A_FUNCTION = List.of(ON_ERROR, TRACE);

    /**
     * A key in the file, and the arguments that it is converted to.
     *
     * @param key the names of the tables that contain the key, and its own name
     * @param option the command line option that the key stands for; {@link #NAMES} for the names of functions
     * @param function the name of the function to which the setting applies; null if it does not apply to one function
     */
    private record Setting(
            List<String> key,
            String option,
            List<String> arguments,
            @Nullable String function) {}

    private final TomlFile file;
    private final CommandSpec spec;
    private final List<Setting> settings = new ArrayList<>();
    private final List<String> problems = new ArrayList<>();

    private ServeConfig(TomlFile file, CommandSpec spec) {
        this.file = file;
        this.spec = spec;
    }

    /**
     * Reads a file.
     *
     * @param spec the specification of {@code serve}
     * @throws CommandException if the file cannot be read, or is not TOML
     */
    static ServeConfig read(Path path, CommandSpec spec) {
        ServeConfig config = new ServeConfig(TomlFile.read(path), spec);
        TomlFile.entries(config.file.tree()).forEach(entry -> config.key(entry.getKey(), entry.getValue()));
        config.settings.forEach(config::check);
        return config;
    }

    /** The keys that are named after options. */
    public static Collection<String> optionKeys(CommandSpec spec) {
        Set<String> keys = new TreeSet<>();
        spec.options().stream()
                .map(OptionSpec::longestName)
                .filter(name -> !TYPED_ONLY.contains(name))
                .forEach(name -> keys.add(name.substring(2)));
        return keys;
    }

    /** The problems with their positions; empty if there are none. */
    List<String> problems() {
        return problems;
    }

    /** Returns a message for each function that the file names and that is not installed. */
    List<String> unknownFunctions(Collection<String> installed) {
        return settings.stream()
                .filter(setting -> setting.function != null && !installed.contains(setting.function))
                .map(setting -> at(setting.key) + setting.function + " (expected: one of "
                        + String.join(", ", installed) + ")" + suggestion(setting.function, installed))
                .distinct()
                .toList();
    }

    /**
     * Returns the arguments, without those of options on the command line.
     *
     * @param typed the names of the options on the command line
     */
    List<String> arguments(Set<String> typed) {
        return settings.stream()
                .filter(setting -> !typed.contains(setting.option))
                .flatMap(setting -> setting.arguments.stream())
                .toList();
    }

    private void key(String name, JsonNode value) {
        List<String> key = List.of(name);
        OptionSpec option = TYPED_ONLY.contains("--" + name) ? null : spec.findOption("--" + name);
        switch (name) {
            case NAMES ->
                strings(key, value)
                        .forEach(function -> settings.add(new Setting(key, NAMES, List.of(function), function)));
            case SOCKETS -> sockets(key, value);
            case FUNCTIONS -> functions(key, value);
            default -> {
                if (option == null) {
                    Set<String> known = new TreeSet<>(optionKeys(spec));
                    known.addAll(List.of(NAMES, SOCKETS, FUNCTIONS));
                    problem(key, "unknown key (expected: the name of an option of serve)" + suggestion(name, known));
                } else {
                    option(key, option, value);
                }
            }
        }
    }

    private void option(List<String> key, OptionSpec option, JsonNode value) {
        String name = option.longestName();
        if (option.arity().max() == 0) {
            if (flag(key, value)) {
                settings.add(new Setting(key, name, List.of(name), null));
            }
            return;
        }
        if (!option.isMultiValue() && value.isArray()) {
            problem(key, TomlFile.kind(value) + " (expected: one value)");
            return;
        }
        List<String> arguments =
                strings(key, value).map(text -> name + "=" + text).toList();
        settings.add(new Setting(key, name, arguments, null));
    }

    private void sockets(List<String> key, JsonNode table) {
        for (Map.Entry<String, JsonNode> socket : table(key, table, "NAME = \"PATH\"")) {
            List<String> inner = inner(key, socket.getKey());
            String option = ServeCommand.SOCKET;
            strings(inner, socket.getValue())
                    .forEach(path -> settings.add(new Setting(
                            inner, option, List.of(option + "=" + socket.getKey() + "=" + path), socket.getKey())));
        }
    }

    private void functions(List<String> key, JsonNode table) {
        for (Map.Entry<String, JsonNode> function : table(key, table, "[functions.NAME]")) {
            String name = function.getKey();
            List<String> ofOne = inner(key, name);
            for (Map.Entry<String, JsonNode> entry : table(ofOne, function.getValue(), "[functions.NAME]")) {
                List<String> inner = inner(ofOne, entry.getKey());
                switch (entry.getKey()) {
                    case "on-error" ->
                        strings(inner, entry.getValue())
                                .forEach(policy -> settings.add(new Setting(
                                        inner,
                                        "--" + ON_ERROR,
                                        List.of("--" + ON_ERROR + "=" + name + "=" + policy),
                                        name)));
                    case "trace" -> {
                        if (flag(inner, entry.getValue())) {
                            settings.add(new Setting(inner, HostOptions.TRACE, List.of("--trace=" + name), name));
                        }
                    }
                    default ->
                        problem(
                                inner,
                                "unknown key (expected: " + String.join(" or ", OF_A_FUNCTION) + ")"
                                        + suggestion(entry.getKey(), OF_A_FUNCTION));
                }
            }
        }
    }

    private boolean flag(List<String> key, JsonNode value) {
        if (!value.isBoolean()) {
            problem(key, TomlFile.kind(value) + " (expected: true or false)");
        }
        return value.asBoolean(false);
    }

    /** Returns a value as text; if it is an array, returns the text of each element. */
    private Stream<String> strings(List<String> key, JsonNode value) {
        List<String> texts = new ArrayList<>();
        for (JsonNode node : value.isArray() ? value.values() : List.of(value)) {
            if (node.isString() || node.isNumber()) {
                texts.add(node.asString());
            } else {
                problem(key, TomlFile.kind(node) + " (expected: a string or a number)");
            }
        }
        return texts.stream();
    }

    private Iterable<Map.Entry<String, JsonNode>> table(List<String> key, JsonNode value, String expected) {
        if (!value.isObject()) {
            problem(key, TomlFile.kind(value) + " (expected: a table, " + expected + ")");
            return List.of();
        }
        return TomlFile.entries(value);
    }

    private static List<String> inner(List<String> key, String name) {
        return Stream.concat(key.stream(), Stream.of(name)).toList();
    }

    /** Checks the values of one key, independently of other keys. */
    private void check(Setting setting) {
        try {
            ServeCommand.check(setting.option, setting.arguments);
        } catch (ParameterException | IllegalArgumentException e) {
            problem(setting.key, OptionParsing.text(e).replaceFirst("^--[\\w-]+: ", ""));
        }
    }

    private void problem(List<String> key, String text) {
        problems.add(at(key) + String.join(".", key) + ": " + text);
    }

    private String at(List<String> key) {
        return file.positionOf(key) + ": ";
    }

    private static String suggestion(String name, Collection<String> known) {
        return Suggestion.closest(name, known)
                .map(closest -> "; did you mean " + closest + "?")
                .orElse("");
    }
}
