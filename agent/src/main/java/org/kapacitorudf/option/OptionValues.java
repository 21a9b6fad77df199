package org.kapacitorudf.option;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.kapacitorudf.errors.UdfException;

/**
 * The values of a function's options for one node of one task, parsed and checked.
 *
 * <p>Immutable, safe for any thread.
 */
public final class OptionValues {
    private final Map<Option<?>, Definition.Value<?>> values;

    private OptionValues(Map<Option<?>, Definition.Value<?>> values) {
        this.values = values;
    }

    /**
     * One use of an option in a TICKscript.
     *
     * @param arguments each a {@link Boolean}, {@link Long}, {@link Double}, {@link String}, {@link Duration} or {@link Unset}
     */
    public record Given(String name, List<Object> arguments) {
        public Given {
            Objects.requireNonNull(name, "name");
            arguments = List.copyOf(arguments);
            for (Object argument : arguments) {
                if (!(argument instanceof Boolean
                        || argument instanceof Long
                        || argument instanceof Double
                        || argument instanceof String
                        || argument instanceof Duration
                        || argument instanceof Unset)) {
                    throw new IllegalArgumentException(Problem.of(
                            name, argument.getClass().getName(), "a Boolean, Long, Double, String, Duration or Unset"));
                }
            }
        }

        /** An option with plain Java values: integers of any size become {@link Long}, floats become {@link Double}. */
        public static Given of(String name, Object... arguments) {
            List<Object> neutral = new ArrayList<>(arguments.length);
            for (Object argument : arguments) {
                if (argument instanceof Integer || argument instanceof Short || argument instanceof Byte) {
                    neutral.add(((Number) argument).longValue());
                } else if (argument instanceof Float number) {
                    neutral.add(number.doubleValue());
                } else {
                    neutral.add(argument);
                }
            }
            return new Given(name, neutral);
        }

        /** The option's name and the number of its arguments. Values are omitted because they may be secret. */
        @Override
        public String toString() {
            return name + "(" + arguments.size() + ")";
        }
    }

    /** An argument without a value: the TICKscript uses a reference, for example to a tag, instead of a literal. */
    public enum Unset {
        UNSET
    }

    /**
     * Checks the given options against the declared ones.
     *
     * @throws UdfException with all problems, those of declared options first, in the order of their declaration
     */
    public static OptionValues parse(Collection<? extends Option<?>> declared, Collection<Given> given) {
        Map<String, List<Given>> uses = new LinkedHashMap<>();
        for (Given use : given) {
            uses.computeIfAbsent(use.name(), name -> new ArrayList<>()).add(use);
        }
        List<String> problems = new ArrayList<>();
        Map<Option<?>, Definition.Value<?>> values = new LinkedHashMap<>();
        Set<String> names = new LinkedHashSet<>();
        for (Option<?> option : declared) {
            if (!names.add(option.name())) {
                throw new IllegalArgumentException(Problem.of("option", option.name(), "each name once"));
            }
            List<Given> own = uses.getOrDefault(option.name(), List.of());
            option.definition().read(own, problems).ifPresent(value -> values.put(option, value));
        }
        uses.keySet().removeAll(names);
        String expected = names.isEmpty() ? "no option" : "one of " + String.join(", ", names);
        for (String unknown : uses.keySet()) {
            problems.add(Problem.of(Literal.oneLine(unknown), "unknown", expected));
        }
        if (!problems.isEmpty()) {
            throw new UdfException(String.join("; ", problems));
        }
        return new OptionValues(values);
    }

    /**
     * Reads options from a command line according to their declared types: {@code size=3}, {@code period=90s},
     * {@code multi='x',7,0.25}, {@code verbose}. A string may be in single quotes; it must be if the option has several
     * arguments and the string contains a comma.
     *
     * <p>A value that cannot be parsed is passed on as a string; {@link #parse} then reports it together with all other
     * problems.
     */
    public static List<Given> fromText(Collection<? extends Option<?>> declared, Collection<String> entries) {
        Map<String, Option<?>> options = new HashMap<>();
        for (Option<?> option : declared) {
            options.put(option.name(), option);
        }
        List<Given> given = new ArrayList<>();
        for (String entry : entries) {
            int equals = entry.indexOf('=');
            String name = equals < 0 ? entry : entry.substring(0, equals);
            List<ArgumentType> types = Optional.<Option<?>>ofNullable(options.get(name))
                    .map(Option::types)
                    .orElse(List.of());
            given.add(new Given(name, equals < 0 ? List.of() : arguments(types, entry.substring(equals + 1))));
        }
        return given;
    }

    /**
     * The value of an option, which must be the same object that was declared. {@link IllegalArgumentException} if it
     * was not declared.
     */
    public <T> T get(Option<T> option) {
        Definition.Value<?> value = values.get(option);
        if (value == null) {
            List<String> names = new ArrayList<>();
            values.keySet().forEach(known -> names.add(known.name()));
            throw new IllegalArgumentException(Problem.of(
                    "option",
                    option.name(),
                    "one of the objects that the function's description lists: " + String.join(", ", names)));
        }
        @SuppressWarnings("unchecked") // read by this very option
        T result = (T) value.value();
        return result;
    }

    /** All options with a value, for a log: {@code field='value' size=3 password=****}. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder();
        for (Definition.Value<?> value : values.values()) {
            text.append(text.isEmpty() || value.shown().isEmpty() ? "" : " ").append(value.shown());
        }
        return text.toString();
    }

    private static List<Object> arguments(List<ArgumentType> types, String text) {
        List<String> parts = types.size() > 1 ? split(text) : List.of(text);
        List<Object> arguments = new ArrayList<>();
        for (int i = 0; i < parts.size(); i++) {
            String part = parts.get(i);
            arguments.add(i < types.size() ? Literal.parse(types.get(i), part).orElse(part) : part);
        }
        return arguments;
    }

    private static List<String> split(String text) {
        List<String> parts = new ArrayList<>();
        StringBuilder part = new StringBuilder();
        boolean quoted = false;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '\'' && (i == 0 || text.charAt(i - 1) != '\\')) {
                quoted = !quoted;
            }
            if (c == ',' && !quoted) {
                parts.add(part.toString().strip());
                part.setLength(0);
            } else {
                part.append(c);
            }
        }
        parts.add(part.toString().strip());
        return parts;
    }
}
