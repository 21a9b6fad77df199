package org.kapacitorudf.server.install;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.kapacitorudf.EdgeType;
import org.kapacitorudf.Udf;
import org.kapacitorudf.option.Argument;
import org.kapacitorudf.option.Option;

/** The part of {@code telegraf.conf} that runs a function as a processor. */
public final class TelegrafConf {
    private TelegrafConf() {}

    /** Returns the section for a function that Telegraf starts as a child process, with its required options. */
    public static String processor(Udf udf, String launcher, Map<String, String> environment) {
        String name = udf.describe().name();
        List<String> command = new ArrayList<>(List.of(launcher, "telegraf", name));
        for (Option<?> option : udf.describe().options()) {
            if (option.isRequired()) {
                command.add("--option");
                command.add(option.name() + "=" + placeholders(option));
            }
        }
        if (udf.describe().wants() == EdgeType.BATCH) {
            command.add("--window");
            command.add("10s");
        }
        command.addAll(List.of("--group-by", "host", "--pass", "--state", "/var/lib/telegraf/" + name + ".state"));
        StringBuilder block = new StringBuilder();
        block.append("[[processors.execd]]\n");
        block.append("  command = [");
        for (int i = 0; i < command.size(); i++) {
            block.append(i == 0 ? "" : ", ").append(KapacitorConf.quoted(command.get(i)));
        }
        block.append("]\n");
        if (!environment.isEmpty()) {
            block.append("  environment = [");
            environment.forEach((variable, value) -> block.append(block.charAt(block.length() - 1) == '[' ? "" : ", ")
                    .append(KapacitorConf.quoted(variable + "=" + value)));
            block.append("]\n");
        }
        block.append("  restart_delay = \"10s\"\n");
        block.append("  ## Only the metrics that the function is for: all others bypass it.\n");
        block.append("  namepass = [\"cpu\"]\n");
        return block.toString();
    }

    /** Returns a comment about aggregators, to be printed once after all processors. */
    public static String note() {
        return "## With aggregators: Telegraf runs processors again after the aggregators, so the function would get its\n"
                + "## own results. To run it only once, set this in the section [agent]:\n"
                + "##   skip_processors_after_aggregators = true\n";
    }

    private static String placeholders(Option<?> option) {
        return String.join(
                ",", option.arguments().stream().map(TelegrafConf::placeholder).toList());
    }

    private static String placeholder(Argument<?> argument) {
        return switch (argument.type()) {
            case BOOL -> "true";
            case INT -> "10";
            case DOUBLE -> "1.5";
            case STRING -> argument.name().equals("field") ? "usage_user" : "...";
            case DURATION -> "1m";
        };
    }
}
