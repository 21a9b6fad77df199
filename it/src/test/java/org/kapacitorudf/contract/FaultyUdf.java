package org.kapacitorudf.contract;

import java.time.Duration;
import java.util.List;
import org.kapacitorudf.BatchBegin;
import org.kapacitorudf.BatchEnd;
import org.kapacitorudf.Context;
import org.kapacitorudf.Description;
import org.kapacitorudf.EdgeType;
import org.kapacitorudf.Handler;
import org.kapacitorudf.Output;
import org.kapacitorudf.Point;
import org.kapacitorudf.Udf;
import org.kapacitorudf.embed.UdfAgent;
import org.kapacitorudf.errors.FailurePolicy;
import org.kapacitorudf.option.Option;
import org.kapacitorudf.state.Expiry;
import org.kapacitorudf.state.GroupState;
import org.kapacitorudf.state.State;

/**
 * Returns points unchanged, and misbehaves as set by its options: how, and in which callback. In a point only if it has
 * the field {@code strike}; a point with the field {@code fail} just fails.
 */
record FaultyUdf(String name, EdgeType edge, FailurePolicy onError, Duration callLimit) implements Udf {
    private static final Option<String> AT = Option.string("at").orElse("");
    private static final Option<String> WHAT = Option.string("what").orElse("");

    /** Long enough for a busy machine to create a handler. */
    static final Duration LIMIT = Duration.ofSeconds(6);

    static final List<FaultyUdf> ALL = List.of(
            stream("stream"),
            stream("batch").ofBatches(),
            stream("streamOfLimitedCalls").with(LIMIT),
            stream("batchOfLimitedCalls").ofBatches().with(LIMIT),
            stream("skipping").with(FailurePolicy.SKIP),
            stream("restarting").with(FailurePolicy.RESTART));

    /** The callbacks of a function. */
    enum Callback {
        create,
        restore,
        point,
        beginBatch,
        endBatch,
        timer,
        onExpire,
        snapshot,
        stop,
        /** With an output that is already closed. */
        stopAfterFailure;

        boolean isOfBatches() {
            return this == beginBatch || this == endBatch;
        }

        /** The name in errors and the log. */
        String method() {
            return this == stopAfterFailure ? "stop" : name();
        }
    }

    static FaultyUdf stream(String name) {
        return new FaultyUdf(name, EdgeType.STREAM, FailurePolicy.FAIL, Duration.ofSeconds(60));
    }

    FaultyUdf ofBatches() {
        return new FaultyUdf(name, EdgeType.BATCH, onError, callLimit);
    }

    FaultyUdf with(FailurePolicy policy) {
        return new FaultyUdf(name, edge, policy, callLimit);
    }

    FaultyUdf with(Duration limit) {
        return new FaultyUdf(name, edge, onError, limit);
    }

    @Override
    public Description describe() {
        return Description.of(name, "a function for tests", edge, EdgeType.STREAM)
                .options(AT, WHAT)
                .onError(onError)
                .callLimit(callLimit);
    }

    @Override
    public Handler create(Context context) throws Exception {
        Faulty handler = new Faulty(context, context.option(AT), context.option(WHAT));
        handler.strikeIf(Callback.create, context.output());
        return handler;
    }

    /** As a process UDF: its name, and a word if describing it already ends the process. */
    public static void main(String[] args) {
        UdfAgent.stdio(args.length > 1 ? exitingWhenDescribed() : named(args[0]), TestUdf.CONFIG)
                .run();
    }

    private static FaultyUdf named(String name) {
        return ALL.stream().filter(udf -> udf.name.equals(name)).findFirst().orElseThrow();
    }

    private static Udf exitingWhenDescribed() {
        return new Udf() {
            @Override
            public Description describe() {
                System.exit(Misbehaviour.Harm.EXIT_STATUS);
                throw new AssertionError();
            }

            @Override
            public Handler create(Context context) {
                return (point, output) -> {};
            }
        };
    }

    private static final class Faulty implements Handler {
        private final String at;
        private final String what;
        private final State<TestUdf.Count> points;
        private final GroupState<Long> lastGroup;
        private boolean failed;

        Faulty(Context context, String at, String what) {
            this.at = at;
            this.what = what;
            points = context.state("points", TestUdf.Count.class, TestUdf.Count::new);
            lastGroup = context.groupState(
                    "lastGroup",
                    Long.class,
                    () -> 0L,
                    Expiry.atMost(1),
                    (group, value, output) -> strikeIf(Callback.onExpire, output));
            if (at.equals(Callback.timer.name())) {
                context.after(Duration.ZERO, (time, output) -> strikeIf(Callback.timer, output));
            }
        }

        void strikeIf(Callback here, Output output) throws Exception {
            if (at.equals(here.name())) {
                Misbehaviour.named(what).perform(here, output);
            }
        }

        @Override
        public void point(Point point, Output output) throws Exception {
            lastGroup.put(point.group(), points.get().next());
            if (point.field("fail").isPresent()) {
                failed = true;
                throw new IllegalStateException("failed before");
            }
            if (point.field("strike").isPresent()) {
                strikeIf(Callback.point, output);
            }
            output.point(point.name().isEmpty() ? point.withName("m") : point);
        }

        @Override
        public void beginBatch(BatchBegin begin, Output output) throws Exception {
            strikeIf(Callback.beginBatch, output);
        }

        @Override
        public void endBatch(BatchEnd end, Output output) throws Exception {
            strikeIf(Callback.endBatch, output);
        }

        @Override
        public byte[] snapshot(Output output) throws Exception {
            strikeIf(Callback.snapshot, output);
            return new byte[] {1};
        }

        @Override
        public void restore(byte[] snapshot, Output output) throws Exception {
            strikeIf(Callback.restore, output);
        }

        @Override
        public void stop(Output output) throws Exception {
            strikeIf(failed ? Callback.stopAfterFailure : Callback.stop, output);
        }
    }
}
