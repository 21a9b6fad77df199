package org.kapacitorudf.contract;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.kapacitorudf.client.PointBatch;
import org.kapacitorudf.client.Points;
import org.kapacitorudf.proto.Point;

/**
 * What is lost when a handler fails, under each policy; docs/failures.md refers to these tests. Each way of running a
 * handler implements this interface.
 */
interface FailureContract {
    /** Starts a session with a function, with or without state. */
    Conversation talk(TestUdf udf, ByteString snapshot) throws IOException;

    default Conversation talk(TestUdf udf) throws IOException {
        return talk(udf, ByteString.EMPTY);
    }

    /** The other end of a session. Sending may end the task. */
    interface Conversation extends AutoCloseable {
        /** Sends points of a stream that is grouped by host. */
        void send(String... lines);

        void send(PointBatch... batches);

        /** All points so far, once there are this many. */
        List<Point> points(int count);

        /** All batches so far, once there are this many. */
        List<PointBatch> batches(int count);

        ByteString snapshot();

        /** The error with which the task has ended or is about to end. */
        String error();

        /** Ends the input, and waits for the end of the output. */
        void end();

        /** Ends whatever is going on. */
        @Override
        void close();
    }

    private static List<Long> counts(List<Point> points) {
        return points.stream()
                .filter(point -> point.getName().equals("m"))
                .map(point -> point.getFieldsIntOrThrow("count"))
                .toList();
    }

    private static PointBatch batch(String fail, String... values) {
        List<Point> points = List.of(values).stream()
                .map(value -> "m,host=a v=1" + (value.isEmpty() ? "" : ",fail=\"" + value + "\"") + " 1")
                .flatMap(line -> Points.of(line).list().stream())
                .toList();
        return PointBatch.of("m", Map.of("host", "a", "fail", fail), false, 9, points);
    }

    private static PointBatch batch() {
        return batch("no", "", "");
    }

    /** For each batch: the number of its points, and its number in its handler. */
    private static List<String> shapes(List<PointBatch> batches) {
        return batches.stream()
                .map(batch -> batch.points().size() + " of batch "
                        + batch.points().get(0).getFieldsIntOrThrow("batch"))
                .toList();
    }

    // ---- a stream

    @Test
    default void underFailTheTaskEndsAndWhatHadBeenEmittedArrives() throws IOException {
        try (Conversation conversation = talk(TestUdf.failing)) {
            conversation.send("m,host=a v=1 1", "m,host=a fail=\"boom\" 2", "m,host=a v=1 3");
            assertThat(conversation.error())
                    .isEqualTo("failing (task task, node node2): point: java.lang.IllegalStateException: boom");
            assertThat(counts(conversation.points(2))).containsExactly(1L, 2L);
            assertThat(conversation.points(2)).extracting(Point::getName).doesNotContain("stopped");
        }
    }

    @Test
    default void underSkipTheStateIsKeptAndTheRestOfTheCallIsLost() throws IOException {
        try (Conversation conversation = talk(TestUdf.skipping)) {
            conversation.send("m,host=a v=1 1", "m,host=a fail=\"boom\" 2", "m,host=a v=1 3");
            assertThat(counts(conversation.points(3))).containsExactly(1L, 2L, 3L);
            conversation.end();
        }
    }

    @Test
    default void underSkipAnErrorEndsTheTask() throws IOException {
        try (Conversation conversation = talk(TestUdf.skipping)) {
            conversation.send("m,host=a fail=\"error\" 1");
            assertThat(conversation.error()).endsWith("point: java.lang.AssertionError: an error");
        }
    }

    @Test
    default void underRestartTheStateIsThatOfTheLastSnapshot() throws IOException {
        try (Conversation conversation = talk(TestUdf.restarting)) {
            conversation.send("m,host=a v=1 1", "m,host=b v=1 1");
            conversation.snapshot();
            conversation.send("m,host=a v=1 2", "m,host=a fail=\"boom\" 3", "m,host=a v=1 4", "m,host=b v=1 4");
            assertThat(counts(conversation.points(6))).containsExactly(1L, 1L, 2L, 3L, 2L, 2L);
            conversation.end();
        }
    }

    @Test
    default void underRestartWithoutASnapshotTheHandlerBeginsFresh() throws IOException {
        try (Conversation conversation = talk(TestUdf.restarting)) {
            conversation.send("m,host=a v=1 1", "m,host=a fail=\"boom\" 2", "m,host=a v=1 3");
            assertThat(counts(conversation.points(3))).containsExactly(1L, 2L, 1L);
            conversation.end();
        }
    }

