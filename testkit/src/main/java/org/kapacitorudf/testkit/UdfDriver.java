package org.kapacitorudf.testkit;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;
import org.kapacitorudf.EdgeType;
import org.kapacitorudf.Output;
import org.kapacitorudf.Udf;
import org.kapacitorudf.agent.AgentConfig;
import org.kapacitorudf.client.Frames;
import org.kapacitorudf.client.Kapacitor;
import org.kapacitorudf.client.LineProtocol;
import org.kapacitorudf.client.Options;
import org.kapacitorudf.client.PointBatch;
import org.kapacitorudf.client.Points;
import org.kapacitorudf.client.StandInException;
import org.kapacitorudf.errors.FailurePolicy;
import org.kapacitorudf.errors.NonFinite;
import org.kapacitorudf.internal.codec.OptionMessages;
import org.kapacitorudf.internal.host.HandlerHost;
import org.kapacitorudf.internal.host.UdfFunction;
import org.kapacitorudf.proto.BeginBatch;
import org.kapacitorudf.proto.InitRequest;
import org.kapacitorudf.proto.Option;
import org.kapacitorudf.proto.Point;
import org.kapacitorudf.proto.Request;
import org.kapacitorudf.proto.Response;

/**
 * Drives one function, call by call, in a test's thread: no Kapacitor, no socket, no waiting.
 *
 * <pre>{@code
 * var driver = UdfDriver.of(new MovingAverage()).option("field", "value").option("size", 2).start();
 * driver.pipe("cpu,host=a value=1 0", "cpu,host=a value=2 1", "cpu,host=a value=5 2");
 * driver.expect("cpu,host=a avg=1 0", "cpu,host=a avg=1.5 1", "cpu,host=a avg=3.5 2");
 * }</pre>
 *
 * <p>Input and output are encoded as in the protocol. The agent's code checks the options, validates the output and
 * keeps the state; the output is also checked against Kapacitor's requirements. There is no connection: to test
 * messages on the wire, keepalives and time limits of calls, use a {@link Kapacitor}. A call returns when the handler
 * has handled its input.
 *
 * <p>Time is virtual: wall time passes only in {@link #advance}, which runs each timer at its time. Points advance
 * event time. Timers that are already due run before a call returns. Timers that are set in {@code create} start as
 * with Kapacitor: immediately after a restore, otherwise with the first data or after one second.
 *
 * <p>{@link #close} ends the input and stops the handler. A test may leave the driver open, because it holds no
 * resources.
 *
 * <p>Threading: for use by any thread, but by one at a time; the handler is called in the caller's thread. Output from
 * the handler's own threads becomes visible at the next call; a thread that has emitted more than
 * {@link AgentConfig#outputBufferBytes()} waits for that call.
 *
 * <p>Errors: when the function fails, the next call throws a {@link StandInException}, whose message contains the error
 * and whose cause is the handler's exception, unless {@link #error()} is called first. A failed snapshot throws
 * immediately. {@linkplain org.kapacitorudf.errors.FieldException Skipped} points are not failures; {@link #skipped()}
 * returns them. Invalid lines cause an {@link IllegalArgumentException}, calls in the wrong state an
 * {@link IllegalStateException}.
 */
public final class UdfDriver implements AutoCloseable {
    private static final byte[] NO_SNAPSHOT = {};
    private static final Pattern HEAD = Pattern.compile("batch .* until -?\\d+");

    private final UdfFunction function;
    private final InitRequest init;
    private final String[] dimensions;
    private final AgentConfig config;
    private final DriverClock clock;
    private final AtomicReference<Thread> caller = new AtomicReference<>();
    private final double tolerance;
    private final DriverLog log = new DriverLog();
    private DriverConnection connection;

    private final List<Point> points = new ArrayList<>();
    private final List<PointBatch> batches = new ArrayList<>();
    private final List<Point> batchPoints = new ArrayList<>();
    private @Nullable BeginBatch begin;
    private boolean discarding;

    /** The exceptions of the current turn. */
    private final List<DrivenHost.Thrown> thrown = new ArrayList<>();

