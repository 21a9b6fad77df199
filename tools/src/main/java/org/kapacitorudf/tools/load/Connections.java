package org.kapacitorudf.tools.load;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.kapacitorudf.client.Frames;
import org.kapacitorudf.proto.Request;
import org.kapacitorudf.proto.SnapshotRequest;

/**
 * All connections to one agent, and their load.
 *
 * <p>Threading: the methods are called by one thread; the threads of the {@link Drive} write and read.
 *
 * <p>Errors: {@link LoadException} if the output does not match the input, or if nothing arrives within the answer
 * limit.
 */
final class Connections implements Closeable {
    private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(5);
    private static final int FEW = 2;

    private final RunningAgent agent;
    private final LoadPlan plan;
    private final List<LoadConnection> peers = new ArrayList<>();
    private final Drive drive;

    /**
     * The result of one run.
     *
     * @param points the number of points sent
     * @param nanos the time from the first write to the last point read
     * @param fairness the number of points received by the slowest connection, divided by the mean of all connections;
     *     counted while all were sending
     * @param keepalives the round-trip times of keepalives
     */
    record Run(long points, long nanos, double fairness, Samples keepalives) {}

    Connections(RunningAgent agent, LoadPlan plan, Traffic traffic) {
        this.agent = agent;
        this.plan = plan;
        try {
            for (int i = 0; i < agent.connections(); i++) {
                Pump pump = new Pump(
                        traffic, plan.chunkBytes(), plan.keepaliveEvery().toNanos());
                peers.add(new LoadConnection(agent.openInitialised(), pump));
            }
            drive = agent.subject().isProcess() || agent.connections() <= FEW
                    ? new ThreadDrive(peers)
                    : new SelectorDrive(peers, plan.isTwoWrites());
        } catch (IOException e) {
            throw agent.failure("cannot be set up", e);
        }
    }

    /** Sends for a duration, and waits for all output. */
    Run run(long durationNanos, Progress.Rate progress) {
        long[] pointsBefore = peers.stream()
                .mapToLong(connection -> connection.counter().points())
                .toArray();
        long sentBefore = sentPoints();
        Samples keepalives = new Samples();
        drainKeepalives(keepalives);
        keepalives.clear();

        long start = System.nanoTime();
        drive.startWriting();
        await(() -> {
            long elapsed = System.nanoTime() - start;
            progress.rate(receivedPoints() - sum(pointsBefore), elapsed);
            return elapsed >= durationNanos;
        });
        double fairness = fairness(pointsBefore);
        drive.stopWriting();
        await(() -> peers.stream().allMatch(connection -> connection.pump().isStopped()));
        if (!plan.allReturn()) {
            awaitSnapshots();
        } else {
            await(() -> peers.stream().allMatch(LoadConnection::hasAllBack));
        }
        await(() -> peers.stream()
                .allMatch(connection ->
                        connection.counter().keepalives() >= connection.pump().keepalives()));
        if (plan.allReturn()) {
            peers.forEach(this::requireAllReturned);
        }
        long end = peers.stream()
                .mapToLong(connection -> connection.counter().lastDataNanos())
                .reduce(start, (a, b) -> a - b > 0 ? a : b);
        drainKeepalives(keepalives);
        return new Run(sentPoints() - sentBefore, end - start, fairness, keepalives);
    }

    private long sentPoints() {
        return peers.stream()
                .mapToLong(connection -> connection.pump().points())
                .sum();
    }

    private long receivedPoints() {
        return peers.stream()
                .mapToLong(connection -> connection.counter().points())
                .sum();
    }

    private void drainKeepalives(Samples to) {
        peers.forEach(connection -> connection.counter().drainKeepalives(to));
    }

    private double fairness(long[] pointsBefore) {
        long least = Long.MAX_VALUE;
        for (int i = 0; i < pointsBefore.length; i++) {
            least = Math.min(least, peers.get(i).counter().points() - pointsBefore[i]);
        }
        double mean = (double) (receivedPoints() - sum(pointsBefore)) / pointsBefore.length;
        return mean == 0 ? 0 : least / mean;
    }

    private static long sum(long[] numbers) {
        long sum = 0;
        for (long number : numbers) {
            sum += number;
        }
        return sum;
    }

    private void requireAllReturned(LoadConnection connection) {
        requireEqual("points", connection.counter().points(), connection.pump().points());
        requireEqual(
                "ends of batches",
                connection.counter().ends(),
                connection.pump().batches());
    }

    private void requireEqual(String what, long received, long sent) {
        if (received != sent) {
            throw new LoadException(agent.subject().name() + ": " + received + " " + what + " came back (expected: "
                    + sent + ", as many as were sent)");
        }
    }

    /**
     * Requests a snapshot on each connection, and waits for the answers. An answer follows the output of all points
     * that were sent before the request.
     */
    private void awaitSnapshots() {
        long[] before = peers.stream()
                .mapToLong(connection -> connection.counter().snapshots())
                .toArray();
        byte[] request = Frames.encode(Request.newBuilder()
                .setSnapshot(SnapshotRequest.getDefaultInstance())
                .build());
        for (LoadConnection connection : peers) {
            try {
                connection.link().writeAll(ByteBuffer.wrap(request));
            } catch (IOException e) {
                throw agent.failure("does not take a request for a snapshot", e);
            }
        }
        await(() -> {
            for (int i = 0; i < before.length; i++) {
                if (peers.get(i).counter().snapshots() == before[i]) {
                    return false;
                }
            }
            return true;
        });
    }

    private void await(BooleanSupplier reached) {
        long seen = -1;
        long since = System.nanoTime();
        while (!reached.getAsBoolean()) {
            drive.failure().ifPresent(failure -> {
                throw agent.failure("failed", failure);
            });
            long now = System.nanoTime();
            long received = receivedPoints();
            if (received != seen) {
                seen = received;
                since = now;
            } else if (now - since > agent.answerLimit().toNanos()) {
                throw agent.failure("stalled", new IOException(stalled()));
            }
            if (Thread.currentThread().isInterrupted()) {
                throw new LoadException("interrupted");
            }
            LockSupport.parkNanos(LOOK_NANOS);
        }
    }

    private String stalled() {
        long asked = peers.stream()
                .mapToLong(connection -> connection.pump().keepalives())
                .sum();
        long answered = peers.stream()
                .mapToLong(connection -> connection.counter().keepalives())
                .sum();
        return "nothing was received for " + agent.answerLimit().toMillis() / 1e3 + " s; sent: " + sentPoints()
                + " points and " + asked + " keepalives, received: " + receivedPoints() + " and " + answered
                + (plan.allReturn() ? " (a function with fewer results than points needs --answers any)" : "");
    }

    /** Ends the input of all connections, and waits for the end of their output. No more data may arrive. */
    void finish() {
        long received = receivedPoints();
        drive.endInputs();
        await(drive::hasEnded);
        if (plan.allReturn() && receivedPoints() != received) {
            throw new LoadException(agent.subject().name() + ": " + (receivedPoints() - received)
                    + " points came after the end of the input (expected: none)");
        }
    }

    /** Ends the threads, but leaves the connections open: they are closed with their agent. */
    @Override
    public void close() {
        drive.close();
    }
}
