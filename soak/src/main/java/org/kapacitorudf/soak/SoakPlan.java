package org.kapacitorudf.soak;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * What a run does.
 *
 * @param launcher starts the program
 * @param classPath where the server finds the functions of this package
 * @param javaOptions more flags for the server's JVM
 * @param points after how many points that were checked it ends
 * @param time after how long it ends, whichever is first
 * @param restartEvery how often the server is replaced, on the average; zero for never
 * @param keepaliveEvery in nanoseconds, on each connection
 * @param keepaliveLimit how many nanoseconds the answer to a keepalive may take
 * @param snapshotEvery in nanoseconds, on the average, of each function with state
 * @param shortLife how many points the shortest life of a connection sends
 * @param longLife how many the longest
 */
record SoakPlan(
        List<String> launcher,
        Path classPath,
        String javaOptions,
        int connections,
        long points,
        Duration time,
        Duration reportEvery,
        Duration restartEvery,
        long keepaliveEvery,
        long keepaliveLimit,
        long snapshotEvery,
        long shortLife,
        long longLife,
        long seed) {
    private static final int MAX_CONNECTIONS = 4_000;

    SoakPlan {
        if (connections < 1 || connections > MAX_CONNECTIONS) {
            throw new IllegalArgumentException(
                    "--connections: " + connections + " (expected: >= 1 and <= " + MAX_CONNECTIONS + ")");
        }
        if (points < 1) {
            throw new IllegalArgumentException("--points: " + points + " (expected: >= 1)");
        }
        requirePositive("--for", time);
        requirePositive("--report-every", reportEvery);
    }

    private static void requirePositive(String name, Duration duration) {
        if (duration.isZero() || duration.isNegative()) {
            throw new IllegalArgumentException(name + ": " + duration + " (expected: > 0)");
        }
    }
}
