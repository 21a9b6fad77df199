package org.kapacitorudf.tools.recording;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.BiPredicate;
import org.jspecify.annotations.Nullable;
import org.kapacitorudf.client.LineProtocol;
import org.kapacitorudf.client.Points;
import org.kapacitorudf.internal.codec.MessageText;
import org.kapacitorudf.proto.BeginBatch;
import org.kapacitorudf.proto.EndBatch;
import org.kapacitorudf.proto.Point;
import org.kapacitorudf.proto.Response;
import org.kapacitorudf.proto.Response.MessageCase;

/**
 * Compares an agent's responses with recorded ones by what they mean to Kapacitor.
 *
 * <p>Points and batches are compared group by group, in order. The interleaving of groups, answers and keepalives is
 * ignored, as is the order of tags and fields. For a snapshot, only its presence is compared; the wording of refusals
 * and errors is ignored.
 *
 * <p>After a difference, the comparison continues at the nearest place where both sequences match again: one missing
 * point is one difference, however many points follow.
 *
 * <p>Threading: safe for use by any thread; each side must be passed in order. A response is kept until the other side
 * has one to compare it with.
 */
final class Comparison {
    /** The maximum distance at which two sequences are matched again. */
    private static final int WINDOW = 64;

    private final double tolerance;
    private final int maxDifferences;
    private final List<String> differences = new ArrayList<>();
    private final Map<MessageCase, Pair<Response>> answers = new EnumMap<>(MessageCase.class);
    private final Map<String, Pair<Unit>> groups = new LinkedHashMap<>();
    private final Assembler expected = new Assembler();
    private final Assembler actual = new Assembler();
    private long points;
    private long batches;
    private boolean isStopped;

    /**
     * @param tolerance the maximum relative difference between doubles
     * @param maxDifferences the number of differences after which to stop
     */
    Comparison(double tolerance, int maxDifferences) {
        this.tolerance = tolerance;
        this.maxDifferences = maxDifferences;
    }

    /** Adds the next recorded response. */
    synchronized void expect(Response response) {
        take(expected, response, true);
    }

    /** Adds the next received response. */
    synchronized void came(Response response) {
        take(actual, response, false);
    }

    /**
     * Compares the remaining responses.
     *
     * @param mayHaveMore whether the recording is incomplete: responses after its end are then not differences
     */
    synchronized void finish(boolean mayHaveMore) {
        for (Map.Entry<MessageCase, Pair<Response>> kind : answers.entrySet()) {
            Pair<Response> pair = kind.getValue();
            pair.expected.forEach(response -> differ("- " + text(response) + "\n+ no such answer"));
            if (!mayHaveMore) {
                pair.actual.forEach(response -> differ("- no such answer\n+ " + text(response)));
            }
        }
        for (Pair<Unit> pair : groups.values()) {
            if (mayHaveMore) {
                while (pair.actual.size() > pair.expected.size()) {
                    pair.actual.removeLast();
                }
            }
            compare(pair, true);
        }
    }

    /** The differences found so far. */
    synchronized List<String> differences() {
        return List.copyOf(differences);
    }

    /** Whether the maximum number of differences has been found. */
    synchronized boolean isStopped() {
        return isStopped;
    }

    /** A summary of the responses that were the same: {@code 124 points in 2 groups}. */
    synchronized String same() {
        return (batches > 0 ? count(batches, "batch", "es") + " with " : "") + count(points, "point", "s") + " in "
                + count(groups.size(), "group", "s");
    }

    private static String count(long count, String what, String plural) {
        return count + " " + what + (count == 1 ? "" : plural);
    }

    private void differ(String difference) {
        if (differences.size() < maxDifferences) {
            differences.add(difference);
        }
        isStopped = differences.size() >= maxDifferences;
    }

    private void take(Assembler assembler, Response response, boolean isExpected) {
        switch (response.getMessageCase()) {
            case BEGIN, POINT, END -> {
                Unit unit = assembler.add(response);
                if (unit != null && !isStopped) {
                    Pair<Unit> pair = groups.computeIfAbsent(unit.group(), group -> new Pair<>());
                    (isExpected ? pair.expected : pair.actual).add(unit);
                    compare(pair, false);
                }
            }
            case INFO, INIT, SNAPSHOT, RESTORE, ERROR -> {
                Pair<Response> pair = answers.computeIfAbsent(response.getMessageCase(), kind -> new Pair<>());
                (isExpected ? pair.expected : pair.actual).add(response);
                compareAnswers(pair);
            }
            default -> {}
        }
    }

    /** The responses of each side that are still to be compared. */
    private static final class Pair<T> {
        final Deque<T> expected = new ArrayDeque<>();
        final Deque<T> actual = new ArrayDeque<>();
        long compared;
    }

    // Answers

    private void compareAnswers(Pair<Response> pair) {
        while (!pair.expected.isEmpty() && !pair.actual.isEmpty()) {
            Response wanted = pair.expected.poll();
            Response came = pair.actual.poll();
            if (!meaning(wanted).equals(meaning(came))) {
                differ("- " + text(wanted) + "\n+ " + text(came));
            }
        }
    }

