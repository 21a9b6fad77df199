package org.kapacitorudf.option;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.kapacitorudf.errors.UdfException;
import org.kapacitorudf.internal.line.GivenOption;
import org.kapacitorudf.internal.line.GivenOption.Unset;

class OptionValuesTest {
    private static final Option<String> FIELD = Option.string("field").required();
    private static final Option<Long> SIZE = Option.integer("size").required().atLeast(1);
    private static final Option<String> AS = Option.string("as").orElse("avg");
    private static final Option<Optional<Double>> SCALE =
            Option.number("scale").moreThan(0).atMost(10);
    private static final Option<List<Long>> LEVELS =
            Option.integer("level").repeated().atLeast(0);
    private static final Option<Optional<Duration>> PERIOD = Option.duration("period");
    private static final Option<Boolean> STRICT = Option.bool("strict").orElse(false);
    private static final Option<Boolean> VERBOSE = Option.flag("verbose");
    private static final Option<Optional<String>> PASSWORD = Option.string("password")
            .check("8 characters or more", s -> s.length() >= 8)
            .secret();

    private static final Argument<String> NAME = Argument.string("name");
    private static final Argument<Long> COUNT = Argument.integer("count").check(">= 1", n -> n >= 1);
    private static final Argument<Double> WEIGHT = Argument.number("weight");
    private static final Option<Optional<Arguments>> MULTI = Option.tuple("multi", NAME, COUNT, WEIGHT);

    private static final List<Option<?>> ALL =
            List.of(FIELD, SIZE, AS, SCALE, LEVELS, PERIOD, STRICT, VERBOSE, PASSWORD, MULTI);

    @Test
    void whatIsGivenIsWhatTheFunctionGets() {
        OptionValues values = parse(
                GivenOption.of("size", 3),
                GivenOption.of("field", "value"),
                GivenOption.of("scale", 2),
                GivenOption.of("level", 1),
                GivenOption.of("level", 2),
                GivenOption.of("period", Duration.ofSeconds(90)),
                GivenOption.of("strict", true),
                GivenOption.of("verbose"),
                GivenOption.of("password", "correct horse"),
                GivenOption.of("multi", "x", 7, 0.25));
        assertThat(values.get(FIELD)).isEqualTo("value");
        assertThat(values.get(SIZE)).isEqualTo(3);
        assertThat(values.get(AS)).isEqualTo("avg");
        assertThat(values.get(SCALE)).contains(2.0);
        assertThat(values.get(LEVELS)).containsExactly(1L, 2L);
        assertThat(values.get(PERIOD)).contains(Duration.ofSeconds(90));
        assertThat(values.get(STRICT)).isTrue();
        assertThat(values.get(VERBOSE)).isTrue();
        assertThat(values.get(PASSWORD)).contains("correct horse");
        Arguments multi = values.get(MULTI).orElseThrow();
        assertThat(multi.get(NAME)).isEqualTo("x");
        assertThat(multi.get(COUNT)).isEqualTo(7);
        assertThat(multi.get(WEIGHT)).isEqualTo(0.25);
    }

    @Test
    void whatIsNotGivenIsEmptyOrTheDefault() {
        OptionValues values = parse(GivenOption.of("size", 3), GivenOption.of("field", "value"));
        assertThat(values.get(AS)).isEqualTo("avg");
        assertThat(values.get(SCALE)).isEmpty();
        assertThat(values.get(LEVELS)).isEmpty();
        assertThat(values.get(PERIOD)).isEmpty();
        assertThat(values.get(STRICT)).isFalse();
        assertThat(values.get(VERBOSE)).isFalse();
        assertThat(values.get(MULTI)).isEmpty();
    }

    @Test
    void allProblemsAreToldAtOnceAsDeclaredThenTheUnknown() {
        assertProblems(
                "field: missing (expected: a string); size: 0 (expected: >= 1); "
                        + "colour: unknown (expected: one of field, size, as, scale, level, period, strict, verbose, password, multi); "
                        + "a b\\u000a: unknown (expected: one of field, size, as, scale, level, period, strict, verbose, password, multi)",
                GivenOption.of("colour", 1),
                GivenOption.of("a b\n"),
                GivenOption.of("size", 0),
                GivenOption.of("colour", 2));
    }

    @Test
    void anOptionOfAFunctionWithoutOptionsIsUnknown() {
        assertThatExceptionOfType(UdfException.class)
                .isThrownBy(() -> OptionValues.parse(List.of(), List.of(GivenOption.of("size", 1))))
                .withMessage("size: unknown (expected: no option)");
    }

