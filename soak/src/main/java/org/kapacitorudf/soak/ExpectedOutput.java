package org.kapacitorudf.soak;

import java.util.ArrayDeque;
import java.util.Optional;
import org.kapacitorudf.proto.BeginBatch;
import org.kapacitorudf.proto.EndBatch;
import org.kapacitorudf.soak.Findings.Sort;

/**
 * What has to come back on one connection, in order: each point with its number, with the bytes that were sent or the totals that it makes.
 *
 * <p>It knows which points fail, and what that does to the state: nothing where the function skips them; where it begins anew, the state goes back to that of the last
 * snapshot.
 *
 * <p>Threading: one thread.
 *
 * <p>Errors: what is wrong is a finding, and it goes on behind it.
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
    private GroupTotals atSnapshot;
    private Saved saved;

    /** A batch that was sent. */
    record Sent(BeginBatch begin, EndBatch end, long first) {}

    /** A snapshot that was given, and the totals that it has to have in it. */
    record Saved(byte[] bytes, GroupTotals totals) {}

    ExpectedOutput(FunctionKind kind, String who, PointTemplate template, Findings findings) {
        this.kind = kind;
        this.who = who;
        this.template = template;
        this.findings = findings;
    }

    /** A new handler begins. */
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

    /** The number that comes back next. */
    long next() {
        return next;
    }

    /** How many points have come back as they should, or have failed as they should. */
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

    /** The point of this number will fail. */
    void failsAt(long number) {
        failing.add(number);
        pass();
    }

    /** A snapshot was asked for before the point of this number. */
    void snapshotAt(long number) {
        snapshotAt = number;
        pass();
    }

    /** Goes on over what does not come back. */
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

    /** Whether the point is next at which the task has to end. */
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

    /** The answer to the request for a snapshot. */
    void snapshot(byte[] bytes) {
        if (snapshotAt < 0) {
            findings.add(Sort.STATE, who + ": a snapshot that nobody asked for");
        } else if (atSnapshot == null) {
            findings.add(
                    Sort.LOST, who + ": a snapshot before point " + next + " (expected: " + snapshotAt + " before it)");
        } else if (bytes.length == 0) {
            // Kapacitor does not store it over the one before.
            if (!atSnapshot.isEmpty()) {
                findings.add(Sort.STATE, who + ": an empty snapshot behind point " + (snapshotAt - 1));
            }
        } else {
            saved = new Saved(bytes, atSnapshot);
            lastGood = atSnapshot;
        }
        snapshotAt = -1;
        atSnapshot = null;
    }

    /**
     * The connection has ended in order: nothing may be missing.
     *
     * @param end the number behind the last one that was sent
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
