package org.kapacitorudf.server.tasks;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The record of a task, which is kept across restarts of the server.
 *
 * @param nodes the connected nodes, or those that were connected when the server exited
 * @param failure the error that ended the task, and prevents its reload; null if there was none
 * @param reloads when the task was reloaded after unplanned exits of the server, oldest first
 * @param disabledAt when the current reload began; null if no reload is in progress
 */
record RecordedTask(
        String task,
        List<Node> nodes,
        @Nullable Failure failure,
        List<Instant> reloads,
        @Nullable Instant disabledAt) {
    /**
     * A node that uses a function.
     *
     * @param openedAt when its connection was opened
     * @param connected whether the node was connected when the server wrote the record
     * @param planned whether the end of its connection is planned: the server is stopped intentionally, or another
     *     server takes over
     */
    record Node(String node, String function, Instant openedAt, boolean connected, boolean planned) {
        Node {
            Objects.requireNonNull(node, "node");
            Objects.requireNonNull(function, "function");
            Objects.requireNonNull(openedAt, "openedAt");
        }

        /** A node with an open connection. */
        static Node open(String node, String function, Instant openedAt) {
            return new Node(node, function, openedAt, true, false);
        }

        Node withPlanned(boolean planned) {
            return new Node(node, function, openedAt, connected, planned);
        }

        Node lost() {
            return new Node(node, function, openedAt, false, planned);
        }
    }

    /** An error that ended the task. */
    record Failure(Instant time, String text) {
        Failure {
            Objects.requireNonNull(time, "time");
            Objects.requireNonNull(text, "text");
        }
    }

    RecordedTask {
        Objects.requireNonNull(task, "task");
        nodes = List.copyOf(nodes);
        reloads = List.copyOf(reloads);
    }

    static RecordedTask of(String task) {
        return new RecordedTask(task, List.of(), null, List.of(), null);
    }

    Optional<Failure> failed() {
        return Optional.ofNullable(failure);
    }

    Optional<Instant> halfwaySince() {
        return Optional.ofNullable(disabledAt);
    }

    RecordedTask withNodes(List<Node> nodes) {
        return new RecordedTask(task, nodes, failure, reloads, disabledAt);
    }

    /** Returns the record as it is after the exit of the server that wrote it: no node is connected. */
    RecordedTask lost() {
        return withNodes(nodes.stream().map(Node::lost).toList());
    }

    /** Returns the record as it is after another server has taken over: the end of each open connection is planned. */
    RecordedTask takenOver() {
        return withNodes(nodes.stream()
                .map(node -> node.connected() ? node.withPlanned(true) : node)
                .toList());
    }

    RecordedTask withFailure(@Nullable Failure failure) {
        return new RecordedTask(task, nodes, failure, reloads, disabledAt);
    }

    /**
     * Whether the end of one of its connections was planned. If so, the next reload of the task does not count towards
     * the limit.
     */
    boolean isPlanned() {
        return nodes.stream().anyMatch(Node::planned);
    }

    /**
     * Returns the record with a reload in progress. The reload counts towards the limit, unless the end of a connection
     * was planned. The returned record is no longer {@linkplain #isPlanned planned}: if the server exits during the
     * reload, the reload may be the cause, and the next reload counts towards the limit.
     */
    RecordedTask reloading(Instant now) {
        List<Instant> more = new ArrayList<>(reloads);
        if (!isPlanned()) {
            more.add(now);
        }
        return new RecordedTask(task, withPlanned(false).nodes, failure, more, now);
    }

    /**
     * Returns the record as {@linkplain #isPlanned planned}, so that the next reload does not count towards the limit.
     * Called when the reload of a planned record has failed without ending a connection.
     */
    RecordedTask stillPlanned() {
        return withPlanned(true);
    }

    private RecordedTask withPlanned(boolean planned) {
        return withNodes(nodes.stream().map(node -> node.withPlanned(planned)).toList());
    }

    /** Returns the record without a reload in progress. Called after each reload, whether or not it succeeded. */
    RecordedTask reloaded() {
        return new RecordedTask(task, nodes, failure, reloads, null);
    }

    /**
     * Returns the record without reloads before {@code oldestReload}, and without a failure before
     * {@code oldestFailure}.
     */
    RecordedTask since(Instant oldestReload, Instant oldestFailure) {
        return new RecordedTask(
                task,
                nodes,
                failure == null || failure.time().isBefore(oldestFailure) ? null : failure,
                reloads.stream().filter(time -> !time.isBefore(oldestReload)).toList(),
                disabledAt);
    }

    boolean isEmpty() {
        return nodes.isEmpty() && failure == null && reloads.isEmpty() && disabledAt == null;
    }
}
