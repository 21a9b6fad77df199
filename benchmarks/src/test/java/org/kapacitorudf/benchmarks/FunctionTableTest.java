package org.kapacitorudf.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("slow")
@Tag("one-jdk")
class FunctionTableTest {
    @Test
    void eachFunctionHasARowWithFiguresOfItsOwn() {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        FunctionTable.print(1, new PrintStream(out, true, StandardCharsets.UTF_8));
        assertThat(out.toString(StandardCharsets.UTF_8))
                .contains("10,000 groups, 10,000 points for each function")
                .containsPattern("\\| `mirror` \\| \\d+ \\| - \\| \\d+ \\| - \\| - \\|")
                .containsPattern("\\| `deviation` \\| \\d+ \\| -?\\d+ \\| \\d+ \\| \\d{3} \\| \\d+ \\|")
                .containsPattern("\\| `baseline` \\| \\d+ \\| -?\\d+ \\| \\d+ \\| \\d{4} \\| \\d+ \\|")
                .containsPattern("\\| `timeTo` \\| \\d+ \\| -?\\d+ \\| \\d+ \\| \\d+ \\| \\d+ \\|")
                .containsPattern("\\| `smooth` \\| \\d+ \\| -?\\d+ \\| \\d+ \\| \\d{3} \\| \\d+ \\|")
                .containsPattern("\\| `latest` \\| \\d+ \\| -?\\d+ \\| \\d+ \\| \\d{3} \\| \\d+ \\|")
                .containsPattern("\\| `resample` \\| \\d+ \\| -?\\d+ \\| \\d+ \\| \\d{3} \\| \\d+ \\|")
                .containsPattern("\\| `forecast` \\| \\d+ \\| -?\\d+ \\| \\d+ \\| \\d+ \\| \\d+ \\|")
                .containsPattern("\\| `quantiles` \\| \\d+ \\| -?\\d+ \\| \\d+ \\| \\d+ \\| \\d+ \\|")
                .containsPattern("\\| `countDistinct` \\| \\d+ \\| -?\\d+ \\| \\d+ \\| \\d+ \\| \\d+ \\|")
                .containsPattern("\\| `topK` \\| \\d+ \\| -?\\d+ \\| \\d+ \\| \\d+ \\| \\d+ \\|")
                .containsPattern("\\| `changepoint` \\| \\d+ \\| -?\\d+ \\| \\d+ \\| \\d{3} \\| \\d+ \\|")
                .containsPattern("\\| `peers` \\| \\d+ \\| -?\\d+ \\| \\d+ \\| \\d+ \\| \\d+ \\|")
                .containsPattern("\\| `sessions` \\| \\d+ \\| -?\\d+ \\| \\d+ \\| \\d+ \\| \\d+ \\|");
    }
}