    private final List<Skip> skipped = new ArrayList<>();
    private @Nullable Throwable errorCause;
    private boolean errorKnown;
    private @Nullable String endedBy;

    /**
     * A skipped point or batch.
     *
     * @param reason as in {@link #skipped()}
     * @param point the number of the latest point when the skip happened, counted from 1 since the start or
     *     {@link #restartFrom}; 0 if there was none
     */
    public record Skip(String reason, long point) {}

    private UdfDriver(Builder settings) {
        function = UdfFunction.of(settings.udf);
        init = InitRequest.newBuilder()
                .setTaskID(settings.taskId)
                .setNodeID(settings.nodeId == null ? function.name() + "2" : settings.nodeId)
                .addAllOptions(settings.options)
                .build();
        dimensions = settings.dimensions;
        config = settings.config;
        clock = new DriverClock(settings.startAt == null ? Instant.now() : settings.startAt);
        tolerance = settings.tolerance;
        connection = connection();
    }

    /** Creates a builder: {@code UdfDriver.of(udf)...start()}. */
    public static Builder of(Udf udf) {
        return new Builder(udf);
    }

    // What goes in

    /**
     * Sends points to a function that wants a stream.
     *
     * @param lines {@linkplain LineProtocol line protocol}; grouped as set in the {@linkplain Builder#groupBy builder}
     */
    public void pipe(String... lines) {
        pipe(grouped(lines));
    }

    /** Sends points to a function that wants a stream, unchanged. */
    public void pipe(Iterable<Point> points) {
        turn(() -> {
            requireRunning("pipe");
            requireWanted("pipe", EdgeType.STREAM, "pipeBatch");
            send(StreamSupport.stream(points.spliterator(), false).map(Frames::request));
        });
    }

    /**
     * Sends the points as batches, one per group, to a function that expects batches. The groups are in the order in
     * which they first occur. The time of a batch is that of its last point.
     *
     * @param lines {@linkplain LineProtocol line protocol}; grouped as set in the {@linkplain Builder#groupBy builder}
     */
    public void pipeBatch(String... lines) {
        pipeBatch(grouped(lines));
    }

    /** Sends the points as batches, one per group, to a function that expects batches. */
    public void pipeBatch(Points points) {
        pipeBatch(points.batches().toArray(PointBatch[]::new));
    }

    /**
     * Sends one batch, which may be empty, to a function that expects batches.
     *
     * <pre>{@code
     * driver.pipeBatch("cpu,host=a", 20, "cpu,host=a,core=0 value=1 0", "cpu,host=a,core=1 value=2 1");
     * driver.pipeBatch("cpu,host=a", 40);
     * }</pre>
     *
     * @param series the batch's name and tags
     * @param tmaxNanos the batch's time
     * @param lines {@linkplain LineProtocol line protocol}: points with the batch's name and at least its tags
     */
    public void pipeBatch(String series, long tmaxNanos, String... lines) {
        Point head = LineProtocol.parseSeries(series);
        List<Point> points = parsed(lines);
        for (Point point : points) {
            boolean belongs = point.getName().equals(head.getName())
                    && point.getTagsMap()
                            .entrySet()
                            .containsAll(head.getTagsMap().entrySet());
            if (!belongs) {
                throw new IllegalArgumentException(
                        "line: \"" + LineProtocol.format(point) + "\" (expected: one that begins with " + series + ")");
            }
        }
        pipeBatch(PointBatch.of(head.getName(), head.getTagsMap(), false, tmaxNanos, points));
    }

    /** Sends the batches, unchanged, to a function that expects batches. */
    public void pipeBatch(PointBatch... batches) {
        turn(() -> {
            requireRunning("pipeBatch");
            requireWanted("pipeBatch", EdgeType.BATCH, "pipe");
            send(Stream.of(batches).flatMap(batch -> batch.requests().stream()));
        });
    }

