package org.kapacitorudf.server.tasks;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The state of a task's connections, which is kept across restarts.
 *
 * @param nodes the connected nodes, or those that were connected when the server exited
 * @param failure the error that ended the task, which is then not reloaded; null for none
 * @param reloads when the task was reloaded after unplanned exits of the server, oldest first
 * @param disabledAt when its reload began; null if no reload is in progress
 */
record RecordedTask(
        String task,
        List<Node> nodes,
        @Nullable Failure failure,
        List<Instant> reloads,
        @Nullable Instant disabledAt) {
    /**
     * A node of a task that uses a function.
     *
     * @param openedAt when its connection was opened
     * @param connected whether it is still connected, provided that the server that wrote this is alive
     * @param planned whether its connection ended because the server was stopped or taken over
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

    /** The state after the server that recorded it has exited. */
    RecordedTask lost() {
        return withNodes(nodes.stream().map(Node::lost).toList());
    }

    /** The state after another server has taken over. */
    RecordedTask takenOver() {
        return withNodes(nodes.stream()
                .map(node -> node.connected() ? node.withPlanned(true) : node)
                .toList());
    }

    RecordedTask withFailure(@Nullable Failure failure) {
        return new RecordedTask(task, nodes, failure, reloads, disabledAt);
    }

    /** Whether the end of one of its connections was planned, in which case reloading the task does not count. */
    boolean isPlanned() {
        return nodes.stream().anyMatch(Node::planned);
    }

    /**
     * Begins a reload. It counts unless the end of the connection was planned. If its result is never recorded, the
     * next one always counts, because the reload itself may have made the server exit.
     */
    RecordedTask reloading(Instant now) {
        List<Instant> more = new ArrayList<>(reloads);
        if (!isPlanned()) {
            more.add(now);
        }
        return new RecordedTask(task, withPlanned(false).nodes, failure, more, now);
    }

    /** A reload has failed without ending any connection: the next try does not count either. */
    RecordedTask stillPlanned() {
        return withPlanned(true);
    }

    private RecordedTask withPlanned(boolean planned) {
        return withNodes(nodes.stream().map(node -> node.withPlanned(planned)).toList());
    }

    /** Ends a reload, whether or not it succeeded. */
    RecordedTask reloaded() {
        return new RecordedTask(task, nodes, failure, reloads, null);
    }

    /** Removes old entries. */
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
