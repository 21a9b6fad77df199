package org.kapacitorudf.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("slow")
@Tag("one-jdk")
class CallTableTest {
    @Test
    void theWholeAndEachStageHaveARow() {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        double linesPerSecond = CallTable.print(5_000, new PrintStream(out, true, StandardCharsets.UTF_8));
        assertThat(linesPerSecond).isPositive();
        assertThat(out.toString(StandardCharsets.UTF_8))
                .startsWith("`call movingAvg`, 5,000 lines, ")
                .containsPattern("\\| file to /dev/null, reading in a thread of its own \\| [\\d,]+ \\| [\\d,]+ \\|")
                .containsPattern("\\| reading alone, one thread \\| [\\d,]+ \\| [\\d,]+ \\|")
                .containsPattern("\\| the handler alone, one thread \\| [\\d,]+ \\| [\\d,]+ \\|")
                .containsPattern("\\| writing alone, one thread \\| [\\d,]+ \\| [\\d,]+ \\|");
    }
}
