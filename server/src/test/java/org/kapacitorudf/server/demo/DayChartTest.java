package org.kapacitorudf.server.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class DayChartTest {
    @Test
    void valuesAreDotsMeansAreCrossesAndWhatIsBeyondIsAnArrow() {
        double[] means =
                IntStream.range(0, 144).mapToDouble(i -> Math.abs(i - 72) / 6.0).toArray();
        double[] values = Arrays.stream(means).map(mean -> mean + 1).toArray();
        values[48] = 1000;
        values[96] = -1000;
        assertThat(DayChart.of(values, means)).containsExactly("""
                  13 |#...                    ^                                            ...
                  11 |#######...                                                     ...######
                   9 |      #######...                                         ...######
                   7 |            #######...                             ...######
                   5 |                  #######...                 ...######
                   3 |                        #######...     ...######
                   1 |                              ############
                  -1 |                                                v
                     +------------------------------------------------------------------------
                      00:00       04:00       08:00       12:00       16:00       20:00
                """.lines().toArray(String[]::new));
    }

    @Test
    void aDayWithoutAnyChangeHasAChartToo() {
        double[] still = new double[Day.MINUTES];
        assertThat(DayChart.of(still, still)).hasSize(10).anyMatch(line -> line.endsWith("#".repeat(72)));
    }
}
