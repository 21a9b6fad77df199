package org.kapacitorudf.server.demo;

import com.google.protobuf.ByteString;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;
import org.kapacitorudf.client.Kapacitor;
import org.kapacitorudf.client.Options;
import org.kapacitorudf.client.PointBatch;
import org.kapacitorudf.client.StandInException;
import org.kapacitorudf.proto.InfoResponse;
import org.kapacitorudf.proto.InitResponse;
import org.kapacitorudf.proto.Option;
import org.kapacitorudf.proto.Point;
import org.kapacitorudf.proto.RestoreResponse;

/**
 * Sends a {@link Day} to two functions of a running server, as Kapacitor would, and shows the results.
 *
 * <p>All results are verified: each mean against a plain sum, and the outliers against the planted spikes.
 *
 * <p>Threading: one thread.
 */
public final class Demo {
    private static final int WINDOW = 15;
    private static final int BATCH_MINUTES = 60;
    private static final double SCALE = 3.0;
    private static final int NOON = Day.MINUTES / 2;
    private static final double ALLOWED_DIFFERENCE = 1e-9;

    private final Path movingAvgSocket;
    private final Path outliersSocket;
    private final PrintStream out;
    private final Day day = Day.recorded();
    private final List<String> problems = new ArrayList<>();

    private Demo(Path movingAvgSocket, Path outliersSocket, PrintStream out) {
        this.movingAvgSocket = movingAvgSocket;
        this.outliersSocket = outliersSocket;
        this.out = out;
    }

    /**
     * Runs the demo.
     *
     * @return the failed checks; empty if all passed
     */
    public static List<String> run(Path movingAvgSocket, Path outliersSocket, PrintStream out) {
        Demo demo = new Demo(movingAvgSocket, outliersSocket, out);
        try {
            demo.requireSockets();
            demo.introduce();
            demo.movingAverage();
            demo.outliers();
        } catch (IOException | StandInException e) {
            demo.problems.add(e.getMessage());
        }
        return List.copyOf(demo.problems);
    }

    /**
     * Fails if a socket does not exist: the stand-in would wait for it, as Kapacitor does, but a user at a
     * terminal should see the error immediately.
     */
    private void requireSockets() throws IOException {
        for (Path socket : List.of(movingAvgSocket, outliersSocket)) {
            if (Files.notExists(socket)) {
                throw new IOException(
                        "socket: " + socket + ": no such file (expected: a socket of kapacitor-udf serve)");
            }
        }
    }

    private void introduce() {
        say("One day of %d hosts' temperatures, one a minute: %d points. A wave, noise, and", hosts(), points());
        say(
                "%d spikes. A stand-in for Kapacitor sends them, over the sockets.",
                day.spikes().size());
    }

    private int hosts() {
        return day.hosts().size();
    }

    private int points() {
        return Day.MINUTES * hosts();
    }

    // ---- movingAvg

    private void movingAverage() throws IOException {
        say("");
        say("@movingAvg().field('%s').size(%d).as('mean')", Day.FIELD, WINDOW);
        askWhatItIs(movingAvgSocket);

        Map<String, double[]> means = new LinkedHashMap<>();
        ByteString snapshot;
        try (Kapacitor kapacitor = Kapacitor.builder().connect(movingAvgSocket)) {
            initMovingAverage(kapacitor);
            average(kapacitor, 0, NOON, means);
            snapshot = kapacitor.snapshot();
            end(kapacitor);
        }
        try (Kapacitor kapacitor = Kapacitor.builder().connect(movingAvgSocket)) {
            initMovingAverage(kapacitor);
            RestoreResponse restored = kapacitor.restore(snapshot);
            check(restored.getSuccess(), "movingAvg: restore: " + restored.getError());
            average(kapacitor, NOON, Day.MINUTES, means);
            end(kapacitor);
        }
        for (String host : day.hosts()) {
            say("");
            say("  %s   . temperature   # its mean over %d minutes   ^ v off the chart", host, WINDOW);
            DayChart.of(day.celsius(host), of(means, host)).forEach(out::println);
        }
        say("");
        say("  %d points in, %d means out", points(), points());
        checkMeans(means);
        showSnapshot(means, snapshot);
    }

    private void initMovingAverage(Kapacitor kapacitor) {
        init(
                kapacitor,
                "movingAvg3",
                Options.of("field", Day.FIELD),
                Options.of("size", WINDOW),
                Options.of("as", "mean"));
    }

    /** Sends the points of a part of the day, and adds the returned means to {@code means}. */
    private void average(Kapacitor kapacitor, int fromMinute, int toMinute, Map<String, double[]> means) {
        List<Point> points = day.points(fromMinute, toMinute).list();
        kapacitor.send(points);
        kapacitor.awaitReceived(points.size());
        List<Point> received = kapacitor.points();
        check(received.size() == points.size(), "movingAvg: " + received.size() + " points out of " + points.size());
        for (Point point : received) {
            double mean = point.getFieldsDoubleOrDefault("mean", Double.NaN);
            of(means, point.getTagsOrThrow("host"))[Day.minute(point.getTime())] = mean;
        }
    }

    /** The means of a host, minute by minute. */
    private static double[] of(Map<String, double[]> means, String host) {
        return means.computeIfAbsent(host, first -> new double[Day.MINUTES]);
    }

    private void checkMeans(Map<String, double[]> means) {
        double largest = 0;
        for (String host : day.hosts()) {
            double[] celsius = day.celsius(host);
            for (int minute = 0; minute < Day.MINUTES; minute++) {
                double difference =
                        Math.abs(of(means, host)[minute] - mean(celsius, Math.max(0, minute + 1 - WINDOW), minute + 1));
                // If a mean is NaN, the largest difference becomes NaN and remains NaN, so the check below fails.
                largest = Math.max(largest, difference);
            }
        }
        say("  each mean against a plain sum of its %d values: at most %.0e degrees apart", WINDOW, largest);
        check(largest <= ALLOWED_DIFFERENCE, "movingAvg: a mean that is " + largest + " off");
    }

