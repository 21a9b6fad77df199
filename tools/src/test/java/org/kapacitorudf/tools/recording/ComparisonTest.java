package org.kapacitorudf.tools.recording;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.kapacitorudf.client.LineProtocol;
import org.kapacitorudf.proto.BeginBatch;
import org.kapacitorudf.proto.EndBatch;
import org.kapacitorudf.proto.ErrorResponse;
import org.kapacitorudf.proto.InitResponse;
import org.kapacitorudf.proto.KeepaliveResponse;
import org.kapacitorudf.proto.Point;
import org.kapacitorudf.proto.Response;

class ComparisonTest {
    private static Response point(String line) {
        return Response.newBuilder()
                .setPoint(LineProtocol.parse(line).toBuilder().addDimensions("host"))
                .build();
    }

    private static List<Response> points(String... lines) {
        return List.of(lines).stream().map(ComparisonTest::point).toList();
    }

    private static List<Response> batch(String host, String... lines) {
        List<Response> batch = new ArrayList<>();
        batch.add(Response.newBuilder()
                .setBegin(BeginBatch.newBuilder().setSize(lines.length))
                .build());
        batch.addAll(points(lines));
        batch.add(Response.newBuilder()
                .setEnd(EndBatch.newBuilder().setName("m").setTmax(9).putTags("host", host))
                .build());
        return batch;
    }

    private static List<String> differences(List<Response> expected, List<Response> came) {
        return differences(expected, came, 1e-9, false);
    }

    private static List<String> differences(
            List<Response> expected, List<Response> came, double tolerance, boolean mayHaveMore) {
        Comparison comparison = new Comparison(tolerance, 5);
        expected.forEach(comparison::expect);
        came.forEach(comparison::came);
        comparison.finish(mayHaveMore);
        return comparison.differences();
    }

    @Test
    void howGroupsAndKeepalivesComeBetweenEachOtherDoesNotMatter() {
        List<Response> expected = points("m,host=a v=1 1", "m,host=b v=1 1", "m,host=a v=2 2");
        List<Response> came = new ArrayList<>(points("m,host=b v=1 1", "m,host=a v=1 1", "m,host=a v=2 2"));
        came.add(
                1,
                Response.newBuilder()
                        .setKeepalive(KeepaliveResponse.newBuilder().setTime(7))
                        .build());
        assertThat(differences(expected, came)).isEmpty();
    }

    @Test
    void theOrderWithinAGroupMatters() {
        List<Response> expected = points("m,host=a v=1 1", "m,host=a v=2 2", "m,host=a v=3 3");
        List<Response> came = new ArrayList<>(expected);
        Collections.swap(came, 0, 1);
        assertThat(differences(expected, came))
                .containsExactly(
                        "point 1 of group host=a\n+ m,host=a v=2.0 2", "point 3 of group host=a\n- m,host=a v=2.0 2");
    }

    @Test
    void theGroupIsWhatKapacitorMakesOfTheTagsNotWhatTheAgentSays() {
        Response said = Response.newBuilder()
                .setPoint(point("m,host=a v=1 1").getPoint().toBuilder().setGroup("nonsense"))
                .build();
        assertThat(differences(points("m,host=a v=1 1"), List.of(said))).isEmpty();
    }

    @Test
    void oneMissingPointIsOneDifference() {
        String[] lines = IntStream.range(0, 200)
                .mapToObj(i -> "m,host=a v=" + i + " " + i)
                .toArray(String[]::new);
        List<Response> expected = points(lines);
        List<Response> came = new ArrayList<>(expected);
        came.remove(50);
        assertThat(differences(expected, came)).containsExactly("point 51 of group host=a\n- m,host=a v=50.0 50");
        assertThat(differences(came, expected)).containsExactly("point 51 of group host=a\n+ m,host=a v=50.0 50");
    }

    @Test
    void whatIsDifferentInAPointIsNamed() {
        Response typed = point("m,host=a v=1i,w=2 1");
        Response other = Response.newBuilder()
                .setPoint(typed.getPoint().toBuilder()
                        .clearFieldsInt()
                        .putFieldsDouble("v", 1)
                        .setDatabase("db"))
                .build();
        assertThat(differences(List.of(typed), List.of(other))).containsExactly("""
                        point 1 of group host=a
                        - m,host=a v=1i,w=2.0 1
                        + m,host=a v=1.0,w=2.0 1
                          database: db (expected: )
                          field v: 1.0 (expected: 1i)""");
    }

    @Test
    void whatKapacitorTakesOfAPointMayNotDiffer() {
        assertPointDiffers(point -> point.setName("other"), "+ other,host=a");
        assertPointDiffers(point -> point.setDatabase("other"), "database: other");
        assertPointDiffers(point -> point.setRetentionPolicy("other"), "retention policy: other");
        assertPointDiffers(point -> point.setTime(7), " 7");
        assertPointDiffers(point -> point.putTags("more", "x"), "more=x");
        assertPointDiffers(point -> point.setByName(true), "point 1 of group ");
        assertPointDiffers(point -> point.addDimensions("more"), "point 1 of group ");
        assertPointDiffers(point -> point.putFieldsInt("more", 1), "more=1i");
        assertPointDiffers(point -> point.clearFieldsDouble().putFieldsInt("v", 1), "v=1i");
    }

