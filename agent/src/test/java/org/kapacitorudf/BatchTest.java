package org.kapacitorudf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class BatchTest {
    private final Point point = Point.of("", 5).withField("x", 1);
    private final Batch batch = Batch.of(
            new BatchBegin("cpu", "host=a", Map.of("host", "a"), 7, true),
            List.of(point),
            new BatchEnd("cpu", "host=a", 9, Map.of("host", "a")));

    @Test
    void aBatchIsItsBeginItsPointsAndItsEnd() {
        assertThat(batch.name()).isEqualTo("cpu");
        assertThat(batch.group()).isEqualTo("host=a");
        assertThat(batch.tags()).isEqualTo(Map.of("host", "a"));
        assertThat(batch.byName()).isTrue();
        assertThat(batch.tmax()).isEqualTo(9);
        assertThat(batch.points()).containsExactly(point);
    }

    @Test
    void aChangedCopyDiffersInOneThing() {
        assertThat(batch.withName("mem").name()).isEqualTo("mem");
        assertThat(batch.withTags(Map.of()).tags()).isEmpty();
        assertThat(batch.withTmax(1).tmax()).isEqualTo(1);
        assertThat(batch.withByName(false).byName()).isFalse();
        assertThat(batch.withPoints(List.of()).points()).isEmpty();
        assertThat(batch.withName("mem").withName("cpu")).isEqualTo(batch).hasSameHashCodeAs(batch);
        assertThat(List.of(
                        batch.withName("mem"),
                        batch.withTags(Map.of()),
                        batch.withTmax(1),
                        batch.withByName(false),
                        batch.withPoints(List.of())))
                .doesNotContain(batch);
    }

    @Test
    void theListThatWasGivenIsCopied() {
        List<Point> points = new ArrayList<>(List.of(point));
        Batch given = Batch.of("cpu", 9, points);
        points.clear();
        assertThat(given.points()).containsExactly(point);
        assertThat(given.tags()).isEmpty();
        assertThat(given.group()).isEmpty();
    }

    @Test
    void halfASurrogatePairIsRefused() {
        assertThatThrownBy(() -> batch.withName("a\uDE00"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("name: \"a\\ude00\" (expected: valid Unicode)");
        assertThatThrownBy(() -> batch.withTags(Map.of("x", "a\uDE00"))).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> batch.withTags(Map.of("a\uDE00", "x"))).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void looksLikeLineProtocol() {
        assertThat(batch).hasToString("cpu,host=a 1 points until 9");
    }
}
