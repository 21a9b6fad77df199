package org.kapacitorudf.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.kapacitorudf.Description;
import org.kapacitorudf.internal.snapshot.StateSnapshot;
import org.kapacitorudf.internal.snapshot.States;
import org.kapacitorudf.server.terminal.ExitStatus;
import org.kapacitorudf.server.terminal.Terminal;
import org.kapacitorudf.state.Expiry;
import org.kapacitorudf.state.GroupState;

class SnapshotShowCommandTest {
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

    // A Kapacitor database: two meta pages, a root with a bucket, its page, and an unused one.

    private static byte[] gob(Map<String, byte[]> nodes) {
        ByteArrayOutputStream value = new ByteArrayOutputStream();
        value.writeBytes(new byte[] {'(', -1, -127, 3, 1, 1, 8});
        value.writeBytes("Snapshot".getBytes(StandardCharsets.US_ASCII));
        nodes.forEach((node, snapshot) -> {
            value.write(node.length());
            value.writeBytes(node.getBytes(StandardCharsets.US_ASCII));
            if (snapshot.length > 127) {
                value.write(snapshot.length > 255 ? -2 : -1);
                if (snapshot.length > 255) {
                    value.write(snapshot.length >> 8);
                }
            }
            value.write(snapshot.length);
            value.writeBytes(snapshot);
        });
        return value.toByteArray();
    }

    private static void meta(ByteBuffer file, int at, long root, long transaction) {
        file.putInt(at + 16, 0xED0CDAED)
                .putInt(at + 24, 4096)
                .putLong(at + 32, root)
                .putLong(at + 64, transaction);
    }

    private static void leaf(ByteBuffer file, int page, int flags, Map<String, byte[]> entries) {
        int at = page * 4096;
        file.putShort(at + 8, (short) 2).putShort(at + 10, (short) entries.size());
        int element = at + 16;
        int data = element + 16 * entries.size();
        for (Map.Entry<String, byte[]> entry : new TreeMap<>(entries).entrySet()) {
            byte[] key = entry.getKey().getBytes(StandardCharsets.US_ASCII);
            file.putInt(element, flags)
                    .putInt(element + 4, data - element)
                    .putInt(element + 8, key.length)
                    .putInt(element + 12, entry.getValue().length);
            file.put(data, key).put(data + key.length, entry.getValue());
            data += key.length + entry.getValue().length;
            element += 16;
        }
    }

    private Path database() throws IOException {
        byte[] snapshot = snapshot();
        ByteBuffer file = ByteBuffer.allocate(5 * 4096).order(ByteOrder.LITTLE_ENDIAN);
        meta(file, 0, 4, 1);
        meta(file, 4096, 2, 2);
        byte[] bucket = new byte[16];
        bucket[0] = 3;
        leaf(file, 2, 1, Map.of("task_store", bucket));
        leaf(
                file,
                3,
                0,
                Map.of(
                        "/snapshots/data/cpu",
                        gob(Map.of("movingAvg2", snapshot)),
                        "/snapshots/data/cpu.other",
                        gob(Map.of("a2", snapshot, "b3", snapshot)),
                        "/tasks/data/cpu",
                        snapshot));
        leaf(file, 4, 0, Map.of("/snapshots/data/gone", gob(Map.of("movingAvg2", snapshot))));
        return file(file.array());
    }

    @Test
    void theSnapshotOfATaskIsShown() throws IOException {
        assertThat(show(database(), "cpu")).isZero();
        assertThat(out()).contains("\"function\" : \"f\"");
        assertThat(show(database(), "cpu.other/b3")).isZero();
        assertThat(out()).contains("\"function\" : \"f\"");
    }

    @Test
    void ofATaskWithSeveralSnapshotsTheNodesAreListed() throws IOException {
        assertThat(show(database(), "cpu.other")).isZero();
        assertThat(out().lines().map(line -> line.strip().replaceAll(" +", " ").replaceAll("^\\d+ ", "")))
                .containsExactlyInAnyOrder(
                        "offset bytes version task/node",
                        snapshot().length + " 2 cpu.other/a2",
                        snapshot().length + " 2 cpu.other/b3");
    }

    @Test
    void aTaskWithoutASnapshotInUseIsExplained() throws IOException {
        assertFails(
                "task: gone, without a snapshot of a function (expected: one of cpu/movingAvg2, cpu.other/",
                database(),
                "gone");
        assertFails("a task and --offset (expected: one of them)", database(), "cpu", "--offset", "1");
        assertFails("no tasks (expected: kapacitor.db, the database of Kapacitor)", file(snapshot()), "cpu");
        byte[] damaged = Files.readAllBytes(database());
        Arrays.fill(damaged, 3 * 4096, 4 * 4096, (byte) -1);
        assertFails("no tasks (expected: kapacitor.db", file(damaged), "cpu");
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
        assertFails("not a regular file (expected: ", directory);
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
