package org.kapacitorudf.server.tasks;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * A task as Kapacitor's HTTP API shows it.
 *
 * @param executing true also while a function of it is gone and no point has come since
 * @param error what ended it; empty when nothing did
 * @param startedAt not before this: when it was enabled last, or its template changed, which restarts its tasks as well
 * @param nodes the names of its nodes: {@code movingAvg2}
 * @param functions the names of the functions that its script uses, {@code @movingAvg()}
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

    /** The function of a node, if it is one of those that the script uses. */
    Optional<String> functionOf(String node) {
        return functions.stream().filter(function -> isNodeOf(node, function)).findFirst();
    }

    /** Kapacitor names a function's node after it, with a number. */
    static boolean isNodeOf(String node, String function) {
        return node.startsWith(function)
                && node.length() > function.length()
                && node.chars().skip(function.length()).allMatch(c -> c >= '0' && c <= '9');
    }
}
