package org.kapacitorudf.internal.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.kapacitorudf.agent.Connection.Skip;

class SkipsTest {
    private static final int MAX = 32;

    private static final String WORDS = "abcdefghijklmnopqrstuvwxyzABCDEF";

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
            assertThat(add("reason " + WORDS.charAt(i))).hasValue("");
        }
        assertThat(skips.list()).hasSize(MAX).extracting(Skip::reason).doesNotContain(Skips.OTHER);
    }

    @Test
    void moreReasonsAtOnceAreCountedAndLimitedTogether() {
        for (int i = 0; i < MAX; i++) {
            add("reason " + WORDS.charAt(i));
        }
        assertThat(add("one more")).hasValue("");
        assertThat(add("and another")).isEmpty();
        assertThat(skips.list()).hasSize(MAX + 1).contains(new Skip(Skips.OTHER, 2, Instant.EPOCH));
    }

    @Test
    void aReasonThatHasNotOccurredForLongMakesRoomAndIsStillCounted() {
        for (int i = 0; i < MAX; i++) {
            add("reason " + WORDS.charAt(i));
        }
        laterBy(RateLimit.INTERVAL_NANOS);
        assertThat(add("one more")).hasValue("");
        assertThat(skips.list())
                .extracting(Skip::reason)
                .contains("one more", "reason b", Skips.OTHER)
                .doesNotContain("reason a");
        assertThat(skips.list().stream().mapToLong(Skip::count).sum()).isEqualTo(MAX + 1);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    point: time: 123 (expected: >= 456)   | point: time: -9.5e7 (expected: >= 2026-01-01T00:00:00Z)
                    point: field "v1": "on" (expected: x) | point: field "v1": "off \\" 5" (expected: x)
                    point: no model for host7             | point: no model for 3fa85f64-5717-4562-b3fc
                    """)
    void aTextWithAnotherValueIsTheSameReasonAndTheLatestIsShown(String first, String second) {
        add(first);
        assertThat(add(second)).isEmpty();
        assertThat(skips.list()).containsExactly(new Skip(second, 2, Instant.EPOCH));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    point: field "v1": missing (expected: a number) | point: field "v2": missing (expected: a number)
                    point: field "v": missing (expected: a number)  | point: field "v": a string (expected: a number)
                    point: field "v": missing (expected: a number)  | endBatch: field "v": missing (expected: a number)
                    """)
    void textsAboutOtherFieldsTypesAndCallsAreReasonsOfTheirOwn(String first, String second) {
        add(first);
        add(second);
        assertThat(skips.list()).extracting(Skip::reason).containsExactlyInAnyOrder(first, second);
    }

    @Test
    void theTimeOfTheOthersDoesNotGoBack() {
        for (int i = 0; i < MAX; i++) {
            add("reason " + WORDS.charAt(i));
        }
        laterBy(RateLimit.INTERVAL_NANOS - 1);
        for (int i = 1; i < MAX; i++) {
            add("reason " + WORDS.charAt(i));
        }
        add("one more");
        Instant last = lastOfOthers();
        laterBy(1);
        add("reason that takes the place of the oldest");
        assertThat(lastOfOthers()).isEqualTo(last);
    }

    private Instant lastOfOthers() {
        return skips.list().stream()
                .filter(skip -> skip.reason().equals(Skips.OTHER))
                .findFirst()
                .orElseThrow()
                .lastAt();
    }
}
