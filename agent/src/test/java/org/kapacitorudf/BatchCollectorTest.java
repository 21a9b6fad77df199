package org.kapacitorudf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.kapacitorudf.errors.UdfException;

class BatchCollectorTest {
    private static final long LIMIT = 1_000;

    private final Output output = new Output() {
        @Override
        public void point(Point point) {
            throw new AssertionError("a point");
        }

        @Override
        public void batch(Batch batch) {
            sent.add(batch);
        }

        @Override
        public boolean isWritable() {
            return true;
        }
    };

    private final List<Batch> sent = new ArrayList<>();
    private final Point point = Point.of("", 5).withField("x", 1);
    private final BatchBegin begin = new BatchBegin("cpu", "host=a", Map.of("host", "a"), 2, false);
    private final BatchEnd end = new BatchEnd("cpu", "host=a", 9, Map.of("host", "a"));

    @Test
    void eachBatchIsGivenWhenItsEndHasCome() throws Exception {
        Handler handler = new BatchCollector((batch, output) -> output.batch(batch), LIMIT);
        handler.beginBatch(begin, output);
        handler.point(point, output);
        handler.point(point.withTimeNanos(6), output);
        assertThat(sent).isEmpty();
        handler.endBatch(end, output);
        handler.beginBatch(begin, output);
        handler.endBatch(end, output);
        assertThat(sent)
                .containsExactly(
                        Batch.of(begin, List.of(point, point.withTimeNanos(6)), end), Batch.of(begin, List.of(), end));
    }

    @Test
    void whatComesInAnotherOrderIsAnError() throws Exception {
        Handler handler = new BatchCollector((batch, output) -> output.batch(batch), LIMIT);
        assertThatThrownBy(() -> handler.point(point, output))
                .isInstanceOf(UdfException.class)
                .hasMessage("point: outside a batch (expected: the begin of a batch)");
        assertThatThrownBy(() -> handler.endBatch(end, output))
                .isInstanceOf(UdfException.class)
                .hasMessage("end: outside a batch (expected: the begin of a batch)");
    }

    @Test
    void aBeginStartsOverBecauseAWrapperMayHaveDroppedTheRestOfTheLastBatch() throws Exception {
        Handler handler = new BatchCollector((batch, output) -> output.batch(batch), LIMIT);
        handler.beginBatch(begin, output);
        handler.point(point, output);
        handler.beginBatch(begin, output);
        handler.point(point.withTimeNanos(6), output);
        handler.endBatch(end, output);
        assertThat(sent).containsExactly(Batch.of(begin, List.of(point.withTimeNanos(6)), end));
    }

    @Test
    void aBatchMayBeAsLargeAsTheLimit() throws Exception {
        long bytes = 2 * (point.encodedSize() + 70);
        for (long limit : new long[] {bytes, bytes + 1}) {
            sent.clear();
            Handler handler = new BatchCollector((batch, output) -> output.batch(batch), limit);
            handler.beginBatch(begin, output);
            handler.point(point, output);
            handler.point(point, output);
            handler.endBatch(end, output);
            assertThat(sent).containsExactly(Batch.of(begin, List.of(point, point), end));
        }
    }

    @Test
    void aBatchThatIsTooLargeFailsOnceAndTheNextOneIsTaken() throws Exception {
        long limit = 2 * (point.encodedSize() + 70) - 1;
        Handler handler = new BatchCollector((batch, output) -> output.batch(batch), limit);
        handler.beginBatch(begin, output);
        handler.point(point, output);
        assertThatThrownBy(() -> handler.point(point, output))
                .isInstanceOf(UdfException.class)
                .hasMessage("batch cpu,host=a: " + (limit + 1) + " bytes in 2 points (expected: <= " + limit
                        + ", maxCollectedBatchBytes)");
        handler.point(point, output);
        handler.endBatch(end, output);
        assertThat(sent).isEmpty();

        handler.beginBatch(begin, output);
        handler.point(point, output);
        handler.endBatch(end, output);
        assertThat(sent).containsExactly(Batch.of(begin, List.of(point), end));
    }

    @Test
    void aBatchThatNeverEndsFailsOnceAndItsPointsAreGivenUp() throws Exception {
        Handler handler = new BatchCollector((batch, output) -> output.batch(batch), LIMIT);
        handler.beginBatch(begin, output);
        int failures = 0;
        for (int i = 0; i < 100_000; i++) {
            try {
                handler.point(point, output);
            } catch (UdfException e) {
                failures++;
            }
        }
        assertThat(failures).isEqualTo(1);
        assertThat(((BatchCollector) handler).collected()).isZero();
    }

    @Test
    void aFailureWithABatchDoesNotSpoilTheNextOne() throws Exception {
        Handler handler = new BatchCollector(
                (batch, output) -> {
                    if (batch.points().isEmpty()) {
                        throw new UdfException("empty");
                    }
                    output.batch(batch);
                },
                LIMIT);
        handler.beginBatch(begin, output);
        assertThatThrownBy(() -> handler.endBatch(end, output)).hasMessage("empty");
        handler.beginBatch(begin, output);
        handler.point(point, output);
        handler.endBatch(end, output);
        assertThat(sent).hasSize(1);
    }
}