    private static String meaning(Response answer) {
        return switch (answer.getMessageCase()) {
            case INFO -> text(answer);
            case INIT -> Boolean.toString(answer.getInit().getSuccess());
            case RESTORE -> Boolean.toString(answer.getRestore().getSuccess());
            default -> "";
        };
    }

    private static String text(Response response) {
        return MessageText.ofResponse(response.toByteArray(), Integer.MAX_VALUE);
    }

    // Data

    /** What is compared in order within a group: a stream point, or a batch. */
    private record Unit(String group, String head, List<Point> points) {
        static Unit ofPoint(String group, Point point) {
            return new Unit(group, "", List.of(point));
        }

        /** Creates the unit of a batch as Kapacitor does: everything except byName is taken from the end message. */
        static Unit ofBatch(BeginBatch begin, List<Point> points, EndBatch end) {
            String series = MessageText.series(end.getName(), end.getTagsMap());
            String head = "batch " + series + (begin.getByName() ? " by measurement" : "") + " until " + end.getTmax();
            return new Unit(series, head, points);
        }

        boolean isBatch() {
            return !head.isEmpty();
        }
    }

    /** Assembles batches as Kapacitor does. */
    private static final class Assembler {
        private @Nullable BeginBatch begin;
        private List<Point> points = new ArrayList<>();

        /** Adds a response; returns the unit that it completes, or null inside a batch. */
        @Nullable
        Unit add(Response response) {
            switch (response.getMessageCase()) {
                case BEGIN -> {
                    begin = response.getBegin();
                    points = new ArrayList<>();
                    return null;
                }
                case END -> {
                    EndBatch end = response.getEnd();
                    BeginBatch begun = begin == null ? BeginBatch.getDefaultInstance() : begin;
                    begin = null;
                    return Unit.ofBatch(begun, points, end);
                }
                default -> {
                    Point point = response.getPoint();
                    if (begin == null) {
                        return Unit.ofPoint(groupOf(point), point);
                    }
                    points.add(point);
                    return null;
                }
            }
        }

        /** The group as computed by Kapacitor: the agent's group is ignored. */
        private static String groupOf(Point point) {
            Map<String, String> tags = new HashMap<>();
            point.getDimensionsList().forEach(tag -> tags.put(tag, point.getTagsOrDefault(tag, "")));
            String series = MessageText.series(point.getByName() ? point.getName() : "", tags);
            return series.startsWith(",") ? series.substring(1) : series;
        }
    }

    private void compare(Pair<Unit> pair, boolean isLast) {
        while (!isStopped && !(pair.expected.isEmpty() && pair.actual.isEmpty())) {
            boolean bothThere = !pair.expected.isEmpty() && !pair.actual.isEmpty();
            if (bothThere && isSame(pair.expected.peek(), pair.actual.peek())) {
                Unit same = pair.expected.poll();
                pair.actual.poll();
                pair.compared++;
                points += same.points().size();
                batches += same.isBatch() ? 1 : 0;
            } else if (isLast || Math.min(pair.expected.size(), pair.actual.size()) >= WINDOW) {
                part(pair);
            } else {
                return;
            }
        }
    }

    /** Called when the first two units differ: reports all differences up to the next match. */
    private void part(Pair<Unit> pair) {
        int[] skip = nearestSame(pair.expected, pair.actual, this::isSame);
        for (int i = 0; i < Math.max(skip[0], skip[1]); i++) {
            Unit wanted = i < skip[0] ? pair.expected.poll() : null;
            Unit came = i < skip[1] ? pair.actual.poll() : null;
            pair.compared++;
            Unit either = wanted == null ? came : wanted;
            if (either != null) {
                differ(describe(pair.compared, either, wanted, came));
            }
        }
    }

    /**
     * Returns how many units of each side to skip, as few as possible, to reach two units that are the same. If there
     * are no such units, returns one for each side, or all units in the window if one side has ended.
     */
    private static <T> int[] nearestSame(Deque<T> expected, Deque<T> actual, BiPredicate<T, T> isSame) {
        List<T> wanted = first(expected);
        List<T> came = first(actual);
        for (int sum = 1; sum < wanted.size() + came.size(); sum++) {
            for (int i = Math.max(0, sum - came.size() + 1); i <= Math.min(sum, wanted.size() - 1); i++) {
                if (isSame.test(wanted.get(i), came.get(sum - i))) {
                    return new int[] {i, sum - i};
                }
            }
        }
        boolean oneEnded = wanted.isEmpty() || came.isEmpty();
        return oneEnded ? new int[] {wanted.size(), came.size()} : new int[] {1, 1};
    }

    private static <T> List<T> first(Deque<T> all) {
        List<T> first = new ArrayList<>();
        Iterator<T> iterator = all.iterator();
        while (iterator.hasNext() && first.size() < WINDOW) {
            first.add(iterator.next());
        }
        return first;
    }

