package org.kapacitorudf.internal.host;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.kapacitorudf.Batch;
import org.kapacitorudf.Point;
import org.kapacitorudf.errors.NonFinite;
import org.kapacitorudf.errors.OutputException;

/**
 * Keeps what no consumer can take from leaving: of what a function has made, not of what came from Kapacitor.
 *
 * <p>Kapacitor itself takes a NaN, an infinity, a point without fields. Behind it, the alert is lost, {@code httpOut} answers with an error for all groups, and
 * InfluxDB refuses the line.
 *
 * <p>Threading: safe for any thread.
 *
 * <p>Errors: {@link OutputException} for a point without a name or fields, and for a value that is not finite if the policy is {@link NonFinite#FAIL}.
 */
public final class ResultCheck {
    private final NonFinite policy;
    private final Consumer<String> warn;
    private final AtomicLong nonFinite = new AtomicLong();

    /** @param warn given one line at most */
    public ResultCheck(NonFinite policy, Consumer<String> warn) {
        this.policy = policy;
        this.warn = warn;
    }

    /** How many values were not finite, whatever became of them. */
    public long nonFinite() {
        return nonFinite.get();
    }

    /** The point as it is sent; null if nothing is left of it. */
    public Point checked(Point point) {
        return point.isSound() ? point : changed(point, false);
    }

    /** The batch as it is sent. */
    public Batch checked(Batch batch) {
        for (Point point : batch.points()) {
            if (!point.isSound()) {
                return changed(batch);
            }
        }
        return batch;
    }

    private Batch changed(Batch batch) {
        List<Point> points = new ArrayList<>(batch.points().size());
        for (Point point : batch.points()) {
            Point sent = point.isSound() ? point : changed(point, true);
            if (sent != null) {
                points.add(sent);
            }
        }
        return batch.withPoints(points);
    }

    private Point changed(Point point, boolean inBatch) {
        point.brokenRule(inBatch).ifPresent(rule -> {
            throw new OutputException("point: " + rule);
        });
        List<String> fields = point.nonFiniteFields();
        if (fields.isEmpty()) {
            return point;
        }
        String first =
                "field \"" + fields.get(0) + "\": " + point.field(fields.get(0)).orElseThrow();
        boolean isFirst = nonFinite.getAndAdd(fields.size()) == 0;
        if (policy == NonFinite.KEEP) {
            return point;
        }
        if (policy == NonFinite.FAIL) {
            throw new OutputException(first + " (expected: a finite number)");
        }
        if (isFirst) {
            warn.accept(first + " (expected: a finite number); dropped, and so are further ones, without a line");
        }
        Point sent = point;
        for (String field : fields) {
            sent = sent.withoutField(field);
        }
        return sent.brokenRule(inBatch).isPresent() ? null : sent;
    }
}
