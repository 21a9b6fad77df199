package org.kapacitorudf.client;

import java.time.Duration;
import java.util.List;
import org.kapacitorudf.internal.line.DurationText;
import org.kapacitorudf.proto.Option;
import org.kapacitorudf.proto.OptionValue;
import org.kapacitorudf.proto.ValueType;

/**
 * Creates the options of an {@link org.kapacitorudf.proto.InitRequest InitRequest} from plain values.
 *
 * <pre>{@code
 * kapacitor.init("task", "movingAvg2", Options.of("field", "value"), Options.of("size", 10));
 * }</pre>
 *
 * <p>Threading: safe for use by any thread.
 */
public final class Options {
    private Options() {}

    /**
     * Creates one use of an option, as in a TICKscript: {@code .name(arguments)}.
     *
     * @param arguments the arguments, each a {@code Boolean}, {@code Integer}, {@code Long}, {@code Double},
     *     {@code String} or {@code Duration}; {@code null} for an argument that is not a literal (a {@code "tag"}
     *     reference), which Kapacitor sends as a BOOL without a value
     * @throws IllegalArgumentException if an argument is of any other class
     */
    public static Option of(String name, Object... arguments) {
        Option.Builder option = Option.newBuilder().setName(name);
        for (Object argument : arguments) {
            option.addValues(value(argument));
        }
        return option.build();
    }

    /**
     * Parses one use of an option on a command line.
     *
     * @param text the arguments, separated by commas
     * @param types the types of the arguments, as declared by the function
     * @throws IllegalArgumentException if the text does not match the types
     */
    public static Option parse(String name, String text, List<ValueType> types) {
        String[] texts = types.size() == 1 ? new String[] {text} : text.split(",", -1);
        if (texts.length != types.size()) {
            throw new IllegalArgumentException(
                    "option " + name + ": " + text + " (expected: " + types.size() + " values)");
        }
        Object[] values = new Object[texts.length];
        for (int i = 0; i < texts.length; i++) {
            values[i] = parse(name, texts[i], types.get(i));
        }
        return of(name, values);
    }

    private static Object parse(String name, String text, ValueType type) {
        try {
            return switch (type) {
                case BOOL -> Boolean.parseBoolean(text);
                case INT -> Long.parseLong(text);
                case DOUBLE -> Double.parseDouble(text);
                case DURATION ->
                    DurationText.parse(text)
                            .orElseThrow(() -> new IllegalArgumentException(
                                    "option " + name + ": " + text + " (expected: " + DurationText.EXAMPLES + ")"));
                default -> text;
            };
        } catch (NumberFormatException | ArithmeticException e) {
            throw new IllegalArgumentException("option " + name + ": " + text + " (expected: " + type + ")", e);
        }
    }

    private static OptionValue value(Object argument) {
        OptionValue.Builder value = OptionValue.newBuilder();
        if (argument == null) {
            value.setType(ValueType.BOOL);
        } else if (argument instanceof Boolean bool) {
            value.setType(ValueType.BOOL).setBoolValue(bool);
        } else if (argument instanceof Integer integer) {
            value.setType(ValueType.INT).setIntValue(integer);
        } else if (argument instanceof Long integer) {
            value.setType(ValueType.INT).setIntValue(integer);
        } else if (argument instanceof Double number) {
            value.setType(ValueType.DOUBLE).setDoubleValue(number);
        } else if (argument instanceof String string) {
            value.setType(ValueType.STRING).setStringValue(string);
        } else if (argument instanceof Duration duration) {
            value.setType(ValueType.DURATION).setDurationValue(duration.toNanos());
        } else {
            throw new IllegalArgumentException(
                    "argument: " + argument.getClass().getName()
                            + " (expected: Boolean, Integer, Long, Double, String, Duration or null)");
        }
        return value.build();
    }
}
