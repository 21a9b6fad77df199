package @package@;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.kapacitorudf.testkit.UdfDriver;

class @Name@Test {
    private final UdfDriver driver =
            UdfDriver.of(new @Name@()).option("field", "value").groupBy("host").start();

    @Test
    void aBatchGivesItsMeanAndHowFarItMoved() {
        driver.pipeBatch("temp,host=a", 10, "temp,host=a value=1 8", "temp,host=a value=3 9");
        driver.pipeBatch("temp,host=a", 20, "temp,host=a value=6 18");
        driver.pipeBatch("temp,host=a", 30, "temp,host=a value=4 28");
        assertEquals(
                List.of(
                        "batch temp,host=a until 10",
                        "temp,host=a mean=2.0,moved=0.0 9",
                        "batch temp,host=a until 20",
                        "temp,host=a mean=6.0,moved=4.0 18",
                        "batch temp,host=a until 30",
                        "temp,host=a mean=4.0,moved=0.0 28"),
                driver.read());
    }

    @Test
    void anEmptyBatchComesBackEmpty() {
        driver.pipeBatch("temp,host=a", 10);
        assertEquals(List.of("batch temp,host=a until 10"), driver.read());
    }

    @Test
    void aRestartOfKapacitorLosesNothing() {
        driver.pipeBatch("temp,host=a", 10, "temp,host=a value=1 8");
        driver.restartFrom(driver.snapshot());
        driver.pipeBatch("temp,host=a", 20, "temp,host=a value=2 18");
        assertEquals(
                List.of(
                        "batch temp,host=a until 10",
                        "temp,host=a mean=1.0,moved=0.0 8",
                        "batch temp,host=a until 20",
                        "temp,host=a mean=2.0,moved=1.0 18"),
                driver.read());
    }
}