    @Test
    default void underRestartTheSnapshotThatWasRestoredIsTheLastOneUntilThereIsAnother() throws IOException {
        ByteString snapshot;
        try (Conversation conversation = talk(TestUdf.restarting)) {
            conversation.send("m,host=a v=1 1", "m,host=a v=1 2");
            snapshot = conversation.snapshot();
        }
        try (Conversation conversation = talk(TestUdf.restarting, snapshot)) {
            conversation.send("m,host=a v=1 3", "m,host=a fail=\"boom\" 4", "m,host=a v=1 5");
            assertThat(counts(conversation.points(3))).containsExactly(3L, 4L, 3L);
            conversation.snapshot();
            conversation.send("m,host=a v=1 6", "m,host=a fail=\"boom\" 7", "m,host=a v=1 8");
            assertThat(counts(conversation.points(6))).containsExactly(3L, 4L, 3L, 4L, 5L, 4L);
            conversation.end();
        }
    }

    @Test
    default void underRestartASnapshotRequestAfterTheFailureIsAnsweredByTheNewHandler() throws IOException {
        try (Conversation conversation = talk(TestUdf.restarting)) {
            conversation.send("m,host=a v=1 1");
            ByteString last = conversation.snapshot();
            conversation.send("m,host=a v=1 2", "m,host=a fail=\"boom\" 3");
            assertThat(conversation.snapshot()).isEqualTo(last);
            conversation.end();
        }
    }

    @Test
    default void underRestartTheFormerHandlerIsStoppedButEmitsNothing() throws IOException {
        try (Conversation conversation = talk(TestUdf.restarting)) {
            conversation.send("m,host=a fail=\"boom\" 1", "m,host=a v=1 2");
            assertThat(conversation.points(2)).extracting(Point::getName).containsExactly("m", "m");
            conversation.end();
            assertThat(conversation.points(3)).extracting(Point::getName).containsExactly("m", "m", "stopped");
        }
    }

    @Test
    default void underRestartAnErrorAStackOverflowAndAnExceptionWithoutATextAreLikeAnyOther() throws IOException {
        try (Conversation conversation = talk(TestUdf.restarting)) {
            conversation.send(
                    "m,host=a fail=\"error\" 1",
                    "m,host=a fail=\"overflow\" 2",
                    "m,host=a fail=\"hostile\" 3",
                    "m,host=a v=1 4");
            assertThat(counts(conversation.points(4))).containsExactly(1L, 1L, 1L, 1L);
            conversation.end();
        }
    }

    @Test
    default void whenMemoryRunsOutTheTaskEndsUnderEveryPolicy() throws IOException {
        for (TestUdf udf : List.of(TestUdf.failing, TestUdf.skipping, TestUdf.restarting)) {
            try (Conversation conversation = talk(udf)) {
                conversation.send("m,host=a fail=\"memory\" 1");
                assertThat(conversation.error()).endsWith("point: java.lang.OutOfMemoryError: made up");
            }
        }
    }

    @Test
    default void anOddPointAloneIsSkippedUnderEveryPolicy() throws IOException {
        for (TestUdf udf : List.of(TestUdf.failing, TestUdf.skipping, TestUdf.restarting)) {
            try (Conversation conversation = talk(udf)) {
                conversation.send("m,host=a v=1 1", "m,host=a fail=\"odd\" 2", "m,host=a v=1 3");
                assertThat(counts(conversation.points(3))).containsExactly(1L, 2L, 3L);
                conversation.end();
            }
        }
    }

    @Test
    default void afterTheLastRestartThatIsAllowedTheTaskEndsAndSaysHowManyThereWere() throws IOException {
        try (Conversation conversation = talk(TestUdf.restarting)) {
            conversation.send("m,host=a fail=\"1\" 1", "m,host=a fail=\"2\" 2", "m,host=a fail=\"3\" 3");
            conversation.send("m,host=a fail=\"4\" 4", "m,host=a fail=\"5\" 5", "m,host=a v=1 6");
            assertThat(counts(conversation.points(6))).containsExactly(1L, 1L, 1L, 1L, 1L, 1L);
            conversation.send("m,host=a fail=\"6\" 7");
            assertThat(conversation.error())
                    .endsWith("after 5 restarts within 3600.0 s (expected: no more), again point:"
                            + " java.lang.IllegalStateException: 6");
        }
    }

