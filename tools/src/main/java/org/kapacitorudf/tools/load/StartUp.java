package org.kapacitorudf.tools.load;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.kapacitorudf.client.DaemonDeath;
import org.kapacitorudf.client.FrameReader;
import org.kapacitorudf.client.Frames;
import org.kapacitorudf.proto.InfoRequest;
import org.kapacitorudf.proto.Request;

/**
 * Measures how long a process takes from its start to its answer to Info. If the process is a JVM, a JVM that only
 * prints one line is measured for comparison.
 */
final class StartUp {
    private static final byte[] INFO = Frames.encode(
            Request.newBuilder().setInfo(InfoRequest.getDefaultInstance()).build());
    private static final double MILLI_NANOS = 1e6;
    private static final int BUFFER_BYTES = 64 * 1024;

    private final Bench bench;
    private final ByteBuffer buffer = ByteBuffer.allocate(BUFFER_BYTES);

    StartUp(Bench bench) {
        this.bench = bench;
    }

    List<LoadResult> run(List<Subject> subjects) {
        for (Subject subject : subjects) {
            if (subject.reach() == Subject.Reach.SOCKET) {
                throw new LoadException(
                        subject.name() + ": already listens (expected: a command, which can be started)");
            }
        }
        Map<Subject, LoadResult.Collector> all = new LinkedHashMap<>();
        List<Subject> each = new ArrayList<>(subjects);
        subjects.stream()
                .flatMap(subject -> bareJvm(subject).stream())
                .findFirst()
                .ifPresent(each::add);
        each.forEach(subject -> all.put(subject, new LoadResult.Collector(subject.name())));
        // Run 0 is the warm-up: only the first start reads its files from disk.
        for (int run = 0; run <= bench.plan().runs(); run++) {
            for (Map.Entry<Subject, LoadResult.Collector> next : all.entrySet()) {
                Subject subject = next.getKey();
                bench.says(
                        subject,
                        run == 0
                                ? "warm-up"
                                : "run " + run + " of " + bench.plan().runs());
                double millis = once(subject) / MILLI_NANOS;
                if (run > 0) {
                    next.getValue().add(Bench.figures(Metric.START_MILLIS, millis));
                }
            }
        }
        return all.values().stream().map(LoadResult.Collector::result).toList();
    }

    private long once(Subject subject) {
        long start = System.nanoTime();
        try (RunningAgent agent = bench.start(subject)) {
            Link link = agent.open();
            agent.guarded("does not answer", agent.answerLimit(), List.of(link), () -> {
                if (subject.isBareJvm()) {
                    readLine(link);
                } else {
                    askInfo(link);
                }
                return link;
            });
            return System.nanoTime() - start;
        }
    }

    private void askInfo(Link link) throws IOException {
        link.writeAll(ByteBuffer.wrap(INFO));
        FrameReader frames = new FrameReader(
                (bytes, offset, length) -> link.in().read(ByteBuffer.wrap(bytes, offset, length)), BUFFER_BYTES);
        try {
            if (!frames.next()) {
                throw new IOException("it ended its output");
            }
        } catch (DaemonDeath e) {
            throw new IOException(e.getMessage(), e);
        }
    }

    private void readLine(Link link) throws IOException {
        buffer.clear();
        do {
            read(link);
        } while (buffer.get(buffer.position() - 1) != '\n');
    }

    private void read(Link link) throws IOException {
        if (link.in().read(buffer) < 0) {
            throw new IOException("it ended its output");
        }
    }

    /** A JVM that has the same flags as the subject and only prints one line; empty if the subject is not a JVM. */
    private Optional<Subject> bareJvm(Subject subject) {
        if (subject.isEcho()) {
            return Optional.empty();
        }
        try (RunningAgent agent = bench.start(subject)) {
            Link link = agent.open();
            return agent.guarded("does not answer", agent.answerLimit(), List.of(link), () -> {
                askInfo(link);
                return agent.processes().stream()
                        .map(StartUp::commandLine)
                        .filter(words -> words.get(0).endsWith("/java"))
                        .map(Subject::bareJvm)
                        .findFirst();
            });
        }
    }

    private static List<String> commandLine(ProcessHandle process) {
        Path file = Path.of("/proc", Long.toString(process.pid()), "cmdline");
        try {
            return List.of(Files.readString(file, StandardCharsets.UTF_8).split("\0"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