    /** Advances wall time, and runs each timer at its time. Event time does not change: {@link #pipe} advances it. */
    public void advance(Duration duration) {
        if (duration.isNegative()) {
            throw new IllegalArgumentException("duration: " + duration + " (expected: >= 0)");
        }
        turn(() -> {
            requireRunning("advance");
            connection.host().advance(duration.toNanos());
        });
    }

    /** Sets the wall clock forward or back, as a clock correction does: no time passes, and no timer runs. */
    public void setClock(Instant time) {
        clock.set(Objects.requireNonNull(time, "time"));
    }

    /** The function's wall-clock time. */
    public Instant now() {
        return clock.instant();
    }

    /** Ends the input, as when a task is stopped: the handler stops, and may still emit. */
    public void endOfInput() {
        turn(() -> {
            requireRunning("endOfInput");
            endedBy = "the end of the input";
            connection.host().endInput();
        });
    }

    /**
     * Takes over the driver from a thread that will never return from a call of the handler, because it has called
     * {@link System#exit}. Afterwards, what has been emitted can be read; nothing else can be done with the driver.
     */
    public void abandonCall() {
        caller.set(null);
        inTurn(() -> {
            connection.host().take();
            return null;
        });
    }

    // What came out

    /**
     * Returns the output since the last read, as {@linkplain LineProtocol line protocol}.
     *
     * <pre>
     *   cpu,host=a avg=1.5 1                a point
     *
     *   batch cpu,host=a until 20           a batch: its name, tags and time,
     *   cpu,core=0,host=a value=99.0 7      then its points
     * </pre>
     *
     * A batch that is grouped by measurement begins with {@code batch cpu,host=a by measurement until 20}.
     */
    public List<String> read() {
        return answer(() -> {
            List<String> lines = new ArrayList<>();
            for (Point point : taken(points)) {
                lines.add(LineProtocol.format(point));
            }
            for (PointBatch batch : taken(batches)) {
                lines.add(batch.head());
                lines.addAll(batch.lines());
            }
            return lines;
        });
    }

    /**
     * Reads like {@link #read} and compares the output with the expected points. The order of tags and of fields is
     * ignored, and {@code avg=1} equals {@code avg=1.0}. Without arguments, no output is expected.
     *
     * @param lines in the form of {@link #read}; each may contain any number of lines
     * @throws AssertionError if the output differs; the message shows the lines and fields that differ, and the missing
     *     and unexpected lines
     */
    public void expect(String... lines) {
        expectLines(expectedLines(lines));
    }

    /** Like {@link #expect(String...)}, for a function that provides a stream. */
    public void expect(Iterable<Point> points) {
        requireProvided("expect", EdgeType.STREAM, "expectBatches");
        List<PointDiff.Line> lines = new ArrayList<>();
        points.forEach(point -> lines.add(PointDiff.Line.of(point)));
        expectLines(lines);
    }

    /** Like {@link #expect(String...)}, for a function that provides batches. */
    public void expectBatches(PointBatch... batches) {
        requireProvided("expectBatches", EdgeType.BATCH, "expect");
        expectLines(linesOf(List.of(batches)));
    }

    private void expectLines(List<PointDiff.Line> expected) {
        List<PointDiff.Line> actual = answer(() -> {
            List<PointDiff.Line> lines = new ArrayList<>();
            taken(points).forEach(point -> lines.add(PointDiff.Line.of(point)));
            lines.addAll(linesOf(taken(batches)));
            return lines;
        });
        PointDiff.check(
                expected, actual, tolerance, skipped.stream().map(Skip::reason).toList());
    }

    /** Like {@link #read}, for a function that provides a stream. */
    public List<Point> readPoints() {
        return answer(() -> {
            requireProvided("readPoints", EdgeType.STREAM, "readBatches");
            return taken(points);
        });
    }

    /** Like {@link #read}, for a function that provides batches. */
    public List<PointBatch> readBatches() {
        return answer(() -> {
            requireProvided("readBatches", EdgeType.BATCH, "readPoints");
            return taken(batches);
        });
    }

    /**
     * The reasons why points or batches have been skipped, or a handler restarted, since the last call to this method:
     * {@code point: field "value": missing (expected: a number)}. The task continues after each of these.
     * {@link #errors} returns these reasons and the error that ended the task.
     */
    public List<String> skipped() {
        return skips().stream().map(Skip::reason).toList();
    }

