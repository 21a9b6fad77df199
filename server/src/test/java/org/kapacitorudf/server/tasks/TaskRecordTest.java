package org.kapacitorudf.server.tasks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;
import org.junit.jupiter.params.provider.ValueSource;
import org.kapacitorudf.agent.Ending;
import org.kapacitorudf.server.tasks.RecordedTask.Node;

class TaskRecordTest {
    private static final Instant OPENED = Instant.parse("2026-01-01T00:00:00Z");
    private static final Duration HOUR = Duration.ofHours(1);
    private static final Duration PATIENCE = Duration.ofMinutes(5);

    @TempDir
    private Path directory;

    private Path path;
    private Instant now = OPENED.plusSeconds(60);

    @BeforeEach
    void path() {
        path = directory.resolve("tasks.json");
    }

    private TaskRecord record() throws IOException {
        return new TaskRecord(TaskFile.keep(path, false, Set.of("mirror")), () -> now, HOUR);
    }

    private static FakeConnection connection(long number, String task, String node) {
        return FakeConnection.of(number, task, node, OPENED.plusSeconds(number));
    }

    /** The open tasks for a server that starts now. */
    private List<RecordedTask> openNext() throws IOException {
        try (TaskRecord next = record()) {
            return next.open();
        }
    }

    @Test
    void whatWasConnectedWhenTheServerWasKilledIsLost() throws IOException {
        try (TaskRecord record = record()) {
            record.started(connection(1, "a", "mirror2"));
            record.started(connection(2, "b", "mirror2"));
            record.started(connection(3, "b", "movingAvg3"));
            record.ended(connection(1, "a", "mirror2"), Ending.CLEAN);
        }
        assertThat(openNext()).singleElement().satisfies(task -> {
            assertThat(task.task()).isEqualTo("b");
            assertThat(task.nodes())
                    .containsExactlyInAnyOrder(
                            new Node("mirror2", "mirror", OPENED.plusSeconds(2), false, false),
                            new Node("movingAvg3", "movingAvg", OPENED.plusSeconds(3), false, false));
        });
    }

    @ParameterizedTest
    @EnumSource(
            value = Ending.class,
            names = {"CLEAN", "STOPPED", "PEER_GONE", "GIVEN_UP", "OVERDUE"})
    void whatEndsBecauseTheServerStopsIsLost(Ending ending) throws IOException {
        try (TaskRecord record = record()) {
            record.started(connection(1, "a", "mirror2"));
            record.stopping(true);
            record.ended(connection(1, "a", "mirror2"), ending);
        }
        assertThat(openNext()).extracting(RecordedTask::task).containsExactly("a");
    }

    @Test
    void anEndWithoutAPlannedStopIsNotPlanned() throws IOException {
        try (TaskRecord record = record()) {
            record.started(connection(1, "a", "mirror2"));
            record.started(connection(2, "b", "mirror2"));
            record.stopping(false);
            record.ended(connection(1, "a", "mirror2"), Ending.STOPPED);
        }
        assertThat(openNext()).hasSize(2).noneMatch(RecordedTask::isPlanned);
    }

    @Test
    void whatHasConnectedToTheServerThatTakesOverIsNotLost() throws IOException {
        try (TaskRecord old = record()) {
            old.started(connection(1, "a", "mirror2"));
            old.started(connection(2, "b", "mirror2"));
            old.stopping(true);
            old.close();
        }
        try (TaskRecord old = record();
                TaskRecord next = new TaskRecord(TaskFile.keep(path, true, Set.of("mirror")), () -> now, HOUR)) {
            next.started(connection(1, "a", "mirror2"));
            next.listening();
            assertThat(next.open()).extracting(RecordedTask::task).containsExactly("b");
        }
    }

    @ParameterizedTest
    @EnumSource(value = Ending.class, mode = Mode.EXCLUDE, names = "STOPPED")
    void whatEndedBeforeIsNotLost(Ending ending) throws IOException {
        try (TaskRecord record = record()) {
            record.started(connection(1, "a", "mirror2"));
            record.ended(connection(1, "a", "mirror2"), ending);
            record.stopping(true);
        }
        assertThat(openNext()).isEmpty();
    }

    @Test
    void anErrorOfOneNodeIsRememberedThoughTheOtherIsConnected() throws IOException {
        try (TaskRecord record = record()) {
            record.started(connection(1, "a", "mirror2"));
            record.started(connection(2, "a", "movingAvg3"));
            record.ended(connection(2, "a", "movingAvg3").failing("boom"), Ending.FAILED);
        }
        assertThat(openNext()).singleElement().satisfies(task -> {
            assertThat(task.nodes()).extracting(Node::node).containsExactly("mirror2");
            assertThat(task.failed())
                    .hasValueSatisfying(failure -> assertThat(failure.text()).isEqualTo("boom"));
        });
    }

