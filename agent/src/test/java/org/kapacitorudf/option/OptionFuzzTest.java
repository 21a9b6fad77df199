package org.kapacitorudf.option;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.params.provider.MethodSource;
import org.kapacitorudf.Oracle;
import org.kapacitorudf.errors.UdfException;
import org.kapacitorudf.internal.codec.OptionMessages;
import org.kapacitorudf.internal.line.GivenOption;
import org.kapacitorudf.internal.line.OptionAccess;
import org.kapacitorudf.proto.InitRequest;
import org.kapacitorudf.proto.InitResponse;
import org.kapacitorudf.proto.OptionValue;
import org.kapacitorudf.proto.Response;
import org.kapacitorudf.testing.fuzz.Claim;
import org.kapacitorudf.testing.fuzz.Reading;
import org.kapacitorudf.testing.fuzz.Seeds;

/**
 * Any options of a TICKscript or a command line result in values within their bounds, or in one {@link UdfException}
 * whose text is a line that can be sent to Kapacitor. Secrets occur in neither. A literal that is read and written in
 * TICKscript syntax is read as the same value again.
 *
 * <pre>
 *   00 | an InitRequest
 *   01 | name=value, line feed, name=value ...
 *   02 | type | a literal
 * </pre>
 */
class OptionFuzzTest {
    private static final OptionAccess<Option<?>, OptionValues> OPTIONS = OptionAccess.of(OptionValues.class);

    private static final String SECRET = "PASSWORD";
    private static final Option<String> FIELD = Option.string("field").required();
    private static final Option<Long> SIZE = Option.integer("size").atLeast(1).orElse(5L);
    private static final Option<Optional<Double>> RATIO = Option.number("ratio");
    private static final Option<Boolean> ON = Option.flag("on");
    private static final Option<List<Duration>> PERIOD =
            Option.duration("period").repeated();
    private static final Option<?> BAND =
            Option.tuple("band", Argument.string("name"), Argument.integer("count"), Argument.bool("is"));
    private static final Option<Optional<String>> KEY = Option.string("key")
            .check("a good one", key -> !key.startsWith(SECRET + "!"))
            .secret();
    private static final List<Option<?>> DECLARED = List.of(FIELD, SIZE, RATIO, ON, PERIOD, BAND, KEY);

    @MethodSource("seeds")
    @FuzzTest
    void optionsAreValuesInTheirBoundsOrOneError(byte[] input) {
        Reading reading = new Reading(input);
        switch (reading.below(3)) {
            case 0 -> {
                InitRequest init =
                        Oracle.parse(InitRequest.parser(), reading.rest()).orElse(null);
                if (init != null) {
                    check(OptionMessages.given(init));
                }
            }
            case 1 -> {
                String text = new String(reading.rest(), StandardCharsets.UTF_8);
                check(OPTIONS.fromText(DECLARED, Arrays.asList(text.split("\n"))));
            }
            default -> {
                ArgumentType type = ArgumentType.values()[reading.below(ArgumentType.values().length)];
                checkLiteral(type, new String(reading.rest(), StandardCharsets.UTF_8));
            }
        }
    }

    private static void check(Collection<GivenOption> given) {
        boolean isSecretElsewhere = given.stream()
                .anyMatch(option -> option.name().contains(SECRET)
                        || !option.name().equals("key")
                                && option.arguments().toString().contains(SECRET));
        OptionValues values;
        try {
            values = OPTIONS.parse(DECLARED, given);
        } catch (UdfException e) {
            checkText(e.getMessage(), isSecretElsewhere);
            Response refusal = Response.newBuilder()
                    .setInit(InitResponse.newBuilder().setError(e.getMessage()))
                    .build();
            Claim.same(
                    refusal,
                    Oracle.parse(Response.parser(), refusal.toByteArray()).orElse(null),
                    "refusal");
            return;
        }
        checkText(values.toString(), isSecretElsewhere);
        Claim.that(values.get(FIELD) != null, "field: null");
        Claim.that(values.get(SIZE) >= 1, "size: " + values.get(SIZE));
        values.get(RATIO).ifPresent(ratio -> Claim.that(Double.isFinite(ratio), "ratio: " + ratio));
        Claim.same(
                given.stream().filter(option -> option.name().equals("period")).count(),
                (long) values.get(PERIOD).size(),
                "periods");
        Claim.same(given.stream().anyMatch(option -> option.name().equals("on")), values.get(ON), "on");
        values.get(BAND);
        values.get(KEY);
    }

    private static void checkText(String text, boolean isSecretElsewhere) {
        Claim.that(text.chars().noneMatch(Character::isISOControl), "text: " + text);
        Claim.that(isSecretElsewhere || !text.contains(SECRET), "a secret is in the text: " + text);
    }

    private static void checkLiteral(ArgumentType type, String text) {
        Optional<Object> value = Literal.parse(type, text);
        if (value.isPresent() && canBeWritten(value.get())) {
            String written = Literal.of(value.get());
            Claim.same(value, Literal.parse(type, written), written);
        }
    }

    /**
     * Excludes negative zero, which options do not have, and strings that TICKscript cannot write, because it has no
     * escapes between triple quotes.
     */
    private static boolean canBeWritten(Object value) {
        if (value instanceof String text) {
            return !text.contains("'") || !text.endsWith("\\") && !text.contains("\\'");
        }
        return !value.equals(-0.0);
    }

    static List<byte[]> seeds() {
        List<byte[]> seeds = new ArrayList<>();
        InitRequest init = InitRequest.newBuilder()
                .setTaskID("t")
                .addOptions(option("field").addValues(OptionValue.newBuilder().setStringValue("v")))
                .addOptions(option("size").addValues(OptionValue.newBuilder().setIntValue(3)))
                .addOptions(option("ratio").addValues(OptionValue.newBuilder().setDoubleValue(-0.0)))
                .addOptions(option("on"))
                .addOptions(option("period").addValues(OptionValue.newBuilder().setDurationValue(5)))
                .addOptions(option("key").addValues(OptionValue.newBuilder().setStringValue(SECRET)))
                .addOptions(option("band")
                        .addValues(OptionValue.newBuilder().setStringValue("a"))
                        .addValues(OptionValue.newBuilder().setIntValue(1))
                        .addValues(OptionValue.newBuilder().setBoolValue(true)))
                .build();
        seeds.add(Seeds.with(init.toByteArray(), 0));
        seeds.add(Seeds.with(
                "field='v'\nsize=3\nratio=0.25\non\nperiod=90s\nperiod=1w\nband='a,b',1,TRUE\nkey=PASSWORD"
                        .getBytes(StandardCharsets.UTF_8),
                1));
        seeds.add(Seeds.with("field='v'\nkey=PASSWORD!".getBytes(StandardCharsets.UTF_8), 1));
        for (String literal : List.of("TRUE", "-10", "1.5e3", "'it\\'s'", "-90ms", "'''x'''", "2w", "7\u00b5")) {
            for (int type = 0; type < ArgumentType.values().length; type++) {
                seeds.add(Seeds.with(literal.getBytes(StandardCharsets.UTF_8), 2, type));
            }
        }
        return seeds;
    }

    private static org.kapacitorudf.proto.Option.Builder option(String name) {
        return org.kapacitorudf.proto.Option.newBuilder().setName(name);
    }
}
