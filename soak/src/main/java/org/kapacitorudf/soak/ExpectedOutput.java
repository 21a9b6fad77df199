package org.kapacitorudf.soak;

import java.util.ArrayDeque;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.kapacitorudf.proto.BeginBatch;
import org.kapacitorudf.proto.EndBatch;
import org.kapacitorudf.soak.Findings.Sort;

/**
 * The expected output of one connection, in order: for each point its number, and either the bytes that were sent or
 * the resulting totals.
 *
 * <p>It knows on which points the function fails, and what the state is after that: a function that skips such points
 * keeps its state; a function that restarts continues with the state of the last snapshot.
 *
 * <p>Threading: one thread.
 *
 * <p>Errors: a mismatch is a finding, and checking continues after it.
 */
final class ExpectedOutput {
    private static final byte[] NUMBER = PointTemplate.entry(PointTemplate.NUMBER);
    private static final byte[] COUNT = PointTemplate.entry(PointTemplate.COUNT);
    private static final byte[] SUM = PointTemplate.entry(PointTemplate.SUM);

    private final FunctionKind kind;
    private final String who;
    private final PointTemplate template;
    private final Findings findings;

    private final ArrayDeque<Long> failing = new ArrayDeque<>();
    private final ArrayDeque<Sent> batches = new ArrayDeque<>();
    private boolean inBatch;

    private long next;
    private long checked;
    private GroupTotals totals = GroupTotals.none();
    private GroupTotals lastGood = GroupTotals.none();
    private long snapshotAt = -1;
    private @Nullable GroupTotals atSnapshot;
    private @Nullable Saved saved;

    /** A batch that was sent. */
    record Sent(BeginBatch begin, EndBatch end, long first) {}

    /** A received snapshot, and the totals that it must contain. */
    record Saved(byte[] bytes, GroupTotals totals) {}

    ExpectedOutput(FunctionKind kind, String who, PointTemplate template, Findings findings) {
        this.kind = kind;
        this.who = who;
        this.template = template;
        this.findings = findings;
    }

    /** Called when a new handler starts. */
    void begin(long first, GroupTotals restored) {
        failing.clear();
        batches.clear();
        inBatch = false;
        next = first;
        totals = restored.copy();
        lastGood = restored;
        snapshotAt = -1;
        atSnapshot = null;
    }

    /** The number of the next expected point. */
    long next() {
        return next;
    }

    /** The number of points that were returned correctly, or on which the function failed as expected. */
    long checked() {
        return checked;
    }

    Optional<Saved> saved() {
        return Optional.ofNullable(saved);
    }

    boolean isSnapshotOpen() {
        return snapshotAt >= 0;
    }

    void sent(Sent batch) {
        batches.add(batch);
    }

    /** Called when a point that makes the function fail is sent. */
    void failsAt(long number) {
        failing.add(number);
        pass();
    }

    /** Called when a snapshot has been requested before the point with this number. */
    void snapshotAt(long number) {
        snapshotAt = number;
        pass();
    }

    /** Advances to the next point that will be returned, past points on which the function fails. */
    private void pass() {
        while (true) {
            if (next == snapshotAt && atSnapshot == null) {
                atSnapshot = totals.copy();
            }
            if (failing.isEmpty() || failing.peek() != next || kind == FunctionKind.FAIL) {
                return;
            }
            failing.poll();
            next++;
            checked++;
            if (kind == FunctionKind.RESTART) {
                totals = lastGood.copy();
            }
        }
    }

    /** Whether the next point is the one at which the task must end. */
    boolean isAtTheEnd() {
        return kind == FunctionKind.FAIL && !failing.isEmpty() && failing.peek() == next;
    }

    void point(byte[] frame, int from, int to) {
        if (kind.isCounting()) {
            counted(frame, from, to);
        } else if (template.is(next, frame, from, to)) {
            accept();
        } else {
            other((long) PointTemplate.number(frame, from, to, NUMBER), "other bytes");
        }
    }

    private void counted(byte[] frame, int from, int to) {
        double number = PointTemplate.number(frame, from, to, NUMBER);
        if (number != next || isAtTheEnd()) {
            other((long) number, "no number");
            return;
        }
        totals.add(next);
        double count = PointTemplate.number(frame, from, to, COUNT);
        double sum = PointTemplate.number(frame, from, to, SUM);
        if (count != totals.count(next) || sum != totals.sum(next)) {
            findings.add(
                    Sort.STATE,
                    who + ": point " + next + " has count " + count + " and sum " + sum + " (expected: "
                            + totals.count(next) + " and " + totals.sum(next) + ")");
        }
        accept();
    }

    private void accept() {
        next++;
        checked++;
        pass();
    }

    private void other(long number, String alteration) {
        if (number > next && number < next + Integer.MAX_VALUE) {
            findings.add(
                    Sort.LOST, number - next, who + ": point " + number + " (expected: " + next + ", which is lost)");
            next = number + 1;
            failing.removeIf(failed -> failed < next);
            pass();
        } else if (number < next) {
            findings.add(Sort.DOUBLED, who + ": point " + number + " (expected: " + next + ")");
        } else {
            findings.add(Sort.ALTERED, who + ": point " + next + " with " + alteration + " (expected: what was sent)");
            next++;
            pass();
        }
    }

    void begin(BeginBatch begin) {
        Sent sent = batches.peek();
        if (sent == null || inBatch || next != sent.first || !begin.equals(sent.begin)) {
            findings.add(Sort.STATE, who + ": begin " + begin + " before point " + next + " (expected: " + sent + ")");
        }
        inBatch = true;
    }

    void end(EndBatch end) {
        Sent sent = batches.poll();
        if (sent == null || !inBatch || next != sent.first + sent.begin.getSize() || !end.equals(sent.end)) {
            findings.add(Sort.STATE, who + ": end " + end + " before point " + next + " (expected: " + sent + ")");
        }
        inBatch = false;
    }

    /** Checks the answer to a snapshot request. */
    void snapshot(byte[] bytes) {
        GroupTotals totalsThen = atSnapshot;
        if (snapshotAt < 0) {
            findings.add(Sort.STATE, who + ": a snapshot that was not requested");
        } else if (totalsThen == null) {
            findings.add(
                    Sort.LOST, who + ": a snapshot before point " + next + " (expected: " + snapshotAt + " before it)");
        } else if (bytes.length == 0) {
            // Kapacitor does not replace a stored snapshot by an empty one.
            if (!totalsThen.isEmpty()) {
                findings.add(Sort.STATE, who + ": an empty snapshot after point " + (snapshotAt - 1));
            }
        } else {
            saved = new Saved(bytes, totalsThen);
            lastGood = totalsThen;
        }
        snapshotAt = -1;
        atSnapshot = null;
    }

    /**
     * Called when the connection has ended cleanly: nothing may be missing.
     *
     * @param end the number of the last point that was sent, plus 1
     */
    void ended(long end) {
        if (kind == FunctionKind.FAIL && !failing.isEmpty()) {
            if (isAtTheEnd()) {
                checked++;
            } else {
                lost(failing.peek());
            }
        } else if (next < end) {
            lost(end);
        }
        if (!batches.isEmpty()) {
            findings.add(Sort.LOST, batches.size(), who + ": " + batches.size() + " batches did not come back");
        }
    }

    private void lost(long end) {
        findings.add(Sort.LOST, end - next, who + ": points " + next + " to " + (end - 1) + " did not come back");
    }
}
