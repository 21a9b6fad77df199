package org.kapacitorudf.benchmarks;

import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.kapacitorudf.tools.load.Bench;
import org.kapacitorudf.tools.load.LoadException;
import org.kapacitorudf.tools.load.LoadPlan;
import org.kapacitorudf.tools.load.LoadReport;
import org.kapacitorudf.tools.load.LoadResult;
import org.kapacitorudf.tools.load.Measure;
import org.kapacitorudf.tools.load.Metric;
import org.kapacitorudf.tools.load.Subject;

/**
 * Measures the figures of docs/performance.md, and compares them with the goals, in Markdown; run by
 * {@code scripts/bench}.
 *
 * <p>Environment variables contain the paths of other agents: {@code GO_MIRROR} and {@code GO_BATCH_MIRROR} listen on a
 * socket given by {@code -socket PATH}, {@code GO_MOVINGAVG} uses STDIN and STDOUT. Agents that are missing are left
 * out, and reported as missing.
 */
public final class PerformanceTable {
    private static final String GO_MIRROR = "GO_MIRROR";
    private static final String GO_BATCH_MIRROR = "GO_BATCH_MIRROR";
    private static final String GO_MOVINGAVG = "GO_MOVINGAVG";
    private static final List<String> WINDOW = List.of("field=usage_user", "size=10", "as=mean");
    private static final String MOVING_AVERAGE = "movingAvg";

    private final PrintStream out = System.out;
    private final String launcher;
    private final Path classes;
    private final List<String> jvms;
    private final boolean quick;
    private final List<String> goals = new ArrayList<>();
    private boolean allMet = true;

    private PerformanceTable(String launcher, Path classes, List<String> jvms, boolean quick) {
        this.launcher = launcher;
        this.classes = classes;
        this.jvms = jvms;
        this.quick = quick;
    }

    /**
     * @param args the launcher, the directory of this module's classes, {@code quick} or {@code full}, the homes of the
     *     JVMs whose start is measured, separated by colons; then the parts of the table, or none for all
     */
    public static void main(String[] args) {
        List<String> jvms = List.of(args[3].split(":"));
        PerformanceTable table = new PerformanceTable(args[0], Path.of(args[1]), jvms, args[2].equals("quick"));
        System.exit(table.print(List.of(args).subList(4, args.length)) ? 0 : 1);
    }

    private boolean print(List<String> wanted) {
        Map<String, Runnable> parts = new LinkedHashMap<>();
        parts.put("points", this::oneConnection);
        parts.put("process", this::process);
        parts.put("connections", this::manyConnections);
        parts.put("batches", this::batches);
        parts.put("two-writes", this::twoWrites);
        parts.put("latency", this::latency);
        parts.put("start", this::start);
        parts.put("memory", this::memory);
        parts.put(
                "functions",
                () -> FunctionTable.print(
                        quick ? FunctionTable.QUICK_TURNS : FunctionTable.TURNS, FunctionTable.GROUPS, out));
        parts.put("library-memory", this::libraryMemory);
        parts.put("call", this::call);
        if (!parts.keySet().containsAll(wanted)) {
            System.err.println("part: " + wanted + " (expected: of " + parts.keySet() + ")");
            return false;
        }
        parts.forEach((name, part) -> {
            if (wanted.isEmpty() || wanted.contains(name)) {
                part.run();
            }
        });
        out.println("| what | goal | measured | |");
        out.println("| --- | --- | --- | --- |");
        goals.forEach(out::println);
        return allMet;
    }

    private void oneConnection() {
        List<Subject> subjects = new ArrayList<>(List.of(served("mirror"), served(MOVING_AVERAGE)));
        go(GO_MIRROR, "-socket", Subject.SOCKET).ifPresent(subjects::add);
        Optional<LoadReport> report = measure(plan(Measure.THROUGHPUT).withOptions(WINDOW), subjects);
        atLeast("mirror, 1 connection, x Go", report, "mirror", GO_MIRROR, Metric.POINTS_PER_SECOND, 40);
        atLeast("mirror, 1 connection, x raw echo", report, "mirror", "raw echo", Metric.POINTS_PER_SECOND, 1 / 3.0);
        atLeast("moving average, x Go mirror", report, MOVING_AVERAGE, GO_MIRROR, Metric.POINTS_PER_SECOND, 25);
        atMost("mirror, CPU µs per point", report, "mirror", Metric.AGENT_MICROS_PER_POINT, 0.5);
        atMost("moving average, CPU µs per point", report, MOVING_AVERAGE, Metric.AGENT_MICROS_PER_POINT, 0.8);
    }

