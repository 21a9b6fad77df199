package org.kapacitorudf.server.call;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Optional;
import org.junit.jupiter.api.Test;

class HintsTest {
    private final Hints hints = new Hints(Optional.of("usage"));

    @Test
    void timesThatAreSecondsAreHintedAt() {
        hints.in(Lines.point("cpu usage=1 1700000000"));
        assertThat(hints.told(false, 0))
                .containsExactly("times: 1700000000 is 1970-01-01T00:00:01.700Z"
                        + " (expected: nanoseconds; of other times: --precision s)");
    }

    @Test
    void timesNearTheEpochAndRealOnesAreNot() {
        hints.in(Lines.point("cpu usage=1 1"));
        hints.in(Lines.point("cpu usage=1 1700000000000000000"));
        assertThat(hints.told(true, 0)).isEmpty();
    }

    @Test
    void aFieldThatNoPointHasIsTold() {
        for (int i = 0; i < 300; i++) {
            hints.in(Lines.point("cpu usage_user=1,usage_idle=2 " + i));
        }
        assertThat(hints.told(true, 0))
                .containsExactly("field usage: missing in 300 of 300 points; there are: usage_idle, usage_user");
    }

    @Test
    void windowsThatNeverEndAreTold() {
        hints.in(Lines.point("cpu usage=1 1"));
        assertThat(hints.told(true, 1)).singleElement().asString().startsWith("no output: 1 points wait");
    }
}
