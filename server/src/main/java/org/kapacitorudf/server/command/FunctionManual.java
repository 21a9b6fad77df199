package org.kapacitorudf.server.command;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.kapacitorudf.Description;
import org.kapacitorudf.EdgeType;
import org.kapacitorudf.Udf;
import org.kapacitorudf.errors.FailurePolicy;
import org.kapacitorudf.option.Argument;
import org.kapacitorudf.option.ArgumentType;
import org.kapacitorudf.option.Option;
import org.kapacitorudf.server.options.Quantities;

/**
 * Documentation for users of a function: its input and output, its options, its notes, and a TICKscript.
 *
 * <p>The TICKscript is the resource {@code NAME.tick} next to the function's class. If it does not exist, or uses an
 * option that the function no longer has, the TICKscript is generated from the options.
 */
final class FunctionManual {
    private static final String INDENT = "  ";
    private static final Pattern OPTION_CALL = Pattern.compile("\\.\\s*(\\w+)\\s*\\(");

    private final StringBuilder page = new StringBuilder();

    private FunctionManual() {}

    static String of(Udf udf) {
        Description description = udf.describe();
        FunctionManual manual = new FunctionManual();
        manual.head(description);
        manual.options(description.options());
        manual.section("Notes", description.notes());
        manual.section(
                "Example",
                example(udf.getClass(), description.name())
                        .filter(script -> hasOptionsOf(description, script))
                        .orElseGet(() -> madeExample(description)));
        return manual.page.toString();
    }

    private void head(Description description) {
        page.append(description.name())
                .append(": ")
                .append(description.summary())
                .append('\n');
        page.append(INDENT)
                .append("takes ")
                .append(edge(description.wants()))
                .append(", gives ")
                .append(edge(description.provides()));
        description
                .callLimit()
                .ifPresent(limit -> page.append("; one call may take ").append(Quantities.duration(limit)));
        page.append(failing(description.onError())).append('\n');
    }

    private static String failing(FailurePolicy policy) {
        return switch (policy) {
            case SKIP -> "; skips points that fail";
            case RESTART -> "; restarts from its last snapshot after a failure";
            default -> "";
        };
    }

    private static String edge(EdgeType edge) {
        return edge == EdgeType.STREAM ? "a stream of points" : "batches";
    }

    private void options(List<Option<?>> options) {
        List<List<String>> rows = new ArrayList<>();
        for (Option<?> option : options) {
            rows.add(List.of(call(option), demands(option), option.help()));
        }
        section("Options", rows.isEmpty() ? "none" : table(rows));
    }

    private static String call(Option<?> option) {
        boolean named = option.arguments().size() > 1;
        return option.arguments().stream()
                .map(argument -> (named ? argument.name() + " " : "") + type(argument))
                .collect(Collectors.joining(", ", "." + option.name() + "(", ")"));
    }

    private static String type(Argument<?> argument) {
        return argument.type().name().toLowerCase(Locale.ROOT);
    }

    private static String demands(Option<?> option) {
        List<String> demands = new ArrayList<>();
        if (option.isRequired()) {
            demands.add("required");
        }
        option.defaultText().ifPresent(text -> demands.add("default " + text));
        if (!option.isRequired() && option.defaultText().isEmpty()) {
            demands.add("optional");
        }
        if (option.isRepeated()) {
            demands.add("repeatable");
        }
        if (!option.limits().isEmpty()) {
            demands.add(option.limits());
        }
        if (option.isSecret()) {
            demands.add("kept out of logs");
        }
        return String.join(", ", demands);
    }

    private static String table(List<List<String>> rows) {
        int columns = rows.get(0).size();
        int[] widths = new int[columns];
        for (List<String> row : rows) {
            for (int column = 0; column < columns; column++) {
                widths[column] = Math.max(widths[column], row.get(column).length());
            }
        }
        StringBuilder table = new StringBuilder();
        for (List<String> row : rows) {
            StringBuilder line = new StringBuilder();
            for (int column = 0; column < columns; column++) {
                String cell = row.get(column);
                line.append(cell).append(" ".repeat(widths[column] - cell.length() + INDENT.length()));
            }
            table.append(line.toString().stripTrailing()).append('\n');
        }
        return table.toString();
    }

    private void section(String title, String text) {
        if (!text.isBlank()) {
            page.append('\n').append(title).append('\n').append(text.strip().indent(INDENT.length()));
        }
    }

    private static Optional<String> example(Class<?> type, String name) {
        try (InputStream resource = type.getResourceAsStream(name + ".tick")) {
            return resource == null
                    ? Optional.empty()
                    : Optional.of(new String(resource.readAllBytes(), StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(name + ".tick", e);
        }
    }

    /** Whether the function has all options that a script sets on the function's node. */
    private static boolean hasOptionsOf(Description description, String script) {
        Set<String> known = description.options().stream().map(Option::name).collect(Collectors.toSet());
        Matcher node = Pattern.compile("@" + Pattern.quote(description.name()) + "\\(\\)([^|@]*)")
                .matcher(script.replaceAll("(?m)//.*$", "").replaceAll("'[^']*'", "''"));
        while (node.find()) {
            Matcher call = OPTION_CALL.matcher(node.group(1));
            while (call.find()) {
                if (!known.contains(call.group(1))) {
                    return false;
                }
            }
        }
        return true;
    }

    private static String madeExample(Description description) {
        StringBuilder script = new StringBuilder("stream\n    |from()\n        .measurement('cpu')\n");
        if (description.wants() == EdgeType.BATCH) {
            script.append("    |window()\n        .period(1m)\n        .every(1m)\n");
        }
        script.append("    @").append(description.name()).append("()\n");
        for (Option<?> option : description.options()) {
            script.append("        .").append(option.name()).append('(');
            script.append(
                    option.defaultText().filter(text -> !option.isSecret()).orElseGet(() -> placeholders(option)));
            script.append(")\n");
        }
        return script.append("    |log()\n").toString();
    }

    private static String placeholders(Option<?> option) {
        return option.arguments().stream()
                .map(argument -> placeholder(argument.type()))
                .collect(Collectors.joining(", "));
    }

    private static String placeholder(ArgumentType type) {
        return switch (type) {
            case BOOL -> "TRUE";
            case INT -> "1";
            case DOUBLE -> "1.0";
            case STRING -> "'...'";
            case DURATION -> "1m";
        };
    }
}