    @Test
    void aTaskThatStartsAgainHasNotFailed() throws IOException {
        try (TaskRecord record = record()) {
            record.ended(connection(1, "a", "mirror2").failing("boom"), Ending.REFUSED);
            record.started(connection(2, "a", "mirror2"));
        }
        assertThat(openNext())
                .singleElement()
                .satisfies(task -> assertThat(task.failed()).isEmpty());
    }

    @Test
    void theEndOfAReplayIsNotTheEndOfTheTaskThatItReplays() throws IOException {
        try (TaskRecord record = record()) {
            record.started(connection(1, "a", "mirror2"));
            record.started(connection(2, "a", "mirror2"));
            record.started(connection(3, "a", "mirror2"));
            record.ended(connection(2, "a", "mirror2"), Ending.CLEAN);
            record.ended(connection(3, "a", "mirror2").failing("boom"), Ending.FAILED);
        }
        assertThat(openNext()).singleElement().satisfies(task -> {
            assertThat(task.nodes())
                    .containsExactly(new Node("mirror2", "mirror", OPENED.plusSeconds(1), false, false));
            assertThat(task.failed()).isEmpty();
        });
    }

    @Test
    void aConnectionWithoutATaskIsNotRecorded() throws IOException {
        try (TaskRecord record = record()) {
            record.ended(connection(1, "", ""), Ending.CLEAN);
            record.ended(connection(2, "", ""), Ending.PROTOCOL);
        }
        assertThat(TaskFile.read(path)).isEmpty();
    }

    @Test
    void whatIsNotBroughtBackInOneLifeStaysLostForTheNext() throws IOException {
        try (TaskRecord record = record()) {
            record.started(connection(1, "a", "mirror2"));
            record.started(connection(2, "b", "mirror2"));
        }
        try (TaskRecord record = record()) {
            record.settled("a");
        }
        assertThat(openNext()).extracting(RecordedTask::task).containsExactly("b");
    }

    @ParameterizedTest
    @ValueSource(strings = {"tasks.json.new", "tasks.json.lock"})
    void aLinkToSomebodyElsesFileIsNotFollowed(String name) throws IOException {
        Path foreign = Files.writeString(directory.resolve("foreign"), "as it was");
        Files.createSymbolicLink(directory.resolve(name), foreign);
        try (TaskRecord record = record()) {
            record.started(connection(1, "a", "mirror2"));
        } catch (IOException e) {
            assertThat(e).hasMessageContaining(name);
        }
        assertThat(foreign).hasContent("as it was");
    }

    @Test
    void whatConnectsByItselfIsNotLostAnyMore() throws IOException {
        try (TaskRecord record = record()) {
            record.started(connection(1, "a", "mirror2"));
        }
        try (TaskRecord record = record()) {
            record.started(connection(1, "a", "mirror2"));
            assertThat(record.open()).isEmpty();
            assertThat(record.connected("a")).containsExactly("mirror2");
        }
    }

    @Test
    void aReloadIsWrittenBeforeItBeginsAndCountsForAnHour() throws IOException {
        try (TaskRecord record = record()) {
            record.started(connection(1, "a", "mirror2"));
        }
        try (TaskRecord record = record()) {
            record.reloading("a");
            assertThat(TaskFile.read(path)).singleElement().satisfies(task -> {
                assertThat(task.halfwaySince()).contains(now);
                assertThat(task.reloads()).containsExactly(now);
            });
            record.settled("a");
        }
        now = now.plus(HOUR);
        record().close();
        assertThat(TaskFile.read(path)).singleElement().satisfies(task -> {
            assertThat(task.halfwaySince()).isEmpty();
            assertThat(task.reloads()).hasSize(1);
        });
        now = now.plusMillis(1);
        record().close();
        assertThat(TaskFile.read(path)).isEmpty();
    }

    @Test
    void theFileTellsWhichFunctionsAreServed() throws IOException {
        assertThat(TaskFile.functions(path)).isEmpty();
        try (TaskRecord record = record()) {
            record.listening();
        }
        assertThat(TaskFile.functions(path)).containsExactly("mirror");
    }

    @Test
    void aFileOfAVersionWithoutFunctionsAndPlansIsRead() throws IOException {
        Files.writeString(
                path,
                "{\"format\":1,\"tasks\":[{\"task\":\"a\",\"nodes\":[{\"node\":\"mirror2\",\"function\":\"mirror\","
                        + "\"openedAt\":\"2026-01-01T00:00:00Z\",\"connected\":true}],\"reloads\":[]}]}");
        assertThat(TaskFile.functions(path)).isEmpty();
        assertThat(openNext())
                .singleElement()
                .satisfies(task ->
                        assertThat(task.nodes()).containsExactly(new Node("mirror2", "mirror", OPENED, false, false)));
    }