    /** Like {@link #skipped()}, with the number of the point at which each skip happened. */
    public List<Skip> skips() {
        return answer(() -> taken(skipped));
    }

    /**
     * The values of the {@linkplain org.kapacitorudf.Context#counter counters} that the function has defined, by name,
     * since the start or {@link #restartFrom}.
     */
    public Map<String, Long> counters() {
        return answer(connection.host()::counters);
    }

    /**
     * The number of non-finite values in fields that the function has made, since the start or {@link #restartFrom};
     * see {@link NonFinite}.
     */
    public long nonFinite() {
        return answer(connection.host()::nonFinite);
    }

    /**
     * How often the handler has been replaced after a failure since the start or {@link #restartFrom}; see
     * {@link FailurePolicy#RESTART}. {@link #skipped()} returns the reasons.
     */
    public int restarts() {
        return answer(connection.host()::restarts);
    }

    /**
     * The error that has ended the task, as shown by Kapacitor, if there is one. After this call, other calls no longer
     * throw this error.
     */
    public Optional<String> error() {
        return inTurn(() -> {
            connection.host().readOn();
            Optional<String> error = connection.host().error();
            errorKnown |= error.isPresent();
            return error;
        });
    }

    /**
     * Everything that has failed since the last call to this method: the result of {@link #skipped}, then the
     * {@linkplain #error() error} that ended the task, if any. Empty if nothing failed.
     */
    public List<String> errors() {
        Optional<String> ended = error();
        return inTurn(() -> {
            settle();
            List<String> errors = new ArrayList<>();
            taken(skipped).forEach(skip -> errors.add(skip.reason()));
            ended.ifPresent(errors::add);
            return errors;
        });
    }

    /**
     * The last 10,000 log messages of the function ({@link org.kapacitorudf.Context#logger}) and its agent, in the form
     * {@code WARN point: field "value": missing (expected: a number)}. Levels below INFO are included only if the
     * logging back end enables them. All messages are also forwarded to the back end.
     */
    public List<String> logs() {
        return log.lines();
    }

    // State

    /**
     * The function's state, as Kapacitor stores it; empty before the first snapshot.
     *
     * @throws StandInException if the handler fails to return its state; the real Kapacitor would then receive the last
     *     good snapshot again
     */
    public byte[] snapshot() {
        return answer(() -> {
            requireRunning("snapshot");
            byte[] snapshot = connection.host().snapshot();
            if (!thrown.isEmpty()) {
                throw failure(thrown.get(0).text());
            }
            return snapshot.clone();
        });
    }

    /**
     * Stops the handler and starts a new one from a snapshot, with the same options, as when a task is disabled and
     * enabled again. What the old handler emits while it stops is discarded.
     *
     * @param snapshot the result of {@link #snapshot} of this driver or another driver; empty for a start without state
     * @throws StandInException if the snapshot is rejected
     */
    public void restartFrom(byte[] snapshot) {
        turn(() -> {
            end("a restart");
            connection = connection();
            open(snapshot).ifPresent(error -> {
                throw failure("restart: " + error);
            });
        });
    }

    /** Ends the input, and discards what the handler still emits. */
    @Override
    public void close() {
        turn(() -> end("close"));
    }

    // Within a turn

    /** Creates a connection with a handler that has not been started. */
    private DriverConnection connection() {
        return new DriverConnection(clock, this::host, this::take);
    }

    /** Starts the handler of the connection; returns the error if that fails. */
    private Optional<String> open(byte[] snapshot) {
        errorCause = null;
        errorKnown = false;
        Optional<String> error = connection.host().start();
        if (error.isEmpty() && snapshot.length > 0) {
            error = connection.host().restore(snapshot.clone());
        }
        if (error.isPresent()) {
            endedBy = "a start that failed";
            connection.host().endInput();
        } else {
            endedBy = null;
            thrown.clear();
        }
        return error;
    }

