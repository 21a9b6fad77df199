package org.kapacitorudf.option;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OptionTest {
    // Exactly as in design.md.
    private static final Option<String> FIELD =
            Option.string("field").required().help("double field to average");
    private static final Option<Long> SIZE =
            Option.integer("size").required().atLeast(1).help("points per window");
    private static final Option<String> AS = Option.string("as").orElse("avg").help("field that holds the mean");

    @Test
    void anOptionSaysWhatDocumentationNeeds() {
        assertThat(SIZE.name()).isEqualTo("size");
        assertThat(SIZE.types()).containsExactly(ArgumentType.INT);
        assertThat(SIZE.isRequired()).isTrue();
        assertThat(SIZE.isRepeated()).isFalse();
        assertThat(SIZE.isSecret()).isFalse();
        assertThat(SIZE.limits()).isEqualTo(">= 1");
        assertThat(SIZE.help()).isEqualTo("points per window");
        assertThat(SIZE.defaultText()).isEmpty();
        assertThat(FIELD.limits()).isEmpty();
        assertThat(AS.isRequired()).isFalse();
        assertThat(AS.defaultText()).contains("'avg'");
    }

    @Test
    void theOrderOfTheCallsDoesNotMatter() {
        Option<Long> size = Option.integer("size")
                .help("h")
                .secret()
                .atMost(9)
                .orElse(3)
                .atLeast(1)
                .check("odd", n -> n % 2 == 1);
        assertThat(size.limits()).isEqualTo("<= 9 and >= 1 and odd");
        assertThat(size.help()).isEqualTo("h");
        assertThat(size.isSecret()).isTrue();
    }

    @Test
    void aCallGivesACopyAndLeavesTheOptionAsItWas() {
        IntegerOption<Long> size = Option.integer("size").required();
        size.atLeast(1);
        size.secret();
        size.help("h");
        assertThat(size.limits()).isEmpty();
        assertThat(size.isSecret()).isFalse();
        assertThat(size.help()).isEmpty();
    }

    @Test
    void defaultsAreShownAsInATickscript() {
        assertThat(Option.integer("o").orElse(-10).defaultText()).contains("-10");
        assertThat(Option.number("o").orElse(2).defaultText()).contains("2.0");
        assertThat(Option.number("o").orElse(2.5e-7).defaultText()).contains("0.00000025");
        assertThat(Option.number("o").orElse(1e20).defaultText()).contains("100000000000000000000.0");
        assertThat(Option.bool("o").orElse(true).defaultText()).contains("TRUE");
        assertThat(Option.duration("o").orElse(Duration.ofSeconds(90)).defaultText())
                .contains("90s");
        assertThat(Option.duration("o").orElse(Duration.ofMinutes(90)).defaultText())
                .contains("90m");
        assertThat(Option.duration("o").orElse(Duration.ofDays(14)).defaultText())
                .contains("2w");
        assertThat(Option.duration("o").orElse(Duration.ofMillis(1500)).defaultText())
                .contains("1500ms");
        assertThat(Option.duration("o").orElse(Duration.ofNanos(-7_000)).defaultText())
                .contains("-7u");
        assertThat(Option.duration("o").orElse(Duration.ZERO).defaultText()).contains("0s");
        assertThat(Option.string("o").orElse("it's").defaultText()).contains("'it\\'s'");
        assertThat(Option.string("o").orElse("C:\\").defaultText()).contains("'''C:\\'''");
        assertThat(Option.flag("o").defaultText()).isEmpty();
    }

    @Test
    void aSecretsDefaultIsNotShown() {
        assertThat(Option.string("o").orElse("hunter2").secret().defaultText()).contains("****");
    }

    @Test
    void limitsAreSaidInWords() {
        assertThat(Option.number("o").moreThan(0).atMost(1).limits()).isEqualTo("> 0.0 and <= 1.0");
        assertThat(Option.number("o").atLeast(0).lessThan(1).limits()).isEqualTo(">= 0.0 and < 1.0");
        assertThat(Option.duration("o")
                        .moreThan(Duration.ZERO)
                        .lessThan(Duration.ofHours(1))
                        .limits())
                .isEqualTo("> 0s and < 1h");
        assertThat(Option.duration("o")
                        .atLeast(Duration.ofSeconds(1))
                        .atMost(Duration.ofDays(1_000_000))
                        .limits())
                .isEqualTo(">= 1s and <= 86400000000s");
        assertThat(Option.string("o").oneOf("mean", "median").limits()).isEqualTo("one of 'mean', 'median'");
        assertThat(Option.integer("o").oneOf(1, 2, 4).limits()).isEqualTo("one of 1, 2, 4");
        assertThat(Option.string("o").check("not empty", s -> !s.isEmpty()).limits())
                .isEqualTo("not empty");
    }

    @Test
    void aDefaultHasToKeepToTheLimitsWhicheverComesFirst() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Option.integer("size").atLeast(1).orElse(0))
                .withMessage("size: default 0 (expected: >= 1)");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Option.integer("size").orElse(0).atLeast(1))
                .withMessage("size: default 0 (expected: >= 1)");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Option.string("mode").orElse("max").oneOf("mean", "median"))
                .withMessage("mode: default 'max' (expected: one of 'mean', 'median')");
        assertThatIllegalArgumentException()
                .isThrownBy(
                        () -> Option.string("mode").orElse("hunter2").secret().oneOf("mean"))
                .withMessage("mode: default **** (expected: one of 'mean')");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "_x", "9x", "a-b", "a b", "ä", "a\n", "AND", "OR", "TRUE", "FALSE", "var", "dbrp", "x.y", "."
            })
    void aNameIsATickscriptIdentifier(String name) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Option.string(name))
                .withMessageStartingWith("option: \"" + name + "\" (expected: ");
    }

    @ParameterizedTest
    @ValueSource(strings = {"a", "lambda", "a_9", "Z", "and"})
    void anIdentifierIsAName(String name) {
        assertThat(Option.flag(name).name()).isEqualTo(name);
    }

    @Test
    void requiredDefaultAndRepeatedDoNotContradictEachOther() {
        assertThatIllegalStateException()
                .isThrownBy(() -> Option.string("a").orElse("x").required())
                .withMessage(
                        "a: required() (expected: one of required(), orElse() and repeated(), or required().repeated())");
        assertThatIllegalStateException()
                .isThrownBy(() -> Option.string("a").required().orElse("x"));
        assertThatIllegalStateException()
                .isThrownBy(() -> Option.string("a").orElse("x").repeated());
        assertThatIllegalStateException()
                .isThrownBy(() -> Option.string("a").repeated().required());
        assertThatIllegalStateException()
                .isThrownBy(() -> Option.string("a").repeated().repeated());
    }

    @Test
    void boundsAreFiniteNumbers() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Option.number("o").atLeast(Double.NaN))
                .withMessage("o: NaN (expected: a finite number)");
        assertThatIllegalArgumentException().isThrownBy(() -> Option.number("o").orElse(Double.POSITIVE_INFINITY));
    }

    @Test
    void aChoiceNeedsChoices() {
        assertThatIllegalArgumentException().isThrownBy(() -> Option.string("o").oneOf());
    }

    @Test
    void aTupleNamesEachOfItsArgumentsOnce() {
        assertThatIllegalArgumentException().isThrownBy(() -> Option.tuple("o"));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Option.tuple("o", Argument.string("x"), Argument.integer("x")))
                .withMessage("o: x (expected: each argument's name once)");
    }

    @Test
    void aTupleShowsItsArgumentsAndItsDefault() {
        Option<Arguments> multi = Option.tuple(
                        "multi", Argument.string("name"), Argument.integer("count"), Argument.number("scale"))
                .orElse("x", 7, 1);
        assertThat(multi.types()).containsExactly(ArgumentType.STRING, ArgumentType.INT, ArgumentType.DOUBLE);
        assertThat(multi.arguments()).extracting(Argument::name).containsExactly("name", "count", "scale");
        assertThat(multi.defaultText()).contains("'x', 7, 1.0");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Option.tuple(
                                "multi", Argument.integer("count").check(">= 1", n -> n >= 1))
                        .orElse(0))
                .withMessage("default of multi.count: 0 (expected: >= 1)");
    }

    @Test
    void theTypeFollowsFromHowOftenAnOptionMayBeGiven() {
        Option<Optional<Duration>> perhaps = Option.duration("o");
        Option<Duration> once = Option.duration("o").required();
        Option<List<Duration>> any = Option.duration("o").repeated();
        Option<List<Duration>> some = Option.duration("o").required().repeated();
        Option<Boolean> flag = Option.flag("o");
        assertThat(List.of(perhaps, once, any, some, flag))
                .extracting(Option::isRequired)
                .containsExactly(false, true, false, true, false);
        assertThat(List.of(perhaps, once, any, some, flag))
                .extracting(Option::isRepeated)
                .containsExactly(false, false, true, true, false);
    }
}