    private static void assertPointDiffers(UnaryOperator<Point.Builder> change, String difference) {
        Response recorded = point("m,host=a v=1 1");
        Response.Builder came = recorded.toBuilder();
        change.apply(came.getPointBuilder());
        assertThat(differences(List.of(recorded), List.of(came.build())))
                .anySatisfy(line -> assertThat(line).contains(difference));
    }

    @Test
    void theNameTimeAndTagsOfABatchMayNotDifferTheSizeMay() {
        List<Response> expected = batch("a", "m,host=a v=1 1");
        assertThat(differences(expected, changed(begin -> begin.setSize(99), end -> end)))
                .isEmpty();
        assertThat(differences(expected, changed(begin -> begin.setByName(true), end -> end)))
                .anySatisfy(line -> assertThat(line).endsWith("by measurement until 9, 1 points"));
        assertThat(differences(expected, changed(begin -> begin, end -> end.setName("other"))))
                .isNotEmpty();
        assertThat(differences(expected, changed(begin -> begin, end -> end.setTmax(1))))
                .isNotEmpty();
        assertThat(differences(expected, changed(begin -> begin, end -> end.clearTags())))
                .isNotEmpty();
    }

    private static List<Response> changed(
            UnaryOperator<BeginBatch.Builder> onBegin, UnaryOperator<EndBatch.Builder> onEnd) {
        Response.Builder begin = batch("a", "m,host=a v=1 1").get(0).toBuilder();
        Response.Builder end = batch("a", "m,host=a v=1 1").get(2).toBuilder();
        onBegin.apply(begin.getBeginBuilder());
        onEnd.apply(end.getEndBuilder());
        return List.of(begin.build(), point("m,host=a v=1 1"), end.build());
    }

    @Test
    void doublesMayDifferByTheToleranceOnly() {
        List<Response> expected = points("m,host=a v=1000 1");
        assertThat(differences(expected, points("m,host=a v=1000.0000001 1"))).isEmpty();
        assertThat(differences(expected, points("m,host=a v=1000.01 1"))).hasSize(1);
        assertThat(differences(expected, points("m,host=a v=1000.0000001 1"), 0, false))
                .hasSize(1);
    }

    @Test
    void aPointInABatchThatDiffersIsShownInItsBatch() {
        List<Response> expected = batch("a", "m,host=a v=1 1", "m,host=a v=2 2");
        assertThat(differences(expected, expected)).isEmpty();
        assertThat(differences(expected, batch("a", "m,host=a v=1 1", "m,host=a v=3 2", "m,host=a v=4 3")))
                .containsExactly("""
                        batch 1 of group m,host=a: batch m,host=a until 9
                          - m,host=a v=2.0 2
                          + m,host=a v=3.0 2
                            field v: 3.0 (expected: 2.0)
                          + m,host=a v=4.0 3""");
        assertThat(differences(expected, batch("b", "m,host=a v=1 1", "m,host=a v=2 2")))
                .containsExactly(
                        "batch 1 of group m,host=a\n- batch m,host=a until 9, 2 points",
                        "batch 1 of group m,host=b\n+ batch m,host=b until 9, 2 points");
    }

    @Test
    void textsOfErrorsAndRefusalsAreFreeTheirBeingThereIsNot() {
        Response refused = Response.newBuilder()
                .setInit(InitResponse.newBuilder().setError("size: 0"))
                .build();
        Response refusedElse = Response.newBuilder()
                .setInit(InitResponse.newBuilder().setError("must supply size"))
                .build();
        Response taken = Response.newBuilder()
                .setInit(InitResponse.newBuilder().setSuccess(true))
                .build();
        Response error = Response.newBuilder()
                .setError(ErrorResponse.newBuilder().setError("boom"))
                .build();
        assertThat(differences(List.of(refused), List.of(refusedElse))).isEmpty();
        assertThat(differences(List.of(taken), List.of(refused))).containsExactly("- Init ok\n+ Init refused: size: 0");
        assertThat(differences(List.of(), List.of(error))).containsExactly("- no such answer\n+ Error boom");
        assertThat(differences(List.of(error), List.of())).containsExactly("- Error boom\n+ no such answer");
    }

    @Test
    void whatGoesBeyondARecordingThatIsNotWholeIsNoDifference() {
        List<Response> came = points("m,host=a v=1 1", "m,host=a v=2 2");
        assertThat(differences(came.subList(0, 1), came, 0, true)).isEmpty();
        assertThat(differences(came.subList(0, 1), came, 0, false)).hasSize(1);
        assertThat(differences(came, came.subList(0, 1), 0, true)).hasSize(1);
    }

    @Test
    void itEndsAfterSomeDifferences() {
        Comparison comparison = new Comparison(0, 2);
        for (int i = 0; i < 100; i++) {
            Point point = Point.newBuilder().setTime(i).putAllTags(Map.of()).build();
            comparison.expect(Response.newBuilder().setPoint(point).build());
            comparison.came(Response.newBuilder()
                    .setPoint(point.toBuilder().setTime(1000 + i))
                    .build());
        }
        assertThat(comparison.isStopped()).isTrue();
        assertThat(comparison.differences()).hasSize(2);
    }
}
