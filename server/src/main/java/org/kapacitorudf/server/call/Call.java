package org.kapacitorudf.server.call;

import java.io.PrintStream;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import java.util.stream.Collectors;
import org.kapacitorudf.EdgeType;
import org.kapacitorudf.Udf;
import org.kapacitorudf.agent.AgentConfig;
import org.kapacitorudf.client.LineProtocol;
import org.kapacitorudf.client.LineReader;
import org.kapacitorudf.client.PointBatch;
import org.kapacitorudf.client.Points;
import org.kapacitorudf.client.StandInException;
import org.kapacitorudf.option.OptionValues;
import org.kapacitorudf.proto.Point;
import org.kapacitorudf.testkit.UdfDriver;

/**
 * Calls a function with the points of an input, and writes what it answers.
 *
 * <p>The function runs in this process, with the real agent around it, in the thread that {@linkplain #run calls}.
 *
 * <p>Its clock on the wall follows the data, as if that had come live: from the first point's time on, to the highest so far, never beyond the real time.
 * Timers run on the way; over a gap of more than a day the clock is set. With {@link Settings#live} it is the real clock.
 *
 * <p>Threading: one thread runs it; any thread may {@link #stop} it.
 *
 * <p>Errors: {@link CallException}. What was answered before has been written then.
 */
public final class Call {
    /**
     * What is called, and how.
     *
     * @param options as {@link OptionValues#fromText} reads them
     * @param dimensions the tags to group by; {@code *} for all of them
     * @param window of batches by time; null for none
     * @param batchPoints of batches by count; 0 for none
     * @param maxWaitingPoints how many points may wait for their batches to be complete
     * @param live whether the clock on the wall is the real one
     * @param answers what gets the answers in place of the output; empty for the output
     * @param savesState whether the state at the end of the input is wanted
     */
    public record Settings(
            Udf udf,
            List<String> options,
            AgentConfig config,
            List<String> dimensions,
            Duration window,
            int batchPoints,
            int maxWaitingPoints,
            boolean live,
            List<Answers> answers,
            boolean savesState) {}

    /** What the tags to group by are if it is all of them. */
    public static final String ALL = "*";

    private static final Duration LONGEST_STEP = Duration.ofDays(1);
    private static final Duration TICK = Duration.ofMillis(100);
    private static final int REASONS_SHOWN = 5;

    private final Settings settings;
    private final PrintStream out;
    private final Consumer<String> notes;
    private final LongConsumer progress;
    private final Batches batches;
    private final boolean givesBatches;
    private final Set<String> reasons = new LinkedHashSet<>();
    private final Set<String> unseenDimensions;
    private final String name;
    private UdfDriver driver;
    private boolean clockSet;
    private Instant realTime;
    private long pointsIn;
    private long pointsOut;
    private long skipped;
    private long nonFinite;
    private Map<String, Long> counted = Map.of();
    private byte[] state = {};
    private List<Long> lines = List.of(); // of the points that were given last, when they are given as they come
    private long pointsBefore; // how many were given before those
    private volatile boolean stopped;

    /**
     * @param notes given what a user should know besides the answers, a line each
     * @param progress given how many points have been handled, many times a second
     */
    public Call(Settings settings, PrintStream out, Consumer<String> notes, LongConsumer progress) {
        this.settings = settings;
        this.out = out;
        this.notes = notes;
        this.progress = progress;
        this.name = settings.udf.describe().name();
        this.unseenDimensions = new LinkedHashSet<>(settings.dimensions);
        unseenDimensions.remove(ALL);
        this.givesBatches = settings.udf.describe().provides() == EdgeType.BATCH;
        this.batches = settings.window != null
                ? Batches.byWindow(settings.window, settings.maxWaitingPoints)
                : settings.batchPoints > 0 ? Batches.byCount(settings.batchPoints, settings.maxWaitingPoints) : null;
    }

