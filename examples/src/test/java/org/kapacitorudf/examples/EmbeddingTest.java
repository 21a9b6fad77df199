package org.kapacitorudf.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.kapacitorudf.client.Kapacitor;
import org.kapacitorudf.client.Options;
import org.kapacitorudf.client.Points;

/** The program in docs/plugins.md, in a separate JVM. */
class EmbeddingTest {
    @TempDir
    private Path dir;

    @Test
    void aFunctionOnStdinAndStdout() throws Exception {
        try (Kapacitor kapacitor = patient().spawn(command())) {
            use(kapacitor);
            assertThat(kapacitor.awaitEnd().exitStatus()).hasValue(0);
            assertThat(kapacitor.problems()).isEmpty();
        }
    }

    @Test
    void aFunctionOnASocket() throws Exception {
        Path socket = dir.resolve("movingAvg.sock");
        Process server =
                new ProcessBuilder(command(socket.toString())).inheritIO().start();
        try (Kapacitor kapacitor = patient().connect(socket)) {
            use(kapacitor);
            kapacitor.awaitEnd();
            assertThat(kapacitor.problems()).isEmpty();
        } finally {
            server.destroy();
        }
        assertThat(server.waitFor(5, TimeUnit.MINUTES)).isTrue();
        assertThat(socket).doesNotExist();
    }

    /** Neither its keepalive nor its requests time out on a busy machine. */
    private static Kapacitor.Builder patient() {
        return Kapacitor.builder().timeout(Duration.ofMinutes(5)).deadline(Duration.ofMinutes(5));
    }

    private static void use(Kapacitor kapacitor) throws IOException {
        kapacitor.init("task", "node", Options.of("field", "value"), Options.of("size", 2));
        kapacitor.send(Points.of("cpu,host=a value=1 0", "cpu,host=a value=2 1"));
        // The time for the remaining work is limited once the input has ended.
        kapacitor.awaitReceived(2);
        kapacitor.closeInput();
        assertThat(Points.of(kapacitor.points()).lines())
                .containsExactly("cpu,host=a avg=1.0 0", "cpu,host=a avg=1.5 1");
    }

    private static List<String> command(String... arguments) {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xshare:auto",
                "-cp",
                System.getProperty("java.class.path"),
                Embedding.class.getName()));
        command.addAll(List.of(arguments));
        return command;
    }
}
