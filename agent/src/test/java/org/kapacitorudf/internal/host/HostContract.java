package org.kapacitorudf.internal.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.kapacitorudf.Batch;
import org.kapacitorudf.BatchBegin;
import org.kapacitorudf.BatchEnd;
import org.kapacitorudf.Context;
import org.kapacitorudf.Description;
import org.kapacitorudf.Handler;
import org.kapacitorudf.Output;
import org.kapacitorudf.Point;
import org.kapacitorudf.Udf;
import org.kapacitorudf.agent.AgentConfig;
import org.kapacitorudf.errors.FailurePolicy;
import org.kapacitorudf.internal.line.GivenOption;
import org.kapacitorudf.option.Option;
import org.kapacitorudf.state.Expiry;
import org.kapacitorudf.state.GroupState;

/** The contract of a function on any host: a session with Kapacitor, or a {@link HandlerHost}. */
public interface HostContract {
    /** A handler. Each method returns when the handler has handled its input. */
    interface Hosted extends AutoCloseable {
        /** Starts the handler; returns the error, empty for none. */
        String start();

        /** Returns the error, empty for none. */
        String restore(byte[] snapshot);

        /** Sends points, and begins and ends of batches. */
        void give(Object... data);

        byte[] snapshot();

        /** The output so far: points and batches as text. */
        List<String> out();

        /** The error that has ended the task, empty for none. */
        String error();

        HandlerCounts counts();

        @Override
        void close();
    }

    /** Sets up a handler for the task "task" and the node "node2". */
    Hosted host(Udf udf, AgentConfig config, List<GivenOption> options);

    default Hosted started(Udf udf, AgentConfig config) {
        Hosted hosted = host(udf, config, List.of());
        assertThat(hosted.start()).isEmpty();
        return hosted;
    }

    /** Creates a handler. */
    interface Making {
        Handler make(Context context);
    }

    /** A function with a given description and handler. */
    record Made(Description description, Making making) implements Udf {
        @Override
        public Description describe() {
            return description;
        }

        @Override
        public Handler create(Context context) {
            return making.make(context);
        }
    }

    private static Made stream(Making making) {
        return new Made(Description.stream("f", "a function for tests"), making);
    }

    private static Point at(long time) {
        return Point.of("m", time).withField("v", time);
    }

    private static String text(long time) {
        return at(time).toString();
    }

    /** Sums the values of all points, and fails at a point with time 9. */
    private static Handler sum(Context context) {
        GroupState<Long> sums = context.groupState("sum", Long.class, () -> 0L);
        return (point, output) -> {
            sums.put("all", sums.of("all") + point.intField("v"));
            if (point.timeNanos() == 9) {
                throw new IllegalStateException("nine");
            }
            output.point(Point.of("sum", point.timeNanos()).withField("v", sums.of("all")));
        };
    }

    private static String sum(long time, long value) {
        return Point.of("sum", time).withField("v", value).toString();
    }

    @Test
    default void pointsAreHandledInOrder() {
        try (Hosted hosted =
                started(stream(context -> (point, output) -> output.point(point)), AgentConfig.defaults())) {
            hosted.give(at(1), at(2));
            hosted.give(at(3));
            assertThat(hosted.out()).containsExactly(text(1), text(2), text(3));
            assertThat(hosted.counts().pointsIn()).isEqualTo(3);
            assertThat(hosted.error()).isEmpty();
        }
    }

    @Test
    default void optionsAreCheckedAndAllThatIsWrongIsTold() {
        Option<Long> size = Option.integer("size").required().atLeast(1);
        Made udf = new Made(Description.stream("f", "").options(size), context -> (point, output) -> {});
        try (Hosted hosted = host(
                udf,
                AgentConfig.defaults(),
                List.of(new GivenOption("size", List.of(0L)), new GivenOption("other", List.of())))) {
            assertThat(hosted.start())
                    .startsWith("f: ")
                    .contains("size: 0 (expected: >= 1)")
                    .contains("other: unknown");
        }
    }

    @Test
    default void aHandlerThatCannotBeMadeIsRefused() {
        Made udf = stream(context -> {
            throw new IllegalArgumentException("no");
        });
        try (Hosted hosted = host(udf, AgentConfig.defaults(), List.of())) {
            assertThat(hosted.start()).isEqualTo("f: java.lang.IllegalArgumentException: no");
        }
    }