    private static double mean(double[] values, int from, int to) {
        double sum = 0;
        for (int i = from; i < to; i++) {
            sum += values[i];
        }
        return sum / (to - from);
    }

    private void showSnapshot(Map<String, double[]> means, ByteString snapshot) {
        String host = day.hosts().get(0);
        double[] celsius = day.celsius(host);
        say("");
        say(
                "  At %s it returned a snapshot of %d bytes, and its connection was closed.",
                Day.clock(NOON), snapshot.size());
        say("  A new connection restored the snapshot, and the window of %s continued:", host);
        say("    last mean before     %.4f", of(means, host)[NOON - 1]);
        say("    first mean after     %.4f", of(means, host)[NOON]);
        say("    by a plain sum       %.4f", mean(celsius, NOON + 1 - WINDOW, NOON + 1));
        say("    from an empty window %.4f", celsius[NOON]);
    }

    // ---- outliers

    private void outliers() throws IOException {
        say("");
        say("|window().period(1h).every(1h) @outliers().field('%s').scale(%.1f)", Day.FIELD, SCALE);
        askWhatItIs(outliersSocket);

        List<PointBatch> batches = new ArrayList<>();
        for (int minute = 0; minute < Day.MINUTES; minute += BATCH_MINUTES) {
            batches.addAll(day.points(minute, minute + BATCH_MINUTES).batches());
        }
        List<PointBatch> received;
        try (Kapacitor kapacitor = Kapacitor.builder().connect(outliersSocket)) {
            init(kapacitor, "outliers4", Options.of("field", Day.FIELD), Options.of("scale", SCALE));
            kapacitor.sendBatches(batches);
            kapacitor.awaitBatches(batches.size());
            received = kapacitor.batches();
            end(kapacitor);
        }
        check(received.size() == batches.size(), "outliers: " + received.size() + " batches of " + batches.size());
        Map<Where, Double> found = new HashMap<>();
        for (PointBatch batch : received) {
            for (Point point : batch.points()) {
                found.put(
                        new Where(Day.minute(point.getTime()), point.getTagsOrThrow("host")),
                        point.getFieldsDoubleOrDefault(Day.FIELD, Double.NaN));
            }
        }
        say("");
        compare(found);
        say("");
        say("  %d points in %d batches in, %d batches out", points(), batches.size(), received.size());
    }

    private record Where(int minute, String host) implements Comparable<Where> {
        @Override
        public int compareTo(Where other) {
            int byMinute = Integer.compare(minute, other.minute);
            return byMinute != 0 ? byMinute : host.compareTo(other.host);
        }
    }

    private void compare(Map<Where, Double> found) {
        Map<Where, Double> planted = new HashMap<>();
        day.spikes().forEach(spike -> planted.put(new Where(spike.minute(), spike.host()), spike.degrees()));
        TreeSet<Where> all = new TreeSet<>(planted.keySet());
        all.addAll(found.keySet());
        say("  time   host    planted   came back");
        for (Where where : all) {
            String spike = planted.containsKey(where) ? text("%+.1f", planted.get(where)) : "-";
            String value = found.containsKey(where) ? text("%.2f", found.get(where)) : "-";
            String verdict = "found";
            if (!found.containsKey(where)) {
                verdict = "MISSED";
            } else if (!planted.containsKey(where)) {
                verdict = "FALSE";
            }
            say("  %-5s  %-6s  %7s   %9s   %s", Day.clock(where.minute()), where.host(), spike, value, verdict);
        }
        long hits = found.keySet().stream().filter(planted::containsKey).count();
        int falsely = found.size() - (int) hits;
        say("");
        say("  %d spikes planted, %d of them found, %d false alarms", planted.size(), hits, falsely);
        check(hits == planted.size(), "outliers: " + (planted.size() - hits) + " spikes missed");
        check(falsely == 0, "outliers: " + falsely + " false alarms");
        found.forEach((where, value) -> check(
                value == day.celsius(where.host())[where.minute()],
                "outliers: " + value + " at " + Day.clock(where.minute()) + " is not what was sent"));
    }

    // ---- common to all uses

    /** Requests the function's description over a separate connection, as Kapacitor does at startup. */
    private void askWhatItIs(Path socket) throws IOException {
        try (Kapacitor kapacitor = Kapacitor.builder().connect(socket)) {
            InfoResponse info = kapacitor.info();
            end(kapacitor);
            say(
                    "  The function declares: %s in, %s out; options %s",
                    info.getWants().name().toLowerCase(Locale.ROOT),
                    info.getProvides().name().toLowerCase(Locale.ROOT),
                    String.join(", ", new TreeSet<>(info.getOptionsMap().keySet())));
        }
    }

    private void init(Kapacitor kapacitor, String node, Option... options) {
        InitResponse started = kapacitor.init("demo", node, options);
        check(started.getSuccess(), node + ": init: " + started.getError());
    }

    private void end(Kapacitor kapacitor) {
        kapacitor.closeInput();
        kapacitor.awaitEnd();
        problems.addAll(kapacitor.problems());
    }

    private void check(boolean asItHasToBe, String problem) {
        if (!asItHasToBe) {
            problems.add(problem);
        }
    }

    private void say(String format, Object... values) {
        out.println(text(format, values));
    }

    private static String text(String format, Object... values) {
        return String.format(Locale.ROOT, format, values);
    }
}
