package org.kapacitorudf.server;

import java.util.Collection;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Model.ArgGroupSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;

/** {@link HostOptions} on the command line: the options of {@code run} and {@code serve} alike. */
final class HostOptionSpecs {
    private static final String TRACE_HELP =
            "Logs every message of a function's connections: docs/debugging.md. Can be repeated.";

    private HostOptionSpecs() {}

    static void addTo(CommandSpec command) {
        HostOptions defaults = HostOptions.defaults();
        ArgGroupSpec.Builder group = ArgGroupSpec.builder()
                .heading("%nLimits and policies:%n")
                .exclusive(false)
                .validate(false)
                .multiplicity("0..1")
                .order(1);
        for (AgentSetting setting : AgentSetting.values()) {
            OptionSpec.Builder option =
                    option(setting.option(), setting.label(), setting.help(), setting.show(defaults.config()));
            if (setting.isPerFunction()) {
                option.type(List.class).auxiliaryTypes(String.class);
            }
            group.addArg(option.build());
        }
        group.addArg(option(
                        HostOptions.GRACE,
                        "DURATION",
                        "How long connections may take to end after SIGTERM or SIGINT.",
                        Texts.duration(defaults.grace()))
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
                .description(help.contains("unless set") ? help : help + " Default: " + defaultValue + ".");
    }

    /** What was typed. */
    static HostOptions read(CommandSpec command) {
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

    /** Refuses what is said of single functions if they are not hosted. */
    static void checkNames(CommandSpec command, HostOptions options, Collection<String> hosted) {
        try {
            options.checkNames(hosted);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(command.commandLine(), e.getMessage());
        }
    }
}
