package org.kapacitorudf.internal.codec;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.kapacitorudf.Description;
import org.kapacitorudf.EdgeType;
import org.kapacitorudf.internal.line.GivenOption;
import org.kapacitorudf.internal.line.GivenOption.Unset;
import org.kapacitorudf.internal.wire.Encoded;
import org.kapacitorudf.internal.wire.Wire;
import org.kapacitorudf.option.ArgumentType;
import org.kapacitorudf.option.Option;
import org.kapacitorudf.proto.InitRequest;
import org.kapacitorudf.proto.OptionValue;

/**
 * Translates between options and the messages of the protocol.
 *
 * <p>Threading: stateless, safe for use by any thread.
 */
public final class OptionMessages {
    private static final int WANTS = Wire.tag(1, Wire.VARINT);
    private static final int PROVIDES = Wire.tag(2, Wire.VARINT);
    private static final int OPTIONS = Wire.tag(3, Wire.LENGTH);
    private static final int MAP_VALUE = Wire.tag(2, Wire.LENGTH);
    private static final int VALUE_TYPES = Wire.tag(1, Wire.LENGTH);

    private OptionMessages() {}

    /**
     * Returns the options of a TICKscript, in order. An argument without a value becomes {@link Unset}, whatever its
     * declared type (see docs/protocol.md).
     */
    public static List<GivenOption> given(InitRequest init) {
        List<GivenOption> given = new ArrayList<>(init.getOptionsCount());
        for (org.kapacitorudf.proto.Option option : init.getOptionsList()) {
            List<Object> arguments = new ArrayList<>(option.getValuesCount());
            for (OptionValue value : option.getValuesList()) {
                arguments.add(argument(value));
            }
            given.add(new GivenOption(option.getName(), arguments));
        }
        return given;
    }

    /**
     * Returns the answer to Info, an encoded {@code InfoResponse}. It contains the edges, and the options with the
     * types of their arguments.
     *
     * <p>This method does not use protobuf's classes. Kapacitor starts a process just to get this answer, and loading
     * the classes would take a fifth of the time that Kapacitor waits for it.
     */
    public static byte[] info(Description description) {
        List<byte[]> fields = new ArrayList<>();
        fields.add(Encoded.varint(WANTS, number(description.wants())));
        fields.add(Encoded.varint(PROVIDES, number(description.provides())));
        for (Option<?> option : description.options()) {
            byte[] types = new byte[option.types().size()];
            for (int i = 0; i < types.length; i++) {
                types[i] = number(option.types().get(i));
            }
            byte[] optionInfo = Encoded.message(VALUE_TYPES, types);
            byte[] entry = Encoded.joined(List.of(
                    Encoded.text(Wire.MAP_KEY, "option", option.name()), Encoded.message(MAP_VALUE, optionInfo)));
            fields.add(Encoded.message(OPTIONS, entry));
        }
        return Encoded.joined(fields);
    }

    private static Object argument(OptionValue value) {
        return switch (value.getValueCase()) {
            case BOOLVALUE -> value.getBoolValue();
            case INTVALUE -> value.getIntValue();
            case DOUBLEVALUE -> value.getDoubleValue();
            case STRINGVALUE -> value.getStringValue();
            case DURATIONVALUE -> Duration.ofNanos(value.getDurationValue());
            case VALUE_NOT_SET -> Unset.UNSET;
        };
    }

    private static byte number(EdgeType edge) {
        return switch (edge) {
            case STREAM -> 0;
            case BATCH -> 1;
        };
    }

    private static byte number(ArgumentType type) {
        return switch (type) {
            case BOOL -> 0;
            case INT -> 1;
            case DOUBLE -> 2;
            case STRING -> 3;
            case DURATION -> 4;
        };
    }
}
