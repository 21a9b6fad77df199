package org.kapacitorudf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.entry;

import java.util.Collections;
import java.util.Map;
import org.junit.jupiter.api.Test;

class FieldsTest {
    @Test
    void fieldsKeepTheOrderInWhichTheyWereGiven() {
        assertThat(Fields.of("z", true)
                        .and("y", "text")
                        .and("x", 1)
                        .and("w", 2.5)
                        .asMap())
                .containsExactly(entry("z", true), entry("y", "text"), entry("x", 1L), entry("w", 2.5));
    }

    @Test
    void aNameThatIsGivenTwiceHasTheLaterValueOfWhateverType() {
        assertThat(Fields.of("x", true).and("y", 1).and("x", "text").asMap())
                .containsExactly(entry("y", 1L), entry("x", "text"));
    }

    @Test
    void andGivesACopy() {
        Fields one = Fields.of("x", 1);
        assertThat(one.and("y", 2)).isNotEqualTo(one);
        assertThat(one.asMap()).containsExactly(entry("x", 1L));
    }

    @Test
    void aMapMayHaveAnyNumberOrTextOrBoolean() {
        assertThat(Fields.of(Map.of(
                                "d", 1.5, "f", 2.5f, "l", 3L, "i", 4, "s", (short) 5, "b", (byte) 6, "t", "x", "z",
                                true))
                        .asMap())
                .containsOnly(
                        entry("d", 1.5),
                        entry("f", 2.5),
                        entry("l", 3L),
                        entry("i", 4L),
                        entry("s", 5L),
                        entry("b", 6L),
                        entry("t", "x"),
                        entry("z", true));
    }

    @Test
    void aMapOfAPointsFieldsGivesTheSameFields() {
        Point point = Point.of("cpu", 1)
                .withField("a", 1.5)
                .withField("b", 2)
                .withField("c", "x")
                .withField("d", false);
        assertThat(Point.of("cpu", 1).withFields(Fields.of(point.fields()))).isEqualTo(point);
    }

    @Test
    void aValueOfAnotherClassIsRefused() {
        assertThatThrownBy(() -> Fields.of(Map.of("x", new int[0])))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("field \"x\": [I (expected: a double, a long, a String or a boolean)");
        assertThatThrownBy(() -> Fields.of(Collections.singletonMap("x", null)))
                .hasMessage("field \"x\": null (expected: a double, a long, a String or a boolean)");
    }

    @Test
    void halfASurrogatePairIsRefused() {
        assertThatThrownBy(() -> Fields.of("x", "a\uDE00"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("field: \"a\\ude00\" (expected: valid Unicode)");
        assertThatThrownBy(() -> Fields.of("x", 1).and("a\uDE00", 1)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void fieldsAreEqualWhateverTheirOrder() {
        Fields one = Fields.of("x", 1).and("y", "z");
        assertThat(one)
                .isEqualTo(Fields.of("y", "z").and("x", 1))
                .hasSameHashCodeAs(Fields.of("y", "z").and("x", 1));
        assertThat(one).isNotEqualTo(Fields.of("x", 1.0).and("y", "z"));
        assertThat(one).hasToString("x=1i,y=\"z\"");
    }
}
