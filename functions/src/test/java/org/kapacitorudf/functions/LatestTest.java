package org.kapacitorudf.functions;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.kapacitorudf.proto.Point;
import org.kapacitorudf.testkit.UdfDriver;

class LatestTest {
    private static final long SECOND = 1_000_000_000L;

    @Test
    void eachPointOfTheLeadGetsTheLastValuesOfItsGroup() {
        UdfDriver driver = builder()
                .option("of", "mem", "free")
                .option("of", "disk", "full")
                .start();
        driver.pipe(
                "mem,host=a used=50.5,free=7i 10",
                "mem,host=b used=60,free=8i 10",
                "disk,host=a full=true 10",
                "cpu,host=a usage=1 20",
                "cpu,host=b usage=2 20",
                "swap,host=a used=99 20");
        driver.expect(
                "cpu,host=a usage=1,mem.used=50.5,mem.free=7i,disk.full=true 20",
                "cpu,host=b usage=2,mem.used=60,mem.free=8i 20");
        assertThat(driver.skipped()).isEmpty();
    }

    @Test
    void measurementsThatAreWrittenTogetherMayArriveInAnyOrder() {
        UdfDriver driver = builder().start();
        driver.pipe("mem,host=a used=1 10", "mem,host=a used=2 20", "cpu,host=a usage=1 10", "cpu,host=a usage=2 20");
        driver.expect("cpu,host=a usage=1,mem.used=1 10", "cpu,host=a usage=2,mem.used=2 20");
    }

    @Test
    void aValueThatIsTooOldIsMissing() {
        UdfDriver driver = builder().start();
        driver.pipe(
                "mem,host=a used=1 0", "cpu,host=a usage=1 " + 60 * SECOND, "cpu,host=a usage=1 " + (60 * SECOND + 1));
        driver.expect("cpu,host=a usage=1,mem.used=1 " + 60 * SECOND, "cpu,host=a usage=1 " + (60 * SECOND + 1));
    }

    @Test
    void aPointWithoutAllValuesIsDroppedIfTheTickscriptSaysSo() {
        UdfDriver driver =
                builder().option("of", "mem", "free").option("missing", "drop").start();
        driver.pipe("mem,host=a used=1 0", "cpu,host=a usage=1 1", "mem,host=a free=2 2", "cpu,host=a usage=3 3");
        driver.expect("cpu,host=a usage=3,mem.used=1,mem.free=2 3");
    }

    @Test
    void aValueThatCannotBeJoinedIsSkippedAndTheOthersOfThePointAreTaken() {
        UdfDriver driver = builder().option("of", "mem", "free").start();
        driver.pipe("mem,host=a used=1,free=1 0", "mem,host=a used=\"text\",free=2 1", "mem,host=a total=1 2");
        driver.pipe("cpu,host=a usage=1 3");
        driver.expect("cpu,host=a usage=1,mem.used=1,mem.free=2 3");
        assertThat(driver.skipped())
                .satisfiesExactly(
                        text -> assertThat(text)
                                .contains("field \"used\": a string (expected: a finite double, an int or a bool)"),
                        text -> assertThat(text)
                                .contains("fields: [total] (expected: at least one that is listed in of)"));
    }

    @Test
    void aFieldThatIsAddedToTheTickscriptLeavesTheOthersAsTheyAre() {
        UdfDriver before = builder().start();
        before.pipe("mem,host=a used=1 0");
        UdfDriver after = builder().option("of", "mem", "free").start();
        after.restartFrom(before.snapshot());
        after.pipe("cpu,host=a usage=1 1");
        after.expect("cpu,host=a usage=1,mem.used=1 1");
    }

    @Test
    void namesHaveThePrefix() {
        UdfDriver driver = builder().option("as", "last_").start();
        driver.pipe("mem,host=a used=1 0", "cpu,host=a usage=1 1");
        driver.expect("cpu,host=a usage=1,last_mem.used=1 1");
    }

    @Test
    void optionsThatCannotBeAreRefused() {
        assertThatThrownBy(() -> builder().option("of", "cpu", "idle").start())
                .hasMessageContaining("of: 'cpu' (expected: another measurement than lead)");
        assertThatThrownBy(() -> builder().option("of", "mem", "used").start())
                .hasMessageContaining("of: ('mem', 'used') (expected: each field once)");
        assertThatThrownBy(() -> builder().option("of", "mem", "x".repeat(252)).start())
                .hasMessageContaining("of: state: \"mem.xxx")
                .hasMessageContaining("(expected: 1 to 255 bytes, printable)");
        assertThatThrownBy(
                        () -> UdfDriver.of(new Latest()).option("lead", "cpu").start())
                .hasMessageContaining("of: missing");
        assertThatThrownBy(() -> builder().option("of", "mem", "").start())
                .hasMessageContaining("(expected: not empty, no line break)");
        assertThatThrownBy(() -> builder().option("missing", "no").start())
                .hasMessageContaining("one of 'pass', 'drop'");
    }

    @Test
    void aStreamThatIsGroupedByTheMeasurementEndsTheTask() {
        UdfDriver driver = builder().start();
        driver.pipe(List.of(Point.newBuilder()
                .setName("cpu")
                .setByName(true)
                .setGroup("cpu\nhost=a")
                .build()));
        assertThat(driver.error()).hasValueSatisfying(text -> assertThat(text).contains("groupByMeasurement: on"));
    }

    private static UdfDriver.Builder builder() {
        return UdfDriver.of(new Latest())
                .groupBy("host")
                .option("lead", "cpu")
                .option("of", "mem", "used")
                .option("maxAge", Duration.ofMinutes(1));
    }
}
