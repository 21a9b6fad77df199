package org.kapacitorudf.soak;

import java.io.Closeable;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.kapacitorudf.soak.Findings.Sort;

/**
 * A run: a server and its successors, all connections, and one thread that drives them.
 *
 * <pre>
 * warm-up, all closed: resources? -> load -> all closed: more resources?
 * </pre>
 *
 * <p>Threading: one thread runs it; {@link #close} is safe for use by any thread, and stops every process that was
 * started.
 */
final class SoakRun implements Closeable {
    static final int TASKS = 40;

    private static final int BUFFER_BYTES = 256 * 1024;
    private static final long LOOK_MILLIS = 10;
    private static final long START_LIMIT_NANOS = TimeUnit.MINUTES.toNanos(6);
    private static final long FINISH_LIMIT_NANOS = TimeUnit.MINUTES.toNanos(6);
    private static final long SETTLE_LIMIT_NANOS = TimeUnit.MINUTES.toNanos(5);
    private static final double NANOS_PER_MILLI = 1e6;

    private final SoakPlan plan;
    private final PrintStream log;
    private final Findings findings = new Findings();
    private final RunTally tally = new RunTally();
    private final Random random;
    private final Path directory;
    private final ConcurrentLinkedQueue<SoakServer> servers = new ConcurrentLinkedQueue<>();
    private final List<SoakConnection> connections = new ArrayList<>();
    private final List<ServerResources> samples = new ArrayList<>();
    private final Selector selector;
    private final byte[] buffer = new byte[BUFFER_BYTES];
    private final byte[] scratch;
    private final long wallOffsetNanos = TimeUnit.MILLISECONDS.toNanos(System.currentTimeMillis()) - System.nanoTime();

    private SoakServer server;
    private boolean finishing;
    private Change change = Change.NONE;
    private @Nullable SoakServer changing; // null unless two servers run
    private long changeNanos;
    private @Nullable CompletableFuture<ServerResources> look; // null for none
    private @Nullable ServerResources before; // null until measured
    private @Nullable ServerResources after;
    private long startNanos;
    private long endNanos;

    /** The current change of the server. */
    private enum Change {
        NONE,
        /** The next server is starting; no other server is running. */
        STARTING,
        /** Waits for the stopping server to exit, and then starts the next one. */
        STOPPING,
        /** The next server is starting in parallel with the current one. */
        STARTING_BESIDE,
        /** Waits for the connections of the former server to end. */
        LEAVING,
        /** Waits for the former server to exit. */
        ENDING_FORMER
    }

    SoakRun(SoakPlan plan, PrintStream log) throws IOException {
        this.plan = plan;
        this.log = log;
        random = new Random(plan.seed());
        directory = Files.createTempDirectory("udf-soak");
        selector = Selector.open();
        server = start(false);
        PointTemplate stream = PointTemplate.stream();
        PointTemplate batch = PointTemplate.batch();
        scratch = new byte[Math.max(stream.length(0, PointTemplate.POINTS), batch.length(0, PointTemplate.POINTS))];
        for (int i = 0; i < plan.connections(); i++) {
            FunctionKind kind = FunctionKind.of(i);
            connections.add(new SoakConnection(this, i, kind, plan.seed(), kind.isBatches() ? batch : stream));
        }
    }

    SoakPlan plan() {
        return plan;
    }

    Findings findings() {
        return findings;
    }

    RunTally tally() {
        return tally;
    }

    Selector selector() {
        return selector;
    }

    /** The buffer for one read: its start holds what was left over from the previous read from the same connection. */
    byte[] buffer() {
        return buffer;
    }

    /** The buffer for one write. */
    byte[] scratch() {
        return scratch;
    }

    SoakServer server() {
        return server;
    }

    /** Whether connections are ending cleanly, and no new ones start. */
    boolean isFinishing() {
        return finishing;
    }

    long wallNanos(long now) {
        return now + wallOffsetNanos;
    }

    long checked() {
        return connections.stream().mapToLong(SoakConnection::checked).sum();
    }

    long nanos() {
        return endNanos - startNanos;
    }

    ServerResources before() {
        return Objects.requireNonNull(before);
    }

    Optional<ServerResources> after() {
        return Optional.ofNullable(after);
    }

    List<ServerResources> samples() {
        return samples;
    }

