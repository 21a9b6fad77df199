package org.kapacitorudf.examples;

import org.junit.jupiter.api.Test;
import org.kapacitorudf.testkit.UdfDriver;

public final class FirstTest {
    @Test
    void theMeanIsThatOfTheLastTwo() {
        var driver = UdfDriver.of(new MovingAverage())
                .option("field", "value")
                .option("size", 2)
                .start();
        driver.pipe("cpu,host=a value=1 0", "cpu,host=a value=2 1", "cpu,host=a value=5 2");
        driver.expect("cpu,host=a avg=1 0", "cpu,host=a avg=1.5 1", "cpu,host=a avg=3.5 2");
    }
}
