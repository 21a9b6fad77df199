package org.kapacitorudf.soak;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * A process of {@code kapacitor-udf serve}.
 *
 * <p>Threading: one thread; {@link #destroy} at any time.
 */
final class SoakServer {
    private static final int FUNCTIONS = FunctionKind.values().length + 1;
    private static final String DRAIN_DEADLINE = "5m";

    /** The state of the server. */
    private enum State {
        SERVING,
        /** Another server has taken over this server's sockets; this server keeps its connections until they end. */
        LEAVING,
        STOPPING,
        KILLED
    }

    private final Process process;
    private final Path directory;
    private final Path out;
    private final Path err;
    private final Path temporary;
    private State state = State.SERVING;
    private boolean listening;

    private SoakServer(Process process, Path directory, Path out, Path err, Path temporary) {
        this.process = process;
        this.directory = directory;
        this.out = out;
        this.err = err;
        this.temporary = temporary;
    }

    /** Starts a server. The server does not listen yet when this method returns. */
    static SoakServer start(SoakPlan plan, Path directory, int number, boolean takeOver) throws IOException {
        Path sockets = directory.resolve("s");
        Path temporary = Files.createDirectories(directory.resolve("tmp" + number));
        List<String> command = new ArrayList<>(plan.launcher());
        command.add("serve");
        for (FunctionKind kind : FunctionKind.values()) {
            command.add(kind.function());
        }
        command.add("soakInsider");
        command.addAll(List.of("--dir", sockets.toString(), "--log-level", "warn", "--max-log-lines", "20"));
        command.addAll(List.of("--max-restarts", "1000", "--restart-interval", "1s"));
        // On a busy machine, readers may be slow.
        command.addAll(List.of("--drain-deadline", DRAIN_DEADLINE, "--grace", DRAIN_DEADLINE));
        if (takeOver) {
            command.add("--take-over");
        }
        Path out = directory.resolve(number + ".out");
        Path err = directory.resolve(number + ".err");
        ProcessBuilder builder =
                new ProcessBuilder(command).redirectOutput(out.toFile()).redirectError(err.toFile());
        builder.environment().put("KAPACITOR_UDF_CLASSPATH", plan.classPath().toString());
        builder.environment()
                .merge(
                        "KAPACITOR_UDF_JAVA_OPTS",
                        "-Djava.io.tmpdir=" + temporary + " " + plan.javaOptions(),
                        (a, b) -> a + " " + b);
        return new SoakServer(builder.start(), sockets, out, err, temporary);
    }

    Path socket(String function) {
        return directory.resolve(function + ".sock");
    }

    /** Whether the server accepts connections. */
    boolean isListening() {
        if (!listening) {
            try (Stream<String> lines = Files.lines(out)) {
                listening = lines.filter(line -> line.contains("listening on")).count() == FUNCTIONS;
            } catch (IOException e) {
                listening = false;
            }
        }
        return listening && state == State.SERVING;
    }

    /** Whether the server must work normally, because it has not been stopped. */
    boolean isRunning() {
        return state == State.SERVING || state == State.LEAVING;
    }

    boolean isLeaving() {
        return state == State.LEAVING;
    }

    boolean isKilled() {
        return state == State.KILLED;
    }

    void leave() {
        state = State.LEAVING;
    }

    /** Asks the server to exit, as a service manager does. */
    void stop() {
        state = State.STOPPING;
        process.destroy();
    }

    void kill() {
        state = State.KILLED;
        process.destroyForcibly();
    }

    boolean hasEnded() {
        return !process.isAlive();
    }

    int exitStatus() {
        return process.exitValue();
    }

    /** Kills the server's process. */
    void destroy() {
        process.destroyForcibly();
    }

    int descriptors() {
        return entries(Path.of("/proc", Long.toString(process.pid()), "fd"));
    }

    int temporaryFiles() {
        return entries(temporary);
    }

    private static int entries(Path directory) {
        try (Stream<Path> files = Files.list(directory)) {
            return (int) files.count();
        } catch (IOException e) {
            return -1;
        }
    }

    long residentBytes() {
        try (Stream<String> lines = Files.lines(Path.of("/proc", Long.toString(process.pid()), "status"))) {
            return lines.filter(line -> line.startsWith("VmRSS:"))
                    .mapToLong(line -> 1024 * Long.parseLong(line.replaceAll("\\D", "")))
                    .findFirst()
                    .orElse(0);
        } catch (IOException e) {
            return 0;
        }
    }

    /** Log lines that report problems of the server, not of a function. */
    List<String> badLines() {
        try (Stream<String> lines = Files.lines(err)) {
            return lines.filter(line -> line.contains("LEAK") || line.contains("internal error"))
                    .limit(5)
                    .toList();
        } catch (IOException e) {
            return List.of();
        }
    }

    /** The last part of the server's log. */
    String log() {
        try {
            List<String> lines = Files.readAllLines(err);
            return String.join("\n", lines.subList(Math.max(0, lines.size() - 10), lines.size()));
        } catch (IOException e) {
            return e.toString();
        }
    }
}
