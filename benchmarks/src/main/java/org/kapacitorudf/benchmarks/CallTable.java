package org.kapacitorudf.benchmarks;

import com.sun.management.OperatingSystemMXBean;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.kapacitorudf.Point;
import org.kapacitorudf.agent.AgentConfig;
import org.kapacitorudf.client.Options;
import org.kapacitorudf.examples.MovingAverage;
import org.kapacitorudf.internal.line.Grouping;
import org.kapacitorudf.internal.line.LineReader;
import org.kapacitorudf.internal.line.LineWriter;
import org.kapacitorudf.internal.line.Precision;
import org.kapacitorudf.internal.wire.PointAccess;
import org.kapacitorudf.server.call.BadLines;
import org.kapacitorudf.server.call.Call;
import org.kapacitorudf.server.call.CsvColumns;
import org.kapacitorudf.server.call.FileSource;
import org.kapacitorudf.server.call.InputSettings;
import org.kapacitorudf.testkit.EncodedDriver;
import org.kapacitorudf.tools.load.LoadResult;

/**
 * Measures the cost of the command {@code call}. The command computes a moving average over a file in line protocol,
 * and writes the output to {@code /dev/null}. Also measures the separate costs of reading, the handler and writing.
 *
 * <pre>
 *   cpu,cpu=cpu-total,host=server042 usage_idle=61.2,usage_system=3.75,usage_user=35.05 1700000000000000000
 * </pre>
 */
final class CallTable {
    private static final PointAccess<Point> POINTS = PointAccess.of(Point.class);
    static final int LINES = 10_000_000;
    static final int QUICK_LINES = 1_000_000;

    private static final int RUNS = 5;
    private static final int HOSTS = 100;
    private static final int POINTS_AT_ONCE = 1_000;
    private static final String HOST = "host";
    private static final String FIELD = "usage_user";
    private static final String SIZE = "size";
    private static final long WINDOW_POINTS = 10;

    private final ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    private final OperatingSystemMXBean system = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    private final int lines;
    private final PrintStream out;

    private CallTable(int lines, PrintStream out) {
        this.lines = lines;
        this.out = out;
    }

