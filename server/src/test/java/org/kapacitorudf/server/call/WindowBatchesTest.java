package org.kapacitorudf.server.call;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.kapacitorudf.Batch;
import org.kapacitorudf.Point;
import org.kapacitorudf.internal.line.Grouping;
import org.kapacitorudf.internal.line.LineReader;
import org.kapacitorudf.internal.line.LineWriter;

class WindowBatchesTest {
    private static List<String> add(WindowBatches batches, String... lines) {
        List<String> complete = new ArrayList<>();
        PointSource points = new LineSource(
                LineReader.of(new ByteArrayInputStream(String.join("\n", lines).getBytes(StandardCharsets.UTF_8)))
                        .groupBy(Grouping.by(List.of("host"))));
        while (points.read(new PointSource.Sink() {
            @Override
            public void point(Point point) {
                batches.add(point, 1).ifPresent(batch -> complete.add(shown(batch)));
            }

            @Override
            public void batch(Batch batch) {
                throw new AssertionError(batch);
            }
        })) {}
        return complete;
    }

    private static String shown(WindowBatches.Complete complete) {
        Batch batch = complete.batch();
        return "batch " + LineWriter.series(batch.name(), batch.tags()) + " until " + batch.tmaxNanos() + " "
                + batch.points();
    }

    private static List<String> rest(WindowBatches batches) {
        return batches.rest().stream().map(WindowBatchesTest::shown).toList();
    }

    @Test
    void aWindowIsCompleteWithItsGroupsFirstPointAfterIt() {
        WindowBatches batches = WindowBatches.byWindow(Duration.ofNanos(10), 100);
        assertThat(add(batches, "m,host=a v=1 3", "m,host=b v=2 -1", "m,host=a v=3 9"))
                .isEmpty();
        assertThat(add(batches, "m,host=a v=4 10"))
                .containsExactly("batch m,host=a until 10 [m,host=a v=1.0 3, m,host=a v=3.0 9]");
        assertThat(add(batches, "m,host=a v=5 35", "m,host=a v=6 31"))
                .containsExactly("batch m,host=a until 20 [m,host=a v=4.0 10]");
        assertThat(rest(batches))
                .containsExactly(
                        "batch m,host=a until 40 [m,host=a v=5.0 35, m,host=a v=6.0 31]",
                        "batch m,host=b until 0 [m,host=b v=2.0 -1]");
        assertThat(rest(batches)).isEmpty();
        assertThat(batches.late()).isZero();
    }

    @Test
    void aPointWhoseWindowIsOverIsLeftOut() {
        WindowBatches batches = WindowBatches.byWindow(Duration.ofNanos(10), 100);
        assertThat(add(batches, "m v=1 10", "m v=2 9", "m v=3 11")).isEmpty();
        assertThat(rest(batches)).containsExactly("batch m,host= until 20 [m v=1.0 10, m v=3.0 11]");
        assertThat(batches.late()).isEqualTo(1);
        assertThat(add(batches, "m v=4 9")).isEmpty();
        assertThat(batches.late()).isEqualTo(2);
    }

    @Test
    void soManyPointsOfAMeasurementAndGroupAreABatch() {
        WindowBatches batches = WindowBatches.byCount(2, 100);
        assertThat(add(
                        batches,
                        "m,host=a v=1 5",
                        "n,host=a v=1 1",
                        "m,host=b v=1 2",
                        "m,host=a v=2 4",
                        "m,host=a v=3 6"))
                .containsExactly("batch m,host=a until 5 [m,host=a v=1.0 5, m,host=a v=2.0 4]");
        assertThat(rest(batches))
                .containsExactly(
                        "batch m,host=a until 6 [m,host=a v=3.0 6]",
                        "batch n,host=a until 1 [n,host=a v=1.0 1]",
                        "batch m,host=b until 2 [m,host=b v=1.0 2]");
    }

    @Test
    void noMorePointsWaitThanMay() {
        WindowBatches batches = WindowBatches.byCount(3, 3);
        assertThat(add(batches, "m,host=a v=1 1", "m,host=a v=1 2", "m,host=a v=1 3", "m,host=a v=1 4"))
                .hasSize(1);
        assertThat(add(batches, "m,host=b v=1 1", "m,host=c v=1 2")).isEmpty();
        assertThatThrownBy(() -> add(batches, "m,host=d v=1 1"))
                .isInstanceOfSatisfying(
                        CallException.class, e -> assertThat(e.kind()).isEqualTo(CallException.Kind.TOO_MANY_WAITING))
                .hasMessageStartingWith(
                        "3 points wait for their batches to be complete (expected: <= 3, --max-waiting-points");
    }

    private static final int MANY = 100_000;

    private static void addToMany(WindowBatches batches, int times) {
        for (int group = 0; group < MANY; group++) {
            for (int i = 0; i < times; i++) {
                batches.add(Point.of("m" + group, 3).withField("v", 1L), 1);
            }
        }
    }

    /** With --group-by '*' and tags that change, every metric may be the last one of its group. */
    @Test
    void aGroupWhoseWindowEndedLongAgoTakesNoMemory() {
        WindowBatches batches = WindowBatches.byWindow(Duration.ofNanos(10), MANY);
        addToMany(batches, 1);
        assertThat(batches.over(10)).hasSize(MANY);
        batches.over(20);
        batches.add(Point.of("m0", -1).withField("v", 1L), 1);
        assertThat(batches.late()).isEqualTo(1);
        assertThat(batches.over(21)).isEmpty();
        assertThat(batches.groups()).isZero();
    }

    @Test
    void aGroupWithoutAnIncompleteBatchTakesNoMemory() {
        WindowBatches batches = WindowBatches.byCount(2, MANY);
        addToMany(batches, 2);
        assertThat(add(batches, "m0 v=1 1")).isEmpty();
        assertThat(batches.over(10)).isEmpty();
        assertThat(batches.groups()).isEqualTo(1);
        assertThat(rest(batches)).containsExactly("batch m0,host= until 1 [m0 v=1.0 1]");
    }
}