    private boolean isSame(Unit wanted, Unit came) {
        if (wanted.isBatch() != came.isBatch()
                || wanted.points().size() != came.points().size()) {
            return false;
        }
        if (wanted.isBatch() && !wanted.head().equals(came.head())) {
            return false;
        }
        for (int i = 0; i < wanted.points().size(); i++) {
            if (!details(wanted.isBatch(), wanted.points().get(i), came.points().get(i))
                    .isEmpty()) {
                return false;
            }
        }
        return true;
    }

    // Formatting

    private String describe(long number, Unit either, @Nullable Unit wanted, @Nullable Unit came) {
        String group = either.group().isEmpty() ? "" : " of group " + either.group();
        if (!either.isBatch()) {
            StringBuilder text = new StringBuilder("point " + number + group);
            describe(
                    text,
                    "",
                    false,
                    wanted == null ? null : wanted.points().get(0),
                    came == null ? null : came.points().get(0));
            return text.toString();
        }
        StringBuilder text = new StringBuilder("batch " + number + group);
        if (wanted == null || came == null || !wanted.head().equals(came.head())) {
            line(
                    text,
                    "",
                    '-',
                    wanted == null
                            ? null
                            : wanted.head() + ", " + wanted.points().size() + " points");
            line(
                    text,
                    "",
                    '+',
                    came == null ? null : came.head() + ", " + came.points().size() + " points");
        } else {
            text.append(": ").append(wanted.head());
        }
        if (wanted != null && came != null) {
            describePoints(text, wanted, came);
        }
        return text.toString();
    }

    private void describePoints(StringBuilder text, Unit wanted, Unit came) {
        Deque<Point> left = new ArrayDeque<>(wanted.points());
        Deque<Point> right = new ArrayDeque<>(came.points());
        BiPredicate<Point, Point> isSame = (a, b) -> details(true, a, b).isEmpty();
        int shown = 0;
        while (!left.isEmpty() || !right.isEmpty()) {
            if (!left.isEmpty() && !right.isEmpty() && isSame.test(left.peek(), right.peek())) {
                left.poll();
                right.poll();
                continue;
            }
            int[] skip = nearestSame(left, right, isSame);
            for (int i = 0; i < Math.max(skip[0], skip[1]); i++) {
                Point one = i < skip[0] ? left.poll() : null;
                Point other = i < skip[1] ? right.poll() : null;
                if (shown++ < maxDifferences) {
                    describe(text, "  ", true, one, other);
                }
            }
        }
        if (shown > maxDifferences) {
            text.append("\n  ... and ").append(shown - maxDifferences).append(" more points");
        }
    }

    private void describe(
            StringBuilder text, String indent, boolean inBatch, @Nullable Point wanted, @Nullable Point came) {
        line(text, indent, '-', wanted == null ? null : LineProtocol.format(wanted));
        line(text, indent, '+', came == null ? null : LineProtocol.format(came));
        if (wanted != null && came != null) {
            details(inBatch, wanted, came)
                    .forEach(detail ->
                            text.append("\n").append(indent).append("  ").append(detail));
        }
    }

    private static void line(StringBuilder text, String indent, char sign, @Nullable String content) {
        if (content != null) {
            text.append('\n').append(indent).append(sign).append(' ').append(content);
        }
    }

    /** The differences that matter to Kapacitor between two points; empty if there are none. */
    private List<String> details(boolean inBatch, Point wanted, Point came) {
        List<String> details = new ArrayList<>();
        if (!inBatch) {
            detail(details, "name", wanted.getName(), came.getName());
            detail(details, "database", wanted.getDatabase(), came.getDatabase());
            detail(details, "retention policy", wanted.getRetentionPolicy(), came.getRetentionPolicy());
            detail(details, "by measurement", wanted.getByName(), came.getByName());
            detail(details, "dimensions", wanted.getDimensionsList(), came.getDimensionsList());
        }
        detail(details, "time", Long.toString(wanted.getTime()), Long.toString(came.getTime()));
        details(details, "tag ", wanted.getTagsMap(), came.getTagsMap());
        details(details, "field ", Points.fields(wanted), Points.fields(came));
        return details;
    }

    private void details(List<String> details, String what, Map<String, ?> wanted, Map<String, ?> came) {
        TreeSet<String> names = new TreeSet<>(wanted.keySet());
        names.addAll(came.keySet());
        for (String name : names) {
            detail(details, what + name, wanted.get(name), came.get(name));
        }
    }

    private void detail(List<String> details, String what, @Nullable Object wanted, @Nullable Object came) {
        if (!isSame(wanted, came)) {
            details.add(what + ": " + shown(came) + " (expected: " + shown(wanted) + ")");
        }
    }

    private static String shown(@Nullable Object value) {
        return value == null ? "none" : value instanceof Long ? value + "i" : value.toString();
    }

    private boolean isSame(@Nullable Object wanted, @Nullable Object came) {
        if (wanted instanceof Double a && came instanceof Double b && !a.equals(b)) {
            return Math.abs(a - b) < tolerance * Math.max(1, Math.max(Math.abs(a), Math.abs(b)));
        }
        return wanted == null ? came == null : wanted.equals(came);
    }
}
