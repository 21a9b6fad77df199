package org.kapacitorudf.session;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.kapacitorudf.ArgumentType;
import org.kapacitorudf.Description;
import org.kapacitorudf.EdgeType;
import org.kapacitorudf.Option;
import org.kapacitorudf.OptionValues.Given;
import org.kapacitorudf.OptionValues.Unset;
import org.kapacitorudf.proto.InfoResponse;
import org.kapacitorudf.proto.InitRequest;
import org.kapacitorudf.proto.OptionInfo;
import org.kapacitorudf.proto.OptionValue;
import org.kapacitorudf.proto.ValueType;

/**
 * Translates between options and the messages of the protocol.
 *
 * <p>Threading: stateless, safe for any thread.
 */
public final class OptionMessages {
    private OptionMessages() {}

    /** The options of a TICKscript, in its order. An argument without a value, whatever its type says, is {@link Unset}: protocol.md, section 3. */
    public static List<Given> given(InitRequest init) {
        List<Given> given = new ArrayList<>(init.getOptionsCount());
        for (org.kapacitorudf.proto.Option option : init.getOptionsList()) {
            List<Object> arguments = new ArrayList<>(option.getValuesCount());
            for (OptionValue value : option.getValuesList()) {
                arguments.add(argument(value));
            }
            given.add(new Given(option.getName(), arguments));
        }
        return given;
    }

    /** The answer to Info: edges, and the options with the types of their arguments. */
    public static InfoResponse info(Description description) {
        InfoResponse.Builder info =
                InfoResponse.newBuilder().setWants(edge(description.wants())).setProvides(edge(description.provides()));
        for (Option<?> option : description.options()) {
            OptionInfo.Builder types = OptionInfo.newBuilder();
            for (ArgumentType type : option.types()) {
                types.addValueTypes(valueType(type));
            }
            info.putOptions(option.name(), types.build());
        }
        return info.build();
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

    private static org.kapacitorudf.proto.EdgeType edge(EdgeType edge) {
        return switch (edge) {
            case STREAM -> org.kapacitorudf.proto.EdgeType.STREAM;
            case BATCH -> org.kapacitorudf.proto.EdgeType.BATCH;
        };
    }

    private static ValueType valueType(ArgumentType type) {
        return switch (type) {
            case BOOL -> ValueType.BOOL;
            case INT -> ValueType.INT;
            case DOUBLE -> ValueType.DOUBLE;
            case STRING -> ValueType.STRING;
            case DURATION -> ValueType.DURATION;
        };
    }
}
