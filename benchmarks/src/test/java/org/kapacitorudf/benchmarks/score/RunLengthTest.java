package org.kapacitorudf.benchmarks.score;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class RunLengthTest {
    /** The table of Montgomery, Introduction to Statistical Quality Control, for both sides. */
    @Test
    void itIsThatOfTheTextbook() {
        assertThat(RunLength.of(RunLength::normal, 0.5, 4) / 2).isCloseTo(168, within(2.0));
        assertThat(RunLength.of(RunLength::normal, 0.5, 5) / 2).isCloseTo(465, within(5.0));
    }

    @Test
    void theNormalDistributionIsThatOfTheTables() {
        assertThat(RunLength.normal(0)).isCloseTo(0.5, within(1e-7));
        assertThat(RunLength.normal(-1.96)).isCloseTo(0.0249979, within(1e-6));
    }
}
