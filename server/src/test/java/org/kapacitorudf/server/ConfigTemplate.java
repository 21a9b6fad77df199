package org.kapacitorudf.server;

import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.kapacitorudf.server.command.ServeConfig;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/**
 * {@code ops/kapacitor-udf.toml}: every key of the file of {@code serve --config}, with its default and a line of
 * comment.
 */
final class ConfigTemplate {
    /** Examples for options without a default, or whose default is not a value. */
    private static final Map<String, String> EXAMPLES = Map.ofEntries(
            Map.entry("metrics", "9274"),
            Map.entry("socket-group", "\"kapacitor\""),
            Map.entry("plugins", "[\"/var/lib/kapacitor-udf/plugins\"]"),
            Map.entry("trace", "[\"movingAvg\"]"),
            Map.entry("seed-dir", "\"/var/lib/kapacitor-udf/seeds\""),
            Map.entry("total-read-ahead-bytes", "\"64MiB\""),
            Map.entry("kapacitor", "\"http://127.0.0.1:9092\""),
            Map.entry("kapacitor-credentials", "\"/etc/kapacitor-udf/credentials\""),
            Map.entry("kapacitor-ca", "\"/etc/kapacitor-udf/ca.pem\""),
            Map.entry("task-file", "\"/run/kapacitor-udf/tasks.json\""));

    private static final Pattern DEFAULT = Pattern.compile(" Default: (\\S+)\\.$");

    private static final String HEAD = """
            # The configuration of kapacitor-udf: kapacitor-udf serve --config FILE
            #
            # The keys are the options of `kapacitor-udf serve` without their dashes. A line that begins with #KEY shows the default, or
            # an example where it says so. Options on the command line have precedence.
            #
            # After a change:  kapacitor-udf serve --check-config FILE    shows the problems
            #                  systemctl reload kapacitor-udf             applies what can change at run time, and logs the rest
            #                  systemctl restart kapacitor-udf            applies everything
            #
            # Sizes are "64KiB", "1MiB"; durations are "500ms", "10s", "1m30s".
            #
            # This file is generated from the code by scripts/reference.

            # The functions to serve. Example; by default all are served, or those of [sockets] if dir is not set.
            #names = ["movingAvg", "outliers"]
            """;

    private static final String TABLES = """

            # The socket of a function, if it is not in dir. Examples.
            #[sockets]
            #movingAvg = "/run/kapacitor-udf/movingAvg.sock"

            # Settings of a single function: a table for each. Examples.
            #[functions.movingAvg]
            #on-error = "skip"
            #trace = false
            """;

    private ConfigTemplate() {}

    static String of(CommandLine commandLine) {
        CommandSpec serve = commandLine.getSubcommands().get("serve").getCommandSpec();
        StringBuilder text = new StringBuilder(HEAD);
        List<OptionSpec> options = ServeConfig.optionKeys(serve).stream()
                .map(key -> serve.findOption("--" + key))
                .sorted(Comparator.comparing(OptionSpec::longestName))
                .toList();
        for (OptionSpec option : options) {
            String key = option.longestName().substring(2);
            String help = String.join(" ", Reference.description(option)).strip();
            Matcher matcher = DEFAULT.matcher(help);
            boolean hasDefault = matcher.find() && !EXAMPLES.containsKey(key);
            text.append("\n# ")
                    .append(inFile(help, ServeConfig.optionKeys(serve)))
                    .append(hasDefault || isFlag(option) ? "" : " Example.");
            text.append("\n#").append(key).append(" = ");
            text.append(isFlag(option) ? "false" : hasDefault ? value(matcher.group(1)) : EXAMPLES.get(key));
            text.append('\n');
        }
        return text.append(TABLES).toString();
    }

    private static boolean isFlag(OptionSpec option) {
        return option.arity().max() == 0;
    }

    /** Replaces option names by their keys. */
    private static String inFile(String help, Collection<String> keys) {
        return Pattern.compile("(?<![\\w-])--([a-z-]+)")
                .matcher(help.replace(" Can be repeated.", ""))
                .replaceAll(option -> keys.contains(option.group(1)) ? option.group(1) : option.group());
    }

    private static String value(String text) {
        return text.matches("[1-9]\\d*|0") ? text : "\"" + text + "\"";
    }
}