    /**
     * Measures, and prints a table in Markdown; returns the total lines per second.
     *
     * @param lines the number of lines in the file
     */
    static double print(int lines, PrintStream out) {
        try {
            Path file = Files.createTempFile("kapacitor-udf-call", ".lines");
            try {
                return new CallTable(lines, out).measure(file);
            } finally {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private double measure(Path file) throws IOException {
        write(file);
        double[] linesPerSecond = new double[RUNS];
        double[] nanosALine = new double[RUNS];
        call(file);
        for (int run = 0; run < RUNS; run++) {
            long cpuBefore = system.getProcessCpuTime();
            long before = System.nanoTime();
            call(file);
            linesPerSecond[run] = lines * 1e9 / (System.nanoTime() - before);
            nanosALine[run] = (double) (system.getProcessCpuTime() - cpuBefore) / lines;
        }
        double[][] stages = new double[Stage.values().length][RUNS];
        for (int run = -1; run < RUNS; run++) {
            double[] nanos = stages(file);
            for (int stage = 0; run >= 0 && stage < nanos.length; stage++) {
                stages[stage][run] = nanos[stage];
            }
        }
        out.printf(
                Locale.ROOT,
                "`call movingAvg`, %,d lines, %,d bytes, %d groups; median of %d warm runs:%n%n"
                        + "| what | lines/s | ns of CPU a line |%n| --- | --- | --- |%n"
                        + "| file to /dev/null, reading in a thread of its own | %,.0f | %,.0f |%n",
                lines,
                Files.size(file),
                HOSTS,
                RUNS,
                LoadResult.median(linesPerSecond).orElseThrow(),
                LoadResult.median(nanosALine).orElseThrow());
        for (Stage stage : Stage.values()) {
            double nanos = LoadResult.median(stages[stage.ordinal()]).orElseThrow();
            out.printf(Locale.ROOT, "| %s alone, one thread | %,.0f | %,.0f |%n", stage.text, 1e9 / nanos, nanos);
        }
        out.println();
        return LoadResult.median(linesPerSecond).orElseThrow();
    }

    private void write(Path file) throws IOException {
        Random random = new Random(1);
        try (OutputStream lineOut = new BufferedOutputStream(Files.newOutputStream(file), 1 << 16)) {
            for (int i = 0; i < lines; i++) {
                double user = random.nextInt(5_000) / 100.0;
                double ofSystem = random.nextInt(1_000) / 100.0;
                String line = "cpu,cpu=cpu-total,host=server" + (1_000 + i % HOSTS) + " usage_idle="
                        + Math.round((100 - user - ofSystem) * 100) / 100.0 + ",usage_system=" + ofSystem
                        + ",usage_user=" + user + " "
                        + (1_700_000_000_000_000_000L + i / HOSTS * 10_000_000_000L) + "\n";
                lineOut.write(line.getBytes(StandardCharsets.US_ASCII));
            }
        }
    }

    private void call(Path file) throws IOException {
        Call.Settings settings = new Call.Settings(
                new MovingAverage(),
                List.of("field=" + FIELD, SIZE + "=" + WINDOW_POINTS),
                AgentConfig.defaults(),
                List.of(HOST),
                null,
                0,
                1,
                false,
                List.of(),
                false);
        InputSettings input = new InputSettings(
                file.toString(),
                Optional.empty(),
                Precision.NANOSECONDS,
                LineReader.DEFAULT_MAX_LINE_BYTES,
                settings.grouping(),
                new CsvColumns(Optional.empty(), Optional.empty(), List.of(), List.of()),
                false,
                () -> 0);
        try (InputStream in = Files.newInputStream(file);
                PrintStream nowhere = new PrintStream(Files.newOutputStream(Path.of("/dev/null")))) {
            new Call(
                            settings,
                            nowhere,
                            note -> {
                                throw new IllegalStateException(note);
                            },
                            points -> {},
                            BadLines.FATAL)
                    .run(new FileSource(in, input));
        }
    }

    private enum Stage {
        READING("reading"),
        HANDLER("the handler"),
        WRITING("writing");

        private final String text;

        Stage(String text) {
            this.text = text;
        }
    }

    /** Keeps the points that the function emits for one chunk. */
    private static final class Kept implements EncodedDriver.Receiver {
        private final List<byte[]> points = new ArrayList<>();

        @Override
        public void point(byte[] bytes, int from, int to) {
            points.add(Arrays.copyOfRange(bytes, from, to));
        }

        @Override
        public void batch(String name, Map<String, String> tags, boolean byName, long tmaxNanos, List<byte[]> batch) {
            throw new IllegalStateException("a batch (expected: points)");
        }
    }

    /** The CPU time in nanoseconds that a line takes in each stage. */
    private double[] stages(Path file) throws IOException {
        long[] nanos = new long[Stage.values().length];
        Kept kept = new Kept();
        List<Point> points = new ArrayList<>();
        LineWriter text = new LineWriter();
        try (LineReader reader = LineReader.of(Files.newInputStream(file)).groupBy(Grouping.by(List.of(HOST)));
                OutputStream nowhere = Files.newOutputStream(Path.of("/dev/null"));
                EncodedDriver driver = EncodedDriver.start(
                        new MovingAverage(),
                        "bench",
                        List.of(Options.of("field", FIELD), Options.of(SIZE, WINDOW_POINTS)),
                        AgentConfig.defaults(),
                        Instant.EPOCH,
                        kept)) {
            while (reader.hasNext()) {
                points.clear();
                kept.points.clear();
                long start = threads.getCurrentThreadCpuTime();
                for (int i = 0; i < POINTS_AT_ONCE && reader.hasNext(); i++) {
                    byte[] point = reader.next();
                    points.add(POINTS.decode(point, 0, point.length));
                }
                long read = threads.getCurrentThreadCpuTime();
                points.forEach(driver::add);
                driver.run();
                long handled = threads.getCurrentThreadCpuTime();
                kept.points.forEach(point -> text.point(point, 0, point.length).lineBreak());
                text.drainTo(nowhere);
                nanos[Stage.READING.ordinal()] += read - start;
                nanos[Stage.HANDLER.ordinal()] += handled - read;
                nanos[Stage.WRITING.ordinal()] += threads.getCurrentThreadCpuTime() - handled;
            }
        }
        return Arrays.stream(nanos).mapToDouble(sum -> (double) sum / lines).toArray();
    }
}
