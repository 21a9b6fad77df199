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
     * Parses a value. If it is invalid, throws a {@link ParameterException} that names the option.
     *
     * @param read parses the value; throws {@link IllegalArgumentException}, or {@link ArithmeticException} if a number
     *     is out of range
     */
    public static <T> T value(CommandSpec command, String option, Supplier<T> read) {
        try {
            return read.get();
        } catch (IllegalArgumentException | ArithmeticException e) {
            throw new ParameterException(command.commandLine(), option + ": " + e.getMessage());
        }
    }

    /** Returns the message of an exception that was caused by an option, on the command line or elsewhere. */
    public static String text(RuntimeException problem) {
        return problem instanceof ParameterException mistake ? text(mistake) : String.valueOf(problem.getMessage());
    }

    /**
     * Returns the message of a mistake on the command line. If the value of an option is invalid, the message begins
     * with the option's name.
     */
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
