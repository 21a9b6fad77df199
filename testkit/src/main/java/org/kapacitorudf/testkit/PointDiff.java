package org.kapacitorudf.testkit;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.kapacitorudf.client.LineProtocol;
import org.kapacitorudf.client.Points;
import org.kapacitorudf.proto.Point;

/**
 * Reports how points differ from the expected ones.
 *
 * <pre>
 *   output: 3 lines (expected: 3), not as expected: 1 differs, 1 missing, 1 unexpected
 *       cpu,host=a avg=1.0 0
 *     ~ cpu,host=a avg=1.5 1
 *         avg: 1.5 (expected: 2.0)
 *     - cpu,host=a avg=3.5 2
 *     + cpu,host=b avg=3.5 2
 * </pre>
 *
 * <p>Threading: one thread.
 */
final class PointDiff {
    /**
     * If there are more pairs of lines than this, lines are paired by position, because the search for the best pairs
     * takes quadratic time.
     */
    private static final long MAX_PAIRS = 4_000_000;

    private static final int MAX_SHOWN = 100;
    private static final int EQUAL_SHOWN_AROUND = 2;
    private static final int SKIPPED_SHOWN = 5;

    /** A line of output: a point, or the head of a batch as text. */
    record Line(@Nullable String head, @Nullable Point point) {
        static Line of(Point point) {
            return new Line(null, point);
        }

        static Line ofHead(String head) {
            return new Line(head, null);
        }

        @Override
        public String toString() {
            return point != null ? LineProtocol.format(point) : String.valueOf(head);
        }
    }

    private enum Kind {
        EQUAL("    "),
        DIFFERS("  ~ "),
        MISSING("  - "),
        UNEXPECTED("  + ");

        private final String mark;

        Kind(String mark) {
            this.mark = mark;
        }
    }

    private record Entry(
            Kind kind, @Nullable Line expected, @Nullable Line actual) {}

    private final List<Line> expected;
    private final List<Line> actual;
    private final double tolerance;
    private final List<Entry> entries = new ArrayList<>();

    private PointDiff(List<Line> expected, List<Line> actual, double tolerance) {
        this.expected = expected;
        this.actual = actual;
        this.tolerance = tolerance;
    }

    /**
     * Compares lines.
     *
     * @param tolerance how far a double may be from the expected one
     * @param skipped why points were skipped, which may explain missing points
     * @throws AssertionError if there are differences; the message describes them
     */
    static void check(List<Line> expected, List<Line> actual, double tolerance, List<String> skipped) {
        PointDiff diff = new PointDiff(expected, actual, tolerance);
        diff.align();
        if (diff.count(Kind.EQUAL) < diff.entries.size()) {
            StringBuilder text = new StringBuilder(diff.text());
            skipped.stream()
                    .limit(SKIPPED_SHOWN)
                    .forEach(why -> text.append("\n    skipped: ").append(why));
            text.append(
                    skipped.size() > SKIPPED_SHOWN
                            ? "\n    and " + (skipped.size() - SKIPPED_SHOWN) + " more skipped"
                            : "");
            throw new AssertionError(text.toString());
        }
    }

    private void align() {
        int from = 0;
        int expectedTo = expected.size();
        int actualTo = actual.size();
        while (from < Math.min(expectedTo, actualTo) && same(expected.get(from), actual.get(from))) {
            add(from, from);
            from++;
        }
        int tail = 0;
        while (Math.min(expectedTo, actualTo) > from && same(expected.get(expectedTo - 1), actual.get(actualTo - 1))) {
            expectedTo--;
            actualTo--;
            tail++;
        }
        alignMiddle(from, expectedTo, actualTo);
        for (int i = 0; i < tail; i++) {
            add(expectedTo + i, actualTo + i);
        }
    }

