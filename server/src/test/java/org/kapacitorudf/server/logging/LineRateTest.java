package org.kapacitorudf.server.logging;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class LineRateTest {
    private static final long INTERVAL_NANOS = TimeUnit.SECONDS.toNanos(LineRate.INTERVAL_SECONDS);

    private final LineRate rate = new LineRate();

    @Test
    void asManyLinesAsAllowedPassAndNoMore() {
        assertThat(rate.pass("a", 2, 0)).isZero();
        assertThat(rate.pass("a", 2, 1)).isZero();
        assertThat(rate.pass("a", 2, INTERVAL_NANOS - 1)).isEqualTo(-1);
    }

    @Test
    void theNextLineThatPassesKnowsHowManyDidNot() {
        rate.pass("a", 1, 0);
        rate.pass("a", 1, 1);
        rate.pass("a", 1, 2);
        assertThat(rate.pass("a", 1, INTERVAL_NANOS)).isEqualTo(2);
        assertThat(rate.pass("a", 2, INTERVAL_NANOS)).isZero();
    }

    @Test
    void aLoggerThatFloodsDoesNotSuppressOthers() {
        rate.pass("a", 1, 0);
        assertThat(rate.pass("a", 1, 0)).isEqualTo(-1);
        assertThat(rate.pass("b", 1, 0)).isZero();
    }

    @Test
    void originsAreForgottenWhenThereAreTooMany() {
        rate.pass("a", 1, 0);
        for (int i = 0; i < 10_000; i++) {
            rate.pass("other" + i, 1, 0);
        }
        assertThat(rate.pass("a", 1, 0)).isZero();
    }

    @Test
    void atLeastOneLinePasses() {
        assertThatThrownBy(() -> Logging.maxLines(0)).hasMessage("maxLogLines: 0 (expected: >= 1)");
    }
}
