package org.kapacitorudf.server.tasks;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.kapacitorudf.server.tasks.KapacitorException.Kind;
import org.kapacitorudf.server.tasks.ReloadDecision.Facts;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Restores the tasks that lost a connection when a server exited. Reloads one task at a time.
 *
 * <p>Threading: {@link #round} is called by one thread; the other methods are safe for use by any thread.
 */
final class TaskReloader {
    /** The time that a newly started Kapacitor is given to connect its tasks. */
    static final Duration SETTLE = Duration.ofSeconds(2);

    private static final Logger LOG = LoggerFactory.getLogger(TaskReloader.class);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(30);
    private static final Duration LONGEST_PAUSE_OF_A_TASK = Duration.ofMinutes(5);
    private static final Duration SAY_AGAIN = Duration.ofMinutes(10);

    private final KapacitorAccess access;
    private final KapacitorClient client;
    private final TaskRecord record;
    private final ReloadRules rules;
    private final InstantSource clock;

    private final Map<String, Backoff> backoffs = new HashMap<>();
    private final Map<String, Instant> notBefore = new HashMap<>();
    private final Set<String> waiting = new HashSet<>();
    private final Backoff unreachableBackoff = new Backoff(LONGEST_PAUSE);
    private @Nullable Instant unreachableSince; // null if Kapacitor is reachable
    private @Nullable Instant unreachableSaid;

    private final AtomicLong reloaded = new AtomicLong();
    private final AtomicLong failed = new AtomicLong();
    private final AtomicLong left = new AtomicLong();
    private volatile int undecided = -1; // negative before the first round
    private volatile boolean stopped;

    TaskReloader(KapacitorAccess access, TaskRecord record, ReloadRules rules, InstantSource clock) {
        this.access = access;
        this.client = new KapacitorClient(access);
        this.record = record;
        this.rules = rules;
        this.clock = clock;
    }

    TaskKeeper.Counts counts() {
        return new TaskKeeper.Counts(reloaded.get(), failed.get(), left.get(), undecided());
    }

    private int undecided() {
        int known = undecided;
        return known < 0 ? record.open().size() : known;
    }

    /** Prevents further reloads. A reload that has begun is finished. */
    void stop() {
        stopped = true;
    }

    /**
     * Examines each task that is due, and reloads it if needed.
     *
     * @return when to call this method again; empty if nothing is left to do, or after {@link #stop}
     */
    Optional<Instant> round() throws InterruptedException {
        Instant next = Instant.MAX;
        int later = 0;
        for (RecordedTask task : record.open()) {
            if (stopped) {
                return Optional.empty();
            }
            Instant due = notBefore.getOrDefault(task.task(), Instant.MIN);
            if (!due.isAfter(clock.instant())) {
                try {
                    due = look(task);
                } catch (KapacitorException e) {
                    return Optional.of(unreachable(e));
                }
                notBefore.put(task.task(), due);
            }
            next = due.isBefore(next) ? due : next;
            later += due.equals(Instant.MAX) ? 0 : 1;
        }
        undecided = later;
        return next.equals(Instant.MAX) ? Optional.empty() : Optional.of(next);
    }

    /**
     * Examines a task, and acts on the decision.
     *
     * @return when to examine the task again; {@link Instant#MAX} if nothing is left to do
     * @throws KapacitorException if Kapacitor cannot be reached
     */
    private Instant look(RecordedTask recorded) throws KapacitorException, InterruptedException {
        String id = recorded.task();
        Optional<Task> task;
        try {
            task = client.task(id);
        } catch (KapacitorException e) {
            if (e.kind() == Kind.REFUSED) {
                return failed(id, "cannot be examined", e);
            }
            throw e;
        }
        if (unreachableSince != null) {
            return reachable();
        }
        ReloadDecision decision =
                ReloadDecision.of(new Facts(recorded, task, record.connected(id), clock.instant()), rules);
        return switch (decision.action()) {
            case RELOAD -> reload(recorded, decision.reason());
            case ENABLE -> enableAgain(recorded, decision.reason());
            case WAIT -> {
                if (waiting.add(id)) {
                    tellNotReloaded(id, "not reloaded yet", decision);
                }
                yield decision.at();
            }
            case LEAVE -> {
                record.settled(id);
                yield left(id, decision);
            }
            case REFUSE -> left(id, decision);
        };
    }

    private Instant left(String id, ReloadDecision decision) {
        left.incrementAndGet();
        tellNotReloaded(id, "not reloaded", decision);
        return Instant.MAX;
    }

    /**
     * Logs that a task is not reloaded. If the task stays dead, logs this as a warning, because the user has to act.
     */
    private void tellNotReloaded(String id, String what, ReloadDecision decision) {
        String text = decision.text(id, access.toString());
        if (decision.remedy() == null) {
            LOG.info("task {}: {}: {}", id, what, text);
        } else {
            LOG.warn("task {}: {}: {}", id, what, text);
        }
    }

    private Instant reload(RecordedTask recorded, String reason) throws InterruptedException {
        String id = recorded.task();
        try {
            record.reloading(id);
            client.disable(id);
        } catch (IOException e) {
            return notReloaded(recorded, "cannot be reloaded: the task file cannot be written", e);
        } catch (KapacitorException e) {
            return e.kind() == Kind.BROKEN_OFF ? brokenOff(id, e) : notReloaded(recorded, "cannot be disabled", e);
        }
        return enable(recorded, reason);
    }

    /** Called when a reload has failed without ending a connection. */
    private Instant notReloaded(RecordedTask recorded, String what, Exception cause) {
        if (recorded.isPlanned()) {
            record.stillPlanned(recorded.task());
        }
        return failed(recorded.task(), what, cause);
    }

    private Instant brokenOff(String id, KapacitorException cause) {
        failed.incrementAndGet();
        String text =
                "Kapacitor closed the connection during the request to disable it, and may have stopped it partly: enabling it now could crash "
                        + "Kapacitor, which should be restarted first";
        record.failed(id, text);
        LOG.error("task {}: {}: {}", id, text, cause.getMessage());
        return Instant.MAX;
    }

    private Instant enableAgain(RecordedTask recorded, String reason) throws InterruptedException {
        try {
            record.reloading(recorded.task());
        } catch (IOException e) {
            return notReloaded(recorded, "cannot be enabled: the task file cannot be written", e);
        }
        return enable(recorded, reason);
    }

    private Instant enable(RecordedTask recorded, String reason) throws InterruptedException {
        String id = recorded.task();
        try {
            client.enable(id);
        } catch (KapacitorException e) {
            // If the connection broke, enabling the task may have crashed Kapacitor, so the reload counts towards the
            // limit.
            return e.kind() == Kind.BROKEN_OFF
                    ? failed(id, "cannot be enabled", e)
                    : notReloaded(recorded, "cannot be enabled", e);
        }
        reloaded.incrementAndGet();
        backoffs.remove(id);
        LOG.info("task {}: reloaded: {}", id, reason);
        record.settled(id);
        return Instant.MAX;
    }

    private Instant failed(String id, String what, Exception cause) {
        failed.incrementAndGet();
        Duration pause = backoffs.computeIfAbsent(id, key -> new Backoff(LONGEST_PAUSE_OF_A_TASK))
                .next();
        LOG.warn("task {}: {}, next try in {}: {}", id, what, pause, cause.getMessage());
        return clock.instant().plus(pause);
    }

    private Instant unreachable(KapacitorException cause) {
        Instant now = clock.instant();
        if (unreachableSince == null) {
            unreachableSince = now;
        }
        if (unreachableSaid == null || unreachableSaid.plus(SAY_AGAIN).isBefore(now)) {
            unreachableSaid = now;
            LOG.warn(
                    "{} tasks are waiting to be reloaded: {}; will retry until it succeeds",
                    undecided(),
                    cause.getMessage());
        }
        return now.plus(unreachableBackoff.next());
    }

    private Instant reachable() {
        LOG.info("{}: reachable again, after {}", access, Duration.between(unreachableSince, clock.instant()));
        unreachableSince = null;
        unreachableSaid = null;
        unreachableBackoff.reset();
        // Kapacitor may just have started, together with all of its tasks.
        Instant settled = clock.instant().plus(SETTLE);
        record.open().forEach(task -> notBefore.put(task.task(), settled));
        return settled;
    }
}
