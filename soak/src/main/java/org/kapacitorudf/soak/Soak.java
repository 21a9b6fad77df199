package org.kapacitorudf.soak;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Runs a server under load, with failing handlers, killed connections and replaced servers, and checks its output. Run
 * by {@code scripts/soak}; {@code docs/soak.md} lists the checks.
 */
public final class Soak {
    private static final Set<String> OPTIONS = Set.of(
            "--for",
            "--points",
            "--connections",
            "--seed",
            "--restart-every",
            "--report-every",
            "--snapshot-every",
            "--keepalive-every",
            "--keepalive-limit");
    private static final int USAGE = 2;

    private Soak() {}

    /** @param args the launcher, the location of these classes, then options */
    public static void main(String[] args) throws IOException {
        boolean json = List.of(args).contains("--json");
        SoakPlan plan;
        try {
            plan = plan(
                    args[0],
                    args[1],
                    List.of(args).subList(2, args.length).stream()
                            .filter(word -> !word.equals("--json"))
                            .toList());
        } catch (IllegalArgumentException e) {
            System.err.println("soak: " + e.getMessage());
            System.exit(USAGE);
            return;
        }
        System.err.println("soak: seed " + plan.seed() + ", " + plan.connections() + " connections");
        int status;
        try (SoakRun run = new SoakRun(plan, System.err)) {
            Runtime.getRuntime().addShutdownHook(new Thread(run::close));
            run.run();
            SoakReport report = new SoakReport(run);
            System.out.print(json ? report.json() : report.table());
            System.out.flush();
            status = run.findings().isEmpty() ? 0 : 1;
        }
        System.exit(status);
    }

    static SoakPlan plan(String launcher, String classPath, List<String> words) {
        Map<String, String> values = new HashMap<>();
        for (int i = 0; i < words.size(); i += 2) {
            if (!OPTIONS.contains(words.get(i)) || i + 1 == words.size()) {
                throw new IllegalArgumentException(words.get(i) + " (expected: one of "
                        + OPTIONS.stream().sorted().toList() + " with a value, or --json)");
            }
            values.put(words.get(i), words.get(i + 1));
        }
        boolean untilPoints = values.containsKey("--points") && !values.containsKey("--for");
        return new SoakPlan(
                List.of(launcher),
                Path.of(classPath),
                "",
                (int) number(values, "--connections", 1_000),
                number(values, "--points", Long.MAX_VALUE),
                duration(values, "--for", untilPoints ? "48h" : "1m"),
                duration(values, "--report-every", "10s"),
                duration(values, "--restart-every", "60s"),
                duration(values, "--keepalive-every", "5s").toNanos(),
                duration(values, "--keepalive-limit", "10s").toNanos(),
                duration(values, "--snapshot-every", "2s").toNanos(),
                100,
                50_000,
                number(values, "--seed", ThreadLocalRandom.current().nextInt(Integer.MAX_VALUE)));
    }

    private static long number(Map<String, String> values, String name, long otherwise) {
        String value = values.getOrDefault(name, Long.toString(otherwise));
        try {
            return Long.parseLong(value.replace("_", ""));
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(name + ": " + value + " (expected: a number)", e);
        }
    }

    private static Duration duration(Map<String, String> values, String name, String otherwise) {
        String value = values.getOrDefault(name, otherwise);
        try {
            return Duration.parse("PT" + value.toUpperCase(Locale.ROOT));
        } catch (DateTimeParseException e) {
            throw new IllegalArgumentException(name + ": " + value + " (expected: a duration: 30s, 10m, 2h)", e);
        }
    }
}
