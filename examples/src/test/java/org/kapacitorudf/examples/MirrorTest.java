package org.kapacitorudf.examples;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.kapacitorudf.client.Points;
import org.kapacitorudf.testkit.UdfDriver;

class MirrorTest {
    @Test
    void everyPointComesBackAsItCame() {
        Points points = Points.of(
                        "cpu,host=größe,rack=r1 d=-0.0,i=9223372036854775807i,s=\"\",b=false 1", "mem d=5e-324 -1")
                .in("telegraf", "autogen")
                .groupBy("host", "missing")
                .groupByMeasurement();
        var driver = UdfDriver.of(new Mirror()).start();
        driver.pipe(points);
        assertThat(driver.readPoints()).isEqualTo(points.list());
    }

    @Test
    void thereIsNothingToKeep() {
        var driver = UdfDriver.of(new Mirror()).start();
        driver.pipe("cpu value=1 0");
        assertThat(driver.snapshot()).isEmpty();
    }

    @Test
    void optionsAreRefused() {
        assertThat(UdfDriver.of(new Mirror()).option("size", 1).startError()).contains("size");
    }
}
