package org.kapacitorudf.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.kapacitorudf.Description;
import org.kapacitorudf.Expiry;
import org.kapacitorudf.GroupState;
import org.kapacitorudf.state.StateSnapshot;
import org.kapacitorudf.state.States;

class ShowCommandTest {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    @TempDir
    private Path directory;

    private static byte[] snapshot() {
        States states = new States(Description.stream("f", "").version(2), 1_000_000, () -> 0);
        GroupState<Long> counts = states.groupState("counts", Long.class, () -> 0L, Expiry.never(), null);
        for (long i = 0; i < 21; i++) {
            counts.put("host=" + i, i);
        }
        StateSnapshot snapshot = states.begin(new byte[0], false);
        snapshot.goOn(() -> true);
        return snapshot.toBytes();
    }

    private Path file(byte[] content) throws IOException {
        return Files.write(directory.resolve("file"), content);
    }

    private static byte[] embedded() {
        byte[] snapshot = snapshot();
        byte[] content = new byte[5001 + snapshot.length + 3];
        System.arraycopy(snapshot, 0, content, 5001, snapshot.length);
        return content;
    }

    @Test
    void asManyGroupsAreShownAsAreAskedFor() throws IOException {
        Path file = file(snapshot());
        assertThat(show(file)).isZero();
        assertThat(out()).contains("\"function\" : \"f\"", "\"version\" : 2", "\"groupCount\" : 21", "\"host=19\"");
        assertThat(out()).doesNotContain("\"host=20\"").endsWith("}\n");
        assertThat(show(file, "--groups", "1")).isZero();
        assertThat(out()).contains("\"host=0\"").doesNotContain("\"host=1\"");
        assertThat(show(file, "--all")).isZero();
        assertThat(out()).contains("\"host=20\"");
        assertThat(err()).isEmpty();
    }

    @Test
    void snapshotsInAFileAreListedAndShown() throws IOException {
        Path file = file(embedded());
        assertThat(show(file)).isZero();
        assertThat(out().lines().map(String::strip).map(line -> line.replaceAll(" +", " ")))
                .containsExactly("offset bytes version function", "5001 " + snapshot().length + " 2 f");
        assertThat(show(file, "--offset", "5001")).isZero();
        assertThat(out()).contains("\"function\" : \"f\"");
        assertThat(err()).isEmpty();
    }

    @Test
    void aSnapshotIsReadFromStdin() {
        InputStream before = System.in;
        System.setIn(new ByteArrayInputStream(snapshot()));
        try {
            assertThat(show(Path.of("-"))).isZero();
        } finally {
            System.setIn(before);
        }
        assertThat(out()).contains("\"function\" : \"f\"");
    }

    @Test
    void whatCannotBeShownIsExplained() throws IOException {
        Path file = directory.resolve("file");
        assertFails("no such file (expected: ", file);
        assertFails("no regular file (expected: ", directory);
        assertFails("no snapshot (expected: ", file(new byte[0]));
        assertFails("no snapshot (expected: ", file(new byte[100]));
        assertFails("snapshot: none at 5 (expected: ", file(new byte[100]), "--offset", "5");
        byte[] snapshot = snapshot();
        assertFails("snapshot: damaged, checksum ", file(Arrays.copyOf(snapshot, snapshot.length - 1)));
        String limit = Integer.toString(snapshot.length - 1);
        assertFails(
                "snapshot: " + snapshot.length + " bytes (expected: <= " + limit + ")",
                file(snapshot),
                "--max-snapshot-bytes",
                limit);
    }

    private void assertFails(String problem, Path file, String... options) {
        assertThat(show(file, options)).isEqualTo(ExitStatus.FAILED.code());
        assertThat(err()).startsWith("kapacitor-udf: " + file + ": " + problem).hasLineCount(1);
        assertThat(out()).isEmpty();
    }

    private int show(Path file, String... options) {
        out.reset();
        err.reset();
        List<String> line = new ArrayList<>(List.of("snapshot", "show", file.toString()));
        line.addAll(List.of(options));
        return Main.execute(new Terminal(out, err, "", false), line.toArray(new String[0]));
    }

    private String out() {
        return out.toString(StandardCharsets.UTF_8);
    }

    private String err() {
        return err.toString(StandardCharsets.UTF_8);
    }
}
