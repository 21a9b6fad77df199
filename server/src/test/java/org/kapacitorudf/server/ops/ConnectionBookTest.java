package org.kapacitorudf.server.ops;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.kapacitorudf.Connection;
import org.kapacitorudf.embed.Ending;

class ConnectionBookTest {
    private final ConnectionBook book = new ConnectionBook(List.of("f"), 2);

    /** A connection that has had some points. */
    record Given(String function, String taskId, String nodeId, long number, long points) implements Connection {
        Given(String taskId, long points) {
            this("f", taskId, "node2", points, points);
        }

        @Override
        public Instant openedAt() {
            return Instant.EPOCH;
        }

        @Override
        public boolean isStarted() {
            return true;
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
        public String options() {
            return "";
        }

        @Override
        public Optional<Restored> restored() {
            return Optional.empty();
        }

        @Override
        public List<Skip> skips() {
            return List.of();
        }

        @Override
        public long queuedBytes() {
            return 0;
        }

        @Override
        public long unsentBytes() {
            return 0;
        }

        @Override
        public OptionalLong groups() {
            return OptionalLong.empty();
        }

        @Override
        public Optional<Snapshot> lastSnapshot() {
            return Optional.empty();
        }

        @Override
        public Optional<Call> currentCall() {
            return Optional.empty();
        }

        @Override
        public Optional<Failure> lastFailure() {
            return Optional.of(new Failure(Instant.EPOCH, "boom"));
        }
    }

    private Given open(String task, long points) {
        Given connection = new Given(task, points);
        book.opened(connection);
        book.started(connection);
        return connection;
    }

    private void openAndEnd(String task, long points) {
        book.ended(open(task, points), Ending.CLEAN);
    }

    private Map<String, Long> points() {
        return book.entries().stream()
                .collect(Collectors.toMap(
                        entry -> entry.node().task(), entry -> entry.counts().pointsIn()));
    }

    @Test
    void whatEndedAndWhatIsOpenAddUp() {
        openAndEnd("a", 1);
        open("a", 10);
        open("a", 100);
        assertThat(points()).containsExactly(Map.entry("a", 111L));
        assertThat(book.entries().get(0).open()).hasSize(2);
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
        assertThat(points()).containsOnly(Map.entry("a", 5L), Map.entry("c", 8L), Map.entry(ConnectionBook.OTHER, 2L));
    }

    @Test
    void aNodeWithAConnectionIsNotReplaced() {
        Given a = open("a", 1);
        open("b", 2);
        Given c = open("c", 4);
        assertThat(points()).containsOnly(Map.entry("a", 1L), Map.entry("b", 2L), Map.entry(ConnectionBook.OTHER, 4L));
        book.ended(c, Ending.CLEAN);
        book.ended(a, Ending.CLEAN);
        assertThat(points()).containsOnly(Map.entry("a", 1L), Map.entry("b", 2L), Map.entry(ConnectionBook.OTHER, 4L));
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
        assertThat(book.functions()).containsExactly(new ConnectionBook.Function("f", 0, 0, Map.of()));
        openAndEnd("a", 1);
        Given refused = new Given("", 0);
        book.opened(refused);
        book.ended(refused, Ending.REFUSED);
        book.refused("f");
        assertThat(book.functions())
                .containsExactly(new ConnectionBook.Function("f", 2, 1, Map.of(Ending.CLEAN, 1L, Ending.REFUSED, 1L)));
    }

    @Test
    void theLastTwentyThatEndedBadlyAreRemembered() {
        for (int i = 0; i < 25; i++) {
            openAndEnd("good", 1);
            book.ended(open("bad" + i, 1), Ending.FAILED);
        }
        assertThat(book.badEnds()).hasSize(20);
        assertThat(book.badEnds().get(0).connection().taskId()).isEqualTo("bad24");
        assertThat(book.badEnds().get(0).text()).isEqualTo("boom");
    }

    @Test
    void aConnectionThatOnlyAskedForInfoIsNoSeries() {
        Connection asking = new Given("f", "", "", 1, 1);
        book.opened(asking);
        book.ended(asking, Ending.CLEAN);
        assertThat(book.entries()).isEmpty();
        assertThat(book.functions().get(0).opened()).isEqualTo(1);
    }

    @Test
    void aStartThatWasRefusedIsASeriesOfItsTask() {
        Connection refused = new Given("t", 1);
        book.opened(refused);
        book.ended(refused, Ending.REFUSED);
        assertThat(book.entries()).extracting(entry -> entry.node().task()).containsExactly("t");
        assertThat(book.badEnds())
                .singleElement()
                .satisfies(end -> assertThat(end.connection().taskId()).isEqualTo("t"));
    }
}
