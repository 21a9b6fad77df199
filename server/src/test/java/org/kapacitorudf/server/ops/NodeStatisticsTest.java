package org.kapacitorudf.server.ops;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.ref.WeakReference;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.kapacitorudf.agent.Connection;
import org.kapacitorudf.agent.Ending;
import org.kapacitorudf.server.IdleConnection;

class NodeStatisticsTest {
    private final NodeStatistics statistics = new NodeStatistics(List.of("f"), 2);

    /** A connection that has received points. */
    record Given(String function, String taskId, String nodeId, long number, long points) implements IdleConnection {
        Given(String taskId, long points) {
            this("f", taskId, "node2", points, points);
        }

        @Override
        public Instant openedAt() {
            return Instant.EPOCH;
        }

        @Override
        public Counts counts() {
            return new Counts(
                    points,
                    0,
                    0,
                    0,
                    0,
                    0,
                    CallTimes.NONE,
                    Duration.ZERO,
                    Duration.ZERO,
                    0,
                    0,
                    0,
                    0,
                    0,
                    0,
                    0,
                    Duration.ZERO,
                    Map.of());
        }

        @Override
        public Optional<Failure> lastFailure() {
            return Optional.of(new Failure(Instant.EPOCH, "boom"));
        }
    }

    private Given open(String task, long points) {
        Given connection = new Given(task, points);
        statistics.opened(connection);
        statistics.started(connection);
        return connection;
    }

    private void openAndEnd(String task, long points) {
        statistics.ended(open(task, points), Ending.CLEAN);
    }

    private Map<String, Long> points() {
        return statistics.entries().stream()
                .collect(Collectors.toMap(
                        entry -> entry.node().task(), entry -> entry.counts().pointsIn()));
    }

    @Test
    void whatEndedAndWhatIsOpenAddUp() {
        openAndEnd("a", 1);
        open("a", 10);
        open("a", 100);
        assertThat(points()).containsExactly(Map.entry("a", 111L));
        assertThat(statistics.entries().get(0).open()).hasSize(2);
    }

    @Test
    void asManyNodesAsAllowedHaveEntriesOfTheirOwn() {
        openAndEnd("a", 1);
        openAndEnd("b", 2);
        assertThat(points()).containsOnly(Map.entry("a", 1L), Map.entry("b", 2L));
    }

    @Test
    void oneMoreTakesThePlaceOfTheOneThatHasBeenGoneForLongestAndNothingIsLost() {
        openAndEnd("a", 1);
        openAndEnd("b", 2);
        openAndEnd("a", 4);
        open("c", 8);
        assertThat(points()).containsOnly(Map.entry("a", 5L), Map.entry("c", 8L), Map.entry(NodeStatistics.OTHER, 2L));
    }

    @Test
    void aNodeWithAConnectionIsNotReplaced() {
        Given a = open("a", 1);
        open("b", 2);
        Given c = open("c", 4);
        assertThat(points()).containsOnly(Map.entry("a", 1L), Map.entry("b", 2L), Map.entry(NodeStatistics.OTHER, 4L));
        statistics.ended(c, Ending.CLEAN);
        statistics.ended(a, Ending.CLEAN);
        assertThat(points()).containsOnly(Map.entry("a", 1L), Map.entry("b", 2L), Map.entry(NodeStatistics.OTHER, 4L));
    }

    @Test
    void namesThatAreTooLongAreCutAndCountedTogether() {
        openAndEnd("x".repeat(300) + "1", 1);
        openAndEnd("x".repeat(300) + "2", 2);
        assertThat(points()).containsExactly(Map.entry("x".repeat(200) + "...", 3L));
    }

    @Test
    void aNameOfTwoHundredCharactersIsShownAsItIs() {
        openAndEnd("x".repeat(200), 2);
        openAndEnd("x".repeat(201), 3);
        assertThat(points()).containsOnly(Map.entry("x".repeat(200), 2L), Map.entry("x".repeat(200) + "...", 3L));
    }

    @Test
    void aFunctionIsThereBeforeItIsUsedAndKnowsHowItsConnectionsEnded() {
        assertThat(statistics.functions()).containsExactly(new NodeStatistics.Function("f", 0, 0, Map.of()));
        openAndEnd("a", 1);
        Given refused = new Given("", 0);
        statistics.opened(refused);
        statistics.ended(refused, Ending.REFUSED);
        statistics.refused("f");
        assertThat(statistics.functions())
                .containsExactly(new NodeStatistics.Function("f", 2, 1, Map.of(Ending.CLEAN, 1L, Ending.REFUSED, 1L)));
    }

    @Test
    void theLastTwentyThatEndedBadlyAreRemembered() {
        for (int i = 0; i < 25; i++) {
            openAndEnd("good", 1);
            statistics.ended(open("bad" + i, 1), Ending.FAILED);
        }
        assertThat(statistics.badEnds()).hasSize(20);
        assertThat(statistics.badEnds().get(0).task()).isEqualTo("bad24");
        assertThat(statistics.badEnds().get(0).text()).isEqualTo("boom");
    }

    @Test
    void aConnectionThatEndedBadlyIsNotKept() {
        WeakReference<Connection> ended = new WeakReference<>(openAndFail());
        Instant deadline = Instant.now().plus(Duration.ofMinutes(5));
        while (ended.get() != null && Instant.now().isBefore(deadline)) {
            System.gc();
            LockSupport.parkNanos(1_000_000);
        }
        assertThat(ended.get()).isNull();
        assertThat(statistics.badEnds()).hasSize(1);
    }

    private Connection openAndFail() {
        Given connection = open("bad", 1);
        statistics.ended(connection, Ending.FAILED);
        return connection;
    }

    @Test
    void aConnectionThatOnlyAskedForInfoIsNoSeries() {
        Connection asking = new Given("f", "", "", 1, 1);
        statistics.opened(asking);
        statistics.ended(asking, Ending.CLEAN);
        assertThat(statistics.entries()).isEmpty();
        assertThat(statistics.functions().get(0).opened()).isEqualTo(1);
    }

    @Test
    void aStartThatWasRefusedIsASeriesOfItsTask() {
        Connection refused = new Given("t", 1);
        statistics.opened(refused);
        statistics.ended(refused, Ending.REFUSED);
        assertThat(statistics.entries())
                .extracting(entry -> entry.node().task())
                .containsExactly("t");
        assertThat(statistics.badEnds())
                .singleElement()
                .satisfies(end -> assertThat(end.task()).isEqualTo("t"));
    }
}
