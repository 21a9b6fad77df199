package org.kapacitorudf.server.telegraf;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.kapacitorudf.Point;
import org.kapacitorudf.Udf;
import org.kapacitorudf.agent.AgentConfig;
import org.kapacitorudf.client.Options;
import org.kapacitorudf.client.StandInException;
import org.kapacitorudf.errors.OnBadSnapshot;
import org.kapacitorudf.internal.line.Grouping;
import org.kapacitorudf.internal.line.LineWriter;
import org.kapacitorudf.internal.line.OptionAccess;
import org.kapacitorudf.option.Option;
import org.kapacitorudf.option.OptionValues;
import org.kapacitorudf.server.call.WindowBatches;
import org.kapacitorudf.server.call.WindowBatches.Complete;
import org.kapacitorudf.server.telegraf.MetricInput.Chunk;
import org.kapacitorudf.server.telegraf.MetricInput.Metric;
import org.kapacitorudf.server.terminal.ExitStatus;
import org.kapacitorudf.testkit.EncodedDriver;

/**
 * Runs a function as a Telegraf processor.
 *
 * <pre>
 *   STDIN  -> MetricInput -> (batches) -> function -> STDOUT
 *      `------------------- pass -----------------------^
 * </pre>
 *
 * <p>A metric that cannot be handled is skipped. If the function cannot be started, metrics {@linkplain Bypass bypass}
 * it. If the processor exited instead, Telegraf would restart it repeatedly, and each time the data already read would
 * be lost.
 *
 * <p>Threading: one thread calls {@link #run}; any thread may call {@link #stop}.
 */
public final class Processor {
    private static final OptionAccess<Option<?>, OptionValues> OPTIONS = OptionAccess.of(OptionValues.class);

    /**
     * The function to run, and its settings.
     *
     * @param window the length of time windows; null for none
     * @param batchPoints the number of points per batch; 0 for none
     * @param maxWaitingPoints the maximum number of points in incomplete batches; above it, all batches are completed
     *     early
     * @param passes whether input metrics are also written to the output
     * @param stateFile the file with the state; null if the state is not saved
     * @param stateInterval the interval at which the state is saved
     */
    public record Settings(
            Udf udf,
            List<String> options,
            AgentConfig config,
            List<String> dimensions,
            Duration window,
            int batchPoints,
            int maxWaitingPoints,
            int maxLineBytes,
            boolean passes,
            Path stateFile,
            Duration stateInterval) {}

    private static final Duration TICK = Duration.ofMillis(100);
    private static final int NOTED = 5;
    private static final String ALL = "*";

    private final Settings settings;
    private final OutputStream out;
    private final Journal journal;
    private final @Nullable StateFile stateFile;
    private final InstantSource wallClock;
    private final LongSupplier nanoTime;
    private final WindowBatches batches;
    private final LineWriter text = new LineWriter();
    private final Bypass bypass;
    private @Nullable EncodedDriver driver;
    private final Instant startTime;
    private long elapsedUntilNanos;
    private long savedNanos = System.nanoTime();
    private long saveTookNanos;
    private boolean changed;
    private boolean saveFailed;
    private long badLines;
    private long skipped;
    private long metricsIn;
    private long pointsOut;
    private boolean tooManyTold;
    private boolean lateTold;
    private volatile boolean stopped;

    public Processor(Settings settings, OutputStream out, Journal journal) {
        this(settings, out, journal, InstantSource.system(), System::nanoTime);
    }

    /** @param nanoTime a monotonic clock: the function's timers do not depend on the wall clock, which can be set */
    Processor(Settings settings, OutputStream out, Journal journal, InstantSource wallClock, LongSupplier nanoTime) {
        this.wallClock = wallClock;
        this.nanoTime = nanoTime;
        this.startTime = wallClock.instant();
        this.elapsedUntilNanos = nanoTime.getAsLong();
        this.settings = settings;
        this.out = out;
        this.journal = journal;
        this.bypass = new Bypass(settings.passes);
        this.stateFile = settings.stateFile == null ? null : new StateFile(settings.stateFile);
        this.batches = WindowBatches.of(settings.window, settings.batchPoints, settings.maxWaitingPoints);
    }

    /**
     * Stops the processor as if STDIN had ended. Metrics that have already been read are handled, because Telegraf does
     * not send them again.
     */
    public void stop() {
        stopped = true;
        bypass.stop();
    }

