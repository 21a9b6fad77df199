package org.kapacitorudf.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.kapacitorudf.client.Kapacitor;
import org.kapacitorudf.client.Options;
import org.kapacitorudf.client.Points;
import org.kapacitorudf.embed.UdfServer;
import org.kapacitorudf.server.plugin.Functions;
import org.kapacitorudf.server.terminal.ExitStatus;
import org.kapacitorudf.server.terminal.Terminal;

/** {@code record} as started by Kapacitor, and {@code show}, {@code replay} and {@code ping} with its recordings. */
@Tag("slow")
@Tag("one-jdk")
@Timeout(600)
class RecordTest {
    private static final Duration LONG = Duration.ofMinutes(5);

    @TempDir
    private Path directory;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();
    private Installed installed;
    private Path recording;

    @BeforeEach
    void install() throws IOException {
        installed = Installed.in(directory);
        recording = directory.resolve("m.udfrec");
    }

    private String own() {
        return directory.resolve("home/bin/kapacitor-udf").toString();
    }

    @Test
    void aConversationIsRecordedShownAndHadAgain() throws Exception {
        try (Kapacitor kapacitor = installed.spawn(
                "record", "--out", recording.toString(), "--", own(), "run", "movingAvg", "--drain-deadline=5m")) {
            kapacitor.info();
            kapacitor.init("t", "n", Options.of("field", "v"), Options.of("size", 2));
            kapacitor.send(Points.of("m,host=a v=1 0", "m,host=a v=2 1").groupBy("host"));
            kapacitor.closeInput();
            assertThat(kapacitor.awaitEnd(LONG).exitStatus()).hasValue(ExitStatus.OK.code());
            assertThat(kapacitor.receivedPoints()).isEqualTo(2);
            assertThat(kapacitor.problems()).isEmpty();
            assertThat(kapacitor.stderr())
                    .anyMatch(line -> line.equals("kapacitor-udf: recording to " + recording))
                    .anyMatch(line -> line.contains(" INFO  movingAvg t/n: ended: "));
        }

        assertThat(execute("show", recording.toString())).isZero();
        assertThat(out().lines().map(line -> line.replaceFirst("^ *\\d+\\.\\d{6} ", "")))
                .contains(
                        "> Info",
                        "< Info stream to stream .as(string).field(string).size(int)",
                        "> Init task t, node n .field('v').size(2)",
                        "< Init ok",
                        "> Point m,host=a v=1.0 0 [by host]",
                        "< Point m,host=a avg=1.5 1 [by host]",
                        "> end of the input",
                        "< end of the output",
                        "exit status 0");
        assertThat(execute("show", recording.toString(), "--lines")).isZero();
        assertThat(out()).isEqualTo("m,host=a v=1.0 0\nm,host=a v=2.0 1\n");
        assertThat(execute("show", recording.toString(), "--answer-lines")).isZero();
        assertThat(out()).isEqualTo("m,host=a avg=1.0 0\nm,host=a avg=1.5 1\n");

        assertThat(execute("replay", recording.toString(), "--function", "movingAvg"))
                .isZero();
        assertThat(out()).isEqualTo("all the same: 2 points in 1 group, of 2 points sent\n");
        assertThat(execute("replay", recording.toString(), "--function", "mirror"))
                .isEqualTo(ExitStatus.FAILED.code());
        assertThat(out()).contains("+ Init refused: mirror: ", "- m,host=a avg=1.5 1");
        assertThat(execute("replay", recording.toString(), "--", "sh", "-c", "exit 3"))
                .isEqualTo(ExitStatus.FAILED.code());
        assertThat(out()).contains("INFO: no answer").contains("- Init ok\n+ no such answer");
    }

    /** Otherwise all recordings that are meant for a directory would be in files with the directory's name. */
    @Test
    void aDirectoryThatDoesNotExistIsRefused() {
        for (String missing : List.of("missing", "missing/")) {
            String out = directory.resolve("missing") + missing.substring("missing".length());
            assertThat(execute("record", "--out", out, "--", "true")).isEqualTo(ExitStatus.USAGE.code());
            assertThat(err())
                    .contains("--out: " + directory.resolve("missing")
                            + " (expected: a directory that exists, or a file that ends in .udfrec)");
            assertThat(directory.resolve("missing")).doesNotExist();
        }
    }

