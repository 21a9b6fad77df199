package org.kapacitorudf.server.call;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(600)
class GrowingFileTest {
    @TempDir
    private Path directory;

    private static String next(GrowingFile file, int bytes) throws IOException {
        return new String(file.readNBytes(bytes), StandardCharsets.UTF_8);
    }

    @Test
    void whatIsAppendedIsRead() throws IOException {
        Path path = Files.writeString(directory.resolve("f"), "ab");
        try (GrowingFile file = new GrowingFile(path)) {
            assertThat(next(file, 2)).isEqualTo("ab");
            Files.writeString(path, "cd", StandardOpenOption.APPEND);
            assertThat(next(file, 2)).isEqualTo("cd");
        }
    }

    @Test
    void aFileThatGetsShorterIsReadFromItsBeginning() throws IOException {
        Path path = Files.writeString(directory.resolve("f"), "abcd");
        try (GrowingFile file = new GrowingFile(path)) {
            assertThat(next(file, 4)).isEqualTo("abcd");
            Files.writeString(path, "xyz");
            assertThat(next(file, 3)).isEqualTo("xyz");
        }
    }

    @Test
    void theNextFileAtThePathIsReadAfterTheRestOfThisOne() throws IOException {
        Path path = Files.writeString(directory.resolve("f"), "ab");
        try (GrowingFile file = new GrowingFile(path)) {
            assertThat(next(file, 2)).isEqualTo("ab");
            Files.move(path, directory.resolve("f.1"));
            Files.writeString(directory.resolve("f.1"), "cd", StandardOpenOption.APPEND);
            Files.move(Files.writeString(directory.resolve("f.2"), "xyz"), path, StandardCopyOption.ATOMIC_MOVE);
            assertThat(next(file, 5)).isEqualTo("cdxyz");
        }
    }
}
