package org.kapacitorudf.internal.codec;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.InvalidProtocolBufferException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.kapacitorudf.Description;
import org.kapacitorudf.EdgeType;
import org.kapacitorudf.internal.line.GivenOption;
import org.kapacitorudf.internal.line.GivenOption.Unset;
import org.kapacitorudf.option.Argument;
import org.kapacitorudf.option.Option;
import org.kapacitorudf.proto.InfoResponse;
import org.kapacitorudf.proto.InitRequest;
import org.kapacitorudf.proto.OptionInfo;
import org.kapacitorudf.proto.OptionValue;
import org.kapacitorudf.proto.ValueType;

class OptionMessagesTest {
    @Test
    void eachTypeOfValueIsTakenAsItIs() {
        InitRequest init = InitRequest.newBuilder()
                .addOptions(org.kapacitorudf.proto.Option.newBuilder()
                        .setName("multi")
                        .addValues(
                                OptionValue.newBuilder().setType(ValueType.BOOL).setBoolValue(false))
                        .addValues(
                                OptionValue.newBuilder().setType(ValueType.INT).setIntValue(0))
                        .addValues(OptionValue.newBuilder()
                                .setType(ValueType.DOUBLE)
                                .setDoubleValue(0.25))
                        .addValues(OptionValue.newBuilder()
                                .setType(ValueType.STRING)
                                .setStringValue("x"))
                        .addValues(OptionValue.newBuilder()
                                .setType(ValueType.DURATION)
                                .setDurationValue(90_000_000_000L)))
                .addOptions(org.kapacitorudf.proto.Option.newBuilder().setName("none"))
                .build();
        assertThat(OptionMessages.given(init))
                .containsExactly(
                        GivenOption.of("multi", false, 0, 0.25, "x", Duration.ofSeconds(90)), GivenOption.of("none"));
    }

    @Test
    void aValueThatIsNotSetIsUnset() {
        InitRequest init = InitRequest.newBuilder()
                .addOptions(org.kapacitorudf.proto.Option.newBuilder()
                        .setName("field")
                        .addValues(OptionValue.newBuilder().setType(ValueType.BOOL)))
                .build();
        assertThat(OptionMessages.given(init)).containsExactly(new GivenOption("field", List.of(Unset.UNSET)));
    }

    @Test
    void repeatedOptionsKeepTheirOrder() {
        InitRequest init = InitRequest.newBuilder()
                .addOptions(org.kapacitorudf.proto.Option.newBuilder().setName("b"))
                .addOptions(org.kapacitorudf.proto.Option.newBuilder().setName("a"))
                .addOptions(org.kapacitorudf.proto.Option.newBuilder().setName("b"))
                .build();
        assertThat(OptionMessages.given(init)).extracting(GivenOption::name).containsExactly("b", "a", "b");
    }

    @Test
    void infoTellsEdgesAndTheTypesOfEachOption() throws InvalidProtocolBufferException {
        Description description = Description.of("f", "", EdgeType.STREAM, EdgeType.BATCH)
                .options(
                        Option.string("field").required(),
                        Option.flag("none"),
                        Option.tuple(
                                "multi",
                                Argument.bool("a"),
                                Argument.integer("b"),
                                Argument.number("c"),
                                Argument.string("d"),
                                Argument.duration("e")));
        assertThat(InfoResponse.parseFrom(OptionMessages.info(description)))
                .isEqualTo(InfoResponse.newBuilder()
                        .setWants(org.kapacitorudf.proto.EdgeType.STREAM)
                        .setProvides(org.kapacitorudf.proto.EdgeType.BATCH)
                        .putOptions(
                                "field",
                                OptionInfo.newBuilder()
                                        .addValueTypes(ValueType.STRING)
                                        .build())
                        .putOptions("none", OptionInfo.getDefaultInstance())
                        .putOptions(
                                "multi",
                                OptionInfo.newBuilder()
                                        .addValueTypes(ValueType.BOOL)
                                        .addValueTypes(ValueType.INT)
                                        .addValueTypes(ValueType.DOUBLE)
                                        .addValueTypes(ValueType.STRING)
                                        .addValueTypes(ValueType.DURATION)
                                        .build())
                        .build());
    }
}
