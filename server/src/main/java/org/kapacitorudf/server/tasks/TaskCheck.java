package org.kapacitorudf.server.tasks;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;

/**
 * The state of Kapacitor and its tasks according to its HTTP API.
 *
 * @param clockAhead how far Kapacitor's clock is ahead of the local clock, accurate to a second
 * @param tasks the enabled tasks that use one of the given functions, and the enabled tasks with an error that use any
 *     function
 */
public record TaskCheck(Duration clockAhead, List<UsedIn> tasks) {
    /**
     * A task that uses functions.
     *
     * @param error the error that ended it; empty if there is none
     */
    public record UsedIn(String id, boolean executing, String error) {}

    public TaskCheck {
        tasks = List.copyOf(tasks);
    }

    /**
     * Queries Kapacitor.
     *
     * @throws IOException if it does not respond as expected; the message has the details
     */
    public static TaskCheck of(KapacitorAccess access, Set<String> functions) throws IOException, InterruptedException {
        try {
            KapacitorClient client = new KapacitorClient(access);
            Duration ahead = Duration.between(Instant.now(), client.clock());
            List<UsedIn> tasks = client.tasks().stream()
                    .filter(task -> task.enabled()
                            && (task.functions().stream().anyMatch(functions::contains) || hasFailed(task)))
                    .map(task -> new UsedIn(task.id(), task.executing(), task.error()))
                    .toList();
            return new TaskCheck(ahead, tasks);
        } catch (KapacitorException e) {
            throw new IOException(e.getMessage(), e);
        }
    }

    private static boolean hasFailed(Task task) {
        return !task.functions().isEmpty() && !task.error().isEmpty();
    }
}