    @Test
    default void aCallThatThrowsEndsTheTaskAndWhatWasSentBeforeHasLeft() {
        try (Hosted hosted = started(stream(HostContract::sum), AgentConfig.defaults())) {
            hosted.give(at(1), at(9), at(2));
            assertThat(hosted.error())
                    .isEqualTo("f (task task, node node2): point: java.lang.IllegalStateException: nine");
            assertThat(hosted.out()).containsExactly(sum(1, 1));
        }
    }

    @Test
    default void aCallThatThrowsIsSkippedByPolicy() {
        AgentConfig config = AgentConfig.builder().onError(FailurePolicy.SKIP).build();
        try (Hosted hosted = started(stream(HostContract::sum), config)) {
            hosted.give(at(1), at(9), at(2));
            assertThat(hosted.out()).containsExactly(sum(1, 1), sum(2, 12));
            assertThat(hosted.counts().skipped()).isEqualTo(1);
        }
    }

    @Test
    default void aCallThatThrowsIsFollowedByANewHandlerWithTheLastStateByPolicy() {
        AgentConfig config =
                AgentConfig.builder().onError(FailurePolicy.RESTART).build();
        try (Hosted hosted = started(stream(HostContract::sum), config)) {
            hosted.give(at(1), at(2));
            assertThat(hosted.snapshot()).isNotEmpty();
            hosted.give(at(3), at(9), at(4));
            assertThat(hosted.out()).containsExactly(sum(1, 1), sum(2, 3), sum(3, 6), sum(4, 7));
            assertThat(hosted.counts().restarts()).isEqualTo(1);
        }
    }

    @Test
    default void aFieldThatIsMissingSkipsItsPoint() {
        try (Hosted hosted = started(stream(HostContract::sum), AgentConfig.defaults())) {
            hosted.give(Point.of("m", 1).withField("other", 1), at(2));
            assertThat(hosted.out()).containsExactly(sum(2, 2));
            assertThat(hosted.counts().skipped()).isEqualTo(1);
        }
    }

    @Test
    default void stateGoesFromOneHandlerToTheNext() {
        byte[] snapshot;
        try (Hosted hosted = started(stream(HostContract::sum), AgentConfig.defaults())) {
            assertThat(hosted.snapshot()).as("without data").isEmpty();
            hosted.give(at(1), at(2));
            snapshot = hosted.snapshot();
            assertThat(hosted.counts().groups()).isEqualTo(1);
            assertThat(hosted.counts().snapshots().count()).isPositive();
        }
        try (Hosted hosted = started(stream(HostContract::sum), AgentConfig.defaults())) {
            assertThat(hosted.restore(snapshot)).isEmpty();
            hosted.give(at(4));
            assertThat(hosted.out()).containsExactly(sum(4, 7));
        }
    }

    @Test
    default void aStateThatIsForeignIsRefused() {
        try (Hosted hosted = started(stream(HostContract::sum), AgentConfig.defaults())) {
            assertThat(hosted.restore(new byte[] {1, 2, 3})).startsWith("f: snapshot: foreign, 3 bytes");
        }
    }

    @Test
    default void batchesAreHandledAndSent() {
        Made udf = new Made(Description.batch("f", ""), context -> new Handler() {
            private BatchBegin begin;

            @Override
            public void beginBatch(BatchBegin given, Output output) {
                begin = given;
            }

            @Override
            public void point(Point point, Output output) {}

            @Override
            public void endBatch(BatchEnd end, Output output) {
                output.batch(Batch.of(begin, List.of(at(5)), end));
            }
        });
        BatchBegin begin = new BatchBegin("m", "h=a", Map.of("h", "a"), 1, false);
        BatchEnd end = new BatchEnd("m", "h=a", 7, Map.of("h", "a"));
        try (Hosted hosted = started(udf, AgentConfig.defaults())) {
            hosted.give(begin, at(3), end);
            assertThat(hosted.out()).containsExactly("m h=a {h=a} until 7: " + List.of(at(5).toString()));
            assertThat(hosted.counts().batchesIn()).isEqualTo(1);
            hosted.give(at(3));
            assertThat(hosted.error())
                    .isEqualTo("f (task task, node node2): protocol: Point outside a batch"
                            + " (expected: begin, points, end)");
        }
    }

