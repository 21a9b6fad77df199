package org.kapacitorudf.internal.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class RestartLimitTest {
    private static final long SECOND = Duration.ofSeconds(1).toNanos();

    private final RestartLimit limit = new RestartLimit(2, Duration.ofSeconds(10));

    @Test
    void soManyRestartsAreAllowedAndNoMore() {
        assertThat(limit.allows(0)).isTrue();
        assertThat(limit.allows(SECOND)).isTrue();
        assertThat(limit.allows(SECOND)).isFalse();
        assertThat(limit).hasToString("2 restarts within 10.0 s");
    }

    @Test
    void aRestartThatIsOneIntervalOldDoesNotCountAnyMore() {
        limit.allows(0);
        limit.allows(SECOND);
        assertThat(limit.allows(10 * SECOND - 1)).as("just within").isFalse();
        assertThat(limit.allows(10 * SECOND)).as("just after").isTrue();
        assertThat(limit.allows(11 * SECOND - 1)).isFalse();
        assertThat(limit.allows(11 * SECOND)).isTrue();
    }

    @Test
    void theClockMayRunOver() {
        assertThat(limit.allows(Long.MAX_VALUE)).isTrue();
        assertThat(limit.allows(Long.MIN_VALUE)).isTrue();
        assertThat(limit.allows(Long.MIN_VALUE + 10 * SECOND - 2)).isFalse();
        assertThat(limit.allows(Long.MIN_VALUE + 10 * SECOND - 1)).isTrue();
    }

    @Test
    void aLimitOfNothingAllowsNothing() {
        assertThat(new RestartLimit(0, Duration.ofSeconds(1)).allows(0)).isFalse();
    }
}
