package org.kapacitorudf.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.kapacitorudf.BatchFunction;
import org.kapacitorudf.Context;
import org.kapacitorudf.Description;
import org.kapacitorudf.EdgeType;
import org.kapacitorudf.Fields;
import org.kapacitorudf.Handler;
import org.kapacitorudf.Handlers;
import org.kapacitorudf.Udf;
import org.kapacitorudf.client.Frames;
import org.kapacitorudf.client.PointBatch;
import org.kapacitorudf.proto.BeginBatch;
import org.kapacitorudf.proto.Point;
import org.kapacitorudf.proto.Request;
import org.kapacitorudf.testing.Recordings;

/**
 * Batches of a real Kapacitor, through functions that take them as values: everything that later joins use is
 * unchanged.
 */
class RecordedBatchesTest {
    private static final List<PointBatch> BATCHES = batches(Frames.requests(Recordings.requests("outliers-2")));

    private static List<PointBatch> batches(List<Request> recorded) {
        List<PointBatch> batches = new ArrayList<>();
        BeginBatch begin = null;
        List<Point> points = new ArrayList<>();
        for (Request request : recorded) {
            switch (request.getMessageCase()) {
                case BEGIN -> {
                    begin = request.getBegin();
                    points.clear();
                }
                case POINT -> points.add(request.getPoint());
                case END -> batches.add(new PointBatch(begin, points, request.getEnd()));
                default -> {}
            }
        }
        return batches;
    }

    private record Through(BatchFunction function) implements Udf {
        @Override
        public Description describe() {
            return Description.batch("through", "gives each batch through a function");
        }

        @Override
        public Handler create(Context context) {
            return Handlers.batches(context, function);
        }
    }

    private record Summing() implements Udf {
        @Override
        public Description describe() {
            return Description.of("summing", "one point for each batch", EdgeType.BATCH, EdgeType.STREAM);
        }

        @Override
        public Handler create(Context context) {
            return Handlers.batches(
                    context,
                    (batch, output) -> output.point(
                            batch.summary(Fields.of("n", batch.points().size()))));
        }
    }

    private static List<PointBatch> through(BatchFunction function) {
        UdfDriver driver = UdfDriver.of(new Through(function)).start();
        driver.pipeBatch(BATCHES.toArray(PointBatch[]::new));
        return driver.readBatches();
    }

    @Test
    void thereAreSomeWithTags() {
        assertThat(BATCHES.size()).isGreaterThan(1);
        assertThat(BATCHES)
                .anySatisfy(batch -> assertThat(batch.end().getTagsMap()).containsOnlyKeys("group"));
    }

    @Test
    void whatAFunctionDoesNotChangeComesBackAsItCame() {
        assertThat(through(batch -> batch)).isEqualTo(BATCHES);
    }

    @Test
    void otherPointsChangeOnlyThePointsAndTheirNumber() {
        assertThat(through(batch -> batch.withPoints(batch.points().subList(0, 1))))
                .isEqualTo(BATCHES.stream()
                        .map(batch -> new PointBatch(
                                batch.begin().toBuilder().setSize(1).build(),
                                batch.points().subList(0, 1),
                                batch.end()))
                        .toList());
    }

    @Test
    void aSummaryIsAtTheBatchsTimeInItsGroup() {
        UdfDriver driver = UdfDriver.of(new Summing()).start();
        driver.pipeBatch(BATCHES.toArray(PointBatch[]::new));
        List<Point> points = driver.readPoints();
        assertThat(points).hasSameSizeAs(BATCHES);
        for (int i = 0; i < points.size(); i++) {
            PointBatch batch = BATCHES.get(i);
            assertThat(points.get(i))
                    .isEqualTo(Point.newBuilder()
                            .setTime(batch.end().getTmax())
                            .setName(batch.end().getName())
                            .setGroup(batch.end().getGroup())
                            .setByName(batch.begin().getByName())
                            .addAllDimensions(batch.end().getTagsMap().keySet().stream()
                                    .sorted()
                                    .toList())
                            .putAllTags(batch.end().getTagsMap())
                            .putFieldsInt("n", batch.points().size())
                            .build());
        }
    }

    @Test
    void nullIsNoBatch() {
        UdfDriver driver = UdfDriver.of(new Through(batch -> null)).start();
        driver.pipeBatch(BATCHES.get(0));
        assertThat(driver.error().orElseThrow()).contains("batch: null (expected: a batch");
    }
}
