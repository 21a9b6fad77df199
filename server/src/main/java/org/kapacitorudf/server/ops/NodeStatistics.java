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
 * Sums the counts of open and ended connections for each function, and for each node of each task.
 *
 * <p>The number of nodes is limited. At the limit, a new node replaces a node without open connections. If there are
 * several, the one whose latest connection started first is replaced. The counts of the replaced node are added to
 * {@link #OTHER}. If all nodes have connections, the new node is counted in {@link #OTHER}. The sum over a function's
 * nodes therefore never decreases.
 *
 * <p>The counts of a connection are included once its Init has succeeded, because its node is unknown before the Init.
 * If the Init fails, they are included when the connection ends.
 *
 * <p>Threading: safe for use by any thread; never waits for a handler.
 */
final class NodeStatistics implements ConnectionListener {
    /** The name of both the task and the node in an entry that sums the counts of nodes without their own entry. */
    static final String OTHER = "(other)";

    /** Longer labels are cut, because users choose the names, and each line of each scrape repeats them. */
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
     * The data of a node.
     *
     * @param counts the sums over all connections of the node since the start of the server
     */
    record Entry(Node node, Counts counts, List<Connection> open) {}

    /** The data that is kept for each function, and not for each node. */
    record Function(String name, long opened, long refused, Map<Ending, Long> ended) {}

    /**
     * The abnormal end of a connection. It does not refer to the connection, which keeps its snapshots and its function
     * in memory.
     */
    record BadEnd(Instant time, String function, String task, String node, Ending ending, String text) {}

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
    private final Map<Node, Series> nodes = new LinkedHashMap<>(); // ordered by the start of the latest connection

    @GuardedBy("this")
    private final Map<Node, Series> others = new HashMap<>();

    @GuardedBy("this")
    private final Map<Connection, Series> seriesOf = new HashMap<>();

    @GuardedBy("this")
    private final Deque<BadEnd> badEnds = new ArrayDeque<>(); // the most recent is first

    /** @param functions the served functions, which have entries even before they are used */
    NodeStatistics(Collection<String> functions, int maxNodes) {
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
        // A connection without a task has only requested Info, as Kapacitor does at startup. It has no series.
        if (series != null) {
            series.open.remove(connection);
            series.ended = series.ended.plus(connection.counts());
        }
        function(connection.function()).ended.merge(ending, 1L, Long::sum);
        if (ending != Ending.CLEAN && ending != Ending.STOPPED) {
            badEnds.addFirst(new BadEnd(
                    Instant.now(),
                    connection.function(),
                    connection.taskId(),
                    connection.nodeId(),
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

    /**
     * The entries of the nodes. A function also has an entry with the name {@link #OTHER} if some of its nodes have no
     * entry of their own.
     */
    List<Entry> entries() {
        List<Entry> entries = new ArrayList<>();
        synchronized (this) {
            nodes.forEach((node, series) -> entries.add(new Entry(node, series.ended, List.copyOf(series.open))));
            others.forEach((node, series) -> entries.add(new Entry(node, series.ended, List.copyOf(series.open))));
        }
        // The counts of open connections are read without the lock, because event loops need the lock. If a connection
        // ends in the meantime, its counts can still be read.
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

    /** The connections that ended abnormally, most recent first. */
    synchronized List<BadEnd> badEnds() {
        return List.copyOf(badEnds);
    }
}
