package org.kapacitorudf.tools.load;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SamplesTest {
    @ParameterizedTest
    @CsvSource({"0.5, 5000", "0.99, 9900", "0.999, 9990", "0.9999, 9999", "1, 10000", "0.00001, 1"})
    void aPercentileIsTheSmallestThatIsNotExceededByThatShare(double share, long expected) {
        assertThat(of(LongStream.rangeClosed(1, 10_000).map(i -> 10_001 - i)).percentile(share))
                .isEqualTo(expected);
    }

    @Test
    void theMiddleOfAnEvenNumberIsTheLowerOne() {
        assertThat(of(LongStream.of(4, 1, 3, 2)).percentile(0.5)).isEqualTo(2);
    }

    @Test
    void theMiddleOfAnOddNumberIsInTheMiddle() {
        assertThat(of(LongStream.of(3, 1, 2)).percentile(0.5)).isEqualTo(2);
    }

    @Test
    void withoutSamplesItIsZero() {
        assertThat(new Samples().percentile(0.99)).isZero();
    }

    @Test
    void whatIsAddedLaterCountsToo() {
        Samples samples = of(LongStream.of(1, 2, 3));
        assertThat(samples.percentile(1)).isEqualTo(3);
        samples.addAll(of(LongStream.of(9, 5)));
        assertThat(samples.count()).isEqualTo(5);
        assertThat(samples.percentile(1)).isEqualTo(9);
        samples.clear();
        assertThat(samples.count()).isZero();
    }

    private static Samples of(LongStream nanos) {
        Samples samples = new Samples();
        nanos.forEach(samples::add);
        return samples;
    }
}
