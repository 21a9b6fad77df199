package org.kapacitorudf.internal.session;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

final class KeepaliveRhythmTest {
    private static final Duration INITIAL_INTERVAL = Duration.ofMillis(100);
    private static final Duration INITIAL_STALL = Duration.ofSeconds(30);

    private final KeepaliveRhythm rhythm = new KeepaliveRhythm(INITIAL_INTERVAL, INITIAL_STALL);

    private void requestsAt(double... seconds) {
        for (double second : seconds) {
            request(second, second);
        }
    }

    private void request(double second, double arrived) {
        rhythm.request((long) (second * 1e9), (long) (arrived * 1e9));
    }

    private Duration interval() {
        return Duration.ofNanos(rhythm.intervalNanos());
    }

    private Duration stall() {
        return Duration.ofNanos(rhythm.stallNanos());
    }

    @Test
    void withoutRequestsTheConfiguredValuesHold() {
        requestsAt(1_000);
        assertThat(interval()).isEqualTo(INITIAL_INTERVAL);
        assertThat(stall()).isEqualTo(INITIAL_STALL);
    }

    @Test
    void requestsEveryFiveSecondsMeanATimeoutOfTen() {
        requestsAt(100, 105, 110);
        assertThat(interval()).isEqualTo(Duration.ofMillis(2500));
        assertThat(stall()).isEqualTo(Duration.ofSeconds(20));
    }

    @Test
    void oneSpacingAloneMayBeAnOddOneAndDoesNotMakeUsGiveUpSoon() {
        requestsAt(100, 100.5);
        assertThat(interval()).isEqualTo(Duration.ofMillis(250));
        assertThat(stall()).isEqualTo(Duration.ofSeconds(10));
    }

    @Test
    void aRequestThatFollowsALateOneCloselyDoesNotShortenTheTimeToGiveUp() {
        requestsAt(100, 105, 110, 114.9, 115, 120);
        assertThat(stall()).isEqualTo(Duration.ofSeconds(20));
    }

    @Test
    void aLongPauseOfKapacitorsWriterIsForgotten() {
        requestsAt(100, 105, 145, 150, 155);
        assertThat(stall()).isEqualTo(Duration.ofSeconds(20));
    }

    @Test
    void aClockThatIsSetBackTeachesNothing() {
        requestsAt(100, 50);
        assertThat(interval()).isEqualTo(INITIAL_INTERVAL);
    }

    @Test
    void aClockThatIsSetForwardTeachesNoMoreThanWhatHasPassed() {
        request(100, 0);
        request(1_800_000_000, 5);
        assertThat(interval()).isEqualTo(Duration.ofMillis(2500));
        assertThat(stall()).isEqualTo(Duration.ofSeconds(120));
        request(1_800_000_005, 10);
        request(1_800_000_010, 15);
        assertThat(stall()).isEqualTo(Duration.ofSeconds(20));
    }

    @Test
    void requestsThatWereHeldUpOnTheirWayTeachWhatTheySay() {
        request(100, 30);
        request(105, 30);
        request(110, 30.1);
        assertThat(interval()).isEqualTo(INITIAL_INTERVAL);
        assertThat(stall()).isEqualTo(Duration.ofSeconds(20));
    }

    @Test
    void veryShortTimeoutsDoNotMakeUsSpinOrGiveUpAtOnce() {
        requestsAt(1, 1.001, 1.002, 1.003);
        assertThat(interval()).isEqualTo(Duration.ofMillis(5));
        assertThat(stall()).isEqualTo(Duration.ofSeconds(1));
    }
}
