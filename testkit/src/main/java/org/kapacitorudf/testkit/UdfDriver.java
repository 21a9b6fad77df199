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
 * Drives one function, call by call, in the thread of a test: no Kapacitor, no socket, no waiting.
 *
 * <pre>{@code
 * var driver = UdfDriver.of(new MovingAverage()).option("field", "value").option("size", 2).start();
 * driver.pipe("cpu,host=a value=1 0", "cpu,host=a value=2 1", "cpu,host=a value=5 2");
 * driver.expect("cpu,host=a avg=1 0", "cpu,host=a avg=1.5 1", "cpu,host=a avg=3.5 2");
 * }</pre>
 *
 * <p>What goes in and comes out is encoded as in the protocol. The handler's host is the agent's, which checks the options,
 * guards the output and keeps the state; what comes out is held against what Kapacitor demands. There is no connection:
 * messages on the wire, keepalives and the limits on how long a call may take are for a {@link Kapacitor}. A call returns
 * when the handler has handled what it was given.
 *
 * <p>Time is virtual: it stands still but for {@link #advance}, which runs the timers that become due, each at its time.
 * What is due at once runs before a call returns. Timers that are set in {@code create} begin as with a Kapacitor: with a
 * snapshot at once, else with the first data or after a second.
 *
 * <p>Closing it ends the input and lets the handler stop. A test that does not care may leave it open: it holds nothing.
 *
 * <p>Threading: any thread, but one at a time; the handler is called in the same thread. What threads of the handler's
 * own have emitted is there at the next call; more than {@link AgentConfig#outputBufferBytes()} of it waits for that.
 *
 * <p>Errors: when the function fails, the next call throws a {@link StandInException} that says why, with what the
 * handler has thrown as its cause; unless {@link #error()} has asked for it. A snapshot that fails throws at once.
 * Points that are {@linkplain org.kapacitorudf.errors.FieldException skipped} are no failure: {@link #skipped()} has them. Lines
 * that cannot be read are an {@link IllegalArgumentException}, calls that make no sense an {@link IllegalStateException}.
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
    private BeginBatch begin;
    private boolean discarding;

    private final List<Thrown> thrown = new ArrayList<>();
    private final List<Skip> skipped = new ArrayList<>();
    private Throwable errorCause;
    private boolean errorKnown;
    private String endedBy;

    /** What a call of the handler has thrown in this turn, with the text that the agent has made of it. */
    private record Thrown(String text, long point, Throwable cause) {
        private Skip skip() {
            return new Skip(text, point);
        }
    }

    /**
     * Something that was skipped.
     *
     * @param reason as {@link #skipped()} has it
     * @param point the number of the point that the call was given, or that was given last before it, counted from 1 since the start
     *     or {@link #restartFrom}; 0 for none
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
    }

    /** Sets up a driver: {@code UdfDriver.of(udf)...start()}. */
    public static Builder of(Udf udf) {
        return new Builder(udf);
    }

    // What goes in

    /**
     * Gives points to a function that wants a stream.
     *
     * @param lines {@linkplain LineProtocol line protocol}; grouped as the {@linkplain Builder#groupBy builder} says
     */
    public void pipe(String... lines) {
        pipe(grouped(lines));
    }

    /** Gives points to a function that wants a stream, as they are. */
    public void pipe(Iterable<Point> points) {
        turn(() -> {
            requireRunning("pipe");
            requireWanted("pipe", EdgeType.STREAM, "pipeBatch");
            send(StreamSupport.stream(points.spliterator(), false).map(Frames::request));
        });
    }

    /**
     * Gives batches to a function that wants them: one for each group, in the order in which the groups first occur. A
     * batch's time is that of its last point.
     *
     * @param lines {@linkplain LineProtocol line protocol}; grouped as the {@linkplain Builder#groupBy builder} says
     */
    public void pipeBatch(String... lines) {
        pipeBatch(grouped(lines));
    }

    /** Gives batches to a function that wants them: one for each group of the points. */
    public void pipeBatch(Points points) {
        pipeBatch(points.batches().toArray(PointBatch[]::new));
    }

    /**
     * Gives one batch, which may be empty, to a function that wants batches.
     *
     * <pre>{@code
     * driver.pipeBatch("cpu,host=a", 20, "cpu,host=a,core=0 value=1 0", "cpu,host=a,core=1 value=2 1");
     * driver.pipeBatch("cpu,host=a", 40);
     * }</pre>
     *
     * @param series the batch's name and tags
     * @param tmaxNanos the batch's time
     * @param lines {@linkplain LineProtocol line protocol}: points with the batch's name, its tags and maybe more
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

    /** Gives batches to a function that wants them, as they are. */
    public void pipeBatch(PointBatch... batches) {
        turn(() -> {
            requireRunning("pipeBatch");
            requireWanted("pipeBatch", EdgeType.BATCH, "pipe");
            send(Stream.of(batches).flatMap(batch -> batch.requests().stream()));
        });
    }

    /** Lets wall time pass, and runs the timers that become due, each at its time. Event time is the data's: {@link #pipe} moves it. */
    public void advance(Duration duration) {
        if (duration.isNegative()) {
            throw new IllegalArgumentException("duration: " + duration + " (expected: >= 0)");
        }
        turn(() -> {
            requireRunning("advance");
            connection.host().advance(duration.toNanos());
        });
    }

    /** Sets the wall clock, forward or back, as who corrects it: no time passes, and no timer runs by that. */
    public void setClock(Instant time) {
        clock.set(Objects.requireNonNull(time, "time"));
    }

    /** The time on the wall clock of the function. */
    public Instant now() {
        return clock.instant();
    }

    /** Ends the input, as when a task stops in order: the handler stops, and may still emit. */
    public void endOfInput() {
        turn(() -> {
            requireRunning("endOfInput");
            endedBy = "the end of the input";
            connection.host().endInput();
        });
    }

    /**
     * Takes the place of a thread that will never come back from a call of the handler, because that has called {@link System#exit}: what was emitted until then can
     * be read. Nothing else can be done with the driver afterwards.
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
     * What has come since this or its like last read it, as {@linkplain LineProtocol line protocol}.
     *
     * <pre>
     *   cpu,host=a avg=1.5 1                a point
     *
     *   batch cpu,host=a until 20           a batch: its name, tags and time,
     *   cpu,core=0,host=a value=99.0 7      then its points
     * </pre>
     *
     * Of a batch that is grouped by measurement: {@code batch cpu,host=a by measurement until 20}.
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
     * As {@link #read}, and holds it against what is expected, point by point: the order of tags and of fields does not
     * matter, and {@code avg=1} is {@code avg=1.0}. Without lines, nothing is expected.
     *
     * @param lines as {@link #read} gives them; each may be a text of any number of lines
     * @throws AssertionError that says which lines differ, and in which fields, which are missing, which unexpected
     */
    public void expect(String... lines) {
        expectLines(expectedLines(lines));
    }

    /** As {@link #expect(String...)}, of a function that provides a stream. */
    public void expect(Iterable<Point> points) {
        requireProvided("expect", EdgeType.STREAM, "expectBatches");
        List<PointDiff.Line> lines = new ArrayList<>();
        points.forEach(point -> lines.add(PointDiff.Line.of(point)));
        expectLines(lines);
    }

    /** As {@link #expect(String...)}, of a function that provides batches. */
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

    /** As {@link #read}, of a function that provides a stream: the points. */
    public List<Point> readPoints() {
        return answer(() -> {
            requireProvided("readPoints", EdgeType.STREAM, "readBatches");
            return taken(points);
        });
    }

    /** As {@link #read}, of a function that provides batches: these. */
    public List<PointBatch> readBatches() {
        return answer(() -> {
            requireProvided("readBatches", EdgeType.BATCH, "readPoints");
            return taken(batches);
        });
    }

    /**
     * Why points or batches were skipped, or a handler was restarted, since the last call of this method: {@code point:
     * field "value": missing (expected: a number)}. The task goes on after each of these. See {@link #errors} for these
     * and the error that ended the task.
     */
    public List<String> skipped() {
        return skips().stream().map(Skip::reason).toList();
    }

    /** As {@link #skipped()}, with the point at which each happened. */
    public List<Skip> skips() {
        return answer(() -> taken(skipped));
    }

    /**
     * What the function has counted with {@link org.kapacitorudf.Context#counter}, by name, since the start or
     * {@link #restartFrom}.
     */
    public Map<String, Long> counters() {
        return answer(connection.host()::counters);
    }

    /**
     * How many values were not finite in fields that the function has made, since the start or {@link #restartFrom}, see
     * {@link NonFinite}.
     */
    public long nonFinite() {
        return answer(connection.host()::nonFinite);
    }

    /**
     * How often the handler has been replaced by a new one after a failure, see {@link FailurePolicy#RESTART}, since
     * the start or {@link #restartFrom}. {@link #skipped()} says why.
     */
    public int restarts() {
        return answer(connection.host()::restarts);
    }

    /**
     * The error that has ended the task, in the words that Kapacitor shows, if there is one. No other call throws because
     * of it then.
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
     * Everything that went wrong since the last call of this method: what {@link #skipped} returns, then the {@linkplain
     * #error() error} that ended the task, if any. Empty if nothing went wrong.
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
     * What the function has logged with {@link org.kapacitorudf.Context#logger}, and what its agent has, a text for each,
     * the last 10,000: {@code WARN point: field "value": missing (expected: a number)}. Below INFO, only what the logging
     * back end wants. It is passed on to that, too.
     */
    public List<String> logs() {
        return log.lines();
    }

    // State

    /**
     * The function's state, as Kapacitor keeps it: empty when there is none, or not yet.
     *
     * @throws StandInException if the handler fails to give it; Kapacitor would be given the last good one again
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
     * Stops the handler and starts a new one from a snapshot, with the same options: what happens when a task is disabled
     * and enabled again. What the old one emits while it stops is thrown away.
     *
     * @param snapshot what {@link #snapshot} gave, of this driver or of another one; empty for a fresh start
     * @throws StandInException if the snapshot is refused
     */
    public void restartFrom(byte[] snapshot) {
        turn(() -> {
            end("a restart");
            open(snapshot).ifPresent(error -> {
                throw failure("restart: " + error);
            });
        });
    }

    /** Ends the input, and throws away what the handler still emits. */
    @Override
    public void close() {
        turn(() -> end("close"));
    }

    // Within a turn

    /** Starts a handler; gives the error if that fails. */
    private Optional<String> open(byte[] snapshot) {
        connection = new DriverConnection(clock, this::host, this::take);
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
                        thrown.add(new Thrown(text, connection.host().pointsIn(), cause)))
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
                batches.add(new PointBatch(begin, batchPoints, data.getEnd()));
                begin = null;
                batchPoints.clear();
            }
        }
    }

    /** Lets one thread in at a time. */
    private <T> T inTurn(Supplier<T> work) {
        Thread me = Thread.currentThread();
        if (!caller.compareAndSet(null, me)) {
            throw new IllegalStateException("thread: " + me.getName() + ", while another call is going on"
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

    /** Tells what was skipped from what has ended the task; what {@code stop} throws after that is of no interest. */
    private void settle() {
        Optional<String> error = connection.host().error();
        for (Thrown next : thrown) {
            if (error.isEmpty()) {
                skipped.add(next.skip());
            } else if (errorCause == null) {
                if (error.get().endsWith(next.text())) {
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

    // Texts

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
     * Sets up a driver.
     *
     * <p>Threading: one thread.
     */
    public static final class Builder {
        private final Udf udf;
        private final List<Option> options = new ArrayList<>();
        private String[] dimensions = {};
        private AgentConfig config = AgentConfig.defaults();
        private String taskId = "task";
        private String nodeId;
        private Instant startAt;
        private double tolerance;

        private Builder(Udf udf) {
            this.udf = Objects.requireNonNull(udf, "udf");
        }

        /**
         * Sets an option, as {@code .name(arguments)} does in a TICKscript; several times for one that may be repeated.
         *
         * @param arguments as {@link Options#of} takes them
         */
        public Builder option(String name, Object... arguments) {
            options.add(Options.of(name, arguments));
            return this;
        }

        /** Groups what is given as lines by some tags; if not set, all is one group. */
        public Builder groupBy(String... tags) {
            dimensions = tags.clone();
            return this;
        }

        /** The task's name; {@code task} if not set. */
        public Builder task(String id) {
            taskId = Objects.requireNonNull(id, "id");
            return this;
        }

        /** The node's name in the task; the function's with a 2 if not set, as Kapacitor names the second node. */
        public Builder node(String id) {
            nodeId = Objects.requireNonNull(id, "id");
            return this;
        }

        /** The agent's limits, and what it does about errors; the defaults if not set. Of its durations, only {@code maxEventTimeAhead} has an effect. */
        public Builder config(AgentConfig agentConfig) {
            config = Objects.requireNonNull(agentConfig, "agentConfig");
            return this;
        }

        /** The wall time at which it starts; the real one if not set. */
        public Builder startAt(Instant time) {
            startAt = Objects.requireNonNull(time, "time");
            return this;
        }

        /** How far a double may be from what {@link UdfDriver#expect} is given; 0 if not set. */
        public Builder tolerance(double difference) {
            if (!(difference >= 0)) {
                throw new IllegalArgumentException("difference: " + difference + " (expected: >= 0)");
            }
            tolerance = difference;
            return this;
        }

        /**
         * Starts a handler.
         *
         * @throws StandInException if that fails, with the text that the task's owner would read
         */
        public UdfDriver start() {
            UdfDriver driver = new UdfDriver(this);
            driver.inTurn(() -> driver.open(NO_SNAPSHOT)).ifPresent(error -> {
                throw driver.failure("start: " + error);
            });
            return driver;
        }

        /**
         * Starts a handler that is expected to refuse: gives the text that the task's owner would read.
         *
         * @throws StandInException if it starts
         */
        public String startError() {
            UdfDriver driver = new UdfDriver(this);
            Optional<String> error = driver.inTurn(() -> driver.open(NO_SNAPSHOT));
            driver.close();
            return error.orElseThrow(() -> new StandInException("start: it went well (expected: an error)"));
        }
    }
}
