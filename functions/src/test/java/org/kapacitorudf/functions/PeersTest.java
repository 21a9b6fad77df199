package org.kapacitorudf.functions;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.kapacitorudf.testkit.UdfDriver;

@Tag("one-jdk")
class PeersTest {
    private static final long SECOND = 1_000_000_000L;

    @Test
    void aPointComesOutForEachMemberWithTheTagsOfTheGroupAndItsOwn() {
        UdfDriver driver = builder().option("slots", 1).start();
        for (int slot = 0; slot < 3; slot++) {
            for (int host = 0; host < 4; host++) {
                driver.pipe("m,role=web,host=h" + host + ",cpu=0 value=" + (10 + host) + "i,other=1 "
                        + (slot * 10 + host) * SECOND);
            }
        }
        List<String> lines = driver.read();
        assertThat(lines).hasSize(4);
        assertThat(lines.get(0))
                .startsWith("m,host=h0,role=web ")
                .contains("value=10", "expected=11.5", "anomaly=0i", "ready=true")
                .doesNotContain("other")
                .endsWith(" 0");
    }

    @Test
    void itGoesOnAfterARestart() {
        List<String> lines = lines(new Random(1), 300);
        UdfDriver one = builder().start();
        UdfDriver other = builder().start();
        one.pipe(lines.toArray(String[]::new));
        other.pipe(lines.subList(0, 777).toArray(String[]::new));
        other.restartFrom(other.snapshot());
        other.pipe(lines.subList(777, lines.size()).toArray(String[]::new));
        assertThat(other.snapshot()).isEqualTo(one.snapshot());
        assertThat(other.read()).isEqualTo(one.read()).anyMatch(line -> line.contains("anomaly=1i"));
    }

    @Test
    void membersThatAreAllReplacedAreForgottenAlsoAfterARestart() {
        UdfDriver driver = builder()
                .option("maxMembers", 4)
                .option("expire", Duration.ofSeconds(10_000))
                .start();
        for (int slot = 0; slot < 1020; slot++) {
            for (int host = 0; host < 4; host++) {
                driver.pipe("m,role=web,host=" + (slot < 6 ? "m" : "n") + host + " value=1 " + slot * 10 * SECOND);
            }
            if (slot == 800) {
                assertThat(driver.read()).isNotEmpty().noneMatch(line -> line.contains("host=n"));
                driver.restartFrom(driver.snapshot());
            }
        }
        assertThat(driver.read()).isNotEmpty().allMatch(line -> line.contains("host=n"));
    }

    @Test
    void aPointThatCannotBeTakenIsSkipped() {
        UdfDriver driver = builder().option("maxMembers", 3).start();
        driver.pipe(
                "m,role=web value=1 0",
                "m,role=web,host=a value=NaN 0",
                "m,role=web,host=a value=1 " + 100 * SECOND,
                "m,role=web,host=b value=1 0",
                "m,role=web,host=b value=1 " + 100 * SECOND,
                "m,role=web,host=c value=1 " + 100 * SECOND,
                "m,role=web,host=d value=1 " + 100 * SECOND,
                "m,role=web,host=c value=1 " + 1000 * SECOND);
        assertThat(driver.skipped())
                .satisfiesExactly(
                        text -> assertThat(text).contains("tag \"host\": missing"),
                        text -> assertThat(text).contains("NaN"),
                        text -> assertThat(text).contains("time: 0 (expected: within a slot of the newest point"),
                        text -> assertThat(text).contains("'d' (expected: <= 3 members)"),
                        text -> assertThat(text).contains("(expected: at most 10 slots ahead of the other members)"));
    }

    @Test
    void optionsThatCannotBeAreRefused() {
        assertThatThrownBy(() -> builder().option("minMembers", 2).start()).hasMessageContaining("minMembers: 2");
        assertThatThrownBy(() -> builder().option("align", Duration.ZERO).start())
                .hasMessageContaining("align: 0");
        assertThatThrownBy(() -> builder().option("min", 2.0).option("max", 1.0).start())
                .hasMessageContaining("max: 1.0 (expected: > min, 2.0)");
    }

    /** Two roles; one host differs from slot 100 on. */
    private static List<String> lines(Random random, int slots) {
        List<String> lines = new ArrayList<>();
        for (int slot = 0; slot < slots; slot++) {
            for (int host = 0; host < 12; host++) {
                double value = 50 + random.nextGaussian() + (host == 3 && slot > 100 ? 40 : 0);
                lines.add("m,role=r" + host % 2 + ",host=h" + host + " value=" + value + " "
                        + (slot * 10 + random.nextInt(12)) * SECOND);
            }
        }
        return lines;
    }

    private static UdfDriver.Builder builder() {
        return UdfDriver.of(new Peers()).groupBy("role").option("field", "value");
    }
}
