package org.kapacitorudf.contract;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.kapacitorudf.Batch;
import org.kapacitorudf.Context;
import org.kapacitorudf.Description;
import org.kapacitorudf.EdgeType;
import org.kapacitorudf.Handler;
import org.kapacitorudf.Handlers;
import org.kapacitorudf.Output;
import org.kapacitorudf.Point;
import org.kapacitorudf.Udf;
import org.kapacitorudf.agent.AgentConfig;
import org.kapacitorudf.embed.UdfAgent;
import org.kapacitorudf.errors.FailurePolicy;
import org.kapacitorudf.errors.OutputClosedException;
import org.kapacitorudf.option.Option;
import org.kapacitorudf.state.Expiry;
import org.kapacitorudf.state.GroupState;
import org.kapacitorudf.state.State;

/** Functions with habits that an agent must handle. {@code main NAME [LIMITS]} runs one as a process UDF. */
enum TestUdf implements Udf {
    /** Returns its input. */
    echo {
        @Override
        public Handler create(Context context) {
            return (point, output) -> output.point(point);
        }
    },
    /** Returns whole batches. */
    echoBatches {
        @Override
        public Description describe() {
            return Description.batch(name(), "batches");
        }

        @Override
        public Handler create(Context context) {
            return Handlers.batches(context, (batch, output) -> output.batch(batch));
        }
    },
    /** Emits everything at the end. */
    late {
        @Override
        public Handler create(Context context) {
            return new Handler() {
                @Override
                public void point(Point point, Output output) {}

                @Override
                public void stop(Output output) {
                    for (int i = 0; i < LATE_POINTS; i++) {
                        output.point(Point.of("late", i).withField("i", (long) i));
                    }
                }
            };
        }
    },
    /** Sleeps in create or at the first point. */
    sleeper {
        private static final Option<Duration> CREATE = Option.duration("create").orElse(Duration.ZERO);
        private static final Option<Duration> POINT = Option.duration("point").orElse(Duration.ZERO);

        @Override
        public Description describe() {
            // The keepalive timeout, and with it the sleep, may be several minutes.
            return super.describe().options(CREATE, POINT).callLimit(Duration.ofHours(1));
        }

        @Override
        public Handler create(Context context) throws InterruptedException {
            Thread.sleep(context.option(CREATE).toMillis());
            return new Handler() {
                private boolean slept;

                @Override
                public void point(Point point, Output output) throws InterruptedException {
                    if (!slept) {
                        slept = true;
                        Thread.sleep(context.option(POINT).toMillis());
                    }
                    output.point(point);
                }
            };
        }
    },
    /** Never returns from a point with the field {@code stuck}; reacts to an interrupt unless the field is false. */
    stuck {
        @Override
        public Description describe() {
            return super.describe().callLimit(CALL_LIMIT);
        }

        @Override
        public Handler create(Context context) {
            return (point, output) -> {
                if (point.field("stuck").isPresent()) {
                    sleep(!point.boolField("stuck"));
                }
                output.point(point);
            };
        }

        /** Does not spin, because a call that ignores interrupts outlives its test. */
        private static void sleep(boolean deaf) {
            do {
                try {
                    Thread.sleep(Long.MAX_VALUE);
                } catch (InterruptedException e) {
                    // Ends, unless it ignores interrupts.
                }
            } while (deaf);
        }
    },
    /** Leaves the calling thread interrupted. */
    interrupter {
        @Override
        public Handler create(Context context) {
            return (point, output) -> {
                output.point(point);
                Thread.currentThread().interrupt();
            };
        }
    },
    /** Emits a hundred points for each point. */
    amplifier {
        @Override
        public Handler create(Context context) {
            return (point, output) -> {
                for (int i = 0; i < AMPLIFICATION; i++) {
                    output.point(point);
                }
            };
        }
    },
    /** Throws at a point with the field {@code fail}. */
    thrower {
        @Override
        public Handler create(Context context) {
            return (point, output) -> {
                if (point.field("fail").isPresent()) {
                    Fragile.fail(point.stringField("fail"));
                }
                output.point(point);
            };
        }
    },
    /** Fails without declaring a policy. */
    failing {
        @Override
        public Description describe() {
            return Description.stream(name(), "fragile");
        }

        @Override
        public Handler create(Context context) {
            return new Fragile(context, describe().wants());
        }
    },
    /** Declares the policy SKIP. */
    skipping {
        @Override
        public Description describe() {
            return Description.stream(name(), "fragile").onError(FailurePolicy.SKIP);
        }

        @Override
        public Handler create(Context context) {
            return new Fragile(context, describe().wants());
        }
    },
    /** Declares the policy RESTART. */
    restarting {
        @Override
        public Description describe() {
            return Description.stream(name(), "fragile").onError(FailurePolicy.RESTART);
        }

        @Override
        public Handler create(Context context) {
            return new Fragile(context, describe().wants());
        }
    },
    /** Declares the policy RESTART, and never returns. */
    restartingStuck {
        @Override
        public Description describe() {
            return super.describe().onError(FailurePolicy.RESTART).callLimit(CALL_LIMIT);
        }

        @Override
        public Handler create(Context context) {
            return (point, output) -> {
                while (!Thread.currentThread().isInterrupted()) {
                    LockSupport.parkNanos(1_000_000);
                }
                throw new IllegalStateException("interrupted");
            };
        }
    },
    /** Takes batches, and fails. */
    failingBatches {
        @Override
        public Description describe() {
            return Description.batch(name(), "fragile");
        }

        @Override
        public Handler create(Context context) {
            return new Fragile(context, describe().wants());
        }
    },
    /** Takes batches, with the policy SKIP. */
    skippingBatches {
        @Override
        public Description describe() {
            return Description.batch(name(), "fragile").onError(FailurePolicy.SKIP);
        }

        @Override
        public Handler create(Context context) {
            return new Fragile(context, describe().wants());
        }
    },
    /** Takes batches, with the policy RESTART. */
    restartingBatches {
        @Override
        public Description describe() {
            return Description.batch(name(), "fragile").onError(FailurePolicy.RESTART);
        }

        @Override
        public Handler create(Context context) {
            return new Fragile(context, describe().wants());
        }
    },
    /** Declares the policy RESTART, and cannot be created a second time. */
    single {
        private final AtomicBoolean made = new AtomicBoolean();

        @Override
        public Description describe() {
            return super.describe().onError(FailurePolicy.RESTART);
        }

        @Override
        public Handler create(Context context) {
            if (made.getAndSet(!made.get())) {
                throw new IllegalStateException("one is enough");
            }
            return (point, output) -> Fragile.fail("boom");
        }
    },
    /** Declares the policy RESTART, and leaves a thread that continues to emit. */
    haunted {
        private final AtomicLong lives = new AtomicLong();

        @Override
        public Description describe() {
            return super.describe().onError(FailurePolicy.RESTART);
        }

        @Override
        public Handler create(Context context) {
            Point mark = Point.of("ghost", 0).withField("life", lives.incrementAndGet());
            Thread thread = new Thread(() -> emit(mark, context.output()), "ghost");
            thread.setDaemon(true);
            thread.start();
            return (point, output) -> Fragile.fail("boom");
        }

        private static void emit(Point mark, Output output) {
            try {
                while (true) {
                    output.point(mark);
                    LockSupport.parkNanos(100_000);
                }
            } catch (OutputClosedException e) {
                // The end.
            }
        }
    },
    /** Doubles a field, which may be missing. */
    doubler {
        @Override
        public Handler create(Context context) {
            return (point, output) -> output.point(point.withField("twice", 2 * point.doubleField("value")));
        }
    },
    /**
     * Counts points for each group, in its state; the point with the field {@code unsavable} makes the next snapshots
     * fail.
     */
    counter {
        @Override
        public Handler create(Context context) {
            GroupState<Count> counts = context.groupState("counts", Count.class, Count::new);
            return new Handler() {
                private boolean unsavable;

                @Override
                public void point(Point point, Output output) {
                    unsavable |= point.field("unsavable").isPresent();
                    output.point(
                            point.withField("count", counts.of(point.group()).next()));
                }

                @Override
                public byte[] snapshot(Output output) {
                    if (unsavable) {
                        throw new IllegalStateException("no snapshot today");
                    }
                    return new byte[0];
                }
            };
        }
    },
    /** Breaks the rule named by its field {@code rule}. */
    ruleBreaker {
        @Override
        public Handler create(Context context) {
            return (point, output) -> {
                switch (point.stringField("rule")) {
                    case "edge" -> output.batch(Batch.of("m", 0, List.of(point)));
                    case "text" -> output.point(point.withTag("t", "half a \ud800 pair"));
                    case "size" -> output.point(point.withField("long", "x".repeat(MAX_FRAME_BYTES)));
                    default -> output.point(point);
                }
            };
        }
    },
    /** Prints to STDOUT, and reports it. */
    printer {
        @Override
        public Handler create(Context context) {
            return (point, output) -> {
                System.out.println("printed by a handler");
                output.point(point);
            };
        }
    },
    /** A source: emits on its own thread from the beginning. */
    source {
        @Override
        public Handler create(Context context) {
            Thread thread = new Thread(() -> emit(context.output()), "source");
            thread.setDaemon(true);
            thread.start();
            return (point, output) -> {};
        }

        private static void emit(Output output) {
            try {
                for (long i = 0; ; i++) {
                    output.point(Point.of("source", i).withField("i", i));
                }
            } catch (OutputClosedException e) {
                // The end.
            }
        }
    },
    /** Emits too early, in create. */
    hasty {
        @Override
        public Handler create(Context context) {
            context.output().point(Point.of("hasty", 0).withField("i", 1L));
            return (point, output) -> {};
        }
    },
    /** Leaves a non-daemon thread, and a child process that holds STDERR. */
    untidy {
        @Override
        public Handler create(Context context) throws Exception {
            new Thread(() -> LockSupport.parkNanos(Long.MAX_VALUE), "left behind").start();
            new ProcessBuilder("sleep", "300")
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
            return (point, output) -> output.point(point);
        }
    },
    /** Has options of every kind. */
    choosy {
        private static final Option<String> FIELD = Option.string("field").required();
        private static final Option<Long> SIZE =
                Option.integer("size").required().atLeast(1);
        private static final Option<Optional<Double>> SCALE = Option.number("scale");
        private static final Option<String> SECRET =
                Option.string("key").orElse("none").secret();

        @Override
        public Description describe() {
            return super.describe().options(FIELD, SIZE, SCALE, SECRET);
        }

        @Override
        public Handler create(Context context) {
            String text = context.option(FIELD) + " " + context.option(SIZE) + " "
                    + context.option(SCALE).orElse(-1.0) + " " + context.taskId() + " " + context.nodeId();
            return (point, output) -> output.point(point.withField("options", text));
        }
    },
    /** Emits in a timer. */
    timed {
        @Override
        public Description describe() {
            return super.describe().options(DO);
        }

        @Override
        public Handler create(Context context) {
            return new Timed(context, context.option(DO));
        }
    },
    /** Never returns from a timer. */
    stuckTimer {
        @Override
        public Description describe() {
            return super.describe().callLimit(CALL_LIMIT);
        }

        @Override
        public Handler create(Context context) {
            context.after(Duration.ZERO, (time, output) -> {
                while (!Thread.currentThread().isInterrupted()) {
                    LockSupport.parkNanos(1_000_000);
                }
            });
            return (point, output) -> output.point(point);
        }
    },
    /** Has groups that expire by each of the rules, and reports it. */
    forgetful {
        @Override
        public Handler create(Context context) {
            Map<String, GroupState<Long>> states = Map.of(
                    "wall", forgetting(context, "wall", Expiry.afterWallTime(Duration.ofMillis(300))),
                    "event", forgetting(context, "event", Expiry.afterEventTime(Duration.ofSeconds(30))),
                    "count", forgetting(context, "count", Expiry.atMost(2)));
            return (point, output) -> {
                String group = point.tag("host").orElseThrow();
                GroupState<Long> state = states.get(point.name());
                state.put(group, state.of(group) + 1);
            };
        }

        private GroupState<Long> forgetting(Context context, String name, Expiry expiry) {
            return context.groupState(
                    name,
                    Long.class,
                    () -> 0L,
                    expiry,
                    (group, value, output) -> output.point(
                            Point.of(name, 0).withTag("host", group).withField("n", value)));
        }
    },
    /** Takes a stream, and emits a batch of all points at the end. */
    collector {
        @Override
        public Description describe() {
            return Description.of(name(), "stream to batch", EdgeType.STREAM, EdgeType.BATCH);
        }

        @Override
        public Handler create(Context context) {
            List<Point> points = new ArrayList<>();
            return new Handler() {
                @Override
                public void point(Point point, Output output) {
                    points.add(point);
                }

                @Override
                public void stop(Output output) {
                    output.batch(Batch.of("collected", 42, points));
                }
            };
        }
    };

