package org.kapacitorudf.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.kapacitorudf.client.Points;
import org.kapacitorudf.testkit.UdfDriver;

class MovingAverageTest {
    @Test
    void itIsTheMeanOfTheLastValues() {
        var driver = windowOf(2).start();
        driver.pipe("cpu value=1 0", "cpu value=3 1", "cpu value=5 2");
        assertThat(driver.read()).containsExactly("cpu avg=1.0 0", "cpu avg=2.0 1", "cpu avg=4.0 2");
    }

    @Test
    void everyGroupHasAWindowOfItsOwn() {
        var driver = windowOf(2).groupBy("host").start();
        driver.pipe("cpu,host=a value=1 0", "cpu,host=b value=10 0", "cpu,host=a value=3 1", "cpu,host=b value=30 1");
        assertThat(driver.read())
                .containsExactly(
                        "cpu,host=a avg=1.0 0",
                        "cpu,host=b avg=10.0 0",
                        "cpu,host=a avg=2.0 1",
                        "cpu,host=b avg=20.0 1");
    }

    @Test
    void tagsThatAreNoGroupShareAWindow() {
        var driver = windowOf(2).groupBy("host").start();
        driver.pipe("cpu,host=a,core=0 value=1 0", "cpu,host=a,core=1 value=3 1");
        assertThat(driver.read()).containsExactly("cpu,core=0,host=a avg=1.0 0", "cpu,core=1,host=a avg=2.0 1");
    }

    @Test
    void theMeanIsTheOnlyFieldAndAllElseIsThePoints() {
        Points points = Points.of("cpu,host=a,rack=r1 value=4,other=1,i=2i,s=\"x\",ok=true 7")
                .in("telegraf", "autogen")
                .groupBy("host")
                .groupByMeasurement();
        var driver = windowOf(3).option("as", "mean").start();
        driver.pipe(points);
        assertThat(driver.readPoints())
                .containsExactly(points.list().get(0).toBuilder()
                        .clearFieldsDouble()
                        .clearFieldsInt()
                        .clearFieldsString()
                        .clearFieldsBool()
                        .putAllFieldsDouble(Map.of("mean", 4.0))
                        .build());
    }

    @Test
    void aValueThatIsNotFiniteIsSkippedAndTheMeanIsFinite() {
        var driver = windowOf(2).start();
        driver.pipe("cpu value=1 0", "cpu value=NaN 1", "cpu value=+Inf 2", "cpu value=3 3");
        assertThat(driver.read()).containsExactly("cpu avg=1.0 0", "cpu avg=2.0 3");
        assertThat(driver.skipped())
                .containsExactly(
                        "point: field \"value\": NaN (expected: a finite number)",
                        "point: field \"value\": Infinity (expected: a finite number)");
    }

    @Test
    void anIntIsTakenAsADouble() {
        var driver = windowOf(2).start();
        driver.pipe("cpu value=1i 0", "cpu value=2.5 1");
        assertThat(driver.read()).containsExactly("cpu avg=1.0 0", "cpu avg=1.75 1");
    }

    @Test
    void aPointWithoutTheFieldIsSkippedAndLeavesTheWindowAlone() {
        var driver = windowOf(2).start();
        driver.pipe("cpu value=1 0", "cpu other=9 1", "cpu value=\"9\" 2", "cpu value=true 3", "cpu value=3 4");
        assertThat(driver.read()).containsExactly("cpu avg=1.0 0", "cpu avg=2.0 4");
        assertThat(driver.skipped()).hasSize(3).first().asString().contains("value", "missing");
    }

    @Test
    void theWindowsAreInTheSnapshot() {
        var driver = windowOf(3).groupBy("host").start();
        driver.pipe("cpu,host=a value=1 0", "cpu,host=a value=2 1", "cpu,host=b value=10 1");
        byte[] snapshot = driver.snapshot();
        driver.pipe("cpu,host=a value=1000 2");
        driver.read();

        driver.restartFrom(snapshot);
        driver.pipe("cpu,host=a value=6 2", "cpu,host=b value=20 2", "cpu,host=a value=10 3");
        assertThat(driver.read())
                .containsExactly("cpu,host=a avg=3.0 2", "cpu,host=b avg=15.0 2", "cpu,host=a avg=6.0 3");
    }

    @Test
    void aSmallerWindowKeepsTheNewestValuesOfTheSnapshot() {
        var large = windowOf(4).start();
        large.pipe("cpu value=100 0", "cpu value=1 1", "cpu value=2 2", "cpu value=3 3");
        var small = windowOf(2).start();
        small.restartFrom(large.snapshot());
        small.pipe("cpu value=5 4");
        assertThat(small.read()).containsExactly("cpu avg=4.0 4");
    }

    @Test
    void aLargerWindowGoesOnFromTheValuesOfTheSnapshot() {
        var small = windowOf(2).start();
        small.pipe("cpu value=100 0", "cpu value=3 1", "cpu value=4 2");
        var large = windowOf(3).start();
        large.restartFrom(small.snapshot());
        large.pipe("cpu value=5 3", "cpu value=6 4");
        assertThat(large.read()).containsExactly("cpu avg=4.0 3", "cpu avg=5.0 4");
    }

    @Test
    void thereIsNoSnapshotBeforeThereAreData() {
        assertThat(windowOf(2).start().snapshot()).isEmpty();
    }

    @Test
    void wrongOptionsAreRefusedTogether() {
        assertThat(UdfDriver.of(new MovingAverage()).option("size", 0).startError())
                .startsWith("movingAvg: ")
                .contains("field: missing (expected: a string, not empty)", "size: 0 (expected: >= 1");
        assertThat(windowOf(1_000_001).startError()).contains("size: 1000001");
    }

    @Test
    void theLargestWindowWorks() {
        var driver = windowOf(1_000_000).start();
        driver.pipe("cpu value=1 0", "cpu value=2 1");
        assertThat(driver.read()).containsExactly("cpu avg=1.0 0", "cpu avg=1.5 1");
    }

    private static UdfDriver.Builder windowOf(int size) {
        return UdfDriver.of(new MovingAverage()).option("field", "value").option("size", size);
    }
}
