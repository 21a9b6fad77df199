package org.kapacitorudf.functions;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.kapacitorudf.testkit.UdfDriver;

class QuantilesTest {
    private static final long SECOND = 1_000_000_000L;

    private final UdfDriver driver = builder().start();

    @Test
    void aPaneHasAResultOverTheWindowOnceAPointAfterItHasArrived() {
        for (int i = 1; i <= 100; i++) {
            driver.pipe(line("value=" + i, i / 10.0));
        }
        driver.expect();
        driver.pipe(line("value=7", 60));
        driver.expect("m,host=a count=100i,p50=50,p90=90,p99=99 " + 60 * SECOND);
    }

    @Test
    void theWindowSlidesByOnePane() {
        driver.pipe(line("value=1", 0), line("value=2", 60), line("value=3", 125), line("value=4", 300));
        driver.pipe(line("value=5", 330), line("value=6", 360));
        driver.expect(
                "m,host=a count=1i,p50=1,p90=1,p99=1 " + 60 * SECOND,
                "m,host=a count=2i,p50=1,p90=2,p99=2 " + 120 * SECOND,
                "m,host=a count=3i,p50=2,p90=3,p99=3 " + 180 * SECOND,
                "m,host=a count=4i,p50=3,p90=5,p99=5 " + 360 * SECOND);
    }

    @Test
    void theQuantilesAreThoseThatAreAskedFor() {
        UdfDriver other = builder()
                .option("of", 0.999)
                .option("of", 0)
                .option("of", 0.07)
                .option("of", 1)
                .option("as", "latency_")
                .start();
        for (int i = 1; i <= 100; i++) {
            other.pipe(line("value=" + i + "i", 0.001 * i));
        }
        other.pipe(line("value=1", 60));
        other.expect("m,host=a latency_count=100i,latency_p99.9=100,latency_p0=1,latency_p7=7,latency_p100=100 "
                + 60 * SECOND);
    }

    @Test
    void aResultHasTheTagsOfTheGroupAlone() {
        UdfDriver grouped = builder().groupBy("service").start();
        grouped.pipe(
                "m,host=a,service=s value=1 0",
                "m,host=b,service=s value=1 0",
                "m,host=a,service=s value=1 " + 60 * SECOND);
        grouped.expect("m,service=s count=2i,p50=1,p90=1,p99=1 " + 60 * SECOND);
    }

    @Test
    void aPointInAnotherOrderCountsAndOneFromBeforeTheWindowIsSkipped() {
        driver.pipe(line("value=1", 301), line("value=2", 61), line("value=3", 59), line("value=4", 360));
        driver.expect("m,host=a count=2i,p50=1,p90=2,p99=2 " + 360 * SECOND);
        assertThat(driver.skipped()).hasSize(1);
    }

    @Test
    void anotherWindowBeginsAgain() {
        driver.pipe(line("value=1", 0));
        UdfDriver other = builder().option("panes", 1).start();
        other.restartFrom(driver.snapshot());
        other.pipe(line("value=2", 400));
        other.expect();
    }

    @Test
    void optionsThatCannotBeAreRefused() {
        assertThatThrownBy(() -> builder().option("of", 1.5).start())
                .hasMessageContaining("of: 1.5 (expected: >= 0.0 and <= 1.0)");
        assertThatThrownBy(() -> builder().option("of", 0.5).option("of", 0.5).start())
                .hasMessageContaining("of: 0.5 (expected: each quantile once)");
        assertThatThrownBy(() -> {
                    UdfDriver.Builder many = builder();
                    for (int i = 0; i <= 20; i++) {
                        many = many.option("of", i / 100.0);
                    }
                    many.start();
                })
                .hasMessageContaining("of: 21 quantiles (expected: <= 20)");
        assertThatThrownBy(() -> builder().option("panes", 7).start())
                .hasMessageContaining("panes: 7 (expected: a number by which window, 300000ms, is divisible)");
        assertThatThrownBy(() -> builder().option("panes", 61).start()).hasMessageContaining("panes: 61 (expected: ");
        assertThatThrownBy(() -> builder().option("panes", 0).start()).hasMessageContaining("panes: 0 (expected: ");
        assertThatThrownBy(
                        () -> builder().option("window", Duration.ofMillis(999)).start())
                .hasMessageContaining("window: ");
        assertThatThrownBy(() -> builder().option("window", Duration.ofDays(32)).start())
                .hasMessageContaining("window: ");
    }

    private static String line(String field, double second) {
        return "m,host=a " + field + " " + Math.round(second * SECOND);
    }

    private static UdfDriver.Builder builder() {
        return UdfDriver.of(new Quantiles()).option("field", "value").groupBy("host");
    }
}
