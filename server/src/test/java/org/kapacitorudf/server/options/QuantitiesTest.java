package org.kapacitorudf.server.options;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class QuantitiesTest {
    @Test
    void durationsAreReadAsTheyAreTyped() {
        assertThat(Quantities.parseDuration("500ms")).isEqualTo(Duration.ofMillis(500));
        assertThat(Quantities.parseDuration("1m30s")).isEqualTo(Duration.ofSeconds(90));
        assertThat(Quantities.parseDuration("2d3h")).isEqualTo(Duration.ofHours(51));
        assertThat(Quantities.parseDuration("1w")).isEqualTo(Duration.ofDays(7));
        assertThat(Quantities.parseDuration("500u")).isEqualTo(Duration.ofNanos(500_000));
        assertThat(Quantities.parseDuration("7us5ns")).isEqualTo(Duration.ofNanos(7_005));
    }

    @ParameterizedTest
    @ValueSource(strings = {"0s", "1ns", "999us", "100ms", "1m", "1m30s", "1d2h3m4s5ms6us7ns"})
    void aDurationIsWrittenAsItIsRead(String text) {
        assertThat(Quantities.duration(Quantities.parseDuration(text))).isEqualTo(text);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "10", "s", "-1s", "1.5s", "1s ", " 1s", "1s2", "1x", "1S"})
    void whatIsNoDurationIsRefused(String text) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Quantities.parseDuration(text))
                .withMessage(text + " (expected: a duration: 500ms, 10s, 1h30m, 1w)");
    }

    @ParameterizedTest
    @ValueSource(strings = {"200000d", "999999999999999999h", "999999999999999999us", "100000d100000d"})
    void aDurationThatCannotBeWaitedForIsRefused(String text) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Quantities.parseDuration(text))
                .withMessage(text + " (expected: less than 292 years)");
    }

    @Test
    void sizesAreReadAsTheyAreTyped() {
        assertThat(Quantities.parseBytes("65536")).isEqualTo(65_536);
        assertThat(Quantities.parseBytes("100B")).isEqualTo(100);
        assertThat(Quantities.parseBytes("64KiB")).isEqualTo(65_536);
        assertThat(Quantities.parseBytes("3GiB")).isEqualTo(3L << 30);
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "1023", "1KiB", "1025", "64MiB", "2GiB", "2048GiB"})
    void aSizeIsWrittenAsItIsRead(String text) {
        assertThat(Quantities.bytes(Quantities.parseBytes(text))).isEqualTo(text);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "KiB", "-1", "1.5MiB", "1 MiB", "1MB", "999999999999999999GiB"})
    void whatIsNoSizeIsRefused(String text) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Quantities.parseBytes(text))
                .withMessageStartingWith(text + " (expected: ");
    }
}