    @Test
    void anArgumentThatIsNoLiteralIsAProblem() {
        assertProblems(
                "field: not a literal (expected: a string); size: not a literal (expected: an integer, >= 1); "
                        + "strict: not a literal (expected: TRUE or FALSE)",
                new GivenOption("field", List.of(Unset.UNSET)),
                new GivenOption("size", List.of(Unset.UNSET)),
                new GivenOption("strict", List.of(Unset.UNSET)));
    }

    @Test
    void anArgumentOfAnotherTypeIsAProblem() {
        assertProblems(
                "field: 3 (expected: a string); size: 'x' (expected: an integer, >= 1); "
                        + "scale: TRUE (expected: a number, > 0.0 and <= 10.0); "
                        + "period: 60 (expected: a duration, such as 90s); strict: 1 (expected: TRUE or FALSE)",
                GivenOption.of("field", 3),
                GivenOption.of("size", "x"),
                GivenOption.of("scale", true),
                GivenOption.of("period", 60),
                GivenOption.of("strict", 1));
    }

    @Test
    void anIntegerIsNoDoubleAndADoubleIsNoInteger() {
        assertProblems(
                "size: 2.0 (expected: an integer, >= 1)", GivenOption.of("field", "f"), GivenOption.of("size", 2.0));
    }

    @ParameterizedTest
    @CsvSource({
        "0.0, '0.0 (expected: > 0.0 and <= 10.0)'",
        "-0.0, '-0.0 (expected: > 0.0 and <= 10.0)'",
        "10.1, '10.1 (expected: > 0.0 and <= 10.0)'",
        "NaN, 'NaN (expected: a number, > 0.0 and <= 10.0)'",
        "Infinity, 'Infinity (expected: a number, > 0.0 and <= 10.0)'"
    })
    void aNumberKeepsToItsBounds(double scale, String problem) {
        assertProblems(
                "scale: " + problem,
                GivenOption.of("field", "f"),
                GivenOption.of("size", 1),
                GivenOption.of("scale", scale));
    }

    @Test
    void theBoundsThemselvesAreInOrOut() {
        assertThat(parse(GivenOption.of("field", "f"), GivenOption.of("size", 1), GivenOption.of("scale", 10))
                        .get(SCALE))
                .contains(10.0);
        Option<Optional<Double>> fromZero = Option.number("x").atLeast(0).lessThan(1);
        List<Option<?>> declared = List.of(fromZero);
        assertThat(OptionValues.parse(declared, List.of(GivenOption.of("x", -0.0)))
                        .get(fromZero))
                .contains(0.0);
        assertThatExceptionOfType(UdfException.class)
                .isThrownBy(() -> OptionValues.parse(declared, List.of(GivenOption.of("x", 1))));
    }

    @Test
    void anOptionGivenTwiceIsAProblemUnlessItMayBeRepeated() {
        assertProblems(
                "size: given 2 times (expected: once); verbose: given 3 times (expected: once)",
                GivenOption.of("field", "f"),
                GivenOption.of("size", 1),
                GivenOption.of("size", 2),
                GivenOption.of("verbose"),
                GivenOption.of("verbose"),
                GivenOption.of("verbose"));
    }

    @Test
    void eachUseOfARepeatedOptionIsChecked() {
        assertProblems(
                "level: -1 (expected: >= 0); level: 'x' (expected: an integer, >= 0)",
                GivenOption.of("field", "f"),
                GivenOption.of("size", 1),
                GivenOption.of("level", -1),
                GivenOption.of("level", 0),
                GivenOption.of("level", "x"));
    }

    @Test
    void aRequiredRepeatedOptionIsGivenAtLeastOnce() {
        Option<List<String>> tags = Option.string("tag").required().repeated();
        List<Option<?>> declared = List.of(tags);
        assertThatExceptionOfType(UdfException.class)
                .isThrownBy(() -> OptionValues.parse(declared, List.of()))
                .withMessage("tag: missing (expected: a string)");
        assertThat(OptionValues.parse(declared, List.of(GivenOption.of("tag", "a")))
                        .get(tags))
                .containsExactly("a");
    }

    @Test
    void theNumberOfArgumentsIsChecked() {
        assertProblems(
                "field: no argument (expected: a string); size: 2 arguments (expected: an integer, >= 1); "
                        + "verbose: 1 argument (expected: no argument); multi: 2 arguments (expected: (name, count, weight))",
                GivenOption.of("field"),
                GivenOption.of("size", 1, 2),
                GivenOption.of("verbose", true),
                GivenOption.of("multi", "x", 7));
    }

