package org.kapacitorudf.option;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.kapacitorudf.errors.UdfException;
import org.kapacitorudf.internal.line.GivenOption;
import org.kapacitorudf.internal.line.OptionAccess;

/**
 * The values of a function's options for one node of one task, parsed and checked.
 *
 * <p>Immutable, safe for use by any thread.
 */
public final class OptionValues {
    static {
        OptionAccess.set(new OptionAccess<Option<?>, OptionValues>() {
            @Override
            public OptionValues parse(Collection<? extends Option<?>> declared, Collection<GivenOption> given) {
                return OptionValues.parse(declared, given);
            }

            @Override
            public List<GivenOption> fromText(Collection<? extends Option<?>> declared, Collection<String> entries) {
                return OptionValues.fromText(declared, entries);
            }
        });
    }

    private final Map<Option<?>, Definition.Value<?>> values;

    private OptionValues(Map<Option<?>, Definition.Value<?>> values) {
        this.values = values;
    }

    /** See {@link OptionAccess#parse}. */
    static OptionValues parse(Collection<? extends Option<?>> declared, Collection<GivenOption> given) {
        Map<String, List<GivenOption>> uses = new LinkedHashMap<>();
        for (GivenOption use : given) {
            uses.computeIfAbsent(use.name(), name -> new ArrayList<>()).add(use);
        }
        List<String> problems = new ArrayList<>();
        Map<Option<?>, Definition.Value<?>> values = new LinkedHashMap<>();
        Set<String> names = new LinkedHashSet<>();
        for (Option<?> option : declared) {
            if (!names.add(option.name())) {
                throw new IllegalArgumentException(Problem.of("option", option.name(), "each name once"));
            }
            List<GivenOption> own = uses.getOrDefault(option.name(), List.of());
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

    /** See {@link OptionAccess#fromText}. */
    static List<GivenOption> fromText(Collection<? extends Option<?>> declared, Collection<String> entries) {
        Map<String, Option<?>> options = new HashMap<>();
        for (Option<?> option : declared) {
            options.put(option.name(), option);
        }
        List<GivenOption> given = new ArrayList<>();
        for (String entry : entries) {
            int equals = entry.indexOf('=');
            String name = equals < 0 ? entry : entry.substring(0, equals);
            List<ArgumentType> types = Optional.<Option<?>>ofNullable(options.get(name))
                    .map(Option::types)
                    .orElse(List.of());
            given.add(new GivenOption(name, equals < 0 ? List.of() : arguments(types, entry.substring(equals + 1))));
        }
        return given;
    }

    /**
     * Returns the value of an option.
     *
     * @param option the same object that was declared
     * @throws IllegalArgumentException if the option was not declared
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
        @SuppressWarnings("unchecked") // this option has read the value
        T result = (T) value.value();
        return result;
    }

    /** Returns all options that have a value, as text for a log: {@code field='value' size=3 password=****}. */
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
