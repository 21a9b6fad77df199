package org.kapacitorudf.tools.load;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(600)
class LinkTest {
    @TempDir
    private Path directory;

    /** Like the launcher, which reads the JDK's file {@code release} with its own STDIN. */
    @Test
    void whatIsSentToAChildIsNotWrittenToAFileThatItReadsAtItsStart() throws Exception {
        Path file = Files.writeString(directory.resolve("file"), "precious");
        Path read = directory.resolve("read");
        Path gate = directory.resolve("gate");
        assertThat(new ProcessBuilder("mkfifo", read.toString(), gate.toString())
                        .start()
                        .waitFor())
                .isZero();
        String script =
                "exec 3<&0 0<" + file + "; echo >" + read + "; cat " + gate + " >/dev/null; exec 0<&3; exec cat";
        Process child = new ProcessBuilder("sh", "-c", script).start();
        try {
            Files.readAllBytes(read);
            CountDownLatch begun = new CountDownLatch(1);
            CompletableFuture<String> echoed = CompletableFuture.supplyAsync(() -> {
                begun.countDown();
                return echoed(child);
            });
            begun.await();
            Files.writeString(gate, "go\n");
            assertThat(echoed.get(5, TimeUnit.MINUTES)).isEqualTo("hello");
            assertThat(file).hasContent("precious");
        } finally {
            child.destroyForcibly().waitFor();
        }
    }

    private static String echoed(Process child) {
        try (Link link = Link.to(child)) {
            link.writeAll(ByteBuffer.wrap("hello".getBytes(StandardCharsets.UTF_8)));
            ByteBuffer bytes = ByteBuffer.allocate(5);
            while (bytes.hasRemaining() && link.in().read(bytes) >= 0) {}
            return new String(bytes.array(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }
}
