package org.kapacitorudf.functions.changepoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class ScoresTest {
    /** Values of Student's distribution from the tables of R: qt(pnorm(z), freedom). */
    @Test
    void aScoreIsTheNormalOneThatIsAsImprobable() {
        double[][] table = {
            {9, 1, 1.0593}, {9, 2, 2.3203}, {9, 3, 4.0942}, {30, 2, 2.0863}, {30, 3, 3.2697}, {1000, 3, 3.0075}
        };
        for (double[] row : table) {
            assertThat(Scores.normal(row[2], row[0])).as("freedom %s", row[0]).isCloseTo(row[1], within(0.01));
            assertThat(Scores.normal(-row[2], row[0])).isCloseTo(-row[1], within(0.01));
        }
    }

    @Test
    void studentIsTheInverse() {
        for (double freedom : new double[] {4, 9, 100, 9999}) {
            for (double z = 0; z < 5; z += 0.1) {
                assertThat(Scores.normal(Scores.student(z, freedom), freedom)).isCloseTo(z, within(1e-7));
            }
        }
    }

    @Test
    void theSeriesMeetsTheLogarithm() {
        double freedom = 100;
        double border = Math.sqrt(0.02 * freedom);
        assertThat(Scores.normal(border - 1e-9, freedom))
                .isCloseTo(Scores.normal(border + 1e-9, freedom), within(1e-7));
    }
}
