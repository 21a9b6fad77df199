package org.kapacitorudf.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.kapacitorudf.proto.Point;
import org.kapacitorudf.server.plugin.Functions;
import org.kapacitorudf.testkit.UdfDriver;

/**
 * The story of docs/functions/machine-room.md without Kapacitor: its metrics go through the functions, with the options
 * of its TICKscripts. {@code RealKapacitorTest} runs the TICKscripts themselves.
 */
@Tag("slow")
@Tag("one-jdk")
class MachineRoomTest {
    private static final Path SCRIPTS = Path.of(System.getProperty("kapacitor-udf.scripts"));
    private static final Path TASKS = SCRIPTS.resolveSibling("docker/compose/kapacitor/load/tasks");
    private static final int LINES_AT_ONCE = 5_000;

    @Test
    void theMetricsHaveFiveIncidentsAndNoOthers() throws Exception {
        List<String> metrics = metrics();

        assertThat(metrics).hasSize(224_160);
        assertThat(alerts("unusual-load", metrics, MachineRoomTest::isAnomaly)).containsExactly("host=db1");
        assertThat(alerts("disk-full", metrics, point -> point.getFieldsDoubleOrThrow("seconds") < 86_400))
                .containsExactly("host=db2,path=/var/lib");
        assertThat(alerts("unlike-peers", metrics, MachineRoomTest::isAnomaly)).containsExactly("host=web3,role=web");
        assertThat(alerts("level-shift", metrics, MachineRoomTest::isAnomaly))
                .containsExactly("host=web5,sensor=inlet");
        assertThat(alerts(
                        "slow-requests",
                        metrics,
                        point ->
                                point.getFieldsDoubleOrThrow("p99") > 0.5 && point.getFieldsIntOrThrow("count") >= 100))
                .containsExactly("server=http://web4/");
    }

    private static boolean isAnomaly(Point point) {
        return point.getFieldsIntOrThrow("anomaly") != 0;
    }

    private static List<String> metrics() throws IOException, InterruptedException {
        Process script = new ProcessBuilder(SCRIPTS.resolve("machine-room").toString(), "metrics")
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        List<String> lines = new ArrayList<>();
        BufferedReader reader = script.inputReader(StandardCharsets.UTF_8);
        for (String line; (line = reader.readLine()) != null; ) {
            lines.add(line + "000000000"); // in nanoseconds
        }
        assertThat(script.waitFor()).isZero();
        return lines;
    }

    /** The tags by which a result is told apart, of all results for which the task alerts. */
    private static SortedSet<String> alerts(String task, List<String> metrics, Predicate<Point> alerts)
            throws IOException {
        Tick tick = Tick.read(TASKS.resolve(task + ".tick"));
        SortedSet<String> found = new TreeSet<>();
        try (UdfDriver driver = tick.start()) {
            List<String> lines = new ArrayList<>();
            for (String line : metrics) {
                if (line.startsWith(tick.measurement + ",")) {
                    lines.add(line);
                }
                if (lines.size() == LINES_AT_ONCE) {
                    give(driver, lines, alerts, tick, found);
                }
            }
            give(driver, lines, alerts, tick, found);
        }
        return found;
    }

    private static void give(
            UdfDriver driver, List<String> lines, Predicate<Point> alerts, Tick tick, SortedSet<String> found) {
        driver.pipe(lines.toArray(String[]::new));
        lines.clear();
        for (Point point : driver.readPoints()) {
            if (alerts.test(point)) {
                SortedSet<String> tags = new TreeSet<>();
                point.getTagsMap().forEach((name, value) -> {
                    if (tick.tags.contains(name)) {
                        tags.add(name + "=" + value);
                    }
                });
                found.add(String.join(",", tags));
            }
        }
    }

    /**
     * What a TICKscript asks of a function.
     *
     * @param tags those of the group, and that of the members of a group
     */
    private record Tick(
            String measurement, List<String> dimensions, List<String> tags, String function, List<String[]> options) {
        private static final Pattern CALL = Pattern.compile("\\.(\\w+)\\(([^)]*)\\)");

        static Tick read(Path file) throws IOException {
            String text = Files.readString(file).replaceAll("(?m)^ *//.*$", "");
            Matcher function = Pattern.compile("@(\\w+)\\(\\)([^|]*)").matcher(text);
            assertThat(function.find()).as(file + "").isTrue();
            String from = text.substring(0, function.start());
            List<String> dimensions =
                    List.of(argument("groupBy", from).replace("'", "").split(", *"));
            List<String> tags = new ArrayList<>(dimensions);
            List<String[]> options = new ArrayList<>();
            for (Matcher call = CALL.matcher(function.group(2)); call.find(); ) {
                options.add(new String[] {call.group(1), call.group(2)});
                if (call.group(1).equals("by")) {
                    tags.add(call.group(2).replace("'", ""));
                }
            }
            return new Tick(
                    argument("measurement", from).replace("'", ""), dimensions, tags, function.group(1), options);
        }

        private static String argument(String property, String text) {
            Matcher call = Pattern.compile("\\." + property + "\\(([^)]*)\\)").matcher(text);
            assertThat(call.find()).as(property).isTrue();
            return call.group(1);
        }

        UdfDriver start() {
            UdfDriver.Builder builder =
                    UdfDriver.of(Functions.find(function)).groupBy(dimensions.toArray(String[]::new));
            options.forEach(option -> builder.option(option[0], value(option[1])));
            return builder.start();
        }

        private static Object value(String literal) {
            if (literal.startsWith("'")) {
                return literal.substring(1, literal.length() - 1);
            }
            if (literal.endsWith("m")) {
                return Duration.ofMinutes(Long.parseLong(literal.substring(0, literal.length() - 1)));
            }
            return literal.contains(".") ? (Object) Double.parseDouble(literal) : (Object) Long.parseLong(literal);
        }
    }
}
