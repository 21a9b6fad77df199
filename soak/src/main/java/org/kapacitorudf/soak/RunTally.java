package org.kapacitorudf.soak;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The counts of a run so far.
 *
 * <p>Threading: one thread.
 */
final class RunTally {
    final Latencies keepalives = new Latencies();
    /** The durations from the connection to the answer to Init or Restore. */
    final Latencies starts = new Latencies();

    long lives;
    long cleanEnds;
    long halfMessages;
    long kills;
    long endedByServer;
    long failures;
    long unhandled;
    long cutOff;
    long snapshots;
    long restores;
    long batches;
    long pauses;
    long unasked;
    long serverKills;
    long serverStops;
    long takeOvers;

    Map<String, Long> figures() {
        Map<String, Long> figures = new LinkedHashMap<>();
        figures.put("connections", lives);
        figures.put("ended in order, all back", cleanEnds);
        figures.put("of them inside a message", halfMessages);
        figures.put("killed at any byte", kills);
        figures.put("ended by the server's end", endedByServer);
        figures.put("failures of handlers", failures);
        figures.put("points after a failure that ends the task", unhandled);
        figures.put("points cut off", cutOff);
        figures.put("batches", batches);
        figures.put("snapshots", snapshots);
        figures.put("restores", restores);
        figures.put("readers paused", pauses);
        figures.put("unasked keepalives", unasked);
        figures.put("servers killed", serverKills);
        figures.put("servers stopped", serverStops);
        figures.put("servers taken over", takeOvers);
        return figures;
    }
}