    private void process() {
        List<Subject> subjects = new ArrayList<>(List.of(run("mirror"), run(MOVING_AVERAGE)));
        go(GO_MOVINGAVG).ifPresent(subjects::add);
        Optional<LoadReport> report = measure(plan(Measure.THROUGHPUT).withOptions(WINDOW), subjects);
        atLeast("process, moving average, x Go", report, MOVING_AVERAGE, GO_MOVINGAVG, Metric.POINTS_PER_SECOND, 25);
    }

    private void manyConnections() {
        List<Subject> subjects = new ArrayList<>(List.of(served("mirror")));
        List<Integer> counts = List.of(16, 256, 1000);
        counts.forEach(count -> subjects.add(served("mirror").withConnections("mirror x " + count, count)));
        Optional<LoadReport> report = measure(plan(Measure.THROUGHPUT).withEcho(false), subjects);
        for (int count : counts) {
            String name = "mirror x " + count;
            atLeast(count + " connections, x 1 connection", report, name, "mirror", Metric.POINTS_PER_SECOND, 1);
            atMost(count + " connections, longest keepalive ms", report, name, Metric.KEEPALIVE_MAX_MILLIS, 250);
            check(
                    count + " connections, least share",
                    report.map(all -> figure(all, name, Metric.FAIRNESS)),
                    0.5,
                    true);
        }
    }

    private void batches() {
        List<Subject> subjects = new ArrayList<>(List.of(servedFromHere("batchMirror")));
        go(GO_BATCH_MIRROR, "-socket", Subject.SOCKET).ifPresent(subjects::add);
        Optional<LoadReport> report = measure(plan(Measure.THROUGHPUT).withBatchPoints(1000), subjects);
        atLeast("batches of 1,000, x Go", report, "batchMirror", GO_BATCH_MIRROR, Metric.POINTS_PER_SECOND, 25);
    }

    private void twoWrites() {
        List<Subject> subjects = new ArrayList<>(List.of(served("mirror")));
        go(GO_MIRROR, "-socket", Subject.SOCKET).ifPresent(subjects::add);
        Optional<LoadReport> report = measure(plan(Measure.THROUGHPUT).withTwoWrites(), subjects);
        atLeast("two writes for each message, x Go", report, "mirror", GO_MIRROR, Metric.POINTS_PER_SECOND, 6);
    }

    private void latency() {
        List<Subject> subjects = new ArrayList<>(List.of(served("mirror")));
        go(GO_MIRROR, "-socket", Subject.SOCKET).ifPresent(subjects::add);
        Optional<LoadReport> report = measure(plan(Measure.LATENCY), subjects);
        for (Metric metric : List.of(Metric.P50_MICROS, Metric.P99_MICROS)) {
            atMost("latency " + metric.heading() + ", x Go", report, "mirror", GO_MIRROR, metric, 0.5);
        }
    }

    private void start() {
        for (String jvm : jvms) {
            List<String> command = List.of("env", "JAVA_HOME=" + jvm, launcher, "run", "mirror");
            LoadPlan plan = plan(Measure.START).withRuns(quick ? 5 : 20);
            Optional<LoadReport> report = measure(plan, List.of(Subject.process("mirror", command)));
            String goal = "start, x a bare JVM, " + Path.of(jvm).getFileName();
            atMost(goal, report, "mirror", "bare JVM", Metric.START_MILLIS, 4.5);
        }
    }

    private void memory() {
        LoadPlan plan = plan(Measure.IDLE).withRuns(1).withOptions(WINDOW);
        Optional<LoadReport> server =
                measure(plan.withOptions(List.of()).withConnections(1000), List.of(served("mirror")));
        atMost("idle server, MB", server, "mirror", Metric.RESIDENT_MEGABYTES, 85);
        atMost("idle connection, kB", server, "mirror", Metric.CONNECTION_KILOBYTES, 8);
        Optional<LoadReport> process = measure(plan, List.of(run("mirror"), run(MOVING_AVERAGE)));
        atMost("idle process, MB", process, "mirror", Metric.RESIDENT_MEGABYTES, 70);
    }

