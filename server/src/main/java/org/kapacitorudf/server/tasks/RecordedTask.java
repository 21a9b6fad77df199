package org.kapacitorudf.server.tasks;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * What is known of a task from its connections, and kept over restarts.
 *
 * @param nodes those that are connected; or were, when the server ended
 * @param failure how an error ended it, for which it is not reloaded; null for none
 * @param reloads when it was reloaded after an end that nobody had planned, the oldest first
 * @param disabledAt when it began to be reloaded, until that has been finished; null while it is not
 */
record RecordedTask(String task, List<Node> nodes, Failure failure, List<Instant> reloads, Instant disabledAt) {
    /**
     * A node of a task that uses a function.
     *
     * @param openedAt when its connection was opened
     * @param connected whether it still is, if the server that says so lives
     * @param planned whether its connection ended because somebody stopped the server, or another one takes over
     */
    record Node(String node, String function, Instant openedAt, boolean connected, boolean planned) {
        Node {
            Objects.requireNonNull(node, "node");
            Objects.requireNonNull(function, "function");
            Objects.requireNonNull(openedAt, "openedAt");
        }

        /** One whose connection is open. */
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

    /** After the end of the server that recorded it. */
    RecordedTask lost() {
        return withNodes(nodes.stream().map(Node::lost).toList());
    }

    /** Another server takes its connections over. */
    RecordedTask takenOver() {
        return withNodes(nodes.stream()
                .map(node -> node.connected() ? node.withPlanned(true) : node)
                .toList());
    }

    RecordedTask withFailure(Failure failure) {
        return new RecordedTask(task, nodes, failure, reloads, disabledAt);
    }

    /** Whether the end of one of its connections was planned: reloading it does not count. */
    boolean isPlanned() {
        return nodes.stream().anyMatch(Node::planned);
    }

    /**
     * Reloading begins. It counts unless the end of the connection was planned. If nothing more is heard of it, the next one counts in any case: the reload
     * itself may be what ended the server.
     */
    RecordedTask reloading(Instant now) {
        List<Instant> more = new ArrayList<>(reloads);
        if (!isPlanned()) {
            more.add(now);
        }
        return new RecordedTask(task, withPlanned(false).nodes, failure, more, now);
    }

    /** Reloading has failed, and nothing has ended by it: the next try does not count either. */
    RecordedTask stillPlanned() {
        return withPlanned(true);
    }

    private RecordedTask withPlanned(boolean planned) {
        return withNodes(nodes.stream().map(node -> node.withPlanned(planned)).toList());
    }

    /** Reloading is over, well or not. */
    RecordedTask reloaded() {
        return new RecordedTask(task, nodes, failure, reloads, null);
    }

    /** Without what was long ago. */
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
