package org.kapacitorudf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Points and batches that a function creates, and that no consumer accepts. */
class UnsoundResultsTest {
    private static final Point MADE = Point.of("m", 0).withField("v", 1.0);

    private static Stream<Arguments> refused() {
        return Stream.of(
                refused("field name: \"\" (expected: not empty)", point -> point.withField("", 1L)),
                refused("field name: \"\" (expected: not empty)", point -> point.withFields(Fields.of("", "x"))),
                refused(
                        "field name: \"a\\nb\" (expected: no line break)",
                        point -> point.withFields(Fields.of("x", 1).and("a\nb", true))),
                refused(
                        "field name: \"\" (expected: not empty)",
                        point -> point.withFields(Fields.of(Map.of("", 1.5)))),
                refused("tag name: \"\" (expected: not empty)", point -> point.withTag("", "x")),
                refused("tag name: \"a\\nb\" (expected: no line break)", point -> point.withTag("a\nb", "x")),
                refused("tag value: \"a\\nb\" (expected: no line break)", point -> point.withTag("a", "a\nb")),
                refused("tag value: \"\\n\" (expected: no line break)", point -> point.withTags(Map.of("a", "\n"))),
                refused("name: \"a\\nb\" (expected: no line break)", point -> point.withName("a\nb")));
    }

    private static Arguments refused(String message, Function<Point, Point> edit) {
        return Arguments.of(message, edit);
    }

    @ParameterizedTest
    @MethodSource("refused")
    void whatLineProtocolHasNoPlaceForIsRefusedWhereItIsMade(String message, Function<Point, Point> edit) {
        assertThatIllegalArgumentException().isThrownBy(() -> edit.apply(MADE)).withMessage(message);
    }

    @Test
    void aBatchHasANameAndNoLineBreaks() {
        Batch batch = Batch.of("m", 1, List.of(MADE));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> batch.withName(""))
                .withMessage("name: \"\" (expected: not empty)");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Batch.of("a\nb", 1, List.of()))
                .withMessage("name: \"a\\nb\" (expected: no line break)");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> batch.withTags(Map.of("", "x")))
                .withMessage("tag name: \"\" (expected: not empty)");
    }

    @Test
    void whatCameFromKapacitorStaysAsItIs() {
        Map<String, String> tags = Map.of("", "x\ny", "a\nb", "");
        Batch came =
                Batch.of(new BatchBegin("", "", tags, 1, false), List.of(decoded(MADE)), new BatchEnd("", "", 5, tags));
        assertThat(came.withTmaxNanos(7).streamPoints().get(0).tags()).isEqualTo(tags);
        assertThat(came.summary(Fields.of("x", 1)).tags()).isEqualTo(tags);
        assertThat(came.summary(Fields.of("x", 1)).isSound()).isTrue();
        Point odd = decoded(MADE.withField("n", Double.NaN).withoutField("v"));
        assertThat(odd.isSound()).isTrue();
        assertThat(odd.withTag("a", "b").withTimeNanos(5).withField("x", 1L).isSound())
                .isTrue();
        assertThat(decoded(Point.of("", 0)).withTag("a", "b").isSound()).isTrue();
    }

    @Test
    void whatCameMayBeGivenAgain() {
        Map<String, String> tags = Map.of("", "x\ny", "a\nb", "");
        Batch came =
                Batch.of(new BatchBegin("", "", tags, 1, false), List.of(decoded(MADE)), new BatchEnd("", "", 5, tags));
        assertThat(came.withName("").withTags(tags)).isEqualTo(came);
        Point point = came.streamPoints().get(0);
        assertThat(point.withTags(point.tags()).withTag("", "x\ny")).isEqualTo(point);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> point.withTag("", "y"))
                .withMessage("tag name: \"\" (expected: not empty)");
    }

    @Test
    void aPointWithoutFieldsOrNameIsKnown() {
        assertThat(MADE.isSound()).isTrue();
        assertThat(Point.of("m", 0).brokenRule(false)).hasValue("fields: none (expected: at least one)");
        assertThat(MADE.withFields(Fields.none()).brokenRule(true)).hasValue("fields: none (expected: at least one)");
        assertThat(decoded(MADE).withoutField("v").brokenRule(true)).hasValue("fields: none (expected: at least one)");
        assertThat(MADE.withoutField("x").isSound()).isTrue();
        assertThat(MADE.withFields(Fields.none()).withField("x", "y").isSound()).isTrue();
        assertThat(MADE.withName("").brokenRule(false)).hasValue("name: \"\" (expected: not empty)");
        assertThat(MADE.withName("").brokenRule(true)).isEmpty();
        assertThat(MADE.withName("").withName("m").isSound()).isTrue();
    }

    @Test
    void theFieldsThatAreNotFiniteAreKnown() {
        Point point = decoded(MADE.withField("came", Double.NaN));
        Point changed = point.withField("a", Double.NaN).withField("b", Double.NEGATIVE_INFINITY);
        assertThat(changed.withTag("x", "y").withName("n").nonFiniteFields()).containsExactly("a", "b");
        assertThat(changed.withField("a", 1L).nonFiniteFields()).containsExactly("b");
        assertThat(changed.withoutField("b").nonFiniteFields()).containsExactly("a");
        assertThat(changed.withoutField("b").withField("a", 1.5).isSound()).isTrue();
        assertThat(changed.withFields(Fields.of("a", 1.5)).isSound()).isTrue();
        Fields fields = Fields.of("a", Double.NaN).and("b", 1.0).and("c", Double.POSITIVE_INFINITY);
        assertThat(point.withFields(fields).nonFiniteFields()).containsExactly("a", "c");
        assertThat(point.withFields(fields.and("c", 1.0)).nonFiniteFields()).containsExactly("a");
        assertThat(point.withFields(Fields.of(Map.of("a", Float.NaN))).nonFiniteFields())
                .containsExactly("a");
    }

    private static Point decoded(Point point) {
        byte[] bytes = point.encoded();
        return Point.decode(bytes);
    }
}