    /** Runs until STDIN ends or {@link #stop} is called; returns the exit status. */
    public ExitStatus run(InputStream in) throws IOException {
        try {
            start();
        } catch (StandInException e) {
            // If the processor exited, Telegraf would restart it forever, and metrics would be lost each time.
            String name = settings.udf.describe().name() + ": ";
            String message = String.valueOf(e.getMessage());
            String problem = message.startsWith(name) ? message.substring(name.length()) : message;
            journal.error(problem + "; until this is corrected, "
                    + (settings.passes ? "metrics are passed through unchanged" : "metrics are dropped"));
            bypass.run(in, out);
            return ExitStatus.REFUSED;
        }
        try {
            handle(in);
            if (batches.isUsed()) {
                give(batches.rest());
            }
            save();
            driver().endOfInput();
            write();
            return ExitStatus.OK;
        } catch (StandInException e) {
            journal.error(String.valueOf(e.getMessage()));
            write();
            return ExitStatus.FAILED;
        } finally {
            tell();
            driver().close();
        }
    }

    private void start() throws IOException {
        EncodedDriver first = started();
        driver = first;
        if (stateFile == null) {
            return;
        }
        try {
            Optional<byte[]> state = stateFile.read(settings.config.maxSnapshotBytes());
            if (state.isPresent() && state.get().length > 0) {
                first.restore(state.get());
                journal.info("state: " + stateFile + ": " + state.get().length + " bytes");
            }
        } catch (StandInException | IOException e) {
            first.close();
            badState(stateFile, e instanceof IOException io ? StateFile.reason(io) : e.getMessage());
            driver = started();
        }
    }

