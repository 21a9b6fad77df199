package org.kapacitorudf.fuzz;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The implementation of {@code scripts/fuzz}: runs targets one after the other in separate processes, first with
 * Jazzer, which searches for inputs that reach more code and keeps them, then without coverage feedback, which is
 * faster, starting from Jazzer's inputs.
 *
 * <pre>
 *   OUT/corpus/TARGET     inputs, one per file: kept for the next run
 *   OUT/findings/TARGET   inputs that failed
 *   OUT/log/TARGET        the output of the last process
 *   OUT/executions.csv    a line for each process
 * </pre>
 */
final class Campaign {
    private static final int DEFAULT_SECONDS = 60;
    private static final Pattern RUNS =
            Pattern.compile("^(?:#|Done |stat::number_of_executed_units: )(\\d+)\\b", Pattern.MULTILINE);

    private enum Engine {
        JAZZER,
        BLIND;

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    private static final class Total {
        private long executions;
        private double seconds;

        void add(long moreExecutions, double moreSeconds) {
            executions += moreExecutions;
            seconds += moreSeconds;
        }
    }

    private final Path out;
    private final boolean isTime;
    private final long limit;
    private final List<Engine> engines;
    private final List<Targets> targets;
    private final Map<Targets, Total> now = new EnumMap<>(Targets.class);

    private Campaign(Path out, boolean isTime, long limit, List<Engine> engines, List<Targets> targets) {
        this.out = out;
        this.isTime = isTime;
        this.limit = limit;
        this.engines = engines;
        this.targets = targets;
    }

    /** The arguments are those of {@code scripts/fuzz}, preceded by the directory for all output. */
    public static void main(String[] args) throws Exception {
        Path out = Path.of(args[0]);
        boolean isTime = true;
        long limit = DEFAULT_SECONDS;
        List<Engine> engines = List.of(Engine.values());
        TreeSet<Targets> targets = new TreeSet<>();
        try {
            for (int i = 1; i < args.length; i++) {
                switch (args[i]) {
                    case "--seconds", "--runs" -> {
                        isTime = args[i].equals("--seconds");
                        limit = count(args, ++i);
                    }
                    case "--engine" -> engines = List.of(engine(args, ++i));
                    default -> targets.add(Targets.of(args[i]));
                }
            }
        } catch (IllegalArgumentException e) {
            System.err.println("fuzz: " + e.getMessage());
            System.exit(2);
        }
        List<Targets> chosen = targets.isEmpty() ? List.of(Targets.values()) : List.copyOf(targets);
        System.exit(new Campaign(out, isTime, limit, engines, chosen).run());
    }

    private static long count(String[] args, int i) {
        String value = i < args.length ? args[i] : "nothing";
        if (!value.matches("[1-9]\\d{0,17}")) {
            throw new IllegalArgumentException(args[i - 1] + ": " + value + " (expected: a number >= 1)");
        }
        return Long.parseLong(value);
    }

    private static Engine engine(String[] args, int i) {
        String value = i < args.length ? args[i] : "nothing";
        return Stream.of(Engine.values())
                .filter(engine -> engine.toString().equals(value))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("--engine: " + value + " (expected: jazzer or blind)"));
    }

    private int run() throws Exception {
        for (Targets target : targets) {
            prepare(target);
            for (Engine engine : engines) {
                run(target, engine);
            }
        }
        return table();
    }

    private void prepare(Targets target) throws Exception {
        Files.createDirectories(corpus(target));
        Files.createDirectories(findings(target));
        Files.createDirectories(out.resolve("log"));
        int number = 0;
        for (byte[] seed : target.make().seeds()) {
            Files.write(corpus(target).resolve("seed-%03d".formatted(number++)), seed);
        }
    }

    private Path corpus(Targets target) {
        return out.resolve("corpus").resolve(target.toString());
    }

    private Path findings(Targets target) {
        return out.resolve("findings").resolve(target.toString());
    }

