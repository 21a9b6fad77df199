package org.kapacitorudf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class BatchCollectorTest {
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
        Handler handler = Handlers.batches((batch, output) -> output.batch(batch));
        handler.beginBatch(begin, output);
        handler.point(point, output);
        handler.point(point.withTime(6), output);
        assertThat(sent).isEmpty();
        handler.endBatch(end, output);
        handler.beginBatch(begin, output);
        handler.endBatch(end, output);
        assertThat(sent)
                .containsExactly(
                        Batch.of(begin, List.of(point, point.withTime(6)), end), Batch.of(begin, List.of(), end));
    }

    @Test
    void whatComesInAnotherOrderIsAnError() throws Exception {
        Handler handler = Handlers.batches((batch, output) -> output.batch(batch));
        assertThatThrownBy(() -> handler.point(point, output))
                .isInstanceOf(UdfException.class)
                .hasMessage("point: outside a batch (expected: the begin of a batch)");
        assertThatThrownBy(() -> handler.endBatch(end, output))
                .isInstanceOf(UdfException.class)
                .hasMessage("end: outside a batch (expected: the begin of a batch)");
        handler.beginBatch(begin, output);
        assertThatThrownBy(() -> handler.beginBatch(begin, output))
                .isInstanceOf(UdfException.class)
                .hasMessage("begin: within a batch (expected: a point or the end of the batch)");
    }

    @Test
    void aBatchThatIsTooLargeFailsOnceAndTheNextOneIsTaken() throws Exception {
        long room = 2 * (point.encodedSize() + 70);
        Handler handler = Handlers.batches((batch, output) -> output.batch(batch), room);
        handler.beginBatch(begin, output);
        handler.point(point, output);
        handler.point(point, output);
        assertThatThrownBy(() -> handler.point(point, output))
                .isInstanceOf(UdfException.class)
                .hasMessage("batch: " + room * 3 / 2 + " bytes in 3 points (expected: at most " + room + " bytes)");
        handler.point(point, output);
        handler.endBatch(end, output);
        assertThat(sent).isEmpty();

        handler.beginBatch(begin, output);
        handler.point(point, output);
        handler.point(point, output);
        handler.endBatch(end, output);
        assertThat(sent).containsExactly(Batch.of(begin, List.of(point, point), end));
    }

    @Test
    void aFailureWithABatchDoesNotSpoilTheNextOne() throws Exception {
        Handler handler = Handlers.batches((batch, output) -> {
            if (batch.points().isEmpty()) {
                throw new UdfException("empty");
            }
            output.batch(batch);
        });
        handler.beginBatch(begin, output);
        assertThatThrownBy(() -> handler.endBatch(end, output)).hasMessage("empty");
        handler.beginBatch(begin, output);
        handler.point(point, output);
        handler.endBatch(end, output);
        assertThat(sent).hasSize(1);
    }

    @Test
    void aLimitOfNothingIsRefused() {
        assertThatThrownBy(() -> Handlers.batches((batch, output) -> {}, 0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("maxBytes: 0 (expected: >= 1)");
    }
}
