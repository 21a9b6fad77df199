package org.kapacitorudf.functions;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.kapacitorudf.testkit.UdfDriver;

/** The detector in docs/functions/README.md. */
class ShewhartTest {
    private static final long MINUTE = 60_000_000_000L;

    @Test
    void theFirstValueFarFromTheMeanAlerts() {
        UdfDriver driver = UdfDriver.of(new Shewhart())
                .option("field", "value")
                .option("emit", "anomalies")
                .start();
        List<String> lines = new ArrayList<>();
        for (int i = 0; i < 120; i++) {
            lines.add("m value=" + (50 + i % 3) + " " + i * MINUTE);
        }
        lines.add("m value=70 " + 120 * MINUTE);
        driver.pipe(lines.toArray(String[]::new));
        assertThat(driver.read()).singleElement().asString().contains("anomaly=1i", "ready=true", "value=70");
    }

    @Test
    void theDocumentShowsIt() throws IOException {
        String source = Files.readString(Path.of("src/test/java/org/kapacitorudf/functions/Shewhart.java"));
        assertThat(Files.readString(Path.of("../docs/functions/README.md")))
                .contains(source.substring(source.indexOf("/** A control chart")));
    }
}