    /**
     * Finds the longest common subsequence. The lines that differ between two equal lines are paired with each other.
     */
    private void alignMiddle(int from, int expectedTo, int actualTo) {
        int rows = expectedTo - from;
        int columns = actualTo - from;
        if ((long) rows * columns > MAX_PAIRS) {
            pair(from, expectedTo, from, actualTo);
            return;
        }
        int[][] longest = new int[rows + 1][columns + 1];
        for (int row = rows - 1; row >= 0; row--) {
            for (int column = columns - 1; column >= 0; column--) {
                longest[row][column] = same(expected.get(from + row), actual.get(from + column))
                        ? longest[row + 1][column + 1] + 1
                        : Math.max(longest[row + 1][column], longest[row][column + 1]);
            }
        }
        int row = 0;
        int column = 0;
        int rowStart = 0;
        int columnStart = 0;
        while (row < rows && column < columns) {
            if (same(expected.get(from + row), actual.get(from + column))) {
                pair(from + rowStart, from + row, from + columnStart, from + column);
                add(from + row++, from + column++);
                rowStart = row;
                columnStart = column;
            } else if (longest[row + 1][column] >= longest[row][column + 1]) {
                row++;
            } else {
                column++;
            }
        }
        pair(from + rowStart, expectedTo, from + columnStart, actualTo);
    }

    /** Pairs each line that differs with the line that was probably expected in its place. */
    private void pair(int expectedFrom, int expectedTo, int actualFrom, int actualTo) {
        int next = actualFrom;
        for (int i = expectedFrom; i < expectedTo; i++) {
            int match = like(i, next, actualTo, expectedTo - i);
            if (match < 0) {
                entries.add(new Entry(Kind.MISSING, expected.get(i), null));
                continue;
            }
            for (; next < match; next++) {
                entries.add(new Entry(Kind.UNEXPECTED, null, actual.get(next)));
            }
            add(i, next++);
        }
        for (; next < actualTo; next++) {
            entries.add(new Entry(Kind.UNEXPECTED, null, actual.get(next)));
        }
    }

    /**
     * Returns the index of the first line with the series and the time of the expected line. If there is none, returns
     * {@code from} if both sides have the same number of lines left, or if there are more actual lines and the first of
     * them has the expected series. Otherwise returns -1.
     */
    private int like(int index, int from, int to, int left) {
        Line wanted = expected.get(index);
        for (int i = from; i < Math.min(to, from + MAX_SHOWN); i++) {
            Line got = actual.get(i);
            if (isSameSeries(wanted, got)
                    && wanted.point() != null
                    && got.point() != null
                    && wanted.point().getTime() == got.point().getTime()) {
                return i;
            }
        }
        if (from < to
                && to - from == left
                && (wanted.head() == null) == (actual.get(from).head() == null)) {
            return from;
        }
        return from < to && to - from > left && isSameSeries(wanted, actual.get(from)) ? from : -1;
    }

    private static boolean isSameSeries(Line one, Line other) {
        if (one.point() == null || other.point() == null) {
            return one.point() == other.point();
        }
        return one.point().getName().equals(other.point().getName())
                && one.point().getTagsMap().equals(other.point().getTagsMap());
    }

    private void add(int expectedAt, int actualAt) {
        Line wanted = expected.get(expectedAt);
        Line got = actual.get(actualAt);
        entries.add(new Entry(same(wanted, got) ? Kind.EQUAL : Kind.DIFFERS, wanted, got));
    }

    private boolean same(Line one, Line other) {
        if (one.point() == null || other.point() == null) {
            return Objects.equals(one.head(), other.head());
        }
        return isSameSeries(one, other)
                && one.point().getTime() == other.point().getTime()
                && sameFields(Points.fields(one.point()), Points.fields(other.point()));
    }

    private boolean sameFields(Map<String, Object> one, Map<String, Object> other) {
        return one.keySet().equals(other.keySet())
                && one.entrySet().stream().allMatch(field -> sameValue(field.getValue(), other.get(field.getKey())));
    }

    private boolean sameValue(Object one, @Nullable Object other) {
        return one.equals(other)
                || (one instanceof Double a && other instanceof Double b && Math.abs(a - b) <= tolerance);
    }