    @Test
    void theAgentsEndIsItsOwn() throws Exception {
        Process process = installed.start("record", "--out", recording.toString(), "sh", "-c", "echo oh >&2; exit 7");
        assertThat(process.getInputStream().readAllBytes()).isEmpty();
        assertThat(new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8))
                .contains("oh\n");
        assertThat(process.waitFor()).isEqualTo(7);
    }

    @Test
    void whatIsWrittenWhenItIsKilledCanBeShown() throws Exception {
        Process process = installed.start("record", "--out", recording.toString(), "--", "cat");
        // Info, which cat returns unchanged: an Info without contents.
        process.getOutputStream().write(new byte[] {2, 0x0A, 0});
        process.getOutputStream().flush();
        assertThat(process.getInputStream().readNBytes(3)).hasSize(3);
        do {
            assertThat(execute("show", recording.toString())).isZero();
        } while (!out().contains("< Info stream to stream"));
        process.destroyForcibly().waitFor();
        assertThat(execute("show", recording.toString())).isZero();
        assertThat(out())
                .contains(" recorded ", "> Info", "< Info stream to stream")
                .doesNotContain("exit status");
        assertThat(err()).contains("has no end: it is being written, or its writer was killed");
    }

    @Test
    void pingSaysWhatListens() throws Exception {
        Path socket = directory.resolve("s");
        UdfServer server = UdfServer.builder()
                .function(Functions.find("movingAvg"), socket)
                .build();
        try (server) {
            server.start();
            assertThat(execute("ping", socket.toString())).isZero();
            assertThat(out())
                    .startsWith(socket + ": an agent, run by " + System.getProperty("user.name") + ":")
                    .contains(
                            "\n  takes a stream of points, gives a stream of points\n",
                            "\n  .as(string)\n  .field(string)\n  .size(int)\n",
                            "\n  connected in ");
            assertThat(execute("ping", "--quiet", socket.toString())).isZero();
            assertThat(out()).isEmpty();
            assertThat(err()).isEmpty();
        }
    }

    @Test
    void pingSaysWhyNothingAnswers() throws Exception {
        Path socket = directory.resolve("s");
        assertPingFails(socket, "no such file (expected: the socket of an agent)");
        assertPingFails(directory, "not a socket (expected: the socket of an agent)");
        try (ServerSocketChannel silent = listener(socket)) {
            assertThat(execute("ping", socket.toString(), "--timeout", "300ms")).isEqualTo(ExitStatus.FAILED.code());
            assertThat(err()).contains(" within 300 ms");
        }
        assertPingFails(socket, "nothing listens (expected: an agent)");
    }

    @Test
    void pingSaysWhenSomethingElseAnswers() throws Exception {
        Path socket = directory.resolve("s");
        assertThat(answering(socket, "HTTP/1.1 400 Bad Request\r\n\r\n" + "x".repeat(100)))
                .startsWith("Info was not answered but by invalid response: ")
                .endsWith(" (expected: an agent)\n");
        assertThat(answering(socket, "\377".repeat(10)))
                .isEqualTo("Info was not answered but by varint overflows a 64-bit integer (expected: an agent)\n");
        assertThat(answering(socket, "\377\377"))
                .isEqualTo("Info was not answered but by unexpected EOF (expected: an agent)\n");
        assertThat(answering(socket, "\0"))
                .isEqualTo("Info was not answered but by an empty message (expected: an agent)\n");
        assertThat(answering(socket, ""))
                .isEqualTo("Info was not answered but by the end of the output (expected: an agent)\n");
    }

    private String answering(Path socket, String answer) throws Exception {
        try (ServerSocketChannel server = listener(socket)) {
            Thread thread = new Thread(() -> {
                try (SocketChannel connection = server.accept()) {
                    connection.read(ByteBuffer.allocate(3));
                    connection.write(ByteBuffer.wrap(answer.getBytes(StandardCharsets.ISO_8859_1)));
                } catch (IOException e) {
                    // The test checks the answer.
                }
            });
            thread.start();
            assertThat(execute("ping", socket.toString(), "--timeout", "30s")).isEqualTo(ExitStatus.FAILED.code());
            thread.join();
        } finally {
            Files.delete(socket);
        }
        assertThat(err()).startsWith("kapacitor-udf: " + socket + ": ");
        return err().substring(("kapacitor-udf: " + socket + ": ").length());
    }

    private static ServerSocketChannel listener(Path socket) throws IOException {
        ServerSocketChannel listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        return listener.bind(UnixDomainSocketAddress.of(socket));
    }

    private void assertPingFails(Path path, String problem) {
        assertThat(execute("ping", path.toString(), "--timeout", "30s")).isEqualTo(ExitStatus.FAILED.code());
        assertThat(err()).isEqualTo("kapacitor-udf: " + path + ": " + problem + "\n");
    }

    private int execute(String... line) {
        out.reset();
        err.reset();
        return Main.execute(new Terminal(out, err, "", false), new ArrayList<>(List.of(line)).toArray(String[]::new));
    }

    private String out() {
        return out.toString(StandardCharsets.UTF_8);
    }

    private String err() {
        return err.toString(StandardCharsets.UTF_8);
    }
}
