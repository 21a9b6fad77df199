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
        assertThat(batch.tmaxNanos()).isEqualTo(9);
        assertThat(batch.points()).containsExactly(point);
    }

    @Test
    void aChangedCopyDiffersInOneThing() {
        assertThat(batch.withName("mem").name()).isEqualTo("mem");
        assertThat(batch.withTags(Map.of()).tags()).isEmpty();
        assertThat(batch.withTmaxNanos(1).tmaxNanos()).isEqualTo(1);
        assertThat(batch.withByName(false).byName()).isFalse();
        assertThat(batch.withPoints(List.of()).points()).isEmpty();
        assertThat(batch.withName("mem").withName("cpu")).isEqualTo(batch).hasSameHashCodeAs(batch);
        assertThat(List.of(
                        batch.withName("mem"),
                        batch.withTags(Map.of()),
                        batch.withTmaxNanos(1),
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

    private static Point streamed(long time, String core) {
        return Point.of("cpu", time)
                .withGroup("cpu\nhost=a,rack=")
                .withDimensions(true, List.of("host", "rack"))
                .withTags(Map.of("host", "a", "core", core))
                .withField("x", time);
    }

    @Test
    void aBatchOfAStreamHasTheGroupOfItsPointsAndTheLatestTime() {
        List<Point> points = List.of(streamed(3, "0"), streamed(7, "1"), streamed(5, "0"));
        Batch made = Batch.ofStream(points);
        assertThat(made.name()).isEqualTo("cpu");
        assertThat(made.group()).isEqualTo("cpu\nhost=a,rack=");
        assertThat(made.byName()).isTrue();
        assertThat(made.tags()).isEqualTo(Map.of("host", "a", "rack", ""));
        assertThat(made.tmaxNanos()).isEqualTo(7);
        assertThat(made.points()).isEqualTo(points);
    }

    @Test
    void aBatchOfAStreamIsOfOneGroupAndOfAPointAtLeast() {
        assertThatThrownBy(() -> Batch.ofStream(List.of()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("points: none (expected: at least one)");
        assertThatThrownBy(() -> Batch.ofStream(List.of(
                        streamed(1, "0").withGroup("host=a"), streamed(2, "0").withGroup("host=b"))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("points: of groups \"host=a\" and \"host=b\" (expected: of one group)");
    }

    @Test
    void thePointsOfAStreamHaveTheBatchsNameGroupAndDimensions() {
        Batch grouped = Batch.of(
                new BatchBegin("cpu", "cpu\nhost=a,rack=r", Map.of("rack", "r", "host", "a"), 1, true),
                List.of(Point.of("", 5)
                        .withTags(Map.of("host", "a", "core", "0", "rack", "other"))
                        .withField("x", 1)),
                new BatchEnd("cpu", "cpu\nhost=a,rack=r", 9, Map.of("rack", "r", "host", "a")));
        assertThat(grouped.streamPoints())
                .containsExactly(Point.of("cpu", 5)
                        .withGroup("cpu\nhost=a,rack=r")
                        .withDimensions(true, List.of("host", "rack"))
                        .withTags(Map.of("host", "a", "core", "0", "rack", "r"))
                        .withField("x", 1));
    }

    @Test
    void whatWasAStreamIsAStreamAgain() {
        List<Point> points =
                List.of(streamed(3, "0").withTag("rack", ""), streamed(7, "1").withTag("rack", ""));
        assertThat(Batch.ofStream(points).streamPoints()).isEqualTo(points);
    }

    @Test
    void aSummaryStandsForItsBatch() {
        assertThat(batch.summary(Fields.of("n", 1)))
                .isEqualTo(Point.of("cpu", 9)
                        .withGroup("host=a")
                        .withDimensions(true, List.of("host"))
                        .withTags(Map.of("host", "a"))
                        .withField("n", 1));
    }

    @Test
    void looksLikeLineProtocol() {
        assertThat(batch).hasToString("cpu,host=a 1 points until 9");
    }
}
