package org.kapacitorudf.server.project;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
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
        try (InputStream in = NewProject.class.getResourceAsStream(template)) {
            assertThat(new String(in.readAllBytes(), StandardCharsets.UTF_8))
                    .contains("implements Udf")
                    .doesNotContain("nonBlocking");
        }
    }
}
