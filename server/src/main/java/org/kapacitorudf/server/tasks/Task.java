package org.kapacitorudf.server.tasks;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * A task in Kapacitor's HTTP API.
 *
 * @param executing also true if one of its functions has disconnected and no point has arrived since
 * @param error the error that ended it; empty if there is none
 * @param startedAt the earliest time of its start: when it was last enabled, or when its template last changed, which
 *     also restarts its tasks
 * @param nodes the names of its nodes: {@code movingAvg2}
 * @param functions the names of the functions in its script, {@code @movingAvg()}
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

    /** The function of a node, if the script uses it. */
    Optional<String> functionOf(String node) {
        return functions.stream().filter(function -> isNodeOf(node, function)).findFirst();
    }

    /** Kapacitor names a function's node after the function, followed by a number. */
    static boolean isNodeOf(String node, String function) {
        return node.startsWith(function)
                && node.length() > function.length()
                && node.chars().skip(function.length()).allMatch(c -> c >= '0' && c <= '9');
    }
}