    private void badState(StateFile file, @Nullable String problem) throws IOException {
        String text = "state: " + stateFile + ": " + problem;
        if (settings.config.onBadSnapshot() != OnBadSnapshot.FRESH) {
            throw new StandInException(
                    text + " (expected: a state of this function; --on-bad-snapshot fresh starts without it)");
        }
        try {
            journal.warn(text + "; starts without it, and moves it to " + file.aside());
        } catch (IOException e) {
            throw new StandInException(text + "; and it cannot be moved aside: " + e);
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

    private EncodedDriver started() {
        return EncodedDriver.start(
                settings.udf,
                "telegraf",
                OPTIONS.fromText(settings.udf.describe().options(), settings.options).stream()
                        .map(option ->
                                Options.of(option.name(), option.arguments().toArray()))
                        .toList(),
                settings.config.toBuilder().onBadSnapshot(OnBadSnapshot.FAIL).build(),
                startTime,
                new Written());
    }

    private final class Written implements EncodedDriver.Receiver {
        @Override
        public void point(byte[] bytes, int from, int to) {
            pointsOut++;
            text.point(bytes, from, to).lineBreak();
        }

        @Override
        public void batch(String name, Map<String, String> tags, boolean byName, long tmaxNanos, List<byte[]> points) {
            pointsOut += points.size();
            points.forEach(point -> text.point(name, point, 0, point.length).lineBreak());
        }
    }

    private void handle(InputStream in) throws IOException {
        Grouping grouping = settings.dimensions.contains(ALL) ? Grouping.ALL : Grouping.by(settings.dimensions);
        MetricInput input = new MetricInput(in, grouping, settings.maxLineBytes, this::nowNanos);
        while (true) {
            // Read before waiting for input. If the processor was stopped before the wait and no chunk arrives, all
            // metrics that were read have been handled.
            boolean isStopped = stopped;
            if (isStopped) {
                input.stop();
            }
            Optional<Chunk> chunk;
            try {
                chunk = input.next(TICK);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
            followClocks();
            if (chunk.isPresent()) {
                give(chunk.get());
            }
            if (batches.isUsed()) {
                give(batches.over(nowNanos()));
            }
            write();
            if (changed && isSaveDue()) {
                save();
            }
            if (chunk.map(Chunk::isLast).orElse(isStopped)) {
                return;
            }
        }
    }

    /** Runs the timers that are due. How much time has passed does not depend on the wall clock, which may be set. */
    private void followClocks() {
        long nanos = nanoTime.getAsLong();
        Duration elapsed = Duration.ofNanos(nanos - elapsedUntilNanos);
        elapsedUntilNanos = nanos;
        driver().setClock(wallClock.instant().minus(elapsed));
        driver().jump(elapsed);
    }

    private void give(Chunk chunk) {
        for (Metric metric : chunk.metrics()) {
            if (settings.passes) {
                text.bytes(metric.line()).lineBreak();
            }
            Point point = metric.point();
            if (point == null) {
                bad(metric.problem());
                continue;
            }
            if (settings.window != null && point.timeNanos() > latestNanos()) {
                // Its window would end so late that all further metrics of its group arrive too late.
                bad(timeOf(point) + " (expected: <= " + instantOf(latestNanos()) + ", "
                        + settings.config.maxEventTimeAhead() + " ahead of the clock)");
                continue;
            }
            metricsIn++;
            if (batches.isUsed()) {
                if (batches.waiting() >= settings.maxWaitingPoints) {
                    if (!tooManyTold) {
                        tooManyTold = true;
                        journal.warn("more than " + settings.maxWaitingPoints
                                + " metrics wait for their batches, which are completed early: --max-waiting-points");
                    }
                    give(batches.rest());
                }
                batches.add(point, 0).ifPresent(complete -> give(List.of(complete)));
                tellFirstLate(point);
            } else {
                driver().add(point);
            }
            changed = true;
        }
        driver().run();
    }

    private void give(List<Complete> complete) {
        for (Complete next : complete) {
            driver().add(next.batch());
            driver().run();
            changed = true;
        }
    }

    private void tellFirstLate(Point point) {
        if (!lateTold && batches.late() > 0) {
            lateTold = true;
            journal.warn("dropped: " + timeOf(point)
                    + " (expected: in a window that is not complete); more are counted, and reported at the end");
        }
    }

    private static String timeOf(Point point) {
        return "time of " + LineWriter.series(point.name(), point.tags()) + ": " + instantOf(point.timeNanos());
    }

    private static Instant instantOf(long nanos) {
        return Instant.ofEpochSecond(0, nanos);
    }

    /** The time of the latest metric that is accepted. */
    private long latestNanos() {
        return nowNanos() + settings.config.maxEventTimeAhead().toNanos();
    }

    private void bad(@Nullable String problem) {
        if (++badLines <= NOTED) {
            journal.warn("skipped: " + problem);
        }
    }

    private void write() throws IOException {
        skipped += driver().skips().size(); // the log contains the reason
        if (text.size() > 0) {
            text.drainTo(out);
            out.flush();
        }
    }

    /** Whether the state must be saved now, because the interval would be exceeded after the next wait for metrics. */
    private boolean isSaveDue() {
        long intervalNanos = settings.stateInterval.toNanos();
        long early = Math.min(TICK.toNanos() + saveTookNanos, intervalNanos / 2);
        return System.nanoTime() - savedNanos >= intervalNanos - early;
    }

    /** Saves the state. If this fails, a warning is logged, and no metric is lost. */
    private void save() {
        savedNanos = System.nanoTime();
        if (stateFile == null) {
            return;
        }
        try {
            byte[] state = driver().snapshot();
            if (state.length > 0) {
                stateFile.write(state);
            }
            if (saveFailed) {
                journal.info("state: " + stateFile + ": can be written again");
            }
            saveFailed = false;
            changed = false;
            saveTookNanos = System.nanoTime() - savedNanos;
        } catch (IOException | StandInException e) {
            if (!saveFailed) {
                journal.warn("state: " + stateFile + ": not written: "
                        + (e instanceof IOException io ? StateFile.reason(io) : e.getMessage())
                        + "; will retry after each --state-interval");
            }
            saveFailed = true;
        }
    }

    private void tell() {
        if (badLines > 0 || skipped > 0) {
            journal.warn(String.format(
                    Locale.ROOT,
                    "%,d bad lines, %,d skipped; metrics in %,d, out %,d",
                    badLines,
                    skipped,
                    metricsIn,
                    pointsOut));
        }
        if (batches.isUsed() && batches.late() > 0) {
            journal.warn(String.format(
                    Locale.ROOT, "%,d metrics arrived after the end of their window and were dropped", batches.late()));
        }
    }

    private long nowNanos() {
        Instant now = wallClock.instant();
        return TimeUnit.SECONDS.toNanos(now.getEpochSecond()) + now.getNano();
    }
}
