package org.kapacitorudf.server.ops;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.kapacitorudf.agent.Connection;
import org.kapacitorudf.agent.Connection.Counts;
import org.kapacitorudf.agent.Connection.Failure;
import org.kapacitorudf.agent.Ending;
import org.kapacitorudf.embed.ConnectionListener;

/**
 * Adds up what happens on connections, those that have ended included, for each function and for each node of each task.
 *
 * <p>Nodes are bounded in number. Beyond that, the one that has been without a connection for longest makes room, and what was counted for it goes to
 * {@link #OTHER}; when all have connections, a new one is counted there as well. So a sum over a function's nodes never shrinks.
 *
 * <p>A connection counts from its successful Init on, with all that came before: until then nobody knows whose it is.
 *
 * <p>Threading: safe for any thread; nothing waits for a handler.
 */
final class ConnectionStatistics implements ConnectionListener {
    /** The task and the node of those that have no entry of their own. */
    static final String OTHER = "(other)";

    /** A label that is longer is cut: a name is anybody's, and is repeated in each line of each scrape. */
    private static final int MAX_LABEL_CHARS = 200;

    private static final int REMEMBERED_FAILURES = 20;

    /** A function in one node of a task. */
    record Node(String function, String task, String node) {
        static Node of(Connection connection) {
            return new Node(connection.function(), cut(connection.taskId()), cut(connection.nodeId()));
        }

        private static String cut(String text) {
            return text.length() <= MAX_LABEL_CHARS ? text : text.substring(0, MAX_LABEL_CHARS) + "...";
        }

        private Node other() {
            return new Node(function, OTHER, OTHER);
        }
    }

    /**
     * What there is of a node.
     *
     * @param counts of all its connections since the server's start
     */
    record Entry(Node node, Counts counts, List<Connection> open) {}

    /** What there is of a function beside its nodes. */
    record Function(String name, long opened, long refused, Map<Ending, Long> ended) {}

    /** A connection that ended otherwise than it should. */
    record BadEnd(Instant time, Connection connection, Ending ending, String text) {}

    private static final class Series {
        private final Set<Connection> open = new LinkedHashSet<>();
        private Counts ended = Counts.NONE;
    }

    private static final class FunctionSeries {
        private final Map<Ending, Long> ended = new EnumMap<>(Ending.class);
        private long opened;
        private long refused;
    }

    private final int maxNodes;

    @GuardedBy("this")
    private final Map<String, FunctionSeries> functions = new TreeMap<>();

    @GuardedBy("this")
    private final Map<Node, Series> nodes = new LinkedHashMap<>(); // the one touched last is the last

    @GuardedBy("this")
    private final Map<Node, Series> others = new HashMap<>();

    @GuardedBy("this")
    private final Map<Connection, Series> seriesOf = new HashMap<>();

    @GuardedBy("this")
    private final Deque<BadEnd> badEnds = new ArrayDeque<>(); // the last one is the first

    /** @param functions that are served: each is shown even before it has been used */
    ConnectionStatistics(Collection<String> functions, int maxNodes) {
        this.maxNodes = maxNodes;
        functions.forEach(this::function);
    }

    @Override
    public synchronized void opened(Connection connection) {
        function(connection.function()).opened++;
    }

    @Override
    public synchronized void started(Connection connection) {
        Series series = seriesFor(Node.of(connection));
        series.open.add(connection);
        seriesOf.put(connection, series);
    }

    @Override
    public synchronized void ended(Connection connection, Ending ending) {
        Series series = seriesOf.remove(connection);
        if (series == null && !connection.taskId().isEmpty()) {
            series = seriesFor(Node.of(connection));
        }
        // Without a task it has asked for Info, as Kapacitor does at its start: that is no series.
        if (series != null) {
            series.open.remove(connection);
            series.ended = series.ended.plus(connection.counts());
        }
        function(connection.function()).ended.merge(ending, 1L, Long::sum);
        if (ending != Ending.CLEAN && ending != Ending.STOPPED) {
            badEnds.addFirst(new BadEnd(
                    Instant.now(),
                    connection,
                    ending,
                    connection.lastFailure().map(Failure::text).orElse("")));
            if (badEnds.size() > REMEMBERED_FAILURES) {
                badEnds.removeLast();
            }
        }
    }

    @Override
    public synchronized void refused(String function) {
        function(function).refused++;
    }

    @GuardedBy("this")
    private FunctionSeries function(String name) {
        return functions.computeIfAbsent(name, unused -> new FunctionSeries());
    }

    @GuardedBy("this")
    private Series seriesFor(Node node) {
        Series known = nodes.remove(node);
        if (known == null && nodes.size() >= maxNodes && !makeRoom()) {
            return others.computeIfAbsent(node.other(), unused -> new Series());
        }
        Series series = known == null ? new Series() : known;
        nodes.put(node, series);
        return series;
    }

    @GuardedBy("this")
    private boolean makeRoom() {
        for (Iterator<Map.Entry<Node, Series>> each = nodes.entrySet().iterator(); each.hasNext(); ) {
            Map.Entry<Node, Series> node = each.next();
            if (node.getValue().open.isEmpty()) {
                each.remove();
                Series other = others.computeIfAbsent(node.getKey().other(), unused -> new Series());
                other.ended = other.ended.plus(node.getValue().ended);
                return true;
            }
        }
        return false;
    }

    /** All nodes, and {@link #OTHER} of each function that has any. */
    List<Entry> entries() {
        List<Entry> entries = new ArrayList<>();
        synchronized (this) {
            nodes.forEach((node, series) -> entries.add(new Entry(node, series.ended, List.copyOf(series.open))));
            others.forEach((node, series) -> entries.add(new Entry(node, series.ended, List.copyOf(series.open))));
        }
        // Not under the lock: event loops come by, and a connection that ends meanwhile keeps its counts.
        entries.replaceAll(entry -> new Entry(
                entry.node(),
                entry.open().stream().map(Connection::counts).reduce(entry.counts(), Counts::plus),
                entry.open()));
        return entries;
    }

    synchronized List<Function> functions() {
        List<Function> list = new ArrayList<>();
        functions.forEach((name, series) ->
                list.add(new Function(name, series.opened, series.refused, new EnumMap<>(series.ended))));
        return list;
    }

    /** The connections that ended otherwise than they should, the last one first. */
    synchronized List<BadEnd> badEnds() {
        return List.copyOf(badEnds);
    }
}
