package org.kapacitorudf.tools.load;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Measures the memory that idle connections take in the agent's processes, as counted by the system.
 *
 * <pre>
 *   one    a newly started server with one connection; or one process
 *   used   the server after 10 x connections have been opened and closed, one at a time
 *   all    the server with all idle connections, after another 10 x connections have been opened and closed
 *   each   (all - used) / (connections - 1)
 * </pre>
 *
 * <p>During the first connections, a JVM touches its young generation for the first time and compiles code. This is the
 * difference between {@code one} and {@code used}; it is not the cost of a connection. Idle connections whose objects
 * are still in the young generation seem to cost nothing. The additional connections cause collections, which move
 * these objects to the old generation. Only Info and Init are sent.
 */
final class IdleMemory {
    private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(200);
    private static final int CALM_LOOKS = 5;
    private static final int MAX_LOOKS = 50;
    private static final long STEP_BYTES = 64 * 1024;
    private static final int PASSING_PER_CONNECTION = 10;
    private static final double MEGA = 1e6;
    private static final double KILO = 1e3;

    private final Bench bench;

    IdleMemory(Bench bench) {
        this.bench = bench;
    }

    List<LoadResult> run(List<Subject> subjects) {
        List<LoadResult.Collector> all = new ArrayList<>();
        subjects.forEach(subject -> all.add(new LoadResult.Collector(subject.name())));
        for (int run = 1; run <= bench.plan().runs(); run++) {
            for (int i = 0; i < subjects.size(); i++) {
                bench.says(subjects.get(i), "run " + run + " of " + bench.plan().runs());
                all.get(i).add(measure(subjects.get(i)));
            }
        }
        bench.requireOptionsKnown();
        return all.stream().map(LoadResult.Collector::result).toList();
    }

    private Map<Metric, Double> measure(Subject subject) {
        try (RunningAgent agent = bench.start(subject)) {
            int connections = agent.connections();
            agent.openInitialised();
            long one = calmRss(agent);
            Map<Metric, Double> figures = new EnumMap<>(Metric.class);
            figures.put(Metric.RESIDENT_MEGABYTES, one / MEGA);
            if (connections > 1) {
                long used = used(agent, connections);
                for (int i = 1; i < connections; i++) {
                    agent.openInitialised();
                }
                long all = used(agent, connections);
                figures.put(Metric.USED_RESIDENT_MEGABYTES, used / MEGA);
                figures.put(Metric.ALL_RESIDENT_MEGABYTES, all / MEGA);
                figures.put(Metric.CONNECTION_KILOBYTES, (all - used) / KILO / (connections - 1));
            }
            return figures;
        }
    }

    /** Opens and closes many connections in addition to the idle ones, and returns the resident memory. */
    private long used(RunningAgent agent, int connections) {
        if (!agent.subject().isProcess()) {
            for (int i = 0; i < PASSING_PER_CONNECTION * connections; i++) {
                agent.openInitialisedOnce();
            }
        }
        return calmRss(agent);
    }

    /** Waits until the resident memory no longer changes, and returns it. */
    private static long calmRss(RunningAgent agent) {
        long rss = agent.usage().rssBytes();
        if (rss == 0) {
            throw new LoadException(
                    agent.subject().name() + ": its process cannot be found (expected: one of this user's)");
        }
        int calm = 0;
        for (int look = 0; look < MAX_LOOKS && calm < CALM_LOOKS; look++) {
            LockSupport.parkNanos(LOOK_NANOS);
            long now = agent.usage().rssBytes();
            calm = Math.abs(now - rss) <= STEP_BYTES ? calm + 1 : 0;
            rss = now;
        }
        return rss;
    }
}
