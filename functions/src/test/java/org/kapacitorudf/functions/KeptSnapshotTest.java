package org.kapacitorudf.functions;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.kapacitorudf.functions.Samples.Sample;
import org.kapacitorudf.testkit.UdfDriver;

/**
 * A snapshot of each function, and of each version of its state, is kept as a file that later releases must be able to
 * read. {@code -Dudf.write=true} writes missing files; existing ones are never overwritten.
 */
class KeptSnapshotTest {
    private static final Path DIRECTORY = Path.of("src/test/resources/snapshots");
    private static final long MINUTE = 60_000_000_000L;
    private static final long START = 1_700_000_000_000_000_000L;
    private static final int POINTS = 6 * 144;

    static Stream<Arguments> samples() {
        return Samples.kept()
                .flatMap(sample ->
                        IntStream.rangeClosed(1, sample.version()).mapToObj(version -> Arguments.of(sample, version)));
    }

    @ParameterizedTest
    @MethodSource("samples")
    void aKeptSnapshotGoesOnWhereItStopped(Sample sample, int version) throws IOException {
        Path snapshot = DIRECTORY.resolve(sample.name() + "-" + version + ".snapshot");
        Path expected = DIRECTORY.resolve(sample.name() + "-" + version + ".txt");
        if (version == sample.version() && !Files.exists(snapshot) && Boolean.getBoolean("udf.write")) {
            Files.createDirectories(DIRECTORY);
            UdfDriver driver = sample.start();
            driver.pipe(lines(sample, 0, POINTS));
            driver.read();
            Files.write(snapshot, driver.snapshot());
            Files.write(expected, after(sample, driver));
        }
        UdfDriver driver = sample.start();
        driver.restartFrom(Files.readAllBytes(snapshot));
        assertThat(after(sample, driver)).isEqualTo(Files.readAllLines(expected));
    }

    private static List<String> after(Sample sample, UdfDriver driver) {
        driver.pipe(lines(sample, POINTS, POINTS + 20));
        return driver.read();
    }

    private static String[] lines(Sample sample, int from, int to) {
        // Kept output of other functions has no such tag.
        IntFunction<String> tag = i -> sample.name().equals("peers") ? ",member=m" + i / 2 % 5 : "";
        return IntStream.range(from, to)
                .boxed()
                .flatMap(i -> Stream.of(
                        String.format(
                                Locale.ROOT,
                                "o,host=h%d%s other=%di %d",
                                i % 2,
                                tag.apply(i),
                                i,
                                START + i * 10 * MINUTE),
                        String.format(
                                Locale.ROOT,
                                "m,host=h%d%s value=%.3f %d",
                                i % 2,
                                tag.apply(i),
                                20 + 0.02 * i + new Random(i).nextGaussian(),
                                START + i * 10 * MINUTE)))
                .toArray(String[]::new);
    }
}
