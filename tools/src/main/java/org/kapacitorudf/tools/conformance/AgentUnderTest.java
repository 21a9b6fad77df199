package org.kapacitorudf.tools.conformance;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.kapacitorudf.client.RawKapacitor;

/**
 * The agent under test, given as the socket on which it listens, as a command that starts a server, or as a command
 * that is started for each session.
 *
 * <p>Threading: for use by any thread, but by one at a time.
 */
public final class AgentUnderTest implements AutoCloseable {
    /** The placeholder for the path of the socket in a {@link #command}. */
    public static final String SOCKET = "{socket}";

    private static final long EXIT_LIMIT_MILLIS = 3_000;

    /**
     * How long a server may take to start listening: a JVM on a busy machine starts slowly. Kapacitor itself keeps
     * trying for five minutes.
     */
    private static final Duration START_LIMIT = Duration.ofSeconds(60);

    private static final Duration LOOK_AGAIN = Duration.ofMillis(100);

    /**
     * How long to wait for a crash after a case: a server that crashes because of a connection may do so slightly
     * later.
     */
    private static final long SETTLE_MILLIS = 100;

    private static final int STDERR_LINES_SHOWN = 3;

    private final @Nullable Path socket;
    private final List<String> command;

    // The directory for the socket and the STDERR of a server.
    private @Nullable Path directory;
    private @Nullable Process process;
    private boolean hasListened;

    private AgentUnderTest(@Nullable Path socket, List<String> command) {
        this.socket = socket;
        this.command = List.copyOf(command);
    }

    /** An agent that already listens. */
    public static AgentUnderTest socket(Path socket) {
        return new AgentUnderTest(socket, List.of());
    }

    /**
     * An agent that a command starts. If the command contains {@link #SOCKET}, the agent is a server: it is started
     * once, and again if it has exited. Otherwise it is started for each session, and uses STDIN and STDOUT.
     */
    public static AgentUnderTest command(List<String> command) {
        if (command.isEmpty()) {
            throw new IllegalArgumentException("command: empty (expected: a program)");
        }
        return new AgentUnderTest(null, command);
    }

    /** Whether a separate process is started for each session. */
    boolean isProcess() {
        return socket == null && !isServer();
    }

    private boolean isServer() {
        return command.stream().anyMatch(word -> word.contains(SOCKET));
    }

    /** Starts the server if necessary. */
    void prepare() throws IOException {
        if (!isServer() || process != null && process.isAlive()) {
            return;
        }
        String path = serverSocket().toString();
        Files.deleteIfExists(serverSocket());
        List<String> words =
                command.stream().map(word -> word.replace(SOCKET, path)).toList();
        hasListened = false;
        process = new ProcessBuilder(words)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(stderr().toFile())
                .start();
    }

    /** Waits briefly, and returns how the server exited; empty if it is still running, as it should be after a case. */
    Optional<String> endDuringCase() {
        Process server = process;
        if (server == null || !endsWithin(server, SETTLE_MILLIS)) {
            return Optional.empty();
        }
        StringBuilder text = new StringBuilder("the server ended with exit status ").append(server.exitValue());
        try {
            List<String> lines = Files.readAllLines(stderr());
            lines.subList(Math.max(0, lines.size() - STDERR_LINES_SHOWN), lines.size())
                    .forEach(line -> text.append("; STDERR: ").append(line));
        } catch (IOException e) {
            text.append("; STDERR: ").append(e);
        }
        return Optional.of(text.toString());
    }

    private static boolean endsWithin(Process server, long millis) {
        try {
            return server.waitFor(millis, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return !server.isAlive();
        }
    }

    RawKapacitor open(Duration limit) throws IOException {
        if (isProcess()) {
            return RawKapacitor.spawn(command);
        }
        if (isServer() && !hasListened) {
            return dialUntilItListens();
        }
        return RawKapacitor.connect(socket == null ? serverSocket() : socket, limit);
    }

    private RawKapacitor dialUntilItListens() throws IOException {
        long start = System.nanoTime();
        while (true) {
            try {
                RawKapacitor kapacitor = RawKapacitor.connect(serverSocket(), LOOK_AGAIN);
                hasListened = true;
                return kapacitor;
            } catch (IOException e) {
                if (process == null || !process.isAlive() || System.nanoTime() - start > START_LIMIT.toNanos()) {
                    throw e;
                }
            }
        }
    }

    /** Whether an agent listens on the given socket; always true if this object starts the agent itself. */
    boolean isThere() {
        if (socket == null) {
            return true;
        }
        try (RawKapacitor kapacitor = RawKapacitor.connect(socket, Duration.ZERO)) {
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    private Path serverSocket() throws IOException {
        return directory().resolve("agent.sock");
    }

    private Path stderr() throws IOException {
        return directory().resolve("agent.err");
    }

    private Path directory() throws IOException {
        Path made = directory;
        if (made == null) {
            made = Files.createTempDirectory("kapacitor-udf-check");
            directory = made;
        }
        return made;
    }

    /** Stops the server, if it was started. */
    @Override
    public void close() throws IOException {
        if (process != null) {
            process.destroy();
            if (!endsWithin(process, EXIT_LIMIT_MILLIS)) {
                process.descendants().forEach(ProcessHandle::destroyForcibly);
                process.destroyForcibly();
            }
        }
        if (directory != null) {
            Files.deleteIfExists(serverSocket());
            Files.deleteIfExists(stderr());
            Files.deleteIfExists(directory);
        }
    }

    @Override
    public String toString() {
        return socket == null ? String.join(" ", command) : socket.toString();
    }
}