    private void run(Targets target, Engine engine) throws Exception {
        long share = Math.max(1, limit / engines.size());
        Path log = out.resolve("log").resolve(target + "-" + engine);
        System.out.print(target + ": " + engine + ", " + share + (isTime ? " seconds" : " runs") + " ... ");
        System.out.flush();
        long start = System.nanoTime();
        Process process = new ProcessBuilder(engine == Engine.JAZZER ? jazzer(target, share) : blind(target, share))
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        Runtime.getRuntime().addShutdownHook(new Thread(process::destroy));
        process.getOutputStream().close();
        int status = process.waitFor();
        double seconds = (System.nanoTime() - start) / (double) TimeUnit.SECONDS.toNanos(1);
        long executions = executions(log);
        now.computeIfAbsent(target, key -> new Total()).add(executions, seconds);
        Files.writeString(
                out.resolve("executions.csv"),
                String.format(Locale.ROOT, "%s,%s,%d,%.1f,%d%n", target, engine, executions, seconds, status),
                StandardOpenOption.CREATE,
                StandardOpenOption.APPEND);
        System.out.println(executions + " executions" + (status == 0 ? "" : "; status " + status + ", see " + log));
    }

    private List<String> jazzer(Targets target, long share) {
        List<String> command = java("com.code_intelligence.jazzer.Jazzer");
        command.addAll(List.of(
                "--target_class=" + JazzerEntry.class.getName(),
                "--target_args=" + target,
                "--instrumentation_includes=org.kapacitorudf.**",
                "--instrumentation_excludes=org.kapacitorudf.fuzz.**:org.kapacitorudf.proto.**",
                // Jazzer's hooks, which detect such things as executed commands, would slow down everything else.
                "--custom_hook_includes=org.kapacitorudf.**",
                "--reproducer_path=" + findings(target),
                "-artifact_prefix=" + findings(target) + "/",
                (isTime ? "-max_total_time=" : "-runs=") + share,
                "-max_len=" + target.make().maxBytes(),
                "-timeout=300",
                "-rss_limit_mb=4096",
                "-print_final_stats=1",
                corpus(target).toString()));
        return command;
    }

    private List<String> blind(Targets target, long share) {
        List<String> command = java(BlindFuzzer.class.getName());
        command.addAll(List.of(
                target.toString(),
                corpus(target).toString(),
                findings(target).toString(),
                Long.toString(System.nanoTime()),
                isTime ? "--seconds" : "--runs",
                Long.toString(share)));
        return command;
    }

    private static List<String> java(String main) {
        return new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx1g",
                "-XX:+UseSerialGC",
                "-cp",
                System.getProperty("java.class.path"),
                main));
    }

    /** The highest number that was printed: a process with a finding does not reach its last line. */
    private static long executions(Path log) throws IOException {
        long executions = 0;
        Matcher runs = RUNS.matcher(Files.readString(log, StandardCharsets.ISO_8859_1));
        while (runs.find()) {
            executions = Math.max(executions, Long.parseLong(runs.group(1)));
        }
        return executions;
    }

    /** Prints the results. Returns the exit status: 1 if there are findings, of this or an earlier run. */
    private int table() throws IOException {
        Map<String, Long> all = new HashMap<>();
        for (String line : Files.readAllLines(out.resolve("executions.csv"))) {
            String[] parts = line.split(",");
            all.merge(parts[0], Long.parseLong(parts[2]), Long::sum);
        }
        System.out.printf(
                "%n%-10s %14s %9s %9s %8s %9s %16s%n",
                "target", "executions", "seconds", "exec/s", "corpus", "findings", "executions ever");
        int open = 0;
        for (Targets target : targets) {
            Total total = now.get(target);
            List<Path> findings = files(findings(target));
            open += findings.size();
            System.out.printf(
                    Locale.ROOT,
                    "%-10s %,14d %9.0f %9.0f %8d %9d %,16d%n",
                    target,
                    total.executions,
                    total.seconds,
                    total.executions / total.seconds,
                    files(corpus(target)).size(),
                    findings.size(),
                    all.get(target.toString()));
        }
        System.out.printf(
                "%-10s %,14d %47s %,16d%n",
                "all",
                now.values().stream().mapToLong(total -> total.executions).sum(),
                "",
                all.values().stream().mapToLong(Long::longValue).sum());
        for (Targets target : targets) {
            for (Path finding : files(findings(target))) {
                System.out.println("found; run again by: scripts/fuzz --again " + finding + " " + target);
            }
        }
        return open == 0 ? 0 : 1;
    }

    private static List<Path> files(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.filter(file -> !file.toString().endsWith(".java"))
                    .sorted()
                    .toList();
        }
    }
}