    private static final Option<String> DO = Option.string("do").orElse("tick");

    /** The limit of calls that do not return: waited for, but long enough for a busy machine to create a handler. */
    static final Duration CALL_LIMIT = Duration.ofSeconds(4);

    static final int LATE_POINTS = 1_000;
    static final int AMPLIFICATION = 100;
    static final int MAX_FRAME_BYTES = 1024 * 1024;
    static final int READ_AHEAD_BYTES = 128 * 1024;

    /** The limits of time are beyond any starvation. */
    static final AgentConfig CONFIG = AgentConfig.builder()
            .drainDeadline(Duration.ofMinutes(5))
            .writeStallLimit(Duration.ofHours(1))
            .restartInterval(Duration.ofHours(1))
            .readAheadBytes(READ_AHEAD_BYTES)
            .maxFrameBytes(MAX_FRAME_BYTES)
            .build();

    /** {@link #CONFIG}, or {@link #CONFIG} with one short limit for a test that waits for that limit. */
    enum Limits {
        LONG(CONFIG),
        SHORT_DRAIN(CONFIG.toBuilder().drainDeadline(Duration.ofSeconds(2)).build()),
        SHORT_STALL(CONFIG.toBuilder().writeStallLimit(Duration.ofSeconds(9)).build());

        private final AgentConfig config;

