package org.kapacitorudf.functions;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.kapacitorudf.Udf;
import org.kapacitorudf.testkit.UdfDriver;

/** What holds for every function: it is the same after a restart, whatever the input, and groups do not see each other. */
@Tag("one-jdk")
class EveryFunctionTest {
    private static final long MINUTE = 60_000_000_000L;
    private static final long START = 1_700_000_000_000_000_000L;
    private static final List<String> HOSTILE = List.of(
            "value=1e308",
            "value=-1e308",
            "value=1e149",
            "value=-0.0",
            "value=0",
            "value=4.9e-324",
            "value=9223372036854775807i",
            "value=-9223372036854775808i",
            "value=9007199254740993i",
            "value=\"text\"",
            "value=true",
            "other=1");

    static Stream<Udf> functions() {
        return Samples.functions().stream();
    }

    @ParameterizedTest
    @MethodSource("functions")
    void itIsTheSameAfterARestartFromASnapshotInMidSeries(Udf udf) {
        for (int seed = 0; seed < 3; seed++) {
            Random random = new Random(seed);
            List<String> lines = hostileLines(random, 400);
            int cut = random.nextInt(lines.size());
            UdfDriver one = Samples.start(udf);
            UdfDriver other = Samples.start(udf);
            pipe(one, lines.subList(0, cut));
            pipe(other, lines.subList(0, cut));
            assertThat(other.read()).isEqualTo(one.read());
            other.restartFrom(other.snapshot());
            pipe(one, lines.subList(cut, lines.size()));
            pipe(other, lines.subList(cut, lines.size()));
            assertThat(other.read()).as("seed %d, cut at %d", seed, cut).isEqualTo(one.read());
            assertThat(other.snapshot()).as("seed %d, cut at %d", seed, cut).isEqualTo(one.snapshot());
        }
    }

    @ParameterizedTest
    @MethodSource("functions")
    void theOutputOfAGroupDoesNotDependOnTheOrderOfGroups(Udf udf) {
        List<String> lines = hostileLines(new Random(1), 600);
        List<String> byHost = new ArrayList<>(lines);
        byHost.sort(Comparator.comparing((String line) -> line.substring(0, line.indexOf(' '))));
        UdfDriver mixed = Samples.start(udf);
        UdfDriver sorted = Samples.start(udf);
        pipe(mixed, lines);
        pipe(sorted, byHost);
        assertThat(sorted.read()).containsExactlyInAnyOrderElementsOf(mixed.read());
    }

    @ParameterizedTest
    @MethodSource("functions")
    void noOutputHasANumberThatIsNotFinite(Udf udf) {
        UdfDriver driver = Samples.start(udf);
        pipe(driver, hostileLines(new Random(2), 1000));
        assertThat(driver.read()).noneMatch(line -> line.contains("NaN") || line.contains("Infinity"));
    }

    private static void pipe(UdfDriver driver, List<String> lines) {
        driver.pipe(lines.toArray(String[]::new));
    }

    /** Two hosts with noise, hostile values, duplicates, late points and gaps. */
    private static List<String> hostileLines(Random random, int count) {
        List<String> lines = new ArrayList<>();
        long[] time = {START, START};
        for (int i = 0; i < count; i++) {
            int host = random.nextInt(2);
            int kind = random.nextInt(40);
            time[host] += kind == 0 ? 1000 * MINUTE : kind == 1 ? -5 * MINUTE : kind == 2 ? 0 : MINUTE;
            String fields = kind < 8 && kind > 2
                    ? HOSTILE.get(random.nextInt(HOSTILE.size()))
                    : "value=" + String.format(Locale.ROOT, "%.3f", 50 + 5 * random.nextGaussian());
            String line = "m,host=h" + host + " " + fields + " " + time[host];
            lines.add(line);
            if (kind == 9) {
                lines.add(line);
            }
        }
        return lines;
    }
}
