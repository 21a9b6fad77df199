package org.kapacitorudf.internal.session;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.kapacitorudf.agent.Connection.Skip;
import org.kapacitorudf.internal.host.RateLimit;

class SkipsTest {
    private static final int MAX = 32;

    private long nanos;
    private final Skips skips = new Skips(() -> nanos);

    private Optional<String> add(String reason) {
        return skips.add(reason, Instant.ofEpochSecond(0, nanos));
    }

    private void laterBy(long more) {
        nanos += more;
    }

    @Test
    void aFrequentReasonDoesNotHideARareOne() {
        assertThat(add("frequent")).hasValue("");
        for (int i = 0; i < 1_000; i++) {
            laterBy(1);
            assertThat(add("frequent")).isEmpty();
        }
        assertThat(add("rare")).hasValue("");
        laterBy(RateLimit.INTERVAL_NANOS);
        assertThat(add("frequent")).hasValue(" (and 1000 more since the last such line)");
    }

    @Test
    void theReasonThatOccurredLastIsTheFirst() {
        add("a");
        laterBy(1);
        add("b");
        laterBy(1);
        add("a");
        assertThat(skips.list())
                .containsExactly(
                        new Skip("a", 2, Instant.ofEpochSecond(0, 2)), new Skip("b", 1, Instant.ofEpochSecond(0, 1)));
    }

    @Test
    void asManyReasonsAsAllowedAreCountedOneByOne() {
        for (int i = 0; i < MAX; i++) {
            assertThat(add("reason " + i)).hasValue("");
        }
        assertThat(skips.list()).hasSize(MAX).extracting(Skip::reason).doesNotContain(Skips.OTHER);
    }

    @Test
    void moreReasonsAtOnceAreCountedAndLimitedTogether() {
        for (int i = 0; i < MAX; i++) {
            add("reason " + i);
        }
        assertThat(add("one more")).hasValue("");
        assertThat(add("and another")).isEmpty();
        assertThat(skips.list()).hasSize(MAX + 1).contains(new Skip(Skips.OTHER, 2, Instant.EPOCH));
    }

    @Test
    void aReasonThatHasNotOccurredForLongMakesRoomAndIsStillCounted() {
        for (int i = 0; i < MAX; i++) {
            add("reason " + i);
        }
        laterBy(RateLimit.INTERVAL_NANOS);
        assertThat(add("one more")).hasValue("");
        assertThat(skips.list())
                .extracting(Skip::reason)
                .contains("one more", "reason 1", Skips.OTHER)
                .doesNotContain("reason 0");
        assertThat(skips.list().stream().mapToLong(Skip::count).sum()).isEqualTo(MAX + 1);
    }
}
