package org.kapacitorudf.server.call;

import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.kapacitorudf.EdgeType;
import org.kapacitorudf.Point;
import org.kapacitorudf.Udf;
import org.kapacitorudf.agent.AgentConfig;
import org.kapacitorudf.client.Options;
import org.kapacitorudf.client.StandInException;
import org.kapacitorudf.internal.line.Grouping;
import org.kapacitorudf.internal.line.LineWriter;
import org.kapacitorudf.internal.line.OptionAccess;
import org.kapacitorudf.option.Option;
import org.kapacitorudf.option.OptionValues;
import org.kapacitorudf.server.call.WindowBatches.Complete;
import org.kapacitorudf.testkit.EncodedDriver;
import org.kapacitorudf.testkit.UdfDriver;

/**
 * Calls a function with the points of an input, and writes the results.
 *
 * <p>The function runs in this process, with the real agent, in the thread that calls {@link #run}.
 *
 * <p>The function's wall clock follows the data as if it had arrived live: it starts at the time of the first point,
 * and advances to the latest time of the points so far, but never beyond the real time. Timers run as the clock
 * advances. At a gap of more than a day, the clock advances by one day, and then jumps to the end of the gap without
 * running timers. If {@link Settings#live} is set, the real clock is used.
 *
 * <p>Threading: one thread calls {@link #run}; any thread may call {@link #stop}.
 *
 * <p>Errors: {@link CallException}, thrown after the results of earlier points have been written.
 */
public final class Call {
    private static final OptionAccess<Option<?>, OptionValues> OPTIONS = OptionAccess.of(OptionValues.class);

    /**
     * The function to call, and its settings.
     *
     * @param options the options in the form that {@link OptionAccess#fromText} parses
     * @param dimensions the tags to group by; {@code *} for all of them
     * @param window the length of time windows; null for none
     * @param batchPoints the number of points per batch; 0 for none
     * @param maxWaitingPoints the maximum number of points in incomplete batches
     * @param live whether the function's wall clock is the real clock
     * @param answers receive the points; if empty, the results are written to the output
     * @param savesState whether {@link Call#state} returns the state at the end of the input
     */
    public record Settings(
            Udf udf,
            List<String> options,
            AgentConfig config,
            List<String> dimensions,
            @Nullable Duration window,
            int batchPoints,
            int maxWaitingPoints,
            boolean live,
            List<Answers> answers,
            boolean savesState) {
        /** The grouping that input points must already have. */
        public Grouping grouping() {
            return dimensions.contains(ALL) ? Grouping.ALL : Grouping.by(dimensions);
        }
    }

    /** Stands for all tags in {@link Settings#dimensions}. */
    public static final String ALL = "*";

    private static final String FIELD_OPTION = "field=";
    private static final byte[] NO_STATE = {};
    private static final Duration LONGEST_STEP = Duration.ofDays(1);
    private static final Duration TICK = Duration.ofMillis(100);
    private static final int REASONS_SHOWN = 5;
    private static final int FIELDS_LOOKED_AT = 1_000;
    private static final int WRITTEN_AT_ONCE_BYTES = 64 * 1024;

    private final Settings settings;
    private final PrintStream out;
    private final Consumer<String> notes;
    private final LongConsumer progress;
    private final BadLines badLines;
    private final WindowBatches batches;
    private final Hints hints;
    private final LineWriter text = new LineWriter();
    private final Set<String> reasons = new LinkedHashSet<>();
    private final Set<String> unseenDimensions;
    private final Set<String> dimensionsThatAreFields = new LinkedHashSet<>();
    private final String name;
    private final boolean wantsStream;
    private @Nullable EncodedDriver driver;
    private boolean clockSet;
    private long clockNanos; // the latest time of the driver's clock; not used if the clock is real
    private Instant realTime = Instant.now();
    private long pointsIn;
    private long pointsOut;
    private long skipped;
    private long nonFinite;
    private Map<String, Long> counted = Map.of();
    private byte[] state = NO_STATE;
    private long[] lines = {}; // the line numbers of the points in the current chunk
    private long pointsBefore; // the number of points before the current chunk
    private volatile boolean stopped;

