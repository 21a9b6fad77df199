package org.kapacitorudf.soak;

import org.kapacitorudf.Context;
import org.kapacitorudf.Description;
import org.kapacitorudf.Fields;
import org.kapacitorudf.Handler;
import org.kapacitorudf.Udf;
import org.kapacitorudf.errors.FailurePolicy;
import org.kapacitorudf.state.GroupState;

/**
 * Keeps two totals in its state for each group: the number of points, and the sum of their numbers. Throws an exception
 * on a point with the name {@code fail}.
 *
 * <pre>
 *   m,g=g03 q=19    ->    m,g=g03 c=2,q=19,s=22
 *   fail,g=g03 q=20 ->    IllegalStateException
 * </pre>
 */
abstract class Counting implements Udf {
    private final Description description;

    private Counting(Description description) {
        this.description =
                description.notes("Counts and sums per group; throws at a point named " + PointTemplate.FAILING + ".");
    }

    @Override
    public final Description describe() {
        return description;
    }

    @Override
    public final Handler create(Context context) {
        GroupState<Totals> totals = context.groupState("totals", Totals.class, Totals::new);
        return (point, output) -> {
            if (point.name().equals(PointTemplate.FAILING)) {
                throw new IllegalStateException("asked to fail");
            }
            double number = point.doubleField(PointTemplate.NUMBER);
            Totals mine = totals.of(point.group());
            mine.count++;
            mine.sum += number;
            output.point(point.withFields(Fields.of(PointTemplate.COUNT, mine.count)
                    .and(PointTemplate.NUMBER, number)
                    .and(PointTemplate.SUM, mine.sum)));
        };
    }

    static final class Totals {
        private double count;
        private double sum;
    }

    /** Receives only points on which it does not fail. */
    public static final class Steady extends Counting {
        public Steady() {
            super(Description.stream("soakCount", "counts and sums per group"));
        }
    }

    /** Skips points on which it fails. */
    public static final class Skipping extends Counting {
        public Skipping() {
            super(Description.stream("soakSkip", "counts and sums per group, skips what fails")
                    .onError(FailurePolicy.SKIP));
        }
    }

    /** Restarts from the last snapshot after it has failed on a point. */
    public static final class Restarting extends Counting {
        public Restarting() {
            super(Description.stream("soakRestart", "counts and sums per group, restarts after a failure")
                    .onError(FailurePolicy.RESTART));
        }
    }

    /** Ends the task when it fails on a point. */
    public static final class Failing extends Counting {
        public Failing() {
            super(Description.stream("soakFail", "counts and sums per group, until it fails"));
        }
    }
}
