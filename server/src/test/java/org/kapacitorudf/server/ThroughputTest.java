package org.kapacitorudf.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import org.kapacitorudf.tools.load.Bench;
import org.kapacitorudf.tools.load.LoadPlan;
import org.kapacitorudf.tools.load.LoadReport;
import org.kapacitorudf.tools.load.Measure;
import org.kapacitorudf.tools.load.Metric;

/** Detects if the program becomes many times slower; docs/performance.md has the real figures. */
@Tag("slow")
@Tag("one-jdk")
@Timeout(600)
@EnabledIfSystemProperty(named = "udf.full", matches = "true")
class ThroughputTest {
    /**
     * A quarter of what is measured on two idle processors: noise does not reach it, but a mistake in the hot path
     * does.
     */
    private static final double LEAST_OF_ECHO = 0.05;

    @Test
    void aMirrorIsWithinAFactorOfARawEcho(@TempDir Path directory) throws IOException {
        LoadPlan plan = LoadPlan.of(Measure.THROUGHPUT)
                .withWarmUp(Duration.ofSeconds(2))
                .withDuration(Duration.ofMillis(300))
                .withRuns(7);
        try (Bench bench = new Bench(plan, List.of(Installed.in(directory).served("mirror")), line -> {})) {
            LoadReport report = bench.run();
            double ofEcho = report.first()
                    .ratioTo(report.echo().orElseThrow(), Metric.POINTS_PER_SECOND)
                    .orElseThrow();
            assertThat(ofEcho).as(report.table()).isGreaterThan(LEAST_OF_ECHO);
        }
    }
}