    /**
     * @param notes receives messages for the user in addition to the results, one line each
     * @param progress receives the number of handled points, many times per second
     * @param badLines handles lines that are not points
     */
    public Call(Settings settings, PrintStream out, Consumer<String> notes, LongConsumer progress, BadLines badLines) {
        this.settings = settings;
        this.out = out;
        this.notes = notes;
        this.progress = progress;
        this.badLines = badLines;
        this.name = settings.udf.describe().name();
        this.wantsStream = settings.udf.describe().wants() == EdgeType.STREAM;
        this.unseenDimensions = new LinkedHashSet<>(settings.dimensions);
        unseenDimensions.remove(ALL);
        this.hints = new Hints(givenField(settings.options));
        this.batches = WindowBatches.of(settings.window, settings.batchPoints, settings.maxWaitingPoints);
    }

    /** The value of the option {@code field}, if the option is given. */
    public static Optional<String> givenField(List<String> options) {
        return options.stream()
                .filter(option -> option.startsWith(FIELD_OPTION))
                .map(option -> option.substring(FIELD_OPTION.length()))
                .findFirst();
    }

    /**
     * Starts the function, and runs it until the input ends or {@link #stop} is called.
     *
     * @param source points that already have their {@linkplain Settings#grouping groups}
     */
    public void run(PointSource source) {
        start();
        try {
            RuntimeException end = handle(new Input(source, badLines));
            if (end != Input.ENDED) {
                throw new CallException(CallException.Kind.INPUT, end.getMessage());
            }
            int waiting = batches.waiting();
            if (batches.isUsed()) {
                give(batches.rest());
            }
            if (settings.savesState) {
                state = driver().snapshot();
            }
            driver().endOfInput();
            write();
            hints.told(pointsOut == 0, waiting).forEach(hint -> notes.accept(name + ": " + hint));
        } catch (StandInException e) {
            writeWhatIsThere(e);
            throw new CallException(CallException.Kind.FAILED, e.getMessage());
        } catch (CallException e) {
            write();
            throw e;
        } finally {
            tellSkipped();
            tellUnseenDimensions();
            close();
        }
    }

    /**
     * The function's state after the last point, as a snapshot; empty if the function has no state, or
     * {@link Settings#savesState} is not set.
     */
    public byte[] state() {
        return state;
    }

    private void close() {
        try {
            driver().close();
        } catch (StandInException e) {
            // The call has already failed, so a further error is of no interest.
        }
    }

    /** Ends the call as if the input had ended. Points that have not been passed to the function yet are dropped. */
    public void stop() {
        stopped = true;
    }

    /**
     * Writes the results so far. Called when the function has called {@code System.exit} inside {@link #run}, which
     * will then never return.
     */
    public void abandon() {
        if (driver != null) {
            driver.abandonCall();
            write();
            tellSkipped();
        }
    }

    /** The driver of the function, which must have been started. */
    private EncodedDriver driver() {
        EncodedDriver current = driver;
        if (current == null) {
            throw new IllegalStateException("function: not started (expected: started)");
        }
        return current;
    }

    private void start() {
        realTime = Instant.now();
        List<org.kapacitorudf.proto.Option> given =
                OPTIONS.fromText(settings.udf.describe().options(), settings.options).stream()
                        .map(option ->
                                Options.of(option.name(), option.arguments().toArray()))
                        .toList();
        try {
            driver = EncodedDriver.start(settings.udf, "call", given, settings.config, realTime, new Written());
        } catch (StandInException e) {
            throw new CallException(CallException.Kind.REFUSED, e.getMessage());
        }
    }