    @Test
    void aFailureIsRememberedForADay() throws IOException {
        try (TaskRecord record = record()) {
            record.ended(connection(1, "a", "mirror2").failing("x".repeat(501)), Ending.FAILED);
        }
        assertThat(TaskFile.read(path))
                .singleElement()
                .satisfies(
                        task -> assertThat(task.failed().orElseThrow().text()).isEqualTo("x".repeat(500) + "..."));
        now = now.plus(Duration.ofDays(1)).plusMillis(1);
        record().close();
        assertThat(TaskFile.read(path)).isEmpty();
    }

    @Test
    void twoServersDoNotKeepOneFile() throws IOException {
        try (TaskRecord record = record()) {
            assertThat(TaskFile.isKept(path)).isTrue();
            assertThatThrownBy(() -> TaskFile.keep(path, false, Set.of("mirror")))
                    .hasMessageContaining("in use by another server");
            assertThat(record.open()).isEmpty();
        }
        assertThat(TaskFile.isKept(path)).isFalse();
    }

    @Test
    void whoTakesOverFindsWhatIsConnectedAndTheOtherDoesNotWriteAnyMore() throws IOException {
        try (TaskRecord old = record()) {
            old.started(connection(1, "a", "mirror2"));
            old.close();
        }
        try (TaskRecord old = record();
                TaskRecord next = new TaskRecord(TaskFile.keep(path, true, Set.of("mirror")), () -> now, HOUR)) {
            next.listening();
            assertThat(next.open()).extracting(RecordedTask::task).containsExactly("a");
            next.settled("a");
            next.started(connection(1, "b", "mirror2"));
            next.close();
            old.started(connection(2, "c", "mirror2"));
        }
        assertThat(TaskFile.read(path)).extracting(RecordedTask::task).containsExactly("b");
    }