    private HandlerHost host(Output output) {
        return HandlerHost.of(function, clock, output)
                .options(OptionMessages.given(init))
                .place(init.getTaskID(), init.getNodeID())
                .config(config)
                .nanoTime(clock::nanos)
                .logThrough(log::through)
                .onThrown((text, cause) ->
                        thrown.add(new DrivenHost.Thrown(text, connection.host().pointsIn(), cause)))
                .build();
    }

    private void send(Stream<Request> requests) {
        connection.send(requests.toList());
    }

    private void end(String by) {
        endedBy = by;
        discarding = true;
        try {
            connection.host().endInput();
        } finally {
            discarding = false;
        }
        settle();
        throwUnknownError();
    }

    private void take(Response data) {
        if (discarding) {
            return;
        }
        switch (data.getMessageCase()) {
            case BEGIN -> begin = data.getBegin();
            case POINT -> (begin == null ? points : batchPoints).add(data.getPoint());
            default -> {
                if (begin != null) {
                    batches.add(new PointBatch(begin, batchPoints, data.getEnd()));
                }
                begin = null;
                batchPoints.clear();
            }
        }
    }

    /** Runs the given work, and rejects any other call until it is done. */
    private <T> T inTurn(Supplier<T> work) {
        Thread me = Thread.currentThread();
        if (!caller.compareAndSet(null, me)) {
            throw new IllegalStateException("thread: " + me.getName() + ", while another call is in progress"
                    + " (expected: one thread at a time, and none of the handler's calls)");
        }
        try {
            return work.get();
        } finally {
            caller.compareAndSet(me, null);
        }
    }

    private void turn(Runnable work) {
        answer(() -> {
            work.run();
            return null;
        });
    }

    private <T> T answer(Supplier<T> work) {
        return inTurn(() -> {
            connection.host().readOn();
            throwUnknownError();
            T answer = work.get();
            settle();
            return answer;
        });
    }

    /** Separates skips from the error that has ended the task. Exceptions from {@code stop} are ignored from now on. */
    private void settle() {
        for (DrivenHost.Thrown next : thrown) {
            if (errorCause == null) {
                if (next.cause() == connection.host().errorCause()) {
                    errorCause = next.cause();
                } else {
                    skipped.add(next.skip());
                }
            }
        }
        thrown.clear();
    }

    private void throwUnknownError() {
        if (connection.host().error().isPresent() && !errorKnown) {
            errorKnown = true;
            throw new StandInException(
                    "the function has failed: " + connection.host().error().get(), errorCause);
        }
    }

    private StandInException failure(String text) {
        Throwable cause = thrown.isEmpty() ? null : thrown.get(0).cause();
        thrown.clear();
        return new StandInException(text, cause);
    }

    private void requireRunning(String call) {
        connection.host().error().ifPresent(error -> {
            throw new IllegalStateException(
                    call + ": after the function has failed (expected: before, or restartFrom): " + error);
        });
        if (endedBy != null) {
            throw new IllegalStateException(call + ": after " + endedBy + " (expected: before, or restartFrom)");
        }
    }

    private void requireWanted(String call, EdgeType edge, String other) {
        if (function.description().wants() != edge) {
            throw new IllegalStateException(call + " (expected: " + other + ", for " + function.description() + ")");
        }
    }

    private void requireProvided(String call, EdgeType edge, String other) {
        if (function.description().provides() != edge) {
            throw new IllegalStateException(call + " (expected: " + other + ", for " + function.description() + ")");
        }
    }

    // Text

    private Points grouped(String... lines) {
        return Points.of(parsed(lines)).groupBy(dimensions);
    }

    private static List<Point> parsed(String... lines) {
        return Stream.of(lines)
                .flatMap(line -> LineProtocol.parseAll(line).stream())
                .toList();
    }