    /** Writes the function's output. */
    private final class Written implements EncodedDriver.Receiver {
        @Override
        public void point(byte[] bytes, int from, int to) {
            pointsOut++;
            if (settings.answers.isEmpty()) {
                text.point(bytes, from, to).lineBreak();
                return;
            }
            Point point = Point.decode(Arrays.copyOfRange(bytes, from, to));
            settings.answers.forEach(answers -> answers.out(point));
        }

        @Override
        public void batch(String batch, Map<String, String> tags, boolean byName, long tmaxNanos, List<byte[]> points) {
            text.text("# batch " + LineWriter.series(batch, tags) + (byName ? " by measurement until " : " until ")
                            + tmaxNanos)
                    .lineBreak();
            points.forEach(point -> text.point(batch, point, 0, point.length).lineBreak());
            pointsOut += points.size();
        }
    }

    /**
     * Passes the input to the function. Returns {@link Input#ENDED}, or the reason why the input cannot be read
     * further.
     */
    private RuntimeException handle(Input input) {
        while (!stopped) {
            Optional<Input.Chunk> chunk;
            try {
                chunk = input.next(TICK);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return Input.ENDED;
            }
            if (settings.live) {
                Instant now = Instant.now();
                driver().advance(Duration.between(realTime, max(realTime, now)));
                realTime = max(realTime, now);
            }
            if (chunk.isPresent()) {
                List<Point> points = chunk.get().points();
                lines = chunk.get().lines();
                pointsBefore = pointsIn;
                points.forEach(this::look);
                give(chunk.get());
                progress.accept(pointsIn);
                if (chunk.get().end() != null) {
                    return chunk.get().end();
                }
            }
            write();
        }
        return Input.ENDED;
    }

    private void look(Point point) {
        pointsIn++;
        hints.in(point);
        if (!unseenDimensions.isEmpty()) {
            unseenDimensions.removeIf(dimension -> point.tag(dimension).isPresent());
            if (pointsIn <= FIELDS_LOOKED_AT) {
                unseenDimensions.stream()
                        .filter(dimension -> point.field(dimension).isPresent())
                        .forEach(dimensionsThatAreFields::add);
            }
        }
        for (Answers answers : settings.answers) {
            answers.in(point);
        }
    }

    private void give(Input.Chunk chunk) {
        if (!chunk.batches().isEmpty() && wantsStream) {
            throw new CallException(
                    CallException.Kind.INPUT,
                    "a recording of batches (expected: points, because " + name + " takes a stream)");
        }
        chunk.batches().forEach(batch -> give(List.of(new Complete(batch, 0, 0))));
        if (batches.isUsed()) {
            for (int i = 0; i < chunk.points().size(); i++) {
                batches.add(chunk.points().get(i), lines[i]).ifPresent(complete -> give(List.of(complete)));
            }
            return;
        }
        // Passes points with the same time together, because timers may be due between two times.
        long last = Long.MAX_VALUE;
        for (Point point : chunk.points()) {
            long time = point.timeNanos();
            if (!settings.live && time > last) {
                driver().run();
                writeMuch();
            }
            if (!settings.live && (last == Long.MAX_VALUE || time > last)) {
                follow(time);
                last = time;
            }
            driver().add(point);
        }
        driver().run();
    }

    private void give(List<Complete> complete) {
        for (Complete next : complete) {
            if (!settings.live) {
                follow(next.batch().tmaxNanos());
            }
            driver().add(next.batch());
            driver().run();
            takeSkipped(
                    next.lastLine() == 0
                            ? ""
                            : next.firstLine() == next.lastLine()
                                    ? "line " + next.lastLine() + ": "
                                    : "lines " + next.firstLine() + " to " + next.lastLine() + ": ");
            writeMuch();
        }
    }

