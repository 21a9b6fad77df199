package org.kapacitorudf.testkit.junit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.kapacitorudf.Udf;
import org.kapacitorudf.agent.AgentConfig;
import org.kapacitorudf.client.Kapacitor;
import org.kapacitorudf.client.StandInException;
import org.kapacitorudf.embed.UdfServer;
import org.kapacitorudf.proto.InitResponse;
import org.kapacitorudf.proto.Option;

/**
 * A function that is served for one test, and the stand-ins that connect to it.
 *
 * <p>Threading: safe for use by any thread.
 */
public final class UdfServerUnderTest implements AutoCloseable {
    private static final String NAME = "udf.sock";

    /** With Kapacitor's usual 10 s, the stand-in would abort if its own threads were late on a busy machine. */
    private static final Duration KEEPALIVE_TIMEOUT = Duration.ofMinutes(5);

    private final Udf udf;
    private final List<Option> options;
    private final Path directory;
    private final UdfServer server;
    private final List<Kapacitor> uses = new CopyOnWriteArrayList<>();

    UdfServerUnderTest(Udf udf, AgentConfig config, List<Option> options) {
        this.udf = udf;
        this.options = List.copyOf(options);
        try {
            // A short path, because a socket's path is limited to about 100 bytes.
            directory = Files.createTempDirectory("udf");
            server = UdfServer.builder()
                    .function(udf, socket())
                    .config(config)
                    .grace(Duration.ofSeconds(2))
                    .build()
                    .start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The server. */
    public UdfServer server() {
        return server;
    }

    /** The path of the server's socket. */
    public Path socket() {
        return directory.resolve(NAME);
    }

    /**
     * Connects another stand-in and initialises it with the options. Its keepalive timeout is 5 minutes, so that a busy
     * machine does not make the test fail; use {@link #connect} for a different timeout.
     */
    public Kapacitor start() {
        Kapacitor kapacitor = connect(Kapacitor.builder().timeout(KEEPALIVE_TIMEOUT));
        InitResponse answer = kapacitor.init("task", udf.describe().name() + "2", options.toArray(Option[]::new));
        if (!answer.getSuccess()) {
            throw new AssertionError("init: " + answer.getError());
        }
        return kapacitor;
    }

    /** Connects another stand-in, which the test initialises itself. */
    public Kapacitor connect(Kapacitor.Builder settings) {
        try {
            Kapacitor kapacitor = settings.connect(socket());
            uses.add(kapacitor);
            return kapacitor;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Ends the connections that the test has not ended, as Kapacitor does, and reports problems. */
    void finish(boolean problemsAllowed) {
        List<String> problems = new ArrayList<>();
        for (Kapacitor kapacitor : uses) {
            try {
                kapacitor.finish();
            } catch (StandInException e) {
                problems.add(e.getMessage());
            }
            problems.addAll(kapacitor.problems());
        }
        if (!problemsAllowed && !problems.isEmpty()) {
            throw new AssertionError("Kapacitor had problems: " + String.join("; ", problems));
        }
    }

    @Override
    public void close() {
        uses.forEach(Kapacitor::close);
        server.close();
        try {
            Files.deleteIfExists(socket());
            Files.delete(directory);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
