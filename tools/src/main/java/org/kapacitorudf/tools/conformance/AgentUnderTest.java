package org.kapacitorudf.tools.conformance;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.kapacitorudf.client.RawKapacitor;

/**
 * The agent that is tested: a socket that it listens on, or a command that is started once and listens, or one that is
 * started for each use.
 *
 * <p>Threading: any thread, but one at a time.
 */
public final class AgentUnderTest implements AutoCloseable {
    /** In the command of a {@link #command}, what stands for the path of the socket. */
    public static final String SOCKET = "{socket}";

    private static final long EXIT_LIMIT_MILLIS = 3_000;

    /** How long a server that was started may take until it listens: a JVM on a busy machine takes its time, and Kapacitor dials for five minutes. */
    private static final Duration START_LIMIT = Duration.ofSeconds(60);

    private static final Duration LOOK_AGAIN = Duration.ofMillis(100);

    /** A server that dies of a connection does so a little later. */
    private static final long SETTLE_MILLIS = 100;

    private static final int STDERR_LINES_SHOWN = 3;

    private final Path socket;
    private final List<String> command;

    // Of a server.
    private Path directory;
    private Process process;
    private boolean hasListened;

    private AgentUnderTest(Path socket, List<String> command) {
        this.socket = socket;
        this.command = List.copyOf(command);
    }

    /** One that listens already. */
    public static AgentUnderTest socket(Path socket) {
        return new AgentUnderTest(socket, List.of());
    }

    /**
     * A command: with {@link #SOCKET} in it, it is a server, which is started, and started again when it has ended; without,
     * it talks on its STDIN and STDOUT.
     */
    public static AgentUnderTest command(List<String> command) {
        if (command.isEmpty()) {
            throw new IllegalArgumentException("command: empty (expected: a program)");
        }
        return new AgentUnderTest(null, command);
    }

    /** Whether each use is a process. */
    boolean isProcess() {
        return socket == null && !isServer();
    }

    private boolean isServer() {
        return command.stream().anyMatch(word -> word.contains(SOCKET));
    }

    /** Sees to it that a server runs. */
    void prepare() throws IOException {
        if (!isServer() || process != null && process.isAlive()) {
            return;
        }
        if (directory == null) {
            directory = Files.createTempDirectory("kapacitor-udf-check");
        }
        Files.deleteIfExists(serverSocket());
        List<String> words = command.stream()
                .map(word -> word.replace(SOCKET, serverSocket().toString()))
                .toList();
        hasListened = false;
        process = new ProcessBuilder(words)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(stderr().toFile())
                .start();
    }

    /** How a server that was to go on has ended, behind a case; gives it some time for that. */
    Optional<String> endBehindCase() {
        if (process == null || !endsWithin(SETTLE_MILLIS)) {
            return Optional.empty();
        }
        StringBuilder text = new StringBuilder("the server ended with exit status ").append(process.exitValue());
        try {
            List<String> lines = Files.readAllLines(stderr());
            lines.subList(Math.max(0, lines.size() - STDERR_LINES_SHOWN), lines.size())
                    .forEach(line -> text.append("; STDERR: ").append(line));
        } catch (IOException e) {
            text.append("; STDERR: ").append(e);
        }
        return Optional.of(text.toString());
    }

    private boolean endsWithin(long millis) {
        try {
            return process.waitFor(millis, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return !process.isAlive();
        }
    }

    RawKapacitor open(Duration limit) throws IOException {
        if (isProcess()) {
            return RawKapacitor.spawn(command);
        }
        if (isServer() && !hasListened) {
            return dialUntilItListens();
        }
        return RawKapacitor.connect(isServer() ? serverSocket() : socket, limit);
    }

    private RawKapacitor dialUntilItListens() throws IOException {
        long start = System.nanoTime();
        while (true) {
            try {
                RawKapacitor kapacitor = RawKapacitor.connect(serverSocket(), LOOK_AGAIN);
                hasListened = true;
                return kapacitor;
            } catch (IOException e) {
                if (!process.isAlive() || System.nanoTime() - start > START_LIMIT.toNanos()) {
                    throw e;
                }
            }
        }
    }

    /** Whether somebody listens, where it is not ours to start it. */
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

    private Path serverSocket() {
        return directory.resolve("agent.sock");
    }

    private Path stderr() {
        return directory.resolve("agent.err");
    }

    /** Ends a server that was started. */
    @Override
    public void close() throws IOException {
        if (process != null) {
            process.destroy();
            if (!endsWithin(EXIT_LIMIT_MILLIS)) {
                process.descendants().forEach(ProcessHandle::destroyForcibly);
                process.destroyForcibly();
            }
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
