package org.kapacitorudf.tools.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.Map;
import java.util.stream.DoubleStream;
import org.junit.jupiter.api.Test;

class LoadReportTest {
    private static final LoadResult FIRST = result("a \"b\"", 100, 300, 200);
    private static final LoadResult SECOND = result("go", 10, 60, 10);
    private static final LoadResult ECHO = result("raw echo", 400, 600, 800);
    private static final LoadReport REPORT =
            new LoadReport(LoadPlan.of(Measure.THROUGHPUT).withRuns(3), 241, List.of(FIRST, SECOND, ECHO), true);

    @Test
    void aRatioIsTheMedianOfTheRatiosRunByRun() {
        assertThat(FIRST.ratioTo(SECOND, Metric.POINTS_PER_SECOND)).hasValue(10);
        assertThat(FIRST.ratioTo(ECHO, Metric.POINTS_PER_SECOND)).hasValue(0.25);
    }

    @Test
    void theMedianOfAnEvenNumberIsTheMeanOfTheTwoInTheMiddle() {
        assertThat(result("x", 1, 10, 2, 4).median(Metric.POINTS_PER_SECOND).orElseThrow())
                .isCloseTo(3, within(1e-9));
        assertThat(FIRST.median(Metric.PEAK_MEGABYTES)).isEmpty();
    }

    @Test
    void theTableHasMediansRangesAndRatios() {
        assertThat(REPORT.table()).isEqualTo("""
                throughput: 1 connection, points of 241 bytes, writes of 65536 bytes, median of 3 runs
                          points/s     range  x a "b"  x echo
                a "b"          200  100..300     1.00    0.25
                go              10    10..60     0.10  0.0250
                raw echo       600  400..800     4.00    1.00
                """);
    }

    @Test
    void theJsonHasEveryRun() {
        assertThat(REPORT.json())
                .startsWith(
                        "{\"measure\": \"throughput\", \"connections\": 1, \"batchPoints\": 0, \"pointBytes\": 241, ")
                .contains("\"runs\": 3, ")
                .contains("""
                        {"name": "a \\"b\\"",
                            "pointsPerSecond": {"median": 200.0000, "min": 100.0000, "max": 300.0000, \
                        "ratioToFirst": 1.0000, "ratioToEcho": 0.2500, "runs": [100.0000, 300.0000, 200.0000]}}""");
    }

    private static LoadResult result(String name, double... pointsPerSecond) {
        return new LoadResult(
                name,
                DoubleStream.of(pointsPerSecond)
                        .mapToObj(value -> Map.of(Metric.POINTS_PER_SECOND, value))
                        .toList());
    }
}
