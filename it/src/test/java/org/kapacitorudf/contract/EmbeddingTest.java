package org.kapacitorudf.contract;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.kapacitorudf.client.Kapacitor;
import org.kapacitorudf.client.Points;

/** The library with its own dependencies only: no logging back end, no test kit, no command line. */
@Tag("slow")
@Timeout(600)
final class EmbeddingTest {
    private static final List<String> BROUGHT_ALONG = List.of(
            "/agent/", "/proto/", "/netty-", "/protobuf-java", "/slf4j-api", "/jackson-", "/it/target/test-classes");

    private static List<String> java(String... args) {
        String classpath = Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
                .filter(entry -> BROUGHT_ALONG.stream().anyMatch(entry::contains))
                .collect(Collectors.joining(File.pathSeparator));
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        List<String> command = new ArrayList<>(List.of(java, "-cp", classpath, TenLines.class.getName()));
        command.addAll(List.of(args));
        return command;
    }

    @Test
    void aProcessUdfTakesOneLine() throws IOException {
        try (Kapacitor kapacitor = AgentContract.kapacitor().spawn(java())) {
            doubles(kapacitor);
            assertThat(kapacitor.awaitEnd().exitStatus()).hasValue(0);
        }
    }

    @Test
    void aServerTakesOneLineAndLivesOn(@TempDir Path directory) throws Exception {
        Path socket = directory.resolve("s");
        Process server = new ProcessBuilder(java(socket.toString())).inheritIO().start();
        try {
            while (!Files.exists(socket)) {
                assertThat(server.waitFor(20, TimeUnit.MILLISECONDS))
                        .as("the server has ended")
                        .isFalse();
            }
            try (Kapacitor kapacitor = AgentContract.kapacitor().connect(socket)) {
                doubles(kapacitor);
                kapacitor.awaitEnd();
            }
            assertThat(server.isAlive()).isTrue();
        } finally {
            server.destroyForcibly();
        }
    }

    private static void doubles(Kapacitor kapacitor) {
        kapacitor.init("task", "node2");
        kapacitor.send(Points.of("m value=21 1"));
        kapacitor.awaitReceived(1);
        assertThat(kapacitor.points().get(0).getFieldsDoubleOrThrow("twice")).isEqualTo(42);
        kapacitor.closeInput();
        assertThat(kapacitor.problems()).isEmpty();
    }
}
