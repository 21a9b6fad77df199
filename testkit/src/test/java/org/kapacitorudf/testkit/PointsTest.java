package org.kapacitorudf.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.kapacitorudf.client.Frames;
import org.kapacitorudf.client.Options;
import org.kapacitorudf.client.PointBatch;
import org.kapacitorudf.client.Points;
import org.kapacitorudf.proto.BeginBatch;
import org.kapacitorudf.proto.EndBatch;
import org.kapacitorudf.proto.Point;
import org.kapacitorudf.proto.Response;
import org.kapacitorudf.testing.Recordings;

class PointsTest {
    @Test
    void groupingSortsItsTagsAndCountsAMissingOneAsEmpty() {
        Point point = Points.of("cpu,rack=r1,zone=z v=1 0")
                .groupBy("rack", "host")
                .list()
                .get(0);

        assertThat(point.getDimensionsList()).containsExactly("host", "rack");
        assertThat(point.getGroup()).isEqualTo("host=,rack=r1");
        assertThat(point.getByName()).isFalse();
    }

    @Test
    void groupingByMeasurementPutsTheNameBeforeTheTags() {
        Points points = Points.of("cpu,rack=r1,host=a v=1 0");

        assertThat(points.groupByMeasurement()).extracting(Point::getGroup).containsExactly("cpu");
        assertThat(points.groupByMeasurement().groupByAll())
                .extracting(Point::getGroup, Point::getByName)
                .containsExactly(tuple("cpu\nhost=a,rack=r1", true));
        assertThat(points.groupBy("host").groupByMeasurement())
                .extracting(Point::getGroup)
                .containsExactly("cpu\nhost=a");
    }

    @Test
    void aBatchIsFilledAsKapacitorFillsIt() {
        PointBatch batch = Points.of("cpu,host=a,rack=r v=1 10", "cpu,host=a,rack=q v=2 20")
                .in("db", "rp")
                .groupBy("host")
                .batches()
                .get(0);

        assertThat(batch.begin())
                .isEqualTo(BeginBatch.newBuilder()
                        .setName("cpu")
                        .setGroup("host=a")
                        .putTags("host", "a")
                        .setSize(2)
                        .build());
        assertThat(batch.points().get(1))
                .isEqualTo(Point.newBuilder()
                        .setTime(20)
                        .setGroup("host=a")
                        .putTags("host", "a")
                        .putTags("rack", "q")
                        .putFieldsDouble("v", 2)
                        .build());
        assertThat(batch.end())
                .isEqualTo(EndBatch.newBuilder()
                        .setName("cpu")
                        .setGroup("host=a")
                        .putTags("host", "a")
                        .setTmax(20)
                        .build());
        assertThat(batch.lines()).containsExactly("cpu,host=a,rack=r v=1.0 10", "cpu,host=a,rack=q v=2.0 20");
    }

    @Test
    void eachGroupIsABatchInTheOrderOfItsFirstPoint() {
        assertThat(Points.of("cpu,host=b v=1 0", "cpu,host=a v=2 1", "cpu,host=b v=3 2")
                        .groupBy("host")
                        .batches())
                .extracting(PointBatch::lines)
                .containsExactly(List.of("cpu,host=b v=1.0 0", "cpu,host=b v=3.0 2"), List.of("cpu,host=a v=2.0 1"));
    }

    @Test
    void groupsAreThoseOfARealKapacitor() {
        for (String recorded : List.of("movingAvg-2", "options-2", "options-3")) {
            Frames.responses(Recordings.responses(recorded)).stream()
                    .filter(Response::hasPoint)
                    .map(Response::getPoint)
                    .forEach(point -> assertThat(group(point)).isEqualTo(point.getGroup()));
        }
    }

    @Test
    void optionsHaveTheTypesOfTheirArguments() {
        assertThat(Options.of("multi", "x", 7, 8L, 0.25, true, Duration.ofSeconds(90), null)
                        .getValuesList())
                .extracting(value -> value.getType() + " " + value.getValueCase())
                .containsExactly(
                        "STRING STRINGVALUE",
                        "INT INTVALUE",
                        "INT INTVALUE",
                        "DOUBLE DOUBLEVALUE",
                        "BOOL BOOLVALUE",
                        "DURATION DURATIONVALUE",
                        "BOOL VALUE_NOT_SET");
    }

    private static String group(Point point) {
        Map<String, String> tags = point.getTagsMap();
        return Points.groupId(point.getName(), tags, point.getByName(), List.copyOf(point.getDimensionsList()));
    }
}