    private long count(Kind kind) {
        return entries.stream().filter(entry -> entry.kind() == kind).count();
    }

    private String text() {
        StringBuilder text = new StringBuilder("output: " + counted(actual.size(), "line") + " (expected: "
                + (expected.isEmpty() ? "none" : expected.size()) + ")");
        Map<Kind, String> words = new LinkedHashMap<>();
        words.put(Kind.DIFFERS, counted(count(Kind.DIFFERS), "differs"));
        words.put(Kind.MISSING, count(Kind.MISSING) + " missing");
        words.put(Kind.UNEXPECTED, count(Kind.UNEXPECTED) + " unexpected");
        words.forEach((kind, word) -> text.append(count(kind) > 0 ? ", " + word : ""));
        int shown = 0;
        boolean gap = false;
        for (int i = 0; i < entries.size() && shown < MAX_SHOWN; i++) {
            if (isNearADifference(i)) {
                text.append(gap ? "\n    ..." : "");
                append(text, entries.get(i));
                shown++;
            }
            gap = !isNearADifference(i);
        }
        return text.append(shown == MAX_SHOWN ? "\n    ... and so on" : "").toString();
    }

    private static String counted(long count, String word) {
        if (word.equals("differs")) {
            return count + (count == 1 ? " differs" : " differ");
        }
        return count == 0 ? "nothing" : count + " " + word + (count == 1 ? "" : "s");
    }

    private boolean isNearADifference(int index) {
        int from = Math.max(0, index - EQUAL_SHOWN_AROUND);
        int to = Math.min(entries.size(), index + EQUAL_SHOWN_AROUND + 1);
        return entries.subList(from, to).stream().anyMatch(entry -> entry.kind() != Kind.EQUAL);
    }

    private void append(StringBuilder text, Entry entry) {
        Line wantedLine = entry.expected();
        Line gotLine = entry.actual();
        text.append('\n').append(entry.kind().mark).append(gotLine == null ? wantedLine : gotLine);
        if (wantedLine == null || gotLine == null || entry.kind() != Kind.DIFFERS) {
            return;
        }
        Point wanted = wantedLine.point();
        Point got = gotLine.point();
        if (wanted == null || got == null) {
            text.append("\n        (expected: ").append(wantedLine).append(')');
            return;
        }
        differing(text, "name", got.getName(), wanted.getName());
        Map<String, String> gotTags = new TreeMap<>(got.getTagsMap());
        for (String tag : union(gotTags, wanted.getTagsMap())) {
            differing(text, "tag " + tag, gotTags.get(tag), wanted.getTagsMap().get(tag));
        }
        Map<String, Object> gotFields = Points.fields(got);
        Map<String, Object> wantedFields = Points.fields(wanted);
        for (String field : union(gotFields, wantedFields)) {
            Object gotValue = gotFields.get(field);
            Object wantedValue = wantedFields.get(field);
            if (gotValue == null || wantedValue == null || !sameValue(wantedValue, gotValue)) {
                differing(text, field, written(gotValue), written(wantedValue));
            }
        }
        differing(text, "time", Long.toString(got.getTime()), Long.toString(wanted.getTime()));
    }

    private static TreeSet<String> union(Map<String, ?> one, Map<String, ?> other) {
        TreeSet<String> names = new TreeSet<>(one.keySet());
        names.addAll(other.keySet());
        return names;
    }

    /** Formats a value as in line protocol, which shows the type. */
    private static @Nullable String written(@Nullable Object value) {
        return value == null ? null : LineProtocol.written(value);
    }

    private static void differing(StringBuilder text, String what, @Nullable String got, @Nullable String wanted) {
        if (!Objects.equals(got, wanted)) {
            text.append("\n        ")
                    .append(what)
                    .append(": ")
                    .append(got == null ? "missing" : got)
                    .append(" (expected: ")
                    .append(wanted == null ? "none" : wanted)
                    .append(')');
        }
    }
}
