package org.kapacitorudf.streams.program;

import org.kapacitorudf.Context;
import org.kapacitorudf.Description;
import org.kapacitorudf.Handler;
import org.kapacitorudf.Udf;
import org.kapacitorudf.state.GroupState;

/**
 * Sums a field; the variable SUM_VERSION says of which version it is. Version 2 counts in its state, too, and what
 * version 1 has saved counts as 1,000.
 */
public final class VersionedSum implements Udf {
    static final String VARIABLE = "SUM_VERSION";

    private static final class FirstState {
        private long sum;
    }

    private static final class SecondState {
        private long total;
        private long count;
    }

    private static boolean isSecond() {
        return "2".equals(System.getenv(VARIABLE));
    }

    @Override
    public Description describe() {
        Description description = Description.stream("versionedSum", "for a test");
        return isSecond()
                ? description.version(2, value -> {
                    value.fields().put("total", value.fields().remove("sum"));
                    value.fields().put("count", 1_000);
                })
                : description;
    }

    @Override
    public Handler create(Context context) {
        if (isSecond()) {
            GroupState<SecondState> states = context.groupState("sum", SecondState.class, SecondState::new);
            return (point, output) -> {
                SecondState state = states.of(point.group());
                state.total += point.intField("v");
                state.count++;
                output.point(point.withField("v", state.total).withField("count", state.count));
            };
        }
        GroupState<FirstState> states = context.groupState("sum", FirstState.class, FirstState::new);
        return (point, output) -> {
            FirstState state = states.of(point.group());
            state.sum += point.intField("v");
            output.point(point.withField("v", state.sum));
        };
    }
}