        Limits(AgentConfig config) {
            this.config = config;
        }

        AgentConfig config() {
            return config;
        }
    }

    @Override
    public Description describe() {
        return Description.stream(name(), "a function for tests");
    }

    public static void main(String[] args) {
        Limits limits = args.length > 1 ? Limits.valueOf(args[1]) : Limits.LONG;
        UdfAgent.stdio(valueOf(args[0]), limits.config()).run();
    }

    /** A count, as a plain class with a field. */
    static final class Count {
        private long value;

        long next() {
            return ++value;
        }
    }

    /** A handler with timers that are selected by a word. Its state is the number of its points. */
    private static final class Timed implements Handler {
        private final Context context;
        private final State<Count> points;
        private final long pointNanos;
        private long tickedAtNanos = System.nanoTime();

        Timed(Context context, String what) {
            this.context = context;
            this.pointNanos = what.equals("tick slowly") ? 20_000 : 0;
            this.points = context.state("points", Count.class, Count::new);
            switch (what) {
                case "tick", "tick slowly" -> context.every(Duration.ofMillis(50), this::tick);
                case "begin" -> context.after(Duration.ZERO, (time, output) -> output.point(says("begin")));
                case "throw" ->
                    context.after(Duration.ZERO, (time, output) -> {
                        throw new IllegalStateException("boom");
                    });
                default -> throw new IllegalArgumentException(what);
            }
        }

        private void tick(Instant time, Output output) {
            long now = System.nanoTime();
            output.point(says("tick").withField("gap_ms", (now - tickedAtNanos) / 1_000_000));
            tickedAtNanos = now;
        }

        private Point says(String text) {
            return Point.of(text, context.now().toEpochMilli()).withField("points", points.get().value);
        }

        @Override
        public void point(Point point, Output output) {
            points.get().next();
            long end = System.nanoTime() + pointNanos;
            while (System.nanoTime() < end) {
                Thread.onSpinWait();
            }
        }

        @Override
        public void stop(Output output) {
            output.point(says("stop"));
        }
    }
}
