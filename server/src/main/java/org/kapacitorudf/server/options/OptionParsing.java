package org.kapacitorudf.server.options;

import java.util.function.Supplier;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.TypeConversionException;

/** Parses values of options. */
public final class OptionParsing {
    private OptionParsing() {}

    /**
     * Parses a value; a problem becomes an error of the command line that names the option.
     *
     * @param read throws {@link IllegalArgumentException}, or {@link ArithmeticException} if a number is out of range
     */
    public static <T> T value(CommandSpec command, String option, Supplier<T> read) {
        try {
            return read.get();
        } catch (IllegalArgumentException | ArithmeticException e) {
            throw new ParameterException(command.commandLine(), option + ": " + e.getMessage());
        }
    }

    /** The text of a problem with options, whether or not it is a mistake on the command line. */
    public static String text(RuntimeException problem) {
        return problem instanceof ParameterException mistake ? text(mistake) : String.valueOf(problem.getMessage());
    }

    /** The text of a mistake on the command line; for the value of an option it begins with the option's name. */
    public static String text(ParameterException mistake) {
        Throwable cause = mistake.getCause();
        return mistake.getArgSpec() instanceof OptionSpec option
                        && (cause instanceof IllegalArgumentException
                                || cause instanceof ArithmeticException
                                || cause instanceof TypeConversionException)
                ? option.longestName() + ": " + cause.getMessage()
                : String.valueOf(mistake.getMessage());
    }
}
