package org.kapacitorudf.internal.snapshot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.kapacitorudf.errors.SnapshotException;
import org.kapacitorudf.internal.process.ProcessUser;

@Timeout(600)
class SeedDirectoryTest {
    private static final int MAX = 10;
    private static final int USER = user();

    private static int user() {
        try {
            return ProcessUser.uid();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @TempDir
    private Path directory;

    private SeedDirectory seeds() {
        return new SeedDirectory(directory, MAX, USER);
    }

    private void assertRefused(Path file, String message) {
        assertThatExceptionOfType(SnapshotException.class)
                .isThrownBy(() -> seeds().read(file))
                .withMessage("seed: " + file + ": " + message);
    }

    @ParameterizedTest
    @CsvSource({"cpu,baseline2", "..,x", ".hidden,x", "a b,x", "%2e,x", "-,-", "a:b,\\"})
    void aFileIsDirectlyInTheDirectory(String task, String node) {
        assertThat(seeds().file(task, node)).hasValue(directory.resolve(task + "." + node));
        assertThat(seeds().file(task, node).orElseThrow().normalize().getParent())
                .isEqualTo(directory);
    }

    @ParameterizedTest
    @CsvSource({"../cpu,x", "x,/../../cpu", "/etc/cpu,x", "a/b,x", "x,y/", "'',''", ".,''", "'',."})
    void aNameThatLeadsElsewhereIsNoFileName(String task, String node) {
        assertThat(seeds().file(task, node)).isEmpty();
    }

    @Test
    void aNameThatTheSystemDoesNotTakeIsNoFileName() {
        assertThat(seeds().file("a\0b", "x")).isEmpty();
    }

    @Test
    void aNameMayBeAsLongAsThatOfAFile() throws IOException {
        Path file = seeds().file("t".repeat(250), "node").orElseThrow();
        Files.write(file, new byte[MAX]);
        assertThat(seeds().read(file)).isPresent();
        assertThat(seeds().file("t".repeat(251), "node")).isEmpty();
        assertThat(seeds().file("ä".repeat(126), "node")).isEmpty();
    }

    @Test
    void aFileThatDoesNotExistIsNoSeed() {
        assertThat(seeds().read(directory.resolve("t.n"))).isEmpty();
        Path missing = directory.resolve("missing");
        assertThat(new SeedDirectory(missing, MAX, USER).read(missing.resolve("t.n")))
                .isEmpty();
    }

    @Test
    void aSeedMayBeAsLargeAsTheLimitAndNoLarger() throws IOException {
        Path file = directory.resolve("t.n");
        Files.write(file, new byte[MAX]);
        assertThat(seeds().read(file))
                .hasValueSatisfying(bytes -> assertThat(bytes).hasSize(MAX));
        Files.write(file, new byte[MAX + 1]);
        assertRefused(file, "11 bytes (expected: 1 to 10)");
        Files.write(file, new byte[0]);
        assertRefused(file, "0 bytes (expected: 1 to 10)");
    }

    @Test
    void whatIsNoRegularFileIsRefusedAndNotOpened() throws Exception {
        Path file = directory.resolve("t.n");
        Files.createDirectory(file);
        assertRefused(file, "not a regular file (expected: the output of call --save-state)");
        Files.delete(file);
        Process mkfifo = new ProcessBuilder("mkfifo", file.toString()).start();
        assertThat(mkfifo.waitFor(5, TimeUnit.MINUTES)).isTrue();
        assertRefused(file, "not a regular file (expected: the output of call --save-state)");
    }

    @Test
    void aLinkToASeedIsOne() throws IOException {
        Path file = directory.resolve("t.n");
        Files.createSymbolicLink(file, Files.write(directory.resolve("seed"), new byte[MAX]));
        assertThat(seeds().read(file)).isPresent();
    }

    @Test
    void aFileThatCannotBeReadIsRefused() throws IOException {
        Path file = directory.resolve("t.n");
        Files.createSymbolicLink(file, file);
        assertThatExceptionOfType(SnapshotException.class)
                .isThrownBy(() -> seeds().read(file))
                .withMessageStartingWith("seed: " + file + ": cannot be read: ");
    }

    @Test
    void aFileOfAnotherUserIsRefusedUnlessTheDirectoryIsHis() throws IOException {
        assumeTrue((int) Files.getAttribute(directory, "unix:uid") == 0, "only root can give a file away");
        Path file = Files.write(directory.resolve("t.n"), new byte[MAX]);
        Files.setAttribute(file, "unix:uid", 4321);
        assertRefused(file, "owned by uid 4321 (expected: root, uid 0, or the owner of the directory)");
        Files.setAttribute(directory, "unix:uid", 4321);
        assertThat(seeds().read(file)).isPresent();
    }
}
