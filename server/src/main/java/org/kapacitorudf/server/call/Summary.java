package org.kapacitorudf.server.call;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.kapacitorudf.Point;

/**
 * Counts the alerts in the results of a call, for each group.
 *
 * <p>An alert is a point of a detector whose field {@code anomaly} is not 0.
 *
 * <pre>
 *   group       points  alerts  a week  longest quiet  first alert           last alert
 *   cpu,host=a   4,032       3     1.5          6d 2h  2026-01-03T10:00:00Z  2026-01-12T08:05:00Z
 * </pre>
 *
 * For a function that is not a detector, it counts points:
 *
 * <pre>
 *   group         points in   points out
 *   cpu,host=a        4,032        4,032
 * </pre>
 *
 * <p>Threading: one thread at a time.
 */
public final class Summary implements Answers {
    private static final double NANOS_A_WEEK = Duration.ofDays(7).toNanos();
    private static final String NONE = "-";

    private final Map<String, Group> groups = new LinkedHashMap<>();
    private boolean isDetector;

    private static final class Group {
        private long points;
        private long pointsOut;
        private long alerts;
        private long first = Long.MAX_VALUE; // times in nanoseconds since the epoch
        private long last = Long.MIN_VALUE;
        private long firstAlert;
        private long lastAlert;
        private long quietNanos;

        private void point(long time) {
            points++;
            first = Math.min(first, time);
            last = Math.max(last, time);
        }

        private void alert(long time) {
            quietNanos = Math.max(quietNanos, time - (alerts == 0 ? first : lastAlert));
            firstAlert = alerts == 0 ? time : firstAlert;
            lastAlert = alerts == 0 ? time : Math.max(lastAlert, time);
            alerts++;
        }

        private String alertsAWeek() {
            long nanos = last - first;
            return nanos <= 0 ? NONE : String.format(Locale.ROOT, "%.1f", alerts * NANOS_A_WEEK / nanos);
        }

        private String longestQuiet() {
            long nanos = alerts == 0 ? last - first : Math.max(quietNanos, last - lastAlert);
            return points == 0 ? NONE : duration(Duration.ofNanos(nanos));
        }
    }

    @Override
    public void in(Point point) {
        group(point).point(point.timeNanos());
    }

    @Override
    public void out(Point point) {
        group(point).pointsOut++;
        DetectorFields.of(point).ifPresent(fields -> {
            isDetector = true;
            if (point.intField(fields.anomaly()) != 0) {
                group(point).alert(point.timeNanos());
            }
        });
    }

    private Group group(Point point) {
        return groups.computeIfAbsent(SeriesName.of(point), name -> new Group());
    }

    /** Whether alerts are counted: at least one point had the fields of a detector. */
    public boolean countsAlerts() {
        return isDetector;
    }

    /** Returns the number of groups whose input covers less than the given time. */
    public long groupsShorterThan(Duration time) {
        return groups.values().stream()
                .filter(group -> group.points > 0 && group.last - group.first < time.toNanos())
                .count();
    }

    /** The table, with a line for each group, in the order of the groups' first points. */
    public String table() {
        int width = Math.max(
                5, groups.keySet().stream().mapToInt(String::length).max().orElse(0));
        return isDetector ? alerts("%-" + width + "s") : points("%-" + width + "s");
    }

    private String alerts(String name) {
        String format = name + "  %11s  %8s  %7s  %13s  %-20s  %-20s";
        StringBuilder table = new StringBuilder();
        line(table, format, "group", "points", "alerts", "a week", "longest quiet", "first alert", "last alert");
        groups.forEach((group, counts) -> line(
                table,
                format,
                group,
                count(counts.points),
                count(counts.alerts),
                counts.alertsAWeek(),
                counts.longestQuiet(),
                counts.alerts == 0 ? NONE : time(counts.firstAlert),
                counts.alerts == 0 ? NONE : time(counts.lastAlert)));
        return table.toString();
    }

    private String points(String name) {
        String format = name + "  %11s  %11s";
        StringBuilder table = new StringBuilder();
        line(table, format, "group", "points in", "points out");
        groups.forEach((group, counts) -> line(table, format, group, count(counts.points), count(counts.pointsOut)));
        return table.toString();
    }

    private static String count(long count) {
        return String.format(Locale.ROOT, "%,d", count);
    }

    private static void line(StringBuilder table, String format, Object... cells) {
        table.append(String.format(Locale.ROOT, format, cells).stripTrailing()).append('\n');
    }

    private static String time(long nanos) {
        return Instant.ofEpochSecond(0, nanos).truncatedTo(ChronoUnit.SECONDS).toString();
    }

    /** Formats a duration in its two largest units, such as {@code 6d 2h}. */
    private static String duration(Duration duration) {
        long days = duration.toDays();
        if (days > 0) {
            return days + "d " + duration.toHoursPart() + "h";
        }
        if (duration.toHours() > 0) {
            return duration.toHours() + "h " + duration.toMinutesPart() + "m";
        }
        return duration.toMinutes() > 0
                ? duration.toMinutes() + "m " + duration.toSecondsPart() + "s"
                : duration.toSeconds() + "s";
    }
}
