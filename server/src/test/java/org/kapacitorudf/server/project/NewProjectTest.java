package org.kapacitorudf.server.project;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code scripts/test} builds and runs a complete project. */
class NewProjectTest {
    @ParameterizedTest
    @CsvSource({
        "rate,        Rate",
        "movingAvg,   MovingAvg",
        "moving_avg2, MovingAvg2",
        "A_,          A",
        "point,       PointFunction",
        "list,        ListFunction",
        "duration,    DurationFunction",
        "string,      StringFunction",
        "udfDriver,   UdfDriverFunction",
        "last,        LastFunction",
        "test,        TestFunction"
    })
    void aFunctionsClassHidesNoneThatItNeeds(String name, String className) {
        assertThat(NewProject.className(name)).isEqualTo(className);
    }

    @ParameterizedTest
    @ValueSource(strings = {"stream.java", "batch.java"})
    void aNewFunctionRunsOnAWorker(String template) throws IOException {
        assertThat(text(template)).contains("implements Udf").doesNotContain("nonBlocking");
    }

    @ParameterizedTest
    @ValueSource(strings = {"stream.java", "batch.java", "stream-test.java", "batch-test.java"})
    void importsAreSorted(String template) throws IOException {
        assertThat(text(template).lines().filter(line -> line.startsWith("import org.")))
                .isNotEmpty()
                .isSorted();
    }

    /** Otherwise Maven's target directory has a jar per version. */
    @Test
    void theJarOfANewVersionReplacesThePreviousOne() throws IOException {
        assertThat(text("pom.xml")).contains("<finalName>${project.artifactId}</finalName>");
        assertThat(text("README.md")).contains("target/@artifact@.jar").doesNotContain("SNAPSHOT");
    }

    /** Comments after commands would not be aligned, because the names of functions have different lengths. */
    @Test
    void aCommentInTheReadmeHasALineOfItsOwn() throws IOException {
        assertThat(text("README.md").lines()).noneMatch(line -> line.contains("@ ") && line.contains(" # "));
    }

    private static String text(String template) throws IOException {
        try (InputStream in = NewProject.class.getResourceAsStream(template)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
