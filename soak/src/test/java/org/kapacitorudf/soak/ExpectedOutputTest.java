package org.kapacitorudf.soak;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.kapacitorudf.client.Frames;
import org.kapacitorudf.proto.BeginBatch;
import org.kapacitorudf.proto.EndBatch;
import org.kapacitorudf.proto.Point;
import org.kapacitorudf.proto.Response;
import org.kapacitorudf.soak.Findings.Sort;

class ExpectedOutputTest {
    private static final byte[] SNAPSHOT = "a snapshot".getBytes(StandardCharsets.UTF_8);

    private final Findings findings = new Findings();
    private final PointTemplate template = PointTemplate.stream();
    private ExpectedOutput expected = of(FunctionKind.MIRROR);

    private ExpectedOutput of(FunctionKind kind) {
        return new ExpectedOutput(kind, "test", template, findings);
    }

    @Test
    void whatComesBackAsItWasSentIsNoFinding() {
        mirrored(0, 600);
        expected.ended(600);
        assertThat(findings.isEmpty()).isTrue();
        assertThat(expected.checked()).isEqualTo(600);
    }

    @Test
    void pointsThatAreLeftOutAreLostAndTheRestIsChecked() {
        mirrored(0, 10);
        mirrored(13, 20);
        assertThat(findings.count(Sort.LOST)).isEqualTo(3);
        assertThat(expected.checked()).isEqualTo(17 - 1);
        assertThat(expected.next()).isEqualTo(20);
    }

    @Test
    void pointsThatAreMissingAtTheEndAreLost() {
        mirrored(0, 10);
        expected.ended(12);
        assertThat(findings.count(Sort.LOST)).isEqualTo(2);
    }

    @Test
    void aPointThatComesTwiceIsDoubled() {
        mirrored(0, 10);
        mirrored(9, 11);
        expected.ended(11);
        assertThat(findings.count(Sort.DOUBLED)).isEqualTo(1);
        assertThat(findings.texts()).hasSize(1);
    }

    @Test
    void pointsThatChangePlacesAreFound() {
        mirrored(1, 2);
        mirrored(0, 1);
        assertThat(findings.count(Sort.LOST)).isEqualTo(1);
        assertThat(findings.count(Sort.DOUBLED)).isEqualTo(1);
    }

    @Test
    void aPointWithAnotherByteIsAltered() {
        byte[] frame = point(0);
        frame[frame.length - 1]++;
        expected.point(frame, 0, frame.length);
        mirrored(1, 2);
        assertThat(findings.count(Sort.ALTERED)).isEqualTo(1);
        assertThat(findings.texts()).hasSize(1);
    }

    @Test
    void countsAndSumsAreThoseOfThePointsOfTheGroup() {
        expected = of(FunctionKind.COUNT);
        expected.begin(0, GroupTotals.none());
        for (int i = 0; i < PointTemplate.GROUPS; i++) {
            counted(i, 1, i);
        }
        counted(16, 2, 16);
        counted(17, 2, 1 + 17);
        assertThat(findings.isEmpty()).isTrue();
        counted(18, 3, 2 + 18);
        assertThat(findings.count(Sort.STATE)).isEqualTo(1);
    }

    @Test
    void aPointThatIsSkippedDoesNotCount() {
        expected = of(FunctionKind.SKIP);
        expected.begin(0, GroupTotals.none());
        expected.failsAt(1);
        counted(0, 1, 0);
        counted(2, 1, 2);
        expected.ended(3);
        assertThat(findings.isEmpty()).isTrue();
        assertThat(expected.checked()).isEqualTo(3);
    }

    @Test
    void aRestartGoesBackToTheLastSnapshot() {
        expected = of(FunctionKind.RESTART);
        expected.begin(0, GroupTotals.none());
        counted(0, 1, 0);
        expected.snapshotAt(1);
        expected.snapshot(SNAPSHOT);
        expected.failsAt(17);
        for (int i = 1; i < 17; i++) {
            counted(i, i == 16 ? 2 : 1, i);
        }
        for (int i = 18; i < 32; i++) {
            counted(i, 1, i);
        }
        counted(32, 2, 32);
        assertThat(findings.isEmpty()).isTrue();
    }

