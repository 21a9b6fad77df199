package org.kapacitorudf.functions;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.kapacitorudf.proto.Point;
import org.kapacitorudf.testkit.UdfDriver;

@Tag("one-jdk")
class ChangepointTest {
    @Test
    void thePointThatAlertsSaysWhatHasChanged() {
        UdfDriver driver = builder()
                .option("as", "cp_")
                .option("emit", "anomalies")
                .option("warmUp", Duration.ZERO)
                .start();
        Random random = new Random(1);
        for (int i = 0; i < 300; i++) {
            driver.pipe("m value=" + ((i < 200 ? 10 : 20) + random.nextGaussian()) + " " + i);
        }
        assertThat(driver.readPoints()).singleElement().satisfies((Point point) -> {
            assertThat(point.getFieldsIntOrThrow("cp_anomaly")).isEqualTo(1);
            assertThat(point.getFieldsStringOrThrow("cp_change")).isEqualTo("level");
            assertThat(point.getFieldsDoubleOrThrow("cp_before")).isBetween(9.5, 10.5);
            assertThat(point.getFieldsDoubleOrThrow("cp_after")).isBetween(19.0, 21.0);
            assertThat(point.getFieldsDoubleOrThrow("cp_score")).isGreaterThan(1);
        });
    }

    @Test
    void aPointThatDoesNotAlertHasTheSixFieldsOfADetector() {
        UdfDriver driver = builder().start();
        driver.pipe("m value=3 1");
        driver.expect("m value=3,expected=3,lower=3,upper=3,score=0,anomaly=0i,ready=false 1");
    }

    @Test
    void optionsThatCannotBeAreRefused() {
        assertThatThrownBy(() -> builder().option("confirm", 4).start()).hasMessageContaining("confirm: 4");
        assertThatThrownBy(() -> builder().option("threshold", 0.5).start()).hasMessageContaining("threshold: 0.5");
        assertThatThrownBy(() -> builder().option("drift", 0.0).start()).hasMessageContaining("drift: 0");
    }

    private static UdfDriver.Builder builder() {
        return UdfDriver.of(new Changepoint()).option("field", "value");
    }
}
