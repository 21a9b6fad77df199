package org.kapacitorudf.server.options;

import java.util.Collection;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Model.ArgGroupSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;

/** {@link HostOptions} on the command line: the common options of {@code run} and {@code serve}. */
public final class HostOptionSpecs {
    private static final String TRACE_HELP =
            "Logs every message of a function's connections: docs/debugging.md. Can be repeated.";

    private HostOptionSpecs() {}

    public static void addTo(CommandSpec command) {
        HostOptions defaults = HostOptions.defaults();
        ArgGroupSpec.Builder group = ArgGroupSpec.builder()
                .heading("%nLimits and policies:%n")
                .exclusive(false)
                .validate(false)
                .multiplicity("0..1")
                .order(1);
        for (AgentOption agentOption : AgentOption.values()) {
            OptionSpec.Builder option = option(
                    agentOption.option(), agentOption.label(), agentOption.help(), agentOption.show(defaults.config()));
            if (agentOption.isPerFunction()) {
                option.type(List.class).auxiliaryTypes(String.class);
            }
            group.addArg(option.build());
        }
        group.addArg(option(
                        HostOptions.GRACE,
                        "DURATION",
                        "How long connections may take to end after SIGTERM or SIGINT.",
                        Quantities.duration(defaults.grace()))
                .build());
        command.addArgGroup(group.build());
        command.addOption(OptionSpec.builder(HostOptions.TRACE)
                .paramLabel("NAME")
                .type(List.class)
                .auxiliaryTypes(String.class)
                .description(TRACE_HELP)
                .build());
    }

    private static OptionSpec.Builder option(String name, String label, String help, String defaultValue) {
        return OptionSpec.builder(name)
                .paramLabel(label)
                .type(String.class)
                .description(help.contains("by default") ? help : help + " Default: " + defaultValue + ".");
    }

    /** The values from the command line. */
    public static HostOptions read(CommandSpec command) {
        HostOptions options = HostOptions.defaults();
        ParseResult parsed = command.commandLine().getParseResult();
        for (OptionSpec option : parsed.matchedOptions()) {
            Object typed = option.getValue();
            try {
                for (Object value : typed instanceof List<?> values ? values : List.of(typed)) {
                    Optional<HostOptions> changed = options.with(option.longestName(), value.toString());
                    options = changed.orElse(options);
                }
            } catch (IllegalArgumentException e) {
                throw new ParameterException(command.commandLine(), option.longestName() + ": " + e.getMessage());
            }
        }
        return options;
    }

    /** Rejects per-function options whose function is not hosted. */
    public static void checkNames(CommandSpec command, HostOptions options, Collection<String> hosted) {
        try {
            options.checkNames(hosted);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(command.commandLine(), e.getMessage());
        }
    }
}
