package org.kapacitorudf.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.kapacitorudf.client.PointBatch;
import org.kapacitorudf.client.Points;
import org.kapacitorudf.testkit.UdfDriver;

class OutliersTest {
    private static final int[] KAPACITORS_EXAMPLE = {
        5, 6, 7, 13, 33, 35, 36, 45, 46, 47, 48, 50, 51, 52, 53, 54, 80, 85, 90, 100
    };

    private final UdfDriver driver = UdfDriver.of(new Outliers())
            .option("field", "value")
            .option("scale", 1.5)
            .groupBy("host")
            .start();

    @Test
    void kapacitorsExampleHasFiveOutliers() {
        driver.pipeBatch("cpu,host=a", 20, lines(KAPACITORS_EXAMPLE));
        assertThat(driver.read())
                .containsExactly(
                        "batch cpu,host=a until 20",
                        "cpu,host=a value=5.0 0",
                        "cpu,host=a value=6.0 1",
                        "cpu,host=a value=85.0 17",
                        "cpu,host=a value=90.0 18",
                        "cpu,host=a value=100.0 19");
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3})
    void aBatchOfFewPointsComesBackEmpty(int size) {
        driver.pipeBatch("cpu,host=a", 20, lines(Arrays.copyOf(new int[] {1, 2, 1_000_000}, size)));
        assertThat(driver.read()).containsExactly("batch cpu,host=a until 20");
    }

    @Test
    void beginAndEndAreTheBatchsOwnWithTheNumberOfOutliers() {
        PointBatch batch = PointBatch.of(
                "cpu",
                Map.of("host", "a"),
                true,
                99,
                Points.of(lines(KAPACITORS_EXAMPLE)).list());
        driver.pipeBatch(batch);
        assertThat(driver.readBatches()).singleElement().satisfies(outliers -> {
            assertThat(outliers.begin())
                    .isEqualTo(batch.begin().toBuilder().setSize(5).build());
            assertThat(outliers.end()).isEqualTo(batch.end());
        });
    }

    @Test
    void outliersComeInTimeOrderAndAsTheyCame() {
        driver.pipeBatch(
                "cpu,host=a",
                20,
                "cpu,host=a,core=1 value=900i,s=\"late\" 9",
                "cpu,host=a value=10 1",
                "cpu,host=a value=11 2",
                "cpu,host=a value=12 3",
                "cpu,host=a value=11 4",
                "cpu,host=a,core=0 value=-900,ok=true 0");
        assertThat(driver.read())
                .containsExactly(
                        "batch cpu,host=a until 20",
                        "cpu,core=0,host=a ok=true,value=-900.0 0",
                        "cpu,core=1,host=a s=\"late\",value=900i 9");
    }

    @Test
    void outliersOfOneTimeComeInTheOrderInWhichTheyCame() {
        driver.pipeBatch(
                "cpu",
                20,
                "cpu value=99 1",
                "cpu value=1 2",
                "cpu value=1 3",
                "cpu value=1 4",
                "cpu value=1 5",
                "cpu value=1 6",
                "cpu value=1 7",
                "cpu value=1 8",
                "cpu value=98 1");
        assertThat(driver.read()).containsExactly("batch cpu until 20", "cpu value=99.0 1", "cpu value=98.0 1");
    }

    @Test
    void everyBatchIsJudgedAlone() {
        driver.pipeBatch("cpu,host=a", 20, lines(1, 1, 1, 1, 50));
        driver.pipeBatch("cpu,host=a", 40, lines(50, 50, 50, 50, 50));
        assertThat(driver.read())
                .containsExactly("batch cpu,host=a until 20", "cpu,host=a value=50.0 4", "batch cpu,host=a until 40");
        assertThat(driver.snapshot()).isEmpty();
    }

    @Test
    void groupsComeInTheirOrder() {
        driver.pipeBatch("cpu,host=b value=1 1", "cpu,host=a value=1 2");
        assertThat(driver.read()).containsExactly("batch cpu,host=b until 1", "batch cpu,host=a until 2");
    }

    @Test
    void aPointWithoutTheFieldIsLeftOut() {
        driver.pipeBatch(
                "cpu,host=a",
                20,
                "cpu,host=a value=1 0",
                "cpu,host=a other=1000 1",
                "cpu,host=a value=\"1000\" 2",
                "cpu,host=a value=NaN 3",
                "cpu,host=a value=1 4",
                "cpu,host=a value=1 5",
                "cpu,host=a value=1 6",
                "cpu,host=a value=2 7");
        assertThat(driver.read()).containsExactly("batch cpu,host=a until 20", "cpu,host=a value=2.0 7");
    }

    @Test
    void theScaleSaysHowFarOutAnOutlierLies() {
        var wide = UdfDriver.of(new Outliers())
                .option("field", "value")
                .option("scale", 2.5)
                .start();
        wide.pipeBatch("cpu,host=a", 20, lines(KAPACITORS_EXAMPLE));
        // Q1 is 34.5 and Q3 53.25: the fences lie at -12.375 and 100.125.
        assertThat(wide.read()).containsExactly("batch cpu,host=a until 20");
    }

    @ParameterizedTest
    @ValueSource(doubles = {-1, Double.NaN})
    void aScaleThatIsNoneIsRefused(double scale) {
        var outliers = UdfDriver.of(new Outliers()).option("field", "value").option("scale", scale);
        assertThat(outliers.startError()).startsWith("outliers: scale: " + scale + " (expected: ");
    }

    private static String[] lines(int... values) {
        return IntStream.range(0, values.length)
                .mapToObj(i -> "cpu,host=a value=" + values[i] + " " + i)
                .toArray(String[]::new);
    }
}