    @Test
    default void aHandlerThatCannotBeMadeAgainEndsTheTask() throws IOException {
        try (Conversation conversation = talk(TestUdf.single)) {
            conversation.send("m,host=a v=1 1");
            assertThat(conversation.error())
                    .endsWith("restart after point: java.lang.IllegalStateException: boom:"
                            + " create: java.lang.IllegalStateException: one is enough");
        }
    }

    @Test
    default void aHandlerThatDoesNotTakeItsSnapshotBackEndsTheTask() throws IOException {
        try (Conversation conversation = talk(TestUdf.restarting)) {
            conversation.send("m,host=a unrestorable=true 1");
            conversation.snapshot();
            conversation.send("m,host=a fail=\"boom\" 2");
            assertThat(conversation.error())
                    .endsWith("restart after point: java.lang.IllegalStateException: boom:"
                            + " restore: java.lang.IllegalStateException: no restore today");
        }
    }

    @Test
    default void underRestartAThreadOfTheFormerHandlerGetsNothingOutAnyMore() throws IOException {
        try (Conversation conversation = talk(TestUdf.haunted)) {
            long first = lives(conversation.points(20)).get(0);
            conversation.send("m,host=a v=1 1");
            int count = 20;
            while (!lives(conversation.points(count)).contains(first + 1)) {
                count++;
            }
            assertThat(lives(conversation.points(count + 50))).isSorted().endsWith(first + 1);
        }
    }

    private static List<Long> lives(List<Point> points) {
        return points.stream().map(point -> point.getFieldsIntOrThrow("life")).toList();
    }

    // ---- batches

    @Test
    default void aPointThatFailsInABatchCostsTheTaskThePointOrTheRestOfTheBatch() throws IOException {
        try (Conversation conversation = talk(TestUdf.failingBatches)) {
            conversation.send(batch(), batch("no", "", "boom", ""));
            assertThat(conversation.error()).endsWith("point: java.lang.IllegalStateException: boom");
            assertThat(shapes(conversation.batches(1))).containsExactly("2 of batch 1");
        }
        try (Conversation conversation = talk(TestUdf.skippingBatches)) {
            conversation.send(batch(), batch("no", "", "boom", ""), batch());
            assertThat(shapes(conversation.batches(3))).containsExactly("2 of batch 1", "2 of batch 2", "2 of batch 3");
            conversation.end();
        }
        try (Conversation conversation = talk(TestUdf.restartingBatches)) {
            conversation.send(batch(), batch("no", "", "boom", ""), batch());
            assertThat(shapes(conversation.batches(2))).containsExactly("2 of batch 1", "2 of batch 1");
            conversation.end();
        }
    }

    @Test
    default void aBeginThatFailsCostsTheTaskOrTheBatch() throws IOException {
        try (Conversation conversation = talk(TestUdf.failingBatches)) {
            conversation.send(batch("begin", ""));
            assertThat(conversation.error()).endsWith("beginBatch: java.lang.IllegalStateException: begin");
        }
        try (Conversation conversation = talk(TestUdf.skippingBatches)) {
            conversation.send(batch(), batch("begin", "", "boom"), batch());
            assertThat(shapes(conversation.batches(2))).containsExactly("2 of batch 1", "2 of batch 2");
            conversation.end();
        }
        try (Conversation conversation = talk(TestUdf.restartingBatches)) {
            conversation.send(batch(), batch("begin", "", "boom"), batch());
            assertThat(shapes(conversation.batches(2))).containsExactly("2 of batch 1", "2 of batch 1");
            conversation.end();
        }
    }

    @Test
    default void anEndThatFailsCostsTheTaskOrTheBatch() throws IOException {
        try (Conversation conversation = talk(TestUdf.failingBatches)) {
            conversation.send(batch("end", ""));
            assertThat(conversation.error()).endsWith("endBatch: java.lang.IllegalStateException: end");
        }
        try (Conversation conversation = talk(TestUdf.skippingBatches)) {
            conversation.send(batch(), batch("end", ""), batch());
            assertThat(shapes(conversation.batches(2))).containsExactly("2 of batch 1", "2 of batch 3");
            conversation.end();
        }
        try (Conversation conversation = talk(TestUdf.restartingBatches)) {
            conversation.send(batch(), batch("end", ""), batch());
            assertThat(shapes(conversation.batches(2))).containsExactly("2 of batch 1", "2 of batch 1");
            conversation.end();
        }
    }
}
