package org.kapacitorudf.internal.line;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * One use of an option in a TICKscript.
 *
 * @param arguments each a {@link Boolean}, {@link Long}, {@link Double}, {@link String}, {@link Duration} or
 *     {@link Unset}
 */
public record GivenOption(String name, List<Object> arguments) {
    public GivenOption {
        Objects.requireNonNull(name, "name");
        arguments = List.copyOf(arguments);
        for (Object argument : arguments) {
            if (!(argument instanceof Boolean
                    || argument instanceof Long
                    || argument instanceof Double
                    || argument instanceof String
                    || argument instanceof Duration
                    || argument instanceof Unset)) {
                throw new IllegalArgumentException(
                        name + ": " + argument.getClass().getName()
                                + " (expected: a Boolean, Long, Double, String, Duration or Unset)");
            }
        }
    }

    /**
     * Creates an option from plain Java values. Integers of any size become {@link Long}, floats become {@link Double}.
     */
    public static GivenOption of(String name, Object... arguments) {
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
        return new GivenOption(name, neutral);
    }

    /** Returns the option's name and the number of its arguments. Values are omitted, because they may be secret. */
    @Override
    public String toString() {
        return name + "(" + arguments.size() + ")";
    }

    /**
     * An argument without a value, because the TICKscript contains a reference, for example to a tag, instead of a
     * literal.
     */
    public enum Unset {
        UNSET
    }
}
