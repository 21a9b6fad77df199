package org.kapacitorudf.functions;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.kapacitorudf.testkit.UdfDriver;

class SmoothTest {
    private static final long SECOND = 1_000_000_000L;

    @ParameterizedTest
    @CsvSource({"ema, 0.36863622", "median, 1.0", "hampel, 1.0", "mean, 1.0625", "oneEuro, 0.365292849"})
    void eachMethodGivesTheResultOfItsFormula(String method, double last) {
        UdfDriver driver = builder(method).start();
        driver.pipe(
                "m value=0 0", "m value=1i " + 30 * SECOND, "m value=1.5 " + 60 * SECOND, "m value=1 " + 120 * SECOND);
        assertThat(driver.readPoints().get(3).getFieldsDoubleOrThrow("smooth")).isCloseTo(last, within(1e-8));
    }

    @Test
    void theResultHasItsOwnName() {
        UdfDriver driver =
                builder("median").option("as", "steady").option("size", 3).start();
        driver.pipe("m value=1 0", "m value=9 1", "m value=2 2");
        driver.expect("m value=1,steady=1 0", "m value=9,steady=5 1", "m value=2,steady=2 2");
    }

    @Test
    void optionsThatTheMethodDoesNotHaveAreRefused() {
        assertThatThrownBy(() -> builder("ema").option("size", 5).start())
                .hasMessageContaining(
                        "size: given (expected: only with a method of [median, hampel, mean], not 'ema')");
        assertThatThrownBy(() ->
                        builder("median").option("tau", Duration.ofMinutes(1)).start())
                .hasMessageContaining("tau: given (expected: only with a method of [ema, oneEuro], not 'median')");
        assertThatThrownBy(() -> builder("mean").option("sigmas", 2.0).start()).hasMessageContaining("sigmas: given");
        assertThatThrownBy(() -> builder("ema").option("beta", 2.0).start()).hasMessageContaining("beta: given");
    }

    @Test
    void aNameThatNoConsumerCanTakeIsRefused() {
        assertThatThrownBy(() -> builder("ema").option("as", "a\nb").start())
                .hasMessageContaining("(expected: not empty, no line break)");
        assertThatThrownBy(() -> builder("ema").option("as", "").start())
                .hasMessageContaining("(expected: not empty, no line break)");
        assertThatThrownBy(() -> UdfDriver.of(new Deviation())
                        .option("field", "value")
                        .option("as", "a\n")
                        .start())
                .hasMessageContaining("(expected: no line break)");
    }

    @Test
    void optionsThatCannotBeAreRefused() {
        assertThatThrownBy(() -> builder("kalman").start()).hasMessageContaining("one of 'ema', 'median'");
        assertThatThrownBy(() -> builder("median").option("size", 1).start())
                .hasMessageContaining("size: 1 (expected: >= 2");
        assertThatThrownBy(() -> builder("mean").option("size", 1000).start())
                .hasMessageContaining("size: 1000 (expected: ");
        assertThatThrownBy(() -> builder("hampel").option("sigmas", -1.0).start())
                .hasMessageContaining("sigmas: -1");
        assertThatThrownBy(() -> builder("oneEuro").option("beta", -1.0).start())
                .hasMessageContaining("beta: -1");
        assertThatThrownBy(() -> builder("oneEuro").option("beta", Double.NaN).start())
                .hasMessageContaining("beta: NaN");
        assertThatThrownBy(() -> builder("hampel").option("sigmas", Double.NaN).start())
                .hasMessageContaining("sigmas: NaN");
        assertThatThrownBy(() -> builder("ema").option("tau", Duration.ZERO).start())
                .hasMessageContaining("tau: 0");
    }

    private static UdfDriver.Builder builder(String method) {
        return UdfDriver.of(new Smooth()).option("field", "value").option("method", method);
    }
}