    @Test
    void eachArgumentOfATupleIsChecked() {
        assertProblems(
                "multi.name: 1 (expected: a string); multi.count: 0 (expected: >= 1); "
                        + "multi.weight: not a literal (expected: a number)",
                GivenOption.of("field", "f"),
                GivenOption.of("size", 1),
                GivenOption.of("multi", 1, 0, Unset.UNSET));
    }

    @Test
    void theArgumentsOfATupleAreCheckedTogether() {
        Argument<Long> low = Argument.integer("low");
        Argument<Long> high = Argument.integer("high");
        Option<List<Arguments>> bands = Option.tuple("band", low, high)
                .check("low < high", band -> band.get(low) < band.get(high))
                .repeated();
        List<Option<?>> declared = List.of(bands);
        List<GivenOption> ordered = List.of(GivenOption.of("band", 1, 2), GivenOption.of("band", 2, 3));
        assertThat(OptionValues.parse(declared, ordered).get(bands))
                .extracting(band -> band.get(high))
                .containsExactly(2L, 3L);
        assertThatExceptionOfType(UdfException.class)
                .isThrownBy(() -> OptionValues.parse(declared, List.of(GivenOption.of("band", 2, 1))))
                .withMessage("band: (2, 1) (expected: low < high)");
    }

    @Test
    void aTupleHasOnlyTheArgumentsItWasDefinedWith() {
        OptionValues values =
                parse(GivenOption.of("field", "f"), GivenOption.of("size", 1), GivenOption.of("multi", "x", 7, 0.25));
        Arguments multi = values.get(MULTI).orElseThrow();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> multi.get(Argument.string("name")))
                .withMessage("argument: name (expected: one of [name, count, weight])");
    }

    @Test
    void aSecretIsInNoMessage() {
        for (Object wrong : List.of("hunter2", 123_456_789L, 4.5, true, Duration.ofNanos(987_654_321))) {
            assertProblems(
                    wrong instanceof String
                            ? "password: **** (expected: 8 characters or more)"
                            : "password: **** (expected: a string, 8 characters or more)",
                    GivenOption.of("field", "f"),
                    GivenOption.of("size", 1),
                    GivenOption.of("password", wrong));
        }
    }

    @Test
    void aSecretIsInNoTextOfAnyObject() {
        GivenOption given = GivenOption.of("password", "correct horse");
        Option<Arguments> login = Option.tuple("login", NAME, Argument.string("key"))
                .check("a real name", arguments -> !arguments.get(NAME).equals("nobody"))
                .required()
                .secret();
        OptionValues values = OptionValues.parse(
                List.of(PASSWORD, login), List.of(given, GivenOption.of("login", "me", "battery staple")));
        assertThat(given).hasToString("password(1)");
        assertThat(values).hasToString("password=**** login=****");
        assertThat(values.get(login)).hasToString("****");
        assertThat(values.get(login).get(NAME)).isEqualTo("me");
        assertThatExceptionOfType(UdfException.class)
                .isThrownBy(() -> OptionValues.parse(
                        List.of(login), List.of(GivenOption.of("login", "nobody", "battery staple"))))
                .withMessage("login: **** (expected: a real name)");
    }

    @Test
    void theValuesGoIntoALogAsOneLine() {
        assertThat(parse(
                        GivenOption.of("level", 2),
                        GivenOption.of("level", 1),
                        GivenOption.of("field", "a'b\nc"),
                        GivenOption.of("size", 3),
                        GivenOption.of("password", "correct horse"),
                        GivenOption.of("verbose"),
                        GivenOption.of("multi", "x", 7, 0.25)))
                .hasToString("field='a'b\\u000ac' size=3 as='avg' level=2 level=1 strict=FALSE verbose password=****"
                        + " multi=('x', 7, 0.25)");
    }

    @Test
    void aLongValueIsShortenedInMessages() {
        assertProblems(
                "size: '" + "😀".repeat(100) + "...' (expected: an integer, >= 1)",
                GivenOption.of("field", "f"),
                GivenOption.of("size", "😀".repeat(101)));
    }

    @Test
    void onlyADeclaredOptionHasAValue() {
        OptionValues values = parse(GivenOption.of("field", "f"), GivenOption.of("size", 1));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> values.get(Option.integer("size").required()))
                .withMessageStartingWith(
                        "option: size (expected: one of the objects that the function's description lists: field, ");
    }

    @Test
    void twoOptionsOfOneNameCannotBeDeclared() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> OptionValues.parse(List.of(AS, Option.flag("as")), List.of()))
                .withMessage("option: as (expected: each name once)");
    }

    @Test
    void plainJavaValuesOfOtherTypesAreRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> GivenOption.of("size", new StringBuilder("1")))
                .withMessage(
                        "size: java.lang.StringBuilder (expected: a Boolean, Long, Double, String, Duration or Unset)");
        assertThat(GivenOption.of("x", (byte) 1, (short) 2, 3, 4L, 0.5f).arguments())
                .containsExactly(1L, 2L, 3L, 4L, 0.5);
    }

    @Test
    void textsAreReadByTheDeclaredTypes() {
        List<GivenOption> given = OptionValues.fromText(
                ALL,
                List.of(
                        "field=value",
                        "size=3",
                        "scale=2",
                        "level=1",
                        "level=2",
                        "period=90s",
                        "strict=true",
                        "verbose",
                        "password=a=b,c",
                        "multi='it\\'s, so',7,0.25"));
        OptionValues values = OptionValues.parse(
                ALL,
                given.stream().filter(use -> !use.name().equals("password")).toList());
        assertThat(values)
                .hasToString("field='value' size=3 as='avg' scale=2.0 level=1 level=2 period=90s strict=TRUE verbose"
                        + " multi=('it's, so', 7, 0.25)");
        assertThat(given.get(8).arguments()).containsExactly("a=b,c");
    }

    @Test
    void textsThatCannotBeReadAreProblemsLikeAnyOther() {
        List<GivenOption> given = OptionValues.fromText(
                ALL,
                List.of(
                        "size=ten",
                        "scale=1d",
                        "period=90",
                        "strict=yes",
                        "verbose=1",
                        "multi=x,7",
                        "colour=red",
                        "field",
                        "level="));
        assertThatExceptionOfType(UdfException.class)
                .isThrownBy(() -> OptionValues.parse(ALL, given))
                .withMessageStartingWith(
                        "field: no argument (expected: a string); size: 'ten' (expected: an integer, >= 1); "
                                + "scale: '1d' (expected: a number, > 0.0 and <= 10.0); level: '' (expected: an integer, >= 0); "
                                + "period: '90' (expected: a duration, such as 90s); strict: 'yes' (expected: TRUE or FALSE); "
                                + "verbose: 1 argument (expected: no argument); "
                                + "multi: 2 arguments (expected: (name, count, weight)); colour: unknown");
    }

    @ParameterizedTest
    @CsvSource({
        "7u, PT0.000007S",
        "7µ, PT0.000007S",
        "7μ, PT0.000007S",
        "7ms, PT0.007S",
        "90s, PT1M30S",
        "-5m, PT-5M",
        "2h, PT2H",
        "3d, PT72H",
        "1w, PT168H",
        "1h30m, PT1H30M",
        "1ns, PT0.000000001S",
        "0s, PT0S"
    })
    void durationsAreThoseOfTickscript(String text, Duration duration) {
        assertThat(read(PERIOD, "period=" + text)).contains(duration);
    }

    @ParameterizedTest
    @CsvSource({
        "s",
        "-s",
        "1",
        "1.5s",
        "+1s",
        "1S",
        "1y",
        "1n",
        "99999999999w",
        "99999999999999999999s",
        "' 1s'",
        "--1s"
    })
    void whatIsNoDurationOfTickscriptIsNone(String text) {
        assertThatExceptionOfType(UdfException.class).isThrownBy(() -> read(PERIOD, "period=" + text));
    }

    @ParameterizedTest
    @CsvSource({"NaN", "Infinity", "0x1p3", "1f", "' 1'", "1e999", "'1,5'", "''", "--1"})
    void whatIsNoNumberIsNone(String text) {
        Option<Optional<Double>> number = Option.number("n");
        assertThatExceptionOfType(UdfException.class).isThrownBy(() -> read(number, "n=" + text));
    }

    @Test
    void aStringMayStandInTheQuotesOfTickscript() {
        Option<Optional<String>> string = Option.string("s");
        assertThat(read(string, "s=plain")).contains("plain");
        assertThat(read(string, "s=it's")).contains("it's");
        assertThat(read(string, "s='it\\'s'")).contains("it's");
        assertThat(read(string, "s='''C:\\'''")).contains("C:\\");
        assertThat(read(string, "s=")).contains("");
        assertThat(read(string, "s=''")).contains("");
        assertThat(read(string, "s='")).contains("'");
    }

    private static <T> T read(Option<T> option, String entry) {
        List<Option<?>> declared = List.of(option);
        return OptionValues.parse(declared, OptionValues.fromText(declared, List.of(entry)))
                .get(option);
    }

    private static OptionValues parse(GivenOption... given) {
        return OptionValues.parse(ALL, List.of(given));
    }

    private static void assertProblems(String message, GivenOption... given) {
        assertThatExceptionOfType(UdfException.class)
                .isThrownBy(() -> parse(given))
                .withMessage(message);
    }
}
