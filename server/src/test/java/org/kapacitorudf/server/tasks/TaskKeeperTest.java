package org.kapacitorudf.server.tasks;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(600)
class TaskKeeperTest {
    private static final Duration HOUR = Duration.ofHours(1);
    private static final InstantSource CLOCK = InstantSource.system();

    @TempDir
    private Path directory;

    /** The server that takes over has the sockets by then, and the other server does not listen again. */
    @Test
    void aTaskFileThatCannotBeTakenFromTheOtherServerIsNoReasonToEnd() throws Exception {
        Path file = directory.resolve("tasks.json");
        ReloadRules rules = new ReloadRules(Set.of("mirror"), false, 3, HOUR);
        try (KapacitorStandIn kapacitor = KapacitorStandIn.start(CLOCK);
                TaskRecord old = new TaskRecord(TaskFile.keep(file, false, Set.of("mirror")), CLOCK, HOUR);
                TaskKeeper next = TaskKeeper.open(kapacitor.access(), file, rules, true)) {
            kapacitor.task("a", Instant.now(), "mirror");
            old.started(FakeConnection.of(1, "a", "mirror2", Instant.now()));
            while (TaskFile.read(file).isEmpty()) { // later, that write would lock the file again
                Thread.onSpinWait();
            }
            Path lock = directory.resolve("tasks.json.lock");
            Files.delete(lock);
            Files.createDirectories(lock.resolve("not empty"));

            next.begin();

            assertThat(next.done()).isCompleted();
            assertThat(next.counts()).isEqualTo(new TaskKeeper.Counts(0, 0, 0, 0));
            next.stopping(true);
            assertThat(kapacitor.changes()).isEmpty();
        }
    }
}
