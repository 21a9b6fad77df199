package org.kapacitorudf.functions;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.kapacitorudf.testkit.UdfDriver;

class CountDistinctTest {
    private static final long MINUTE = 60_000_000_000L;

    private final UdfDriver driver = builder().option("field", "value").start();

    @Test
    void theDifferentValuesOfAllPanesInTheWindowAreCountedOnce() {
        driver.pipe("m value=\"a\" 0", "m value=\"b\" 1", "m value=\"a\" 2");
        driver.pipe("m value=\"a\" " + MINUTE, "m value=\"c\" " + 2 * MINUTE, "m value=\"d\" " + 5 * MINUTE);
        driver.pipe("m value=\"e\" " + 20 * MINUTE);
        driver.expect(
                "m distinct=2i,exact=true " + MINUTE,
                "m distinct=2i,exact=true " + 2 * MINUTE,
                "m distinct=3i,exact=true " + 3 * MINUTE,
                "m distinct=3i,exact=true " + 6 * MINUTE);
    }

    @Test
    void aWholeNumberIsTheSameAsIntAndAsDoubleAndNothingElseIs() {
        driver.pipe("m value=1 0", "m value=1i 1", "m value=true 2", "m value=\"1\" 3", "m value=1.5 4", "m value=0 5");
        driver.pipe("m value=-0.0 6", "m value=9007199254740993i 7", "m value=9007199254740992i 8", "m value=1e300 9");
        driver.pipe("m value=1 " + MINUTE);
        driver.expect("m distinct=8i,exact=true " + MINUTE);
    }

    @Test
    void aTagIsCountedToo() {
        UdfDriver tags =
                builder().option("tag", "client").option("as", "clients_").start();
        tags.pipe("m,client=x value=1 0", "m,client=y value=1 0", "m,client=x value=2 0", "m value=1 0");
        tags.pipe("m,client=x value=1 " + MINUTE);
        tags.expect("m clients_distinct=2i,clients_exact=true " + MINUTE);
        assertThat(tags.skipped()).hasSize(1);
    }

    @Test
    void aPointWithoutAValueThatCanBeCountedIsSkipped() {
        driver.pipe("m value=NaN 0", "m value=+Inf 1", "m other=1 2", "m value=1 3", "m value=1 " + MINUTE);
        driver.expect("m distinct=1i,exact=true " + MINUTE);
        assertThat(driver.skipped()).hasSize(3);
    }

    @Test
    void manyValuesAreEstimated() {
        for (int i = 0; i < 1000; i++) {
            driver.pipe("m value=" + i + "i " + i);
        }
        driver.pipe("m value=1 " + MINUTE);
        assertThat(driver.readPoints()).singleElement().satisfies(point -> {
            assertThat(point.getFieldsIntOrThrow("distinct")).isBetween(900L, 1100L);
            assertThat(point.getFieldsBoolOrThrow("exact")).isFalse();
        });
    }

    @Test
    void anotherPrecisionBeginsAgain() {
        driver.pipe("m value=1 0");
        UdfDriver other =
                builder().option("field", "value").option("precision", 12).start();
        other.restartFrom(driver.snapshot());
        other.pipe("m value=1 " + MINUTE);
        other.expect();
    }

    @Test
    void optionsThatCannotBeAreRefused() {
        assertThatThrownBy(() -> builder().start()).hasMessageContaining("field, tag: none (expected: one of them)");
        assertThatThrownBy(
                        () -> builder().option("field", "a").option("tag", "b").start())
                .hasMessageContaining("field, tag: both (expected: one of them)");
        assertThatThrownBy(() ->
                        builder().option("field", "a").option("precision", 5).start())
                .hasMessageContaining("precision: 5 (expected: >= 6 and <= 16");
        assertThatThrownBy(() ->
                        builder().option("field", "a").option("precision", 17).start())
                .hasMessageContaining("precision: 17 (expected: ");
        assertThatThrownBy(() -> builder().option("tag", "a\nb").start())
                .hasMessageContaining("(expected: not empty, no line break)");
    }

    private static UdfDriver.Builder builder() {
        return UdfDriver.of(new CountDistinct());
    }
}