    /** Starts the function, and calls it until the input ends, or {@link #stop}. */
    public void run(LineReader lines) {
        start();
        try {
            RuntimeException end = handle(new Input(lines));
            if (end != Input.ENDED) {
                throw new CallException(CallException.Kind.INPUT, end.getMessage());
            }
            if (batches != null) {
                pipeBatches(batches.rest());
            }
            if (settings.savesState) {
                state = driver.snapshot();
            }
            driver.endOfInput();
            write();
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

    /** The function's state after the last point, as a snapshot; empty if it has none, or it was not wanted. */
    public byte[] state() {
        return state;
    }

    private void close() {
        try {
            driver.close();
        } catch (StandInException e) {
            // The call has failed already; what the function says when it stops because of that adds nothing.
        }
    }

    /** Ends the input here: what has been read is handled, what has been answered is written. */
    public void stop() {
        stopped = true;
    }

    /** The thread that runs this will never come back, because the function has called {@code System.exit} within a call: writes what was answered until then. */
    public void abandon() {
        if (driver != null) {
            driver.abandonCall();
            write();
            tellSkipped();
        }
    }

    private void start() {
        UdfDriver.Builder builder = UdfDriver.of(settings.udf).task("call").config(settings.config);
        OptionValues.fromText(settings.udf.describe().options(), settings.options)
                .forEach(given -> builder.option(given.name(), given.arguments().toArray()));
        try {
            driver = builder.start();
        } catch (StandInException e) {
            throw new CallException(CallException.Kind.REFUSED, e.getMessage().replaceFirst("^start: ", ""));
        }
        realTime = Instant.now();
    }

    /** Gives what comes to the function; gives why no more comes. */
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
                driver.advance(Duration.between(realTime, max(realTime, now)));
                realTime = max(realTime, now);
            }
            if (chunk.isPresent()) {
                List<Point> points = chunk.get().points();
                Points grouped = grouped(points);
                lines = chunk.get().lines();
                pointsBefore = pointsIn;
                for (Answers answers : settings.answers) {
                    grouped.forEach(answers::in);
                }
                pipe(grouped);
                pointsIn += points.size();
                progress.accept(pointsIn);
                if (chunk.get().end() != null) {
                    return chunk.get().end();
                }
            }
            write();
        }
        return Input.ENDED;
    }

    private Points grouped(List<Point> points) {
        Points all = Points.of(points);
        for (Point point : points) {
            if (unseenDimensions.isEmpty()) {
                break;
            }
            unseenDimensions.removeAll(point.getTagsMap().keySet());
        }
        if (settings.dimensions.contains(ALL)) {
            return all.groupByAll();
        }
        return settings.dimensions.isEmpty() ? all : all.groupBy(settings.dimensions.toArray(String[]::new));
    }

    private void pipe(Points points) {
        if (batches != null) {
            Iterator<Long> line = lines.iterator();
            for (Point point : points) {
                batches.add(point, line.next()).ifPresent(complete -> pipeBatches(List.of(complete)));
            }
            return;
        }
        if (settings.live) {
            driver.pipe(points);
            return;
        }
        // Those of one time together: between two times, timers may be due.
        List<Point> now = new ArrayList<>();
        for (Point point : points) {
            if (!now.isEmpty() && point.getTime() > now.get(0).getTime()) {
                pipeAt(now);
            }
            now.add(point);
        }
        if (!now.isEmpty()) {
            pipeAt(now);
        }
    }

    private void pipeAt(List<Point> points) {
        follow(points.get(0).getTime());
        driver.pipe(points);
        points.clear();
    }

    private void pipeBatches(List<Batches.Complete> complete) {
        for (Batches.Complete next : complete) {
            if (!settings.live) {
                follow(next.batch().end().getTmax());
            }
            driver.pipeBatch(next.batch());
            takeSkipped(
                    next.firstLine() == next.lastLine()
                            ? "line " + next.lastLine() + ": "
                            : "lines " + next.firstLine() + " to " + next.lastLine() + ": ");
        }
    }

    /** Lets the clock follow the data. */
    private void follow(long timeNanos) {
        Instant time = Instant.ofEpochSecond(0, timeNanos);
        if (!clockSet) {
            clockSet = true;
            driver.setClock(min(time, realTime));
            return;
        }
        Instant clock = driver.now();
        if (time.isAfter(clock)) {
            Duration gap = Duration.between(clock, min(time, max(clock, realTime)));
            driver.advance(min(gap, LONGEST_STEP));
            if (gap.compareTo(LONGEST_STEP) > 0) {
                driver.setClock(clock.plus(gap));
            }
        }
    }

    private void write() {
        StringBuilder text = new StringBuilder();
        if (givesBatches) {
            for (PointBatch batch : driver.readBatches()) {
                text.append("# ").append(batch.head()).append('\n');
                batch.lines().forEach(line -> text.append(line).append('\n'));
                pointsOut += batch.points().size();
            }
        } else {
            for (Point point : driver.readPoints()) {
                if (settings.answers.isEmpty()) {
                    text.append(LineProtocol.format(point)).append('\n');
                }
                settings.answers.forEach(answers -> answers.out(point));
                pointsOut++;
            }
        }
        takeSkipped("");
        if (!text.isEmpty()) {
            out.print(text);
            out.flush();
        }
        if (out.checkError()) {
            throw new CallException(CallException.Kind.OUTPUT_GONE, "nobody reads the output any more");
        }
    }

    /** What was answered before a failure. */
    private void writeWhatIsThere(StandInException failure) {
        try {
            write();
        } catch (StandInException e) {
            // It has broken the protocol, and nothing more can be read.
            failure.addSuppressed(e);
        }
    }

    /** @param where the lines of the input, if they are known */
    private void takeSkipped(String where) {
        nonFinite = driver.nonFinite();
        counted = driver.counters();
        for (UdfDriver.Skip skip : driver.skips()) {
            skipped++;
            if (reasons.size() < REASONS_SHOWN && reasons.add(skip.reason())) {
                notes.accept(name + ": skipped: " + (where.isEmpty() ? where(skip) : where) + skip.reason());
            }
        }
    }

    /** The line of a point; of a timer, that of the last point before it. */
    private String where(UdfDriver.Skip skip) {
        int index = (int) (skip.point() - pointsBefore) - 1;
        if (batches != null || index < 0 || index >= lines.size()) {
            return "";
        }
        return (skip.reason().startsWith("point:") ? "line " : "after line ") + lines.get(index) + ": ";
    }

    private void tellSkipped() {
        if (skipped > 0) {
            notes.accept(text("%s: %,d skipped; points in %,d, out %,d", name, skipped, pointsIn, pointsOut));
        }
        if (nonFinite > 0) {
            notes.accept(
                    text("%s: %,d values were not finite: --non-finite says what becomes of them", name, nonFinite));
        }
        if (!counted.isEmpty()) {
            notes.accept(name + ": counted: "
                    + counted.entrySet().stream()
                            .map(count -> count.getKey() + text(" %,d", count.getValue()))
                            .collect(Collectors.joining(", ")));
        }
        if (batches != null && batches.late() > 0) {
            notes.accept(
                    text("%s: %,d points came when their window was over, and are left out", name, batches.late()));
        }
    }

    private void tellUnseenDimensions() {
        if (pointsIn > 0) {
            unseenDimensions.forEach(tag -> notes.accept("group-by: " + tag + ": no point has this tag"));
        }
    }

    private static String text(String format, Object... values) {
        return String.format(Locale.ROOT, format, values);
    }

    private static <T extends Comparable<T>> T min(T one, T other) {
        return one.compareTo(other) <= 0 ? one : other;
    }

    private static <T extends Comparable<T>> T max(T one, T other) {
        return one.compareTo(other) >= 0 ? one : other;
    }
}
