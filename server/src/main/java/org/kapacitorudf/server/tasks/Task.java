package org.kapacitorudf.server.tasks;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * A task in Kapacitor's HTTP API.
 *
 * @param executing whether Kapacitor executes it; remains true after a function has disconnected, until the next point
 *     arrives
 * @param error the error that ended it; empty if there is none
 * @param startedAt the earliest possible time of its last start: when it was enabled or its template was changed,
 *     whichever is later, because a change of a template restarts its tasks
 * @param nodes the names of its nodes, such as {@code movingAvg2}
 * @param functions the names of the functions in its script, such as {@code movingAvg}
 */
record Task(
        String id,
        boolean enabled,
        boolean executing,
        String error,
        Instant startedAt,
        List<String> nodes,
        List<String> functions) {
    Task {
        nodes = List.copyOf(nodes);
        functions = List.copyOf(functions);
    }

    /** The function that a node belongs to; empty if the node belongs to no function in the script. */
    Optional<String> functionOf(String node) {
        return functions.stream().filter(function -> isNodeOf(node, function)).findFirst();
    }

    /**
     * Whether a node may belong to a function, according to the names. Kapacitor names a function's node after the
     * function, followed by a number.
     */
    static boolean isNodeOf(String node, String function) {
        return node.startsWith(function)
                && node.length() > function.length()
                && node.chars().skip(function.length()).allMatch(c -> c >= '0' && c <= '9');
    }
}
