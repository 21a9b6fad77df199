package org.kapacitorudf.soak;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.jar.Attributes;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A run of {@code scripts/soak} of some seconds instead of hours; {@code -Dudf.full=true} for a minute. */
@Tag("slow")
@Timeout(1_800)
@Tag("one-jdk")
class SoakTest {
    private static final boolean FULL = Boolean.getBoolean("udf.full");

    @TempDir
    private Path directory;

    @Test
    void underLoadWithFailuresKillsAndNewServersNothingIsLostAndNothingStays() throws IOException {
        ByteArrayOutputStream log = new ByteArrayOutputStream();
        try (SoakRun run = new SoakRun(plan(), new PrintStream(log, true, StandardCharsets.UTF_8))) {
            run.run();
            assertThat(run.findings().texts())
                    .as(
                            "seed %d%n%s%s",
                            run.plan().seed(), log.toString(StandardCharsets.UTF_8), new SoakReport(run).table())
                    .isEmpty();
            assertThat(run.checked()).isPositive();
            assertThat(run.after().orElseThrow().text()).isNotEmpty();
            assertThat(new SoakReport(run).json()).startsWith("{").contains("\"lost\": 0,");
        }
    }

    private SoakPlan plan() throws IOException {
        return new SoakPlan(
                List.of(installed().toString()),
                Files.createDirectories(directory.resolve("nothing")),
                "-Dio.netty.leakDetection.level=advanced",
                FULL ? 1_000 : 200,
                Long.MAX_VALUE,
                Duration.ofSeconds(FULL ? 60 : 3),
                Duration.ofSeconds(1),
                Duration.ofSeconds(FULL ? 10 : 2),
                // The agent closes a connection whose reader pauses for more than four of these intervals.
                TimeUnit.SECONDS.toNanos(15),
                // On a machine with other work, anything may be slow.
                TimeUnit.MINUTES.toNanos(2),
                TimeUnit.MILLISECONDS.toNanos(500),
                100,
                FULL ? 1_000_000 : 50_000,
                ThreadLocalRandom.current().nextInt(Integer.MAX_VALUE));
    }

    /** The program with its real launcher; its jar refers to the class path of the tests. */
    private Path installed() throws IOException {
        Path home = Files.createDirectories(directory.toRealPath().resolve("home"));
        Path launcher = Files.createDirectories(home.resolve("bin")).resolve("kapacitor-udf");
        Files.copy(Path.of(System.getProperty("kapacitor-udf.scripts"), "kapacitor-udf"), launcher);
        Manifest manifest = new Manifest();
        manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
        String classPath = Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
                .map(entry -> Path.of(entry).toUri().toString())
                .collect(Collectors.joining(" "));
        manifest.getMainAttributes().put(Attributes.Name.CLASS_PATH, classPath);
        Path jar = Files.createDirectories(home.resolve("lib")).resolve("kapacitor-udf.jar");
        new JarOutputStream(Files.newOutputStream(jar), manifest).close();
        return launcher;
    }
}