    /** Advances the clock to the time of the data. */
    private void follow(long timeNanos) {
        if (clockSet && timeNanos <= clockNanos) {
            return;
        }
        Instant time = Instant.ofEpochSecond(0, timeNanos);
        if (!clockSet) {
            clockSet = true;
            driver().setClock(min(time, realTime));
        } else {
            Instant before = driver().now();
            Duration gap = Duration.between(before, min(time, max(before, realTime)));
            driver().advance(min(gap, LONGEST_STEP));
            if (gap.compareTo(LONGEST_STEP) > 0) {
                driver().setClock(before.plus(gap));
            }
        }
        Instant clock = driver().now();
        clockNanos = TimeUnit.SECONDS.toNanos(clock.getEpochSecond()) + clock.getNano();
    }

    private void writeMuch() {
        if (text.size() >= WRITTEN_AT_ONCE_BYTES) {
            writeText();
        }
    }

    private void write() {
        takeSkipped("");
        writeText();
        if (out.checkError()) {
            throw new CallException(CallException.Kind.OUTPUT_GONE, "the reader of the output has closed it");
        }
    }

    private void writeText() {
        if (text.size() > 0) {
            try {
                text.drainTo(out);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            out.flush();
        }
    }

    /** Writes the results that were emitted before a failure. */
    private void writeWhatIsThere(StandInException failure) {
        try {
            write();
        } catch (StandInException e) {
            // The function has violated the protocol, so its remaining output cannot be read.
            failure.addSuppressed(e);
        }
    }

    /**
     * Reports the data that the function has skipped.
     *
     * @param where the beginning of each message, which gives the input lines; empty to determine it for each message
     */
    private void takeSkipped(String where) {
        nonFinite = driver().nonFinite();
        counted = driver().counters();
        for (UdfDriver.Skip skip : driver().skips()) {
            skipped++;
            if (reasons.size() < REASONS_SHOWN && reasons.add(skip.reason())) {
                notes.accept(name + ": skipped: " + (where.isEmpty() ? where(skip) : where) + skip.reason());
            }
        }
    }

    /**
     * Returns the beginning of a message about skipped data, which gives an input line number: the line of the skipped
     * point or, if a timer failed, of the last point before the failure. Empty if the line is unknown.
     */
    private String where(UdfDriver.Skip skip) {
        long index = skip.point() - pointsBefore - 1;
        if (batches.isUsed() || index < 0 || index >= lines.length || lines[(int) index] == 0) {
            return "";
        }
        return (skip.reason().startsWith("point:") ? "line " : "after line ") + lines[(int) index] + ": ";
    }

    private void tellSkipped() {
        if (skipped > 0) {
            notes.accept(format("%s: %,d skipped; points in %,d, out %,d", name, skipped, pointsIn, pointsOut));
        }
        if (nonFinite > 0) {
            notes.accept(format("%s: %,d values were not finite: see --non-finite", name, nonFinite));
        }
        if (!counted.isEmpty()) {
            notes.accept(name + ": counted: "
                    + counted.entrySet().stream()
                            .map(count -> count.getKey() + format(" %,d", count.getValue()))
                            .collect(Collectors.joining(", ")));
        }
        if (batches.late() > 0) {
            notes.accept(format(
                    "%s: %,d points arrived after the end of their window and were dropped", name, batches.late()));
        }
        badLines.summary().ifPresent(notes);
    }

    private void tellUnseenDimensions() {
        if (pointsIn > 0) {
            unseenDimensions.forEach(tag -> notes.accept("group-by: " + tag + ": no point has this tag"
                    + (dimensionsThatAreFields.contains(tag)
                            ? "; there is a field of this name (of CSV: --tag-columns " + tag + ")"
                            : "")));
        }
    }

    private static String format(String format, Object... values) {
        return String.format(Locale.ROOT, format, values);
    }

    private static <T extends Comparable<T>> T min(T one, T other) {
        return one.compareTo(other) <= 0 ? one : other;
    }

    private static <T extends Comparable<T>> T max(T one, T other) {
        return one.compareTo(other) >= 0 ? one : other;
    }
}