    private void call() {
        double linesPerSecond = CallTable.print(quick ? CallTable.QUICK_LINES : CallTable.LINES, out);
        check("call, moving average, lines/s", Optional.of(linesPerSecond), 500_000, true);
    }

    private void libraryMemory() {
        int groups = quick ? LibraryMemory.QUICK_GROUPS : LibraryMemory.GROUPS;
        LibraryMemory.Result result = LibraryMemory.print(launcher, groups, out);
        check("library, resident MB", Optional.of(result.peakMegabytes()), 1000, false);
    }

    // Measurements

    private LoadPlan plan(Measure measure) {
        LoadPlan plan = LoadPlan.of(measure);
        return quick
                ? plan.withRuns(3).withWarmUp(Duration.ofMillis(1500)).withDuration(Duration.ofMillis(500))
                : plan.withRuns(7).withWarmUp(Duration.ofSeconds(4));
    }

    private Subject served(String function) {
        return Subject.server(function, List.of(launcher, "serve", "--socket", function + "=" + Subject.SOCKET));
    }

    /** A server with a function that is in this module, but not in the installed program. */
    private Subject servedFromHere(String function) {
        return Subject.server(
                function,
                List.of(
                        "env",
                        "KAPACITOR_UDF_CLASSPATH=" + classes,
                        launcher,
                        "serve",
                        "--socket",
                        function + "=" + Subject.SOCKET));
    }

    private Subject run(String function) {
        return Subject.process(function, List.of(launcher, "run", function));
    }

    private Optional<Subject> go(String variable, String... arguments) {
        String path = System.getenv().getOrDefault(variable, "");
        if (path.isEmpty()) {
            return Optional.empty();
        }
        List<String> command = new ArrayList<>(List.of(path));
        command.addAll(List.of(arguments));
        return Optional.of(
                arguments.length == 0 ? Subject.process(variable, command) : Subject.server(variable, command));
    }

    private Optional<LoadReport> measure(LoadPlan plan, List<Subject> subjects) {
        try (Bench bench = new Bench(plan, subjects, line -> {})) {
            LoadReport report = bench.run();
            out.println("```\n" + report.table() + "```\n");
            return Optional.of(report);
        } catch (LoadException e) {
            out.println("FAILED: " + e.getMessage() + "\n");
            return Optional.empty();
        }
    }

    // Goals

    private void atLeast(
            String goal, Optional<LoadReport> report, String subject, String other, Metric metric, double bound) {
        compare(goal, report, subject, other, metric, bound, true);
    }

    private void atMost(
            String goal, Optional<LoadReport> report, String subject, String other, Metric metric, double bound) {
        compare(goal, report, subject, other, metric, bound, false);
    }

    private void atMost(String goal, Optional<LoadReport> report, String subject, Metric metric, double bound) {
        check(goal, report.map(all -> figure(all, subject, metric)), bound, false);
    }

    private void compare(
            String goal,
            Optional<LoadReport> report,
            String subject,
            String other,
            Metric metric,
            double bound,
            boolean atLeast) {
        if (report.isPresent() && report.get().of(other).isEmpty()) {
            goals.add(row(goal, bound, atLeast, "-", "skipped: " + other + " is not set"));
            return;
        }
        check(
                goal,
                report.map(all ->
                        result(all, subject).ratioTo(result(all, other), metric).orElse(Double.NaN)),
                bound,
                atLeast);
    }

    private void check(String goal, Optional<Double> value, double bound, boolean atLeast) {
        boolean met = value.isPresent() && (atLeast ? value.get() >= bound : value.get() <= bound);
        allMet &= met;
        String figure =
                value.map(number -> String.format(Locale.ROOT, "%.2f", number)).orElse("not measured");
        goals.add(row(goal, bound, atLeast, figure, met ? "met" : "**not met**"));
    }

    private static String row(String goal, double bound, boolean atLeast, String figure, String verdict) {
        return String.format(
                Locale.ROOT, "| %s | %s %.3g | %s | %s |", goal, atLeast ? ">=" : "<=", bound, figure, verdict);
    }

    private static double figure(LoadReport report, String subject, Metric metric) {
        return result(report, subject).median(metric).orElse(Double.NaN);
    }

    private static LoadResult result(LoadReport report, String subject) {
        return report.of(subject).orElseThrow();
    }
}
