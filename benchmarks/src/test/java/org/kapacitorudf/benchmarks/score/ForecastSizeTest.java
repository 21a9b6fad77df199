package org.kapacitorudf.benchmarks.score;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.kapacitorudf.functions.Forecast;
import org.kapacitorudf.testkit.UdfDriver;

@Tag("one-jdk")
class ForecastSizeTest {
    private static final long HOUR_NANOS = 3_600_000_000_000L;

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aGroupTakesAsManyBytesInASnapshotAsTheLogTells(boolean grid) {
        try (UdfDriver driver = UdfDriver.of(new Forecast())
                .groupBy("host")
                .option("field", "value")
                .option("grid", grid)
                .option("lastOnly")
                .start()) {
            for (int hour = 0; hour < 300; hour++) {
                driver.pipe("m,host=a value=" + new Random(hour).nextGaussian() + " " + hour * HOUR_NANOS);
            }
            String line = driver.logs().stream()
                    .filter(each -> each.contains("bytes each in a snapshot"))
                    .findFirst()
                    .orElseThrow();
            double told = Double.parseDouble(line.replaceAll(".*groups: (\\d+) bytes.*", "$1"));
            assertThat((double) Costs.plainBytes(driver.snapshot())).isCloseTo(told, within(0.1 * told));
        }
    }
}
