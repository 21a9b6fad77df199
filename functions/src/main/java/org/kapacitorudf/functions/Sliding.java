package org.kapacitorudf.functions;

import java.time.Duration;
import java.util.function.Supplier;
import org.kapacitorudf.Context;
import org.kapacitorudf.Point;
import org.kapacitorudf.errors.FieldException;
import org.kapacitorudf.errors.UdfException;
import org.kapacitorudf.functions.panes.PaneSeries;
import org.kapacitorudf.functions.panes.SlidingWindow;
import org.kapacitorudf.option.Option;

/**
 * What functions over a sliding window share: the options, the state of each group, the rule for skipped points, and
 * the form of a result.
 *
 * <p>Threading: for use only within the handler's calls.
 */
final class Sliding<S extends PaneSeries> {
    static final Option<Duration> WINDOW = Option.duration("window")
            .orElse(Duration.ofMinutes(5))
            .atLeast(Duration.ofSeconds(1))
            .atMost(Duration.ofDays(31))
            .help("length of the sliding window");
    static final Option<Long> PANES = Option.integer("panes")
            .orElse(5)
            .atLeast(1)
            .atMost(60)
            .help("number of panes of the window: a result is emitted for each pane");

    /** Describes results and skipped points to users. */
    static final String NOTES = """
            A result is emitted when the first point after the end of a pane arrives. It covers the last <panes> panes. A pane
            without a point has no result. Panes begin at multiples of their length in UTC. A result has the name of the measurement,
            the group's tags, and the end of the pane as its time. The points themselves are not emitted.
            A point that arrives out of order counts while its pane is in the window, for the results that are still to come. One from
            before the window is skipped, counted and logged. The same point twice in a row, with its tags, counts once.""";

    private final SlidingWindow window;
    private final Groups<S> groups;

    /**
     * @param state the name of the state in the snapshot, to which the window and the number of panes are appended: if
     *     one of them changes, all groups start again
     */
    Sliding(Context context, String state, Class<S> type, Supplier<S> fresh, SnapshotBudget budget) {
        Duration length = context.option(WINDOW);
        int panes = panes(context);
        if (length.toNanos() % panes != 0) {
            throw new UdfException("panes: " + panes + " (expected: a number by which window, " + length.toMillis()
                    + "ms, is divisible)");
        }
        window = new SlidingWindow(length.toNanos() / panes, panes);
        groups = new Groups<>(context, state + " " + length + " " + panes, type, fresh, budget);
    }

    /** Returns the number of panes set by the options. */
    static int panes(Context context) {
        return Math.toIntExact(context.option(PANES));
    }

    S series(Point point) {
        return groups.of(point.group());
    }

    int panes() {
        return window.panes();
    }

    /**
     * Moves the window of a series to a point.
     *
     * @param value the value of the point, or a hash of it
     * @param closing called if a pane has ended
     * @return the slot of the pane that contains the point; negative if the point is a duplicate
     * @throws FieldException if the point is before the window
     */
    int slotOf(S series, Point point, long value, SlidingWindow.Closing closing) {
        int source = 31 * point.name().hashCode() + point.tags().hashCode();
        int slot = window.slotOf(series, point.timeNanos(), value, source, closing);
        if (slot == SlidingWindow.LATE) {
            throw new FieldException("time: " + point.timeNanos() + " (expected: >= " + window.startOf(series)
                    + ", the start of the window of the group)");
        }
        return slot;
    }

    /** Creates a point with the name and the group of another one, without fields. */
    static Point result(Point point, long time) {
        return point.withTimeNanos(time).withTags(Groups.tags(point));
    }
}
