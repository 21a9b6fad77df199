package org.kapacitorudf.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("slow")
@Tag("one-jdk")
class FunctionTableTest {
    @Test
    void eachFunctionHasARowWithFiguresOfItsOwn() {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        FunctionTable.print(1, 250, new PrintStream(out, true, StandardCharsets.UTF_8));
        assertThat(out.toString(StandardCharsets.UTF_8))
                .contains("250 groups, 250 points for each function")
                .containsPattern("\\| `mirror` \\| \\d+ \\| - \\| \\d+ \\| - \\| - \\|");
        // The heap of so few groups is within the noise: its figure may be negative.
        assertThat(List.of(
                        "deviation",
                        "baseline",
                        "timeTo",
                        "smooth",
                        "latest",
                        "resample",
                        "forecast",
                        "quantiles",
                        "countDistinct",
                        "topK",
                        "changepoint",
                        "peers",
                        "sessions"))
                .allSatisfy(name -> assertThat(out.toString(StandardCharsets.UTF_8))
                        .containsPattern("\\| `" + name + "` \\| \\d+ \\| -?\\d+ \\| \\d+ \\| -?\\d+ \\| \\d+ \\|"));
    }
}
