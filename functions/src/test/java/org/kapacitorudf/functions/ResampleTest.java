package org.kapacitorudf.functions;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.kapacitorudf.testkit.UdfDriver;

class ResampleTest {
    private static final long SECOND = 1_000_000_000L;

    @Test
    void aPointComesOutForEachMultipleWithTheTagsOfItsGroup() {
        UdfDriver driver = builder().start();
        driver.pipe(
                "m,host=a,cpu=0 value=10,other=1 " + 30 * SECOND,
                "m,host=b,cpu=0 value=5i 0",
                "m,host=a,cpu=1 value=40 " + 150 * SECOND);
        driver.expect(
                "m,host=b value=5 0", "m,host=a value=17.5 " + 60 * SECOND, "m,host=a value=32.5 " + 120 * SECOND);
    }

    @Test
    void betweenPointsThatAreFurtherApartThanMaxGapNothingIsKnown() {
        UdfDriver driver = builder().option("maxGap", Duration.ofMinutes(2)).start();
        driver.pipe("m,host=a value=1 0", "m,host=a value=2 " + 121 * SECOND, "m,host=a value=3 " + 181 * SECOND);
        driver.expect("m,host=a value=1 0", "m,host=a value=2.9833333333333334 " + 180 * SECOND);
    }

    @Test
    void aLatePointIsSkipped() {
        UdfDriver driver =
                builder().option("method", "increase").option("as", "count").start();
        driver.pipe("m,host=a value=10 0", "m,host=a value=30 20", "m,host=a value=20 10", "m,host=a value=40 30");
        assertThat(driver.skipped())
                .singleElement()
                .asString()
                .contains("time: 10 (expected: >= 20, the time of the last point of the group)");
    }

    @Test
    void withAnotherMethodTheSeriesBeginsAgain() {
        UdfDriver before = builder().option("method", "integral").start();
        before.pipe("m,host=a value=10 0", "m,host=a value=10 " + 30 * SECOND);
        UdfDriver after = builder().option("method", "increase").start();
        after.restartFrom(before.snapshot());
        after.pipe("m,host=a value=10 " + 60 * SECOND, "m,host=a value=13 " + 120 * SECOND);
        after.expect("m,host=a value=3 " + 120 * SECOND);
    }

    @Test
    void optionsThatCannotBeAreRefused() {
        assertThatThrownBy(() -> builder().option("maxGap", Duration.ofDays(8)).start())
                .hasMessageContaining("maxGap: 691200s (expected: <= 10000 x every)");
        assertThatThrownBy(() -> builder().option("every", Duration.ZERO).start())
                .hasMessageContaining("every: 0");
        assertThatThrownBy(() -> builder().option("method", "sum").start()).hasMessageContaining("one of 'value'");
        assertThatThrownBy(() -> builder().option("fill", "null").start()).hasMessageContaining("one of 'linear'");
        assertThatThrownBy(() -> builder().option("as", "").start()).hasMessageContaining("not empty");
        assertThatThrownBy(() -> UdfDriver.of(new Resample()).start()).hasMessageContaining("field: missing");
    }

    private static UdfDriver.Builder builder() {
        return UdfDriver.of(new Resample()).groupBy("host").option("field", "value");
    }
}