    @Test
    void aTakeOverThatComesToNothingLeavesTheFileToTheServerThatRuns() throws IOException {
        try (TaskRecord old = record()) {
            old.started(connection(1, "a", "mirror2"));
            new TaskRecord(TaskFile.keep(path, true, Set.of("mirror")), () -> now, HOUR).close();
            assertThat(TaskFile.isKept(path)).isTrue();
            old.started(connection(2, "b", "mirror2"));
        }
        assertThat(TaskFile.read(path)).extracting(RecordedTask::task).containsExactly("a", "b");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "{",
                "[]",
                "null",
                "{\"format\":2,\"tasks\":[]}",
                "{\"format\":1}",
                "{\"format\":1,\"tasks\":[{\"task\":null}]}",
                "{\"format\":1,\"tasks\":[{\"task\":\"a\",\"nodes\":[{\"node\":\"n\"}],\"reloads\":[]}]}",
                "{\"format\":1,\"tasks\":[{\"task\":\"a\",\"nodes\":[],\"reloads\":[\"yesterday\"]}]}"
            })
    void aDamagedFileCountsAsEmpty(String content) throws IOException {
        Files.writeString(path, content);
        assertThat(openNext()).isEmpty();
    }

    /** Leading white space counts. */
    @ParameterizedTest
    @CsvSource({"-1, 1", "0, 1", "1, 0"})
    void aFileMayBeAsLongAsItsLimitAndNoLonger(int more, int tasks) throws IOException {
        byte[] content = "{\"format\":1,\"tasks\":[{\"task\":\"a\",\"nodes\":[],\"reloads\":[]}]}"
                .getBytes(StandardCharsets.US_ASCII);
        byte[] bytes = new byte[(64 << 20) + more];
        Arrays.fill(bytes, (byte) ' ');
        System.arraycopy(content, 0, bytes, bytes.length - content.length, content.length);
        Files.write(path, bytes);
        assertThat(TaskFile.read(path)).hasSize(tasks);
    }

    private void awaitRecorded(String... tasks) {
        Instant deadline = Instant.now().plus(PATIENCE);
        while (!recorded().equals(List.of(tasks)) && Instant.now().isBefore(deadline)) {
            LockSupport.parkNanos(1_000_000);
        }
        assertThat(recorded()).containsExactly(tasks);
    }

    private List<String> recorded() {
        return TaskFile.read(path).stream().map(RecordedTask::task).toList();
    }

    private void removeFiles() throws IOException {
        Files.deleteIfExists(path);
        Files.deleteIfExists(path.resolveSibling("tasks.json.lock"));
    }

    @Test
    void aFileThatSomebodyHasRemovedIsLockedAndWrittenAtTheNextEvent() throws IOException {
        try (TaskRecord record = record()) {
            record.started(connection(1, "a", "mirror2"));
            awaitRecorded("a");
            removeFiles();
            record.started(connection(2, "b", "mirror2"));
            awaitRecorded("a", "b");
            assertThat(TaskFile.isKept(path)).isTrue();
        }
    }

    @Test
    void aFileWhoseDirectoryIsReplacedIsLockedAndWrittenWithoutAnotherEvent() throws IOException {
        path = Files.createDirectory(directory.resolve("sockets")).resolve("tasks.json");
        try (TaskRecord record = record()) {
            record.started(connection(1, "a", "mirror2"));
            record.listening();
            awaitRecorded("a");
            Files.move(path.getParent(), directory.resolve("moved away"));
            assertThatThrownBy(() -> record.reloading("a")).isInstanceOf(IOException.class);
            Files.createDirectory(path.getParent());
            awaitRecorded("a");
            assertThat(TaskFile.isKept(path)).isTrue();
        }
    }

    @Test
    void aFileThatSomebodyHasRemovedIsWrittenWithoutAnotherEvent() throws IOException {
        try (TaskRecord record = record()) {
            record.started(connection(1, "a", "mirror2"));
            record.listening();
            awaitRecorded("a");
            removeFiles();
            awaitRecorded("a");
        }
    }

    @Test
    void aFileThatIsRemovedAfterATakeOverBelongsToTheServerThatTookOver() throws IOException {
        try (TaskRecord old = record();
                TaskRecord next = new TaskRecord(TaskFile.keep(path, true, Set.of("mirror")), () -> now, HOUR)) {
            next.listening();
            old.reloading("none"); // writes, and so notices
            removeFiles();
            old.started(connection(1, "a", "mirror2"));
            old.reloading("a");
            next.started(connection(2, "b", "mirror2"));
            awaitRecorded("b");
            assertThat(TaskFile.isKept(path)).isTrue();
        }
    }

    @Test
    void aTakeOverThatFailsLeavesTheLockFileInItsPlace() throws IOException {
        try (TaskRecord old = record();
                TaskRecord next = new TaskRecord(TaskFile.keep(path, true, Set.of("mirror")), () -> now, HOUR)) {
            Files.createDirectory(directory.resolve("tasks.json.lock.new"));
            assertThatThrownBy(next::listening).isInstanceOf(IOException.class);
            old.started(connection(1, "a", "mirror2"));
            awaitRecorded("a");
            assertThat(TaskFile.isKept(path)).isTrue();
        }
    }

    @Test
    void aChangeForWhichThereIsNoThreadIsWrittenWithoutAnotherEvent() throws Exception {
        AtomicBoolean refuses = new AtomicBoolean();
        ScheduledThreadPoolExecutor writer = new ScheduledThreadPoolExecutor(1) {
            @Override
            public void execute(Runnable task) {
                if (refuses.getAndSet(false)) {
                    throw new OutOfMemoryError("unable to create native thread");
                }
                super.execute(task);
            }
        };
        try (TaskRecord record =
                new TaskRecord(TaskFile.keep(path, false, Set.of("mirror")), () -> now, HOUR, writer)) {
            record.listening();
            writer.submit(() -> {}).get(); // after the write that this asks for
            refuses.set(true);
            record.started(connection(1, "a", "mirror2"));
            awaitRecorded("a");
            record.started(connection(2, "b", "mirror2"));
            awaitRecorded("a", "b");
        }
    }

    @Test
    void aWriteThatFailsIsTriedAgainWithoutAnotherEvent() throws Exception {
        ScheduledThreadPoolExecutor writer = new ScheduledThreadPoolExecutor(1);
        try (TaskRecord record =
                new TaskRecord(TaskFile.keep(path, false, Set.of("mirror")), () -> now, HOUR, writer)) {
            record.listening();
            writer.submit(() -> {}).get(); // after the write that this asks for
            Path obstacle = Files.createDirectory(directory.resolve("tasks.json.new"));
            record.started(connection(1, "a", "mirror2"));
            writer.submit(() -> {}).get(); // after the write that was asked for
            Files.delete(obstacle);
            awaitRecorded("a");
        }
    }

    @Test
    void aFileThatCannotBeWrittenEndsNothing() throws IOException {
        try (TaskRecord record = record()) {
            Files.createDirectory(directory.resolve("tasks.json.new"));
            record.started(connection(1, "a", "mirror2"));
            assertThat(record.connected("a")).containsExactly("mirror2");
            assertThatThrownBy(() -> record.reloading("a")).isInstanceOf(IOException.class);
        }
    }
}
