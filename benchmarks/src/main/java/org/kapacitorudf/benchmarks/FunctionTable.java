package org.kapacitorudf.benchmarks;

import com.google.protobuf.CodedOutputStream;
import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Random;
import java.util.ServiceLoader;
import org.jspecify.annotations.Nullable;
import org.kapacitorudf.Udf;
import org.kapacitorudf.client.Frames;
import org.kapacitorudf.client.Options;
import org.kapacitorudf.proto.Option;
import org.kapacitorudf.proto.Point;
import org.kapacitorudf.proto.Request;
import org.kapacitorudf.tools.load.LoadResult;

/**
 * Measures the cost of each function with many groups. The cost includes the decoder, the host and the encoder, and all
 * work of the function on a point and its state.
 *
 * <p>The points of all groups have the same time, and the next points are ten seconds later. Values are noise around a
 * daily rhythm. All functions take turns; each turn has one point per group (two for {@code latest}, of two
 * measurements). A figure is the median of the turns; the overhead over the mirror is the median of the differences per
 * turn. Time is CPU time of this thread.
 */
final class FunctionTable {
    static final int GROUPS = 10_000;
    static final int TURNS = 1_000;
    static final int QUICK_TURNS = 150;

    /** Enough turns for all functions to respond to each point. The forecast needs the most: 68 intervals. */
    private static final int WARM_UP_TURNS = 80;

    private static final int POINTS_A_READ = 250;
    private static final long FIRST_NANOS = 1_700_000_000_000_000_000L;
    private static final long STEP_NANOS = 10_000_000_000L;
    private static final double DAY_NANOS = 86_400e9;
    private static final String MIRROR = "mirror";

    /**
     * The measurement of the measured points. For {@code latest}, each is preceded by a point of another measurement.
     */
    private static final String LEAD = "cpu";

    private static final String OTHER = "mem";

    private final int groups;
    private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private final List<Function> functions = List.of(
            new Function(MIRROR),
            new Function("deviation", Options.of("field", "value")),
            new Function("baseline", Options.of("field", "value")),
            new Function("timeTo", Options.of("field", "value"), Options.of("threshold", 1e9)),
            new Function("smooth", Options.of("field", "value")),
            new Function("latest", Options.of("lead", LEAD), Options.of("of", OTHER, "value")),
            new Function("resample", Options.of("field", "value"), Options.of("every", Duration.ofSeconds(10))),
            // Each point completes an interval.
            new Function(
                    "forecast",
                    Options.of("field", "value"),
                    Options.of("every", Duration.ofSeconds(10)),
                    Options.of("season", Duration.ofSeconds(240)),
                    Options.of("longSeason", Duration.ofSeconds(1680)),
                    Options.of("horizon", Duration.ofSeconds(240)),
                    Options.of("grid", false),
                    Options.of("lastOnly")),
            new Function("quantiles", Options.of("field", "value")),
            new Function("countDistinct", Options.of("field", "value")),
            new Function("topK", Options.of("field", "value")),
            new Function("changepoint", Options.of("field", "value")),
            new Function("peers", Options.of("field", "value")),
            // Each point ends the previous session.
            new Function(
                    "sessions", Options.of("gap", Duration.ofSeconds(5)), Options.of("expire", Duration.ofHours(1))));
    private final List<Read> reads = new ArrayList<>();
    private final byte[] answer = new byte[1 << 20];
    // The second instances: kept, so that none is garbage-collected while the next one is measured.
    private final List<HostedFunction> seconds = new ArrayList<>();
    private final Random random = new Random(1);

    private FunctionTable(int groups) {
        this.groups = groups;
        for (int first = 0; first < groups; first += POINTS_A_READ) {
            reads.add(new Read(first));
        }
    }

    /**
     * Measures, and prints a table in Markdown.
     *
     * @param turns the number of measured points per group, at most {@value #TURNS}
     * @param groups a multiple of {@value #POINTS_A_READ}
     */
    static void print(int turns, int groups, PrintStream out) {
        new FunctionTable(groups).measure(turns, out);
    }

    private void measure(int turns, PrintStream out) {
        reads.forEach(read -> read.moveTo(FIRST_NANOS - STEP_NANOS));
        functions.forEach(Function::start);
        seconds.clear();
        for (int turn = -WARM_UP_TURNS; turn < turns; turn++) {
            long time = FIRST_NANOS + (turn + WARM_UP_TURNS) * STEP_NANOS;
            reads.forEach(read -> read.moveTo(time));
            for (Function function : functions) {
                function.agent().moveTo(time);
                function.take(turn);
            }
        }
        out.printf(
                Locale.ROOT,
                "%,d groups, %,d points for each function:%n%n"
                        + "| function | ns a point | more than the mirror | bytes of garbage a point | bytes a group: heap | snapshot, deflated |%n"
                        + "| --- | --- | --- | --- | --- | --- |%n",
                groups,
                (long) groups * turns);
        Function mirror = functions.get(0);
        functions.forEach(function -> out.println(function.row(mirror, turns)));
        out.println();
    }

    /**
     * The bytes of one read, with one point for each of several groups. Times and values are written into these bytes.
     */
    private final class Read {
        private static final long TIME_MARK = 1_777_777_777_777_777_777L;
        private static final double VALUE_MARK = 0.123456789;

        private final byte[] bytes;
        private final List<Integer> times = new ArrayList<>();
        private final List<Integer> values = new ArrayList<>();
        private final List<Integer> names = new ArrayList<>();

