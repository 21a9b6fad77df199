package org.kapacitorudf.server;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The whole of it is built and run by {@code scripts/test}. */
@Tag("slow")
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
}