    @Test
    default void aLineBreakInTheNameOfABatchDoesNotTurnASkipOrARestartIntoTheEndOfTheTask() {
        for (FailurePolicy policy :
                new FailurePolicy[] {FailurePolicy.FAIL, FailurePolicy.SKIP, FailurePolicy.RESTART}) {
            Made udf = new Made(Description.batch("f", ""), context -> new Handler() {
                private long sum;
                private BatchBegin begin;

                @Override
                public void beginBatch(BatchBegin given, Output output) {
                    begin = given;
                    sum = 0;
                }

                @Override
                public void point(Point point, Output output) {
                    if (policy != FailurePolicy.FAIL && point.field("v").isEmpty()) {
                        throw new IllegalStateException("no v");
                    }
                    sum += point.intField("v");
                }

                @Override
                public void endBatch(BatchEnd end, Output output) {
                    output.batch(Batch.of(begin, List.of(at(sum)), end));
                }
            });
            BatchBegin begin = new BatchBegin("a\nb", "h=a", Map.of("h", "a"), 2, false);
            BatchEnd end = new BatchEnd("a\nb", "h=a", 7, Map.of("h", "a"));
            Point nameless = Point.decode(new byte[0]);
            AgentConfig config = AgentConfig.builder().onError(policy).build();
            try (Hosted hosted = started(udf, config)) {
                hosted.give(begin, nameless.withField("other", 1), end, begin, nameless.withField("v", 3), end);
                assertThat(hosted.error()).as(policy.name()).isEmpty();
                boolean restarts = policy == FailurePolicy.RESTART;
                assertThat(hosted.counts().skipped()).isEqualTo(restarts ? 0 : 1);
                assertThat(hosted.counts().restarts()).isEqualTo(restarts ? 1 : 0);
                assertThat(hosted.out().get(hosted.out().size() - 1))
                        .contains("until 7")
                        .contains(text(3));
            }
        }
    }

    @Test
    default void aTimerByEventTimeRunsBeforeThePointThatHasItsTime() {
        Made udf = stream(context -> {
            context.at(Instant.ofEpochSecond(0, 5), (time, output) -> output.point(at(100)));
            return (point, output) -> output.point(point);
        });
        try (Hosted hosted = started(udf, AgentConfig.defaults())) {
            hosted.give(at(4), at(6));
            assertThat(hosted.out()).containsExactly(text(4), text(100), text(6));
        }
    }

    @Test
    default void aGroupExpiresByEventTime() {
        Made udf = stream(context -> {
            GroupState<Long> last = context.groupState(
                    "last",
                    Long.class,
                    () -> 0L,
                    Expiry.afterEventTime(Duration.ofSeconds(1)),
                    (group, value, output) ->
                            output.point(Point.of("gone", value).withField("v", 1)));
            return (point, output) -> last.put(point.stringField("g"), point.timeNanos());
        });
        long second = Duration.ofSeconds(1).toNanos();
        try (Hosted hosted = started(udf, AgentConfig.defaults())) {
            hosted.give(Point.of("m", 1).withField("g", "a"));
            hosted.give(Point.of("m", 3 * second).withField("g", "b"));
            assertThat(hosted.out())
                    .containsExactly(Point.of("gone", 1).withField("v", 1).toString());
            assertThat(hosted.counts().groups()).isEqualTo(1);
        }
    }

    @Test
    default void aValueThatIsNotFiniteDoesNotLeave() {
        Made udf = stream(context -> (point, output) -> output.point(point.withField("bad", Double.POSITIVE_INFINITY)));
        try (Hosted hosted = started(udf, AgentConfig.defaults())) {
            hosted.give(at(1));
            assertThat(hosted.out()).containsExactly(text(1));
        }
    }

    @Test
    default void whatMustNotBeSentIsAnErrorOfTheCall() {
        Made batch = stream(context -> (point, output) -> output.batch(Batch.of("m", 1, List.of(point))));
        try (Hosted hosted = started(batch, AgentConfig.defaults())) {
            hosted.give(at(1));
            assertThat(hosted.error())
                    .endsWith("point: output: a batch (expected: points, because the function's description declares"
                            + " that it provides them)");
        }
        Made large = stream(context -> (point, output) -> output.point(point.withField("s", "x".repeat(5000))));
        try (Hosted hosted =
                started(large, AgentConfig.builder().maxFrameBytes(4096).build())) {
            hosted.give(at(1));
            assertThat(hosted.error()).contains("point: message: 50").endsWith("bytes (expected: <= 4096)");
        }
    }
}
