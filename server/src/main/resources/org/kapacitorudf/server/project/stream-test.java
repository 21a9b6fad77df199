package @package@;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.kapacitorudf.testkit.UdfDriver;

class @Name@Test {
    private final UdfDriver driver = UdfDriver.of(new @Name@())
            .option("field", "value")
            .option("unit", Duration.ofNanos(10))
            .groupBy("host")
            .start();

    @Test
    void theRiseIsGivenPerUnit() {
        driver.pipe("temp,host=a value=20 0", "temp,host=a value=21 10", "temp,host=a value=21.5 20");
        assertEquals(List.of("temp,host=a rate=1.0 10", "temp,host=a rate=0.5 20"), driver.read());
    }

    @Test
    void eachGroupHasItsOwn() {
        driver.pipe("temp,host=a value=1 0", "temp,host=b value=7 5", "temp,host=a value=2 10");
        assertEquals(List.of("temp,host=a rate=1.0 10"), driver.read());
    }

    @Test
    void aPointThatIsNotLaterGivesNothing() {
        driver.pipe("temp,host=a value=1 10", "temp,host=a value=2 10", "temp,host=a value=3 5");
        assertTrue(driver.read().isEmpty());
    }

    @Test
    void aRestartOfKapacitorLosesNothing() {
        driver.pipe("temp,host=a value=1 0");
        driver.restartFrom(driver.snapshot());
        driver.pipe("temp,host=a value=3 10");
        assertEquals(List.of("temp,host=a rate=2.0 10"), driver.read());
    }
}
