package org.kapacitorudf.internal.host;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.kapacitorudf.Batch;
import org.kapacitorudf.Point;
import org.kapacitorudf.errors.NonFinite;
import org.kapacitorudf.errors.OutputException;

/**
 * Prevents a function from sending data that no consumer accepts. Data that comes from Kapacitor is not checked.
 *
 * <p>Kapacitor itself accepts a NaN, an infinity, and a point without fields. But an alert on such a point is lost,
 * {@code httpOut} responds with an error for all groups, and InfluxDB rejects the line.
 *
 * <p>Threading: safe for use by any thread.
 *
 * <p>Errors: {@link OutputException} for a point without a name or fields, and for a value that is not finite if the
 * policy is {@link NonFinite#FAIL}.
 */
public final class ResultCheck {
    private final NonFinite policy;
    private final Consumer<String> warn;
    private final AtomicLong nonFinite = new AtomicLong();

    /** @param warn receives a warning, at most once */
    public ResultCheck(NonFinite policy, Consumer<String> warn) {
        this.policy = policy;
        this.warn = warn;
    }

    /** The number of field values that were not finite, whether or not they were sent. */
    public long nonFinite() {
        return nonFinite.get();
    }

    /** Checks a point. Returns the point to send; null if no fields are left. */
    public @Nullable Point checked(Point point) {
        return point.isSound() ? point : changed(point, false);
    }

    /** Checks a batch. Returns the batch to send. */
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

    private @Nullable Point changed(Point point, boolean inBatch) {
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
            warn.accept(first + " (expected: a finite number); dropped, and so are further ones without a log line");
        }
        Point sent = point;
        for (String field : fields) {
            sent = sent.withoutField(field);
        }
        return sent.brokenRule(inBatch).isPresent() ? null : sent;
    }
}
