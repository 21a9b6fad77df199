package org.kapacitorudf.server.tasks;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.kapacitorudf.server.tasks.RecordedTask.Node;

/**
 * The decision whether to reload a task, and its reason. It depends only on the facts and the rules.
 *
 * <p>The main rule: Kapacitor does not reconnect. A task is dead, whatever its status, if it was started before its
 * recorded connection was opened and is not connected now. A task that was started later may be dialling. It must be
 * left alone, because disabling and enabling it while it dials would crash Kapacitor.
 *
 * @param at when to look again; {@link Instant#MAX} for never
 * @param remedy for a task that stays dead until the user reloads it: when the user can do this, for example
 *     {@code "once mirror is served"}; otherwise null
 */
public record ReloadDecision(
        Action action, String reason, Instant at, @Nullable String remedy) {
    /** The reason why a task of other functions is left alone. */
    public static final String UNKNOWN_FUNCTIONS = "uses no function known to this server";

    /** The longest time for which Kapacitor dials: 5 minutes, plus the last pause between two attempts, rounded up. */
    static final Duration LONGEST_DIAL = Duration.ofMinutes(7);

    private static final Duration LOOK_AGAIN = Duration.ofSeconds(2);

    /** What to do about a task. */
    public enum Action {
        /** Disable and re-enable the task. */
        RELOAD,
        /**
         * Enable the task, because this server or the previous one has disabled it for a reload but has not finished
         * the reload.
         */
        ENABLE,
        /** Look again later. */
        WAIT,
        /** Do nothing. */
        LEAVE,
        /** Do nothing, because the server's options forbid the reload. The task remains recorded for the next start. */
        REFUSE
    }

    /**
     * @param recorded the record of the task; without nodes if nothing is known
     * @param task the task in Kapacitor; empty if it does not exist
     * @param connected the nodes of the task that are connected now
     */
    record Facts(RecordedTask recorded, Optional<Task> task, Set<String> connected, Instant now) {}

    /** The reason, and the command for the user if one is needed. */
    String text(String task, String kapacitor) {
        return remedy == null
                ? reason
                : reason + ". To reload it " + remedy + ": kapacitor -url " + kapacitor + " reload " + task;
    }

    static ReloadDecision of(Facts facts, ReloadRules rules) {
        if (facts.task.isEmpty()) {
            return leave("Kapacitor has no such task");
        }
        Task task = facts.task.get();
        List<Node> lost = facts.recorded.nodes().stream()
                .filter(node -> !facts.connected.contains(node.node()))
                .toList();
        if (!task.enabled()) {
            return ofDisabled(facts, task, rules);
        }
        if (facts.recorded.failed().isPresent()) {
            RecordedTask.Failure failure = facts.recorded.failed().get();
            return leave("ended by an error at " + failure.time() + ": " + failure.text(), "once its cause is gone");
        }
        if (task.functions().stream().noneMatch(rules.served()::contains)) {
            return lost.stream()
                    .filter(node -> task.functions().contains(node.function()))
                    .filter(node -> !task.startedAt().isAfter(node.openedAt()))
                    .findFirst()
                    .map(ReloadDecision::notServed)
                    .orElseGet(() -> leave(UNKNOWN_FUNCTIONS));
        }
        List<String> missing = missing(task, facts.connected, rules.served());
        if (missing.isEmpty()) {
            return leave("connected");
        }
        if (lost.isEmpty()) {
            return task.executing()
                    ? leave("not known to have been connected: it may be dialling, and then connects by itself")
                    : leave("was not connected when the server ended" + because(task), "once its cause is gone");
        }
        Instant openedAt =
                lost.stream().map(Node::openedAt).min(Instant::compareTo).orElseThrow();
        if (task.startedAt().isAfter(openedAt)) {
            return leave("started at " + task.startedAt() + ", after its last connection: it connects by itself");
        }
        return ofDead(facts, task, lost, missing, rules);
    }

    private static String because(Task task) {
        return task.error().isEmpty() ? "" : "; its error is: " + task.error();
    }

    private static ReloadDecision ofDisabled(Facts facts, Task task, ReloadRules rules) {
        Optional<Instant> halfwaySince = facts.recorded.halfwaySince();
        if (halfwaySince.isEmpty() || task.startedAt().isAfter(halfwaySince.get())) {
            return leave("disabled");
        }
        String reason = "was disabled for a reload, and not enabled again";
        return facts.recorded.isPlanned()
                ? new ReloadDecision(Action.ENABLE, reason, Instant.MAX, null)
                : unlessTooOften(facts, rules, Action.ENABLE, reason);
    }

    private static ReloadDecision ofDead(
            Facts facts, Task task, List<Node> lost, List<String> missing, ReloadRules rules) {
        for (Node node : lost) {
            if (!rules.served().contains(node.function())) {
                return notServed(node);
            }
        }
        List<String> others = task.functions().stream()
                .filter(function -> !rules.served().contains(function))
                .toList();
        if (!others.isEmpty() && !rules.mixed()) {
            return refuse(
                    "also uses " + String.join(", ", others)
                            + ", which is not served here: if no server is listening there, enabling the task would crash Kapacitor",
                    "once it is served");
        }
        Instant allDialled = task.startedAt().plus(LONGEST_DIAL);
        for (String node : missing) {
            if (lost.stream().noneMatch(known -> known.node().equals(node)) && facts.now.isBefore(allDialled)) {
                return new ReloadDecision(Action.WAIT, node + " may be dialling", facts.now.plus(LOOK_AGAIN), null);
            }
        }
        String nodes = String.join(", ", lost.stream().map(Node::node).toList());
        if (lost.stream().anyMatch(Node::planned)) {
            return new ReloadDecision(
                    Action.RELOAD,
                    nodes + (lost.size() == 1 ? " was" : " were") + " connected to the previous server",
                    Instant.MAX,
                    null);
        }
        return unlessTooOften(facts, rules, Action.RELOAD, nodes + " lost the connection when the server ended");
    }

    private static ReloadDecision unlessTooOften(Facts facts, ReloadRules rules, Action action, String reason) {
        List<Instant> recent = facts.recorded.reloads().stream()
                .filter(time -> time.plus(rules.interval()).isAfter(facts.now))
                .toList();
        if (recent.size() >= rules.maxReloads()) {
            Instant at = recent.get(recent.size() - rules.maxReloads()).plus(rules.interval());
            return new ReloadDecision(
                    Action.WAIT,
                    "reloaded " + recent.size() + " times since " + recent.get(0) + ": not before " + at,
                    at,
                    "now");
        }
        return new ReloadDecision(action, reason, Instant.MAX, null);
    }

    /** The nodes that use served functions and are not connected. */
    private static List<String> missing(Task task, Set<String> connected, Set<String> served) {
        return task.nodes().stream()
                .filter(node -> task.functionOf(node).filter(served::contains).isPresent())
                .filter(node -> !connected.contains(node))
                .toList();
    }

    private static ReloadDecision notServed(Node node) {
        return refuse(node.function() + " is no longer served", "once it is served again");
    }

    private static ReloadDecision leave(String reason) {
        return leave(reason, null);
    }

    private static ReloadDecision leave(String reason, @Nullable String remedy) {
        return new ReloadDecision(Action.LEAVE, reason, Instant.MAX, remedy);
    }

    private static ReloadDecision refuse(String reason, String remedy) {
        return new ReloadDecision(Action.REFUSE, reason, Instant.MAX, remedy);
    }
}
