package org.kapacitorudf.contract;

import java.util.ArrayList;
import java.util.List;
import org.kapacitorudf.Batch;
import org.kapacitorudf.BatchBegin;
import org.kapacitorudf.BatchEnd;
import org.kapacitorudf.Context;
import org.kapacitorudf.EdgeType;
import org.kapacitorudf.Handler;
import org.kapacitorudf.Output;
import org.kapacitorudf.Point;
import org.kapacitorudf.state.GroupState;
import org.kapacitorudf.state.State;

/**
 * Counts points for each group, and batches, in its state; fails as requested by its input, after it has counted and
 * emitted.
 *
 * <p>A point fails by its field {@code fail}, a batch at its begin or end by the value of its tag {@code fail}, every
 * restore by the field {@code unrestorable} of an earlier point.
 */
final class Fragile implements Handler {
    private final boolean takesBatches;
    private final GroupState<TestUdf.Count> counts;
    private final State<TestUdf.Count> batches;
    private boolean unsavable;
    private boolean unrestorable;
    private List<Point> points = new ArrayList<>();

    Fragile(Context context, EdgeType wants) {
        takesBatches = wants == EdgeType.BATCH;
        counts = context.groupState("counts", TestUdf.Count.class, TestUdf.Count::new);
        batches = context.state("batches", TestUdf.Count.class, TestUdf.Count::new);
    }

    @Override
    public void point(Point point, Output output) {
        long count = counts.of(point.group()).next();
        Point counted = point.withField("count", count);
        if (!takesBatches) {
            output.point(counted);
        }
        unsavable |= point.field("unsavable").isPresent();
        unrestorable |= point.field("unrestorable").isPresent();
        if (point.field("fail").isPresent()) {
            fail(point.stringField("fail"));
        }
        if (takesBatches) {
            points.add(counted);
        }
    }

    @Override
    public void beginBatch(BatchBegin begin, Output output) {
        points = new ArrayList<>();
        failIf("begin", begin.tags().get("fail"));
    }

    @Override
    public void endBatch(BatchEnd end, Output output) {
        long count = batches.get().next();
        failIf("end", end.tags().get("fail"));
        List<Point> numbered =
                points.stream().map(point -> point.withField("batch", count)).toList();
        output.batch(Batch.of(end.name(), end.tmaxNanos(), numbered).withTags(end.tags()));
    }

    @Override
    public byte[] snapshot(Output output) {
        if (unsavable) {
            throw new IllegalStateException("no snapshot today");
        }
        return new byte[] {(byte) (unrestorable ? 1 : 0)};
    }

    @Override
    public void restore(byte[] snapshot, Output output) {
        if (snapshot[0] == 1) {
            throw new IllegalStateException("no restore today");
        }
    }

    @Override
    public void stop(Output output) {
        if (!takesBatches) {
            output.point(Point.of("stopped", 0).withField("v", 1L));
        }
    }

    private static void failIf(String where, String asked) {
        if (where.equals(asked)) {
            fail(where);
        }
    }

    static void fail(String how) {
        switch (how) {
            case "overflow" -> throw new StackOverflowError("deep");
            case "memory" -> throw new OutOfMemoryError("made up");
            case "error" -> throw new AssertionError("an error");
            case "hostile" -> throw new HostileException();
            case "odd" -> Point.of("odd", 0).doubleField("none");
            default -> throw new IllegalStateException(how);
        }
    }

    /** Fails while it is being reported. */
    private static final class HostileException extends RuntimeException {
        private static final long serialVersionUID = 1;

        @Override
        public String getMessage() {
            throw new IllegalStateException("no message for you");
        }

        @Override
        public String toString() {
            throw new IllegalStateException("no text for you");
        }
    }
}