        Read(int firstGroup) {
            List<Request> points = new ArrayList<>();
            for (int group = firstGroup; group < firstGroup + POINTS_A_READ; group++) {
                String host = String.format(Locale.ROOT, "server%05d", group);
                points.add(Frames.request(Point.newBuilder()
                        .setTime(TIME_MARK)
                        .setName(LEAD)
                        .setDatabase("telegraf")
                        .setRetentionPolicy("autogen")
                        .setGroup("host=" + host)
                        .addDimensions("host")
                        .putTags("host", host)
                        .putTags("region", "europe-west")
                        .putFieldsDouble("value", VALUE_MARK)
                        .putFieldsDouble("usage_system", 2.5)
                        .build()));
            }
            bytes = Frames.encodeAll(points);
            find(varint(TIME_MARK), times);
            byte[] value = new byte[Double.BYTES];
            ByteBuffer.wrap(value).order(ByteOrder.LITTLE_ENDIAN).putDouble(VALUE_MARK);
            find(value, values);
            find(LEAD.getBytes(StandardCharsets.UTF_8), names);
        }

        private void find(byte[] mark, List<Integer> places) {
            for (int i = 0; i <= bytes.length - mark.length; i++) {
                if (Arrays.equals(bytes, i, i + mark.length, mark, 0, mark.length)) {
                    places.add(i);
                }
            }
            if (places.size() != POINTS_A_READ) {
                throw new IllegalStateException("marks: " + places.size() + " (expected: " + POINTS_A_READ + ")");
            }
        }

        void rename(String measurement) {
            byte[] name = measurement.getBytes(StandardCharsets.UTF_8);
            names.forEach(place -> System.arraycopy(name, 0, bytes, place, name.length));
        }

        void moveTo(long timeNanos) {
            byte[] time = varint(timeNanos);
            double rhythm = 50 + 20 * Math.sin(2 * Math.PI * timeNanos / DAY_NANOS);
            ByteBuffer out = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
            for (int i = 0; i < POINTS_A_READ; i++) {
                out.put(times.get(i), time);
                out.putDouble(values.get(i), rhythm + random.nextGaussian());
            }
        }
    }

    private static byte[] varint(long value) {
        byte[] bytes = new byte[CodedOutputStream.computeInt64SizeNoTag(value)];
        try {
            CodedOutputStream.newInstance(bytes).writeInt64NoTag(value);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes;
    }

    private final class Function {
        private final String name;
        private final Option[] options;
        private final double[] nanos = new double[TURNS];
        private long garbage;
        private long heapBytes;
        private long answerBytes;
        private @Nullable HostedFunction agent;

        Function(String name, Option... options) {
            this.name = name;
            this.options = options;
        }

        /** Starts the function, and a second instance that is used to measure the heap usage of its state. */
        private void start() {
            agent = started();
            pass(agent());
            long usedBefore = usedBytes();
            HostedFunction second = started();
            pass(second);
            heapBytes = usedBytes() - usedBefore;
            seconds.add(second);
        }

        private HostedFunction agent() {
            return Objects.requireNonNull(agent, "not started");
        }

        private HostedFunction started() {
            Udf udf = ServiceLoader.load(Udf.class).stream()
                    .map(ServiceLoader.Provider::get)
                    .filter(candidate -> candidate.describe().name().equals(name))
                    .findFirst()
                    .orElseThrow();
            HostedFunction hosted = HostedFunction.start(udf, options);
            hosted.moveTo(FIRST_NANOS - STEP_NANOS);
            return hosted;
        }

        private boolean isJoin() {
            return name.equals("latest");
        }

        private void pass(HostedFunction to) {
            for (Read read : reads) {
                if (isJoin()) {
                    read.rename(OTHER);
                    answerBytes += to.exchange(read.bytes, answer);
                    read.rename(LEAD);
                }
                answerBytes += to.exchange(read.bytes, answer);
            }
        }

        private long pointsInAPass() {
            return isJoin() ? 2 * groups : groups;
        }

        /** @param turn negative for a turn of the warm-up */
        private void take(int turn) {
            long bytesBefore = threads.getCurrentThreadAllocatedBytes();
            long nanosBefore = threads.getCurrentThreadCpuTime();
            pass(agent());
            if (turn >= 0) {
                nanos[turn] = (double) (threads.getCurrentThreadCpuTime() - nanosBefore) / pointsInAPass();
                garbage += threads.getCurrentThreadAllocatedBytes() - bytesBefore;
            }
        }

        private String row(Function mirror, int turns) {
            if (answerBytes == 0) {
                throw new IllegalStateException(name + ": no answer (expected: points)");
            }
            double[] more = new double[turns];
            Arrays.setAll(more, turn -> nanos[turn] - mirror.nanos[turn]);
            return String.format(
                    Locale.ROOT,
                    "| `%s` | %.0f | %s | %.0f | %s | %s |",
                    name,
                    LoadResult.median(Arrays.copyOf(nanos, turns)).orElseThrow(),
                    this == mirror
                            ? "-"
                            : String.format(
                                    Locale.ROOT, "%.0f", LoadResult.median(more).orElseThrow()),
                    (double) garbage / pointsInAPass() / turns,
                    this == mirror ? "-" : Long.toString(heapBytes / groups),
                    this == mirror ? "-" : Long.toString(snapshotBytes() / groups));
        }

        /** The size of the compressed snapshot, as sent to Kapacitor. */
        private long snapshotBytes() {
            return agent().snapshot().length;
        }
    }

    private static long usedBytes() {
        System.gc();
        Runtime runtime = Runtime.getRuntime();
        return runtime.totalMemory() - runtime.freeMemory();
    }
}