    @Test
    void whatIsRestoredGoesOnWhereTheSnapshotWasMade() {
        expected = of(FunctionKind.COUNT);
        expected.begin(0, GroupTotals.none());
        counted(0, 1, 0);
        expected.snapshotAt(1);
        counted(1, 1, 1);
        expected.snapshot(SNAPSHOT);
        assertThat(expected.saved().orElseThrow().bytes()).isEqualTo(SNAPSHOT);
        expected.begin(16, expected.saved().orElseThrow().totals());
        counted(16, 2, 16);
        counted(17, 1, 17);
        assertThat(findings.isEmpty()).isTrue();
    }

    @Test
    void anEmptySnapshotIsOneOfNothing() {
        expected = of(FunctionKind.COUNT);
        expected.begin(0, GroupTotals.none());
        expected.snapshotAt(0);
        expected.snapshot(new byte[0]);
        assertThat(findings.isEmpty()).isTrue();
        counted(0, 1, 0);
        expected.snapshotAt(1);
        expected.snapshot(new byte[0]);
        assertThat(findings.count(Sort.STATE)).isEqualTo(1);
    }

    @Test
    void afterTheFailureThatEndsTheTaskNoOutputIsExpected() {
        expected = of(FunctionKind.FAIL);
        expected.begin(0, GroupTotals.none());
        expected.failsAt(1);
        counted(0, 1, 0);
        expected.ended(10);
        assertThat(findings.isEmpty()).isTrue();
        counted(2, 1, 2);
        assertThat(findings.count(Sort.LOST)).isEqualTo(1);
    }

    @Test
    void whatIsMissingBeforeTheFailureThatEndsTheTaskIsLost() {
        expected = of(FunctionKind.FAIL);
        expected.begin(0, GroupTotals.none());
        expected.failsAt(3);
        counted(0, 1, 0);
        expected.ended(10);
        assertThat(findings.count(Sort.LOST)).isEqualTo(2);
    }

    @Test
    void aBatchThatIsShortOrMissingIsFound() {
        expected = new ExpectedOutput(FunctionKind.BATCH, "test", PointTemplate.batch(), findings);
        expected.begin(0, GroupTotals.none());
        BeginBatch begin = BeginBatch.newBuilder().setName("m").setSize(2).build();
        EndBatch end = EndBatch.newBuilder().setName("m").build();
        expected.sent(new ExpectedOutput.Sent(begin, end, 0));
        expected.sent(new ExpectedOutput.Sent(begin, end, 2));
        expected.begin(begin);
        byte[] frame = new byte[PointTemplate.batch().length(0, 1)];
        PointTemplate.batch().write(0, 1, frame, 0);
        expected.point(frame, 0, frame.length);
        expected.end(end);
        assertThat(findings.count(Sort.STATE)).isEqualTo(1);
        expected.ended(4);
        assertThat(findings.count(Sort.LOST)).isEqualTo(3 + 1);
    }

    private void mirrored(long from, long to) {
        for (long number = from; number < to; number++) {
            byte[] frame = point(number);
            expected.point(frame, 0, frame.length);
        }
    }

    private byte[] point(long number) {
        byte[] frame = new byte[template.length(number, 1)];
        template.write(number, 1, frame, 0);
        return frame;
    }

    private void counted(long number, double count, double sum) {
        byte[] body = Response.newBuilder()
                .setPoint(Point.newBuilder()
                        .setGroup("g=" + PointTemplate.group(number))
                        .putFieldsDouble(PointTemplate.NUMBER, number)
                        .putFieldsDouble(PointTemplate.COUNT, count)
                        .putFieldsDouble(PointTemplate.SUM, sum))
                .build()
                .toByteArray();
        byte[] header = Frames.header(body.length);
        byte[] frame = Arrays.copyOf(header, header.length + body.length);
        System.arraycopy(body, 0, frame, header.length, body.length);
        expected.point(frame, 0, frame.length);
    }
}
