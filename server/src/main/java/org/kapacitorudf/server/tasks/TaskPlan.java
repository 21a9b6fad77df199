package org.kapacitorudf.server.tasks;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.kapacitorudf.server.tasks.RecordedTask.Node;
import org.kapacitorudf.server.tasks.ReloadDecision.Facts;

/**
 * What a server would do about each task if the server started now. Tasks that are connected to a running server would
 * be left alone. Making the plan changes nothing.
 *
 * @param serverRuns whether a running server uses the file
 */
public record TaskPlan(boolean serverRuns, List<Line> lines) {
    /**
     * One task.
     *
     * @param nodes the nodes that use served functions, separated by spaces
     * @param status the status in Kapacitor; {@code none} if the task does not exist
     */
    public record Line(String task, String nodes, String status, ReloadDecision decision) {}

    /** The functions of the server that uses or last used a file; empty if unknown. */
    public static Set<String> functions(Path file) {
        return TaskFile.functions(file);
    }

    /**
     * Makes the plan from the tasks in Kapacitor and in the file.
     *
     * @throws IOException if Kapacitor cannot be queried, or the lock file cannot be opened
     */
    public static TaskPlan make(KapacitorAccess access, Path file, ReloadRules rules)
            throws IOException, InterruptedException {
        boolean serverRuns = TaskFile.isKept(file);
        Map<String, RecordedTask> recorded = new LinkedHashMap<>();
        TaskFile.read(file).forEach(task -> recorded.put(task.task(), serverRuns ? task : task.lost()));
        List<Line> lines = new ArrayList<>();
        try {
            for (Task task : new KapacitorClient(access).tasks()) {
                RecordedTask known = recorded.remove(task.id());
                lines.add(line(known == null ? RecordedTask.of(task.id()) : known, Optional.of(task), rules));
            }
        } catch (KapacitorException e) {
            throw new IOException(e.getMessage(), e);
        }
        recorded.values().forEach(gone -> lines.add(line(gone, Optional.empty(), rules)));
        return new TaskPlan(serverRuns, lines);
    }

    private static Line line(RecordedTask recorded, Optional<Task> task, ReloadRules rules) {
        Set<String> connected = recorded.nodes().stream()
                .filter(Node::connected)
                .map(Node::node)
                .collect(Collectors.toSet());
        ReloadDecision decision = ReloadDecision.of(new Facts(recorded, task, connected, Instant.now()), rules);
        String nodes = task.map(known -> known.nodes().stream()
                        .filter(node -> known.functionOf(node)
                                .filter(rules.served()::contains)
                                .isPresent())
                        .collect(Collectors.joining(" ")))
                .orElse("");
        return new Line(recorded.task(), nodes, task.map(TaskPlan::status).orElse("none"), decision);
    }

    private static String status(Task task) {
        if (!task.enabled()) {
            return "disabled";
        }
        if (task.executing()) {
            return "executing";
        }
        return task.error().isEmpty() ? "not executing" : "ended with an error";
    }
}
