package org.kapacitorudf.functions;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.kapacitorudf.testkit.UdfDriver;

class SessionsTest {
    private static final long MINUTE = 60_000_000_000L;

    @Test
    void aGapEndsASessionWhenTheNextPointArrives() {
        UdfDriver driver = builder().start();
        driver.pipe(
                "web,user=ann,page=a bytes=1 " + 5 * MINUTE,
                "web,user=ann,page=b bytes=1 " + 35 * MINUTE,
                "web,user=ann,page=c bytes=1 " + 40 * MINUTE,
                "web,user=ann,page=d bytes=1 " + 71 * MINUTE);
        driver.expect("web,user=ann seconds=2100,points=3i,begin=" + 5 * MINUTE + "i,ended=\"gap\" " + 40 * MINUTE);
    }

    @Test
    void aSessionThatIsNotGoneOnWithEndsByTheTimeOfOtherGroups() {
        UdfDriver driver = builder().start();
        driver.pipe("web,user=ann bytes=1 " + MINUTE, "web,user=bob bytes=1 " + 60 * MINUTE);
        assertThat(driver.read()).isEmpty();
        driver.pipe("web,user=bob bytes=1 " + 61 * MINUTE);
        driver.expect("web,user=ann seconds=0,points=1i,begin=" + MINUTE + "i,ended=\"gap\" " + MINUTE);
    }

    @Test
    void aPairLastsFromTheFirstStartToTheFirstStop() {
        UdfDriver driver =
                pairs().option("start", "running").option("stop", "done").start();
        driver.pipe(
                "job,user=a state=\"done\" 0",
                "job,user=a state=\"running\" " + MINUTE,
                "job,user=a state=\"running\" " + 2 * MINUTE,
                "job,user=a state=\"waiting\" " + 3 * MINUTE,
                "job,user=a state=\"done\" " + 4 * MINUTE,
                "job,user=a state=\"done\" " + 5 * MINUTE);
        driver.expect("job,user=a seconds=180,points=4i,begin=" + MINUTE + "i,ended=\"stop\" " + 4 * MINUTE);
    }

    @Test
    void startAndStopMayBeNumbersAndBools() {
        UdfDriver ints = pairs().option("start", "1").option("stop", "0").start();
        ints.pipe("job,user=a state=1i 0", "job,user=a state=0.0 " + MINUTE);
        ints.expect("job,user=a seconds=60,points=2i,begin=0i,ended=\"stop\" " + MINUTE);
        UdfDriver bools =
                pairs().option("start", "true").option("stop", "false").start();
        bools.pipe("job,user=a state=true 0", "job,user=a state=false " + MINUTE);
        bools.expect("job,user=a seconds=60,points=2i,begin=0i,ended=\"stop\" " + MINUTE);
    }

    @Test
    void aPairWithoutAStopEndsWithAGap() {
        UdfDriver driver = pairs().option("start", "on")
                .option("stop", "off")
                .option("gap", Duration.ofHours(1))
                .start();
        driver.pipe(
                "job,user=a state=\"on\" 0",
                "job,user=a state=\"x\" " + 30 * MINUTE,
                "job,user=a state=\"off\" " + 91 * MINUTE);
        driver.expect("job,user=a seconds=1800,points=2i,begin=0i,ended=\"gap\" " + 30 * MINUTE);
    }

    @Test
    void everyPointMayGoOnWithItsSessionSoFar() {
        UdfDriver driver = builder().option("emit", "points").option("as", "s_").start();
        driver.pipe("web,user=a bytes=1 0", "web,user=a bytes=2 " + MINUTE, "web,user=a bytes=3 " + 60 * MINUTE);
        driver.expect(
                "web,user=a bytes=1,s_seconds=0,s_points=1i 0",
                "web,user=a bytes=2,s_seconds=60,s_points=2i " + MINUTE,
                "web,user=a bytes=3,s_seconds=0,s_points=1i " + 60 * MINUTE);
    }

    @Test
    void aLatePointIsSkippedAndADuplicateChangesNothing() {
        UdfDriver driver = builder().start();
        driver.pipe(
                "web,user=a bytes=1 0",
                "web,user=a bytes=1 " + 2 * MINUTE,
                "web,user=a bytes=1 " + 2 * MINUTE,
                "web,user=a bytes=1 " + MINUTE,
                "web,user=a bytes=1 " + 60 * MINUTE);
        assertThat(driver.skipped())
                .singleElement()
                .asString()
                .contains("time: " + MINUTE + " (expected: >= " + 2 * MINUTE);
        driver.read();
    }

    @Test
    void itGivesWhatAModelGivesThatKnowsAllPoints() {
        for (int seed = 0; seed < 50; seed++) {
            Random random = new Random(seed);
            UdfDriver driver = builder().start();
            List<String> expected = new ArrayList<>();
            long begin = 0;
            long last = 0;
            long count = 0;
            for (int i = 0; i < 200; i++) {
                long time = last + (1 + random.nextInt(20)) * (random.nextInt(10) == 0 ? 4 : 1) * MINUTE;
                if (count > 0 && time - last > 30 * MINUTE) {
                    expected.add("web,user=a seconds=" + (last - begin) / MINUTE * 60 + ",points=" + count + "i,begin="
                            + begin + "i,ended=\"gap\" " + last);
                    count = 0;
                }
                begin = count == 0 ? time : begin;
                count++;
                last = time;
                driver.pipe("web,user=a bytes=" + i + " " + time);
                if (i == 100) {
                    driver.restartFrom(driver.snapshot());
                }
            }
            driver.expect(expected.toArray(String[]::new));
        }
    }

    @Test
    void optionsThatCannotBeAreRefused() {
        assertThatThrownBy(() -> builder().option("start", "a").start())
                .hasMessageContaining("stop: missing (expected: both, or neither)");
        assertThatThrownBy(
                        () -> builder().option("start", "a").option("stop", "b").start())
                .hasMessageContaining("field: missing");
        assertThatThrownBy(
                        () -> pairs().option("start", "a").option("stop", "a").start())
                .hasMessageContaining("stop: 'a' (expected: another value than start)");
        assertThatThrownBy(
                        () -> builder().option("expire", Duration.ofMinutes(29)).start())
                .hasMessageContaining("expire: 1740s (expected: >= gap, 1800s)");
    }

    private static UdfDriver.Builder pairs() {
        return builder().option("field", "state");
    }

    private static UdfDriver.Builder builder() {
        return UdfDriver.of(new Sessions()).groupBy("user");
    }
}
