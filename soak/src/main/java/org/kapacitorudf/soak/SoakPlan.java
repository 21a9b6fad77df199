package org.kapacitorudf.soak;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * The parameters of a run.
 *
 * @param launcher the command that starts the program
 * @param classPath the location of the functions in this package
 * @param javaOptions additional flags for the server's JVM
 * @param points the number of checked points after which the run ends
 * @param time the time after which the run ends, if that is earlier
 * @param restartEvery the average interval between replacements of the server; zero for never
 * @param keepaliveEvery the interval of keepalives on each connection, in nanoseconds
 * @param keepaliveLimit the maximum time for the answer to a keepalive, in nanoseconds
 * @param snapshotEvery the average interval of snapshots of each function with state, in nanoseconds
 * @param shortLife the minimum number of points per connection
 * @param longLife the maximum number of points per connection
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