    /** Performs the run; problems are recorded as findings. */
    void run() {
        try {
            drive(server::isListening, START_LIMIT_NANOS, "the server does not listen");
            warmUp();
            soak();
            settle();
            stop();
        } catch (Abandoned e) {
            findings.add(Sort.SERVER, e.getMessage() + "\n" + server.log());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        endNanos = endNanos == 0 ? System.nanoTime() : endNanos;
        for (SoakServer each : servers) {
            each.badLines().forEach(line -> findings.add(Sort.SERVER, line));
        }
        ServerResources.trend(samples).forEach(text -> findings.add(Sort.GROWN, "while it ran: " + text));
    }

    /** Thrown if continuing makes no sense. */
    private static final class Abandoned extends Exception {
        private static final long serialVersionUID = 1;

        Abandoned(String message) {
            super(message);
        }
    }

    private SoakServer start(boolean takeOver) throws IOException {
        SoakServer next = SoakServer.start(plan, directory, servers.size(), takeOver);
        servers.add(next);
        return next;
    }

    private void warmUp() throws IOException, Abandoned {
        startNanos = System.nanoTime();
        long length = Math.min(TimeUnit.SECONDS.toNanos(10), plan.time().toNanos() / 5);
        long points = plan.points() / 10;
        drive(() -> System.nanoTime() - startNanos > length || checked() >= points, Long.MAX_VALUE, "");
        finish();
        ServerResources least = lookNow();
        for (int i = 0; i < 3; i++) {
            ServerResources again = lookNow();
            least = again.heapBytes() < least.heapBytes() ? again : least;
        }
        before = least;
        log.println("before: " + least.text());
        connections.forEach(SoakConnection::goOn);
    }

    private void soak() throws IOException, Abandoned {
        long begin = System.nanoTime();
        changeNanos = begin + changeSpacing();
        long next = begin + plan.reportEvery().toNanos();
        long reportedChecked = checked();
        long reportedNanos = begin;
        while (checked() < plan.points()
                && System.nanoTime() - begin < plan.time().toNanos()) {
            step();
            long now = System.nanoTime();
            changeServer(now);
            if (now >= next) {
                next = now + plan.reportEvery().toNanos();
                long checked = checked();
                report(now, (checked - reportedChecked) * 1e9 / (now - reportedNanos));
                reportedChecked = checked;
                reportedNanos = now;
                beginLook();
            }
            takeLook();
        }
        while (change != Change.NONE) {
            step();
            changeServer(System.nanoTime());
        }
        finish();
        endNanos = System.nanoTime();
    }

    private void report(long now, double rate) {
        log.printf(
                Locale.ROOT,
                "%5.0f s  %,15d points checked  %,9.0f/s  open %4d  connections %,d  killed %,d  servers %d  snapshots %,d  restores %,d  "
                        + "keepalives: longest %.0f ms, p99.9 %.0f  %s  findings %d%n",
                (now - startNanos) / 1e9,
                checked(),
                rate,
                connections.stream().filter(SoakConnection::isOpen).count(),
                tally.lives,
                tally.kills,
                servers.size(),
                tally.snapshots,
                tally.restores,
                tally.keepalives.longestNanos() / NANOS_PER_MILLI,
                tally.keepalives.percentileNanos(0.999) / NANOS_PER_MILLI,
                samples.isEmpty() ? "" : samples.get(samples.size() - 1).text(),
                findings.texts().size());
        log.flush();
    }

    private void beginLook() {
        if (look == null && change == Change.NONE) {
            SoakServer asked = server;
            look = CompletableFuture.supplyAsync(() -> {
                try {
                    return ServerResources.of(asked);
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
        }
    }

    private void takeLook() {
        if (look != null && look.isDone()) {
            // A measurement fails if the server has exited since it began. Any other problem is detected by the
            // server's
            // connections, too.
            if (!look.isCompletedExceptionally()) {
                samples.add(look.join());
            }
            look = null;
        }
    }

    private ServerResources lookNow() throws IOException {
        return ServerResources.of(server);
    }

    private void finish() throws IOException, Abandoned {
        finishing = true;
        drive(
                () -> connections.stream().allMatch(SoakConnection::isFinished),
                FINISH_LIMIT_NANOS,
                "connections do not end");
        finishing = false;
    }

    private void settle() throws IOException, Abandoned {
        long begin = System.nanoTime();
        ServerResources now;
        List<String> more;
        do {
            step();
            now = lookNow();
            after = now;
            more = now.beyond(before());
            pause();
        } while (!more.isEmpty() && System.nanoTime() - begin < SETTLE_LIMIT_NANOS);
        log.println("after:  " + now.text());
        more.forEach(text -> findings.add(Sort.GROWN, text));
    }

    private void pause() throws IOException {
        selector.select(LOOK_MILLIS * 20);
    }

    private void stop() throws IOException, Abandoned {
        server.stop();
        drive(server::hasEnded, START_LIMIT_NANOS, "the server does not end");
        requireCleanExit(server);
    }

    private void requireCleanExit(SoakServer ended) {
        if (ended.exitStatus() != 0) {
            findings.add(Sort.SERVER, "exit status " + ended.exitStatus() + " (expected: 0)\n" + ended.log());
        }
    }

    // ---- the loop

    private void drive(BooleanSupplier reached, long limitNanos, String otherwise) throws IOException, Abandoned {
        long begin = System.nanoTime();
        while (!reached.getAsBoolean()) {
            if (System.nanoTime() - begin > limitNanos) {
                throw new Abandoned(otherwise);
            }
            step();
        }
    }

    private void step() throws IOException, Abandoned {
        long until = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(LOOK_MILLIS);
        do {
            selector.select(this::ready, LOOK_MILLIS);
        } while (System.nanoTime() < until);
        long now = System.nanoTime();
        for (SoakConnection connection : connections) {
            connection.tick(now);
        }
        if (server.isRunning() && server.hasEnded()) {
            throw new Abandoned("the server has ended, status " + server.exitStatus());
        }
    }

    private void ready(SelectionKey key) {
        SoakConnection connection = (SoakConnection) key.attachment();
        long now = System.nanoTime();
        int ready = key.readyOps();
        if ((ready & SelectionKey.OP_READ) != 0) {
            connection.read(now);
        }
        connection.write(now);
    }

    // ---- replacing servers

    private long changeSpacing() {
        return (long) ((0.5 + random.nextDouble()) * plan.restartEvery().toNanos());
    }

    private void changeServer(long now) throws IOException, Abandoned {
        if (change == Change.NONE) {
            if (!plan.restartEvery().isZero() && now >= changeNanos) {
                beginChange(now);
            }
            return;
        }
        if (now - changeNanos > START_LIMIT_NANOS) {
            throw new Abandoned("the server is not replaced: " + change);
        }
        switch (change) {
            case STARTING -> {
                if (server.isListening()) {
                    endChange(now);
                }
            }
            case STOPPING -> {
                if (server.hasEnded()) {
                    requireCleanExit(server);
                    server = start(false);
                    change = Change.STARTING;
                }
            }
            case STARTING_BESIDE -> {
                if (changing().isListening()) {
                    SoakServer former = server;
                    former.leave();
                    server = changing();
                    changing = former;
                    change = Change.LEAVING;
                }
            }
            case LEAVING -> {
                if (connections.stream().noneMatch(connection -> connection.isOn(changing()))) {
                    changing().stop();
                    change = Change.ENDING_FORMER;
                }
            }
            case ENDING_FORMER -> {
                if (changing().hasEnded()) {
                    requireCleanExit(changing());
                    endChange(now);
                }
            }
            case NONE -> throw new IllegalStateException("change: " + change);
        }
    }

    private SoakServer changing() {
        return Objects.requireNonNull(changing);
    }

    private void beginChange(long now) throws IOException {
        changeNanos = now;
        switch (random.nextInt(3)) {
            case 0 -> {
                tally.serverKills++;
                server.kill();
                connections.forEach(connection -> connection.serverKilled(server, now));
                server = start(false);
                change = Change.STARTING;
            }
            case 1 -> {
                tally.serverStops++;
                server.stop();
                change = Change.STOPPING;
            }
            default -> {
                tally.takeOvers++;
                changing = start(true);
                change = Change.STARTING_BESIDE;
            }
        }
    }

    private void endChange(long now) {
        change = Change.NONE;
        changing = null;
        changeNanos = now + changeSpacing();
    }

    @Override
    public void close() {
        servers.forEach(SoakServer::destroy);
        try (Stream<Path> files = Files.walk(directory)) {
            files.sorted(Comparator.reverseOrder())
                    .forEach(file -> file.toFile().delete());
        } catch (IOException e) {
            // The files are already deleted, or stay in the temporary directory.
        }
    }
}