    private List<PointDiff.Line> expectedLines(String... texts) {
        List<PointDiff.Line> lines = new ArrayList<>();
        boolean batches = function.description().provides() == EdgeType.BATCH;
        for (String text : texts) {
            StringBuilder points = new StringBuilder();
            for (String line : text.split("\n", -1)) {
                if (batches && HEAD.matcher(line.strip()).matches()) {
                    LineProtocol.parseAll(points.toString()).forEach(point -> lines.add(PointDiff.Line.of(point)));
                    points.setLength(0);
                    lines.add(PointDiff.Line.ofHead(line.strip()));
                } else {
                    points.append(line).append('\n');
                }
            }
            LineProtocol.parseAll(points.toString()).forEach(point -> lines.add(PointDiff.Line.of(point)));
        }
        return lines;
    }

    private static List<PointDiff.Line> linesOf(List<PointBatch> batches) {
        List<PointDiff.Line> lines = new ArrayList<>();
        for (PointBatch batch : batches) {
            lines.add(PointDiff.Line.ofHead(batch.head()));
            for (Point point : batch.points()) {
                lines.add(PointDiff.Line.of(
                        point.toBuilder().setName(batch.end().getName()).build()));
            }
        }
        return lines;
    }

    private static <T> List<T> taken(List<T> all) {
        List<T> taken = List.copyOf(all);
        all.clear();
        return taken;
    }

    /**
     * Builds a driver.
     *
     * <p>Threading: one thread.
     */
    public static final class Builder {
        private final Udf udf;
        private final List<Option> options = new ArrayList<>();
        private String[] dimensions = {};
        private AgentConfig config = AgentConfig.defaults();
        private String taskId = "task";
        private @Nullable String nodeId;
        private @Nullable Instant startAt;
        private double tolerance;

        private Builder(Udf udf) {
            this.udf = Objects.requireNonNull(udf, "udf");
        }

        /**
         * Sets an option, as {@code .name(arguments)} does in a TICKscript. Call this method several times for a
         * repeated option.
         *
         * @param arguments as for {@link Options#of}
         */
        public Builder option(String name, Object... arguments) {
            options.add(Options.of(name, arguments));
            return this;
        }

        /** Groups the given lines by tags; by default all lines are one group. */
        public Builder groupBy(String... tags) {
            dimensions = tags.clone();
            return this;
        }

        /** Sets the name of the task; {@code task} by default. */
        public Builder task(String id) {
            taskId = Objects.requireNonNull(id, "id");
            return this;
        }

        /**
         * Sets the name of the node in the task; by default the function's name followed by 2, as Kapacitor names the
         * second node.
         */
        public Builder node(String id) {
            nodeId = Objects.requireNonNull(id, "id");
            return this;
        }

        /**
         * Sets the agent's limits and policies; by default, {@link AgentConfig#defaults}. Of the durations, only
         * {@code maxEventTimeAhead} has an effect.
         */
        public Builder config(AgentConfig agentConfig) {
            config = Objects.requireNonNull(agentConfig, "agentConfig");
            return this;
        }

        /** Sets the initial wall time; the real time by default. */
        public Builder startAt(Instant time) {
            startAt = Objects.requireNonNull(time, "time");
            return this;
        }

        /** Sets how far a double may be from the value given to {@link UdfDriver#expect}; 0 by default. */
        public Builder tolerance(double difference) {
            if (!(difference >= 0)) {
                throw new IllegalArgumentException("difference: " + difference + " (expected: >= 0)");
            }
            tolerance = difference;
            return this;
        }

        /**
         * Starts the handler.
         *
         * @throws StandInException if the start fails; its message contains the text that the task's owner would see
         */
        public UdfDriver start() {
            UdfDriver driver = new UdfDriver(this);
            driver.inTurn(() -> driver.open(NO_SNAPSHOT)).ifPresent(error -> {
                throw driver.failure("start: " + error);
            });
            return driver;
        }

        /**
         * Starts a handler that is expected to refuse to start, and returns the text that the task's owner would see.
         *
         * @throws StandInException if the handler starts
         */
        public String startError() {
            UdfDriver driver = new UdfDriver(this);
            Optional<String> error = driver.inTurn(() -> driver.open(NO_SNAPSHOT));
            driver.close();
            return error.orElseThrow(() -> new StandInException("start: succeeded (expected: an error)"));
        }
    }
}
