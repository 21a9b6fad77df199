package org.kapacitorudf.server.options;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;
import picocli.CommandLine;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/**
 * Converters for the values of options. If a value is invalid, the message of the exception begins with the value, and
 * {@link OptionParsing#text} adds the name of the option.
 */
public final class Converters {
    private Converters() {}

    /** Adds the converters for durations and numbers that all commands use. */
    public static CommandLine addTo(CommandLine commandLine) {
        return commandLine
                .registerConverter(Duration.class, Quantities::parseDuration)
                .registerConverter(int.class, Converters::number)
                .registerConverter(Integer.class, Converters::number)
                .registerConverter(double.class, Converters::positive);
    }

    private static int number(String text) {
        try {
            return Integer.parseInt(text);
        } catch (NumberFormatException e) {
            throw new TypeConversionException(text + " (expected: a number)");
        }
    }

    private static double positive(String text) {
        try {
            double number = Double.parseDouble(text);
            if (number >= 0 && number <= Double.MAX_VALUE) {
                return number;
            }
        } catch (NumberFormatException e) {
            // Handled below.
        }
        throw new TypeConversionException(text + " (expected: a number >= 0)");
    }

    /** Returns a converter for the constants of an enum, which are typed in lower case. */
    public static <E extends Enum<E>> ITypeConverter<E> choice(Class<E> type) {
        return text -> {
            for (E choice : type.getEnumConstants()) {
                if (lowerCase(choice).equals(text)) {
                    return choice;
                }
            }
            String choices = Arrays.stream(type.getEnumConstants())
                    .map(Converters::lowerCase)
                    .collect(Collectors.joining("|"));
            throw new IllegalArgumentException(text + " (expected: " + choices + ")");
        };
    }

    private static String lowerCase(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT);
    }

    /** A duration that is not zero. */
    public static final class PositiveDuration implements ITypeConverter<Duration> {
        @Override
        public Duration convert(String text) {
            Duration duration = Quantities.parseDuration(text);
            if (duration.isZero()) {
                throw new IllegalArgumentException(text + " (expected: > 0)");
            }
            return duration;
        }
    }

    /** A number of bytes. */
    public static final class Bytes implements ITypeConverter<Long> {
        @Override
        public Long convert(String text) {
            return Quantities.parseBytes(text);
        }
    }

    /** A number of bytes, which must be a valid size of an array. */
    public static final class ArrayBytes implements ITypeConverter<Integer> {
        @Override
        public Integer convert(String text) {
            long bytes = Quantities.parseBytes(text);
            if (bytes > Integer.MAX_VALUE) {
                throw new IllegalArgumentException(text + " (expected: less than 2GiB)");
            }
            return (int) bytes;
        }
    }

    /** The maximum length of a line in bytes. */
    public static final class LineBytes implements ITypeConverter<Integer> {
        @Override
        public Integer convert(String text) {
            return Quantities.parseLineBytes(text);
        }
    }

    /** A number that is 0 or more. */
    public static final class Count implements ITypeConverter<Integer> {
        @Override
        public Integer convert(String text) {
            return Quantities.parseCount(text);
        }
    }

    /** A number that is 1 or more. */
    public static final class PositiveCount implements ITypeConverter<Integer> {
        @Override
        public Integer convert(String text) {
            return Quantities.parsePositiveCount(text);
        }
    }

    /** A port of the loopback interface, or a host and a port. */
    public static final class Address implements ITypeConverter<InetSocketAddress> {
        @Override
        public InetSocketAddress convert(String text) {
            return HttpOptions.parseAddress(text);
        }
    }
}
