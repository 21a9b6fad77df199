package org.kapacitorudf.server.tasks;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.kapacitorudf.agent.Ending;

/** Rounds of a reloader with a manual clock. */
@Timeout(600)
class TaskReloaderTest {
    private static final Instant ENABLED = Instant.parse("2026-01-01T00:00:00Z");
    private static final Duration HOUR = Duration.ofHours(1);

    @TempDir
    private Path directory;

    private Instant now = ENABLED.plusSeconds(1_000);
    private KapacitorStandIn kapacitor;
    private TaskRecord record;
    private TaskReloader reloader;

    @BeforeEach
    void start() throws IOException {
        kapacitor = KapacitorStandIn.start(() -> now);
    }

    @AfterEach
    void end() {
        if (record != null) {
            record.close();
        }
        kapacitor.close();
    }

    private TaskRecord openRecord() throws IOException {
        return new TaskRecord(TaskFile.keep(directory.resolve("tasks.json"), false, Set.of("mirror")), () -> now, HOUR);
    }

    /** A server was connected to tasks that use mirror, and was killed; the next one listens. */
    private void restartWith(String... tasks) throws IOException {
        try (TaskRecord before = openRecord()) {
            for (String task : tasks) {
                kapacitor.task(task, ENABLED, "mirror");
                before.started(FakeConnection.of(task.hashCode(), task, "mirror2", ENABLED.plusMillis(1)));
            }
        }
        restart();
    }

    private void restart() throws IOException {
        if (record != null) {
            record.close();
        }
        record = openRecord();
        ReloadRules rules = new ReloadRules(Set.of("mirror"), false, 3, HOUR);
        reloader = new TaskReloader(kapacitor.access(), record, rules, () -> now);
    }

    /** Runs rounds until nothing is left to do, or the time has passed. */
    private Optional<Instant> roundsFor(Duration time) throws InterruptedException {
        Instant end = now.plus(time);
        Optional<Instant> next = reloader.round();
        while (next.isPresent() && !next.get().isAfter(end)) {
            now = next.get();
            next = reloader.round();
        }
        return next;
    }

    @Test
    void theTasksThatWereConnectedAreReloadedAndNoOthers() throws Exception {
        kapacitor.task("other", ENABLED, "mirror");
        kapacitor.task("foreign", ENABLED, "else");
        restartWith("a", "b");
        assertThat(reloader.counts()).isEqualTo(new TaskKeeper.Counts(0, 0, 0, 2));
        assertThat(reloader.round()).isEmpty();
        assertThat(kapacitor.changes())
                .containsExactly(
                        "PATCH tasks/a disabled",
                        "PATCH tasks/a enabled",
                        "PATCH tasks/b disabled",
                        "PATCH tasks/b enabled");
        assertThat(reloader.counts()).isEqualTo(new TaskKeeper.Counts(2, 0, 0, 0));
        assertThat(reloader.round()).isEmpty();
        assertThat(kapacitor.changes()).hasSize(4);
    }

    @Test
    void whatIsNotDeadIsNotTouched() throws Exception {
        restartWith("disabled", "gone", "again", "connected", "failed");
        kapacitor.set("disabled", "status", "disabled");
        kapacitor.remove("gone");
        kapacitor.set("again", "last-enabled", now.toString());
        record.started(FakeConnection.of(1, "connected", "mirror2", now));
        record.ended(FakeConnection.of(2, "failed", "mirror2", now).failing("boom"), Ending.REFUSED);
        assertThat(reloader.round()).isEmpty();
        assertThat(kapacitor.changes()).isEmpty();
        assertThat(reloader.counts()).isEqualTo(new TaskKeeper.Counts(0, 0, 4, 0));
    }

    @Test
    void aTaskIsReloadedThreeTimesInAnHourOverRestarts() throws Exception {
        restartWith("a");
        for (int i = 1; i <= 3; i++) {
            assertThat(reloader.round()).isEmpty();
            assertThat(kapacitor.changes()).hasSize(2 * i);
            now = now.plusSeconds(60);
            record.started(FakeConnection.of(i, "a", "mirror2", now));
            restart();
        }
        assertThat(reloader.round()).contains(now.minusSeconds(180).plus(HOUR));
        assertThat(kapacitor.changes()).hasSize(6);
        now = now.minusSeconds(180).plus(HOUR);
        assertThat(reloader.round()).isEmpty();
        assertThat(kapacitor.changes()).hasSize(8);
    }

    @Test
    void restartsThatWerePlannedDoNotUseUpTheReloads() throws Exception {
        restartWith("a");
        for (int i = 1; i <= 8; i++) {
            assertThat(reloader.round()).isEmpty();
            assertThat(kapacitor.changes()).hasSize(2 * i);
            now = now.plusSeconds(60);
            record.started(FakeConnection.of(i, "a", "mirror2", now));
            record.stopping(true);
            record.ended(FakeConnection.of(i, "a", "mirror2", now), Ending.STOPPED);
            restart();
        }
        assertThat(record.open())
                .singleElement()
                .satisfies(task -> assertThat(task.reloads()).hasSize(1));
    }

    @Test
    void aServerThatTakesOverDoesNotUseUpTheReloads() throws Exception {
        restartWith();
        kapacitor.task("a", ENABLED, "mirror");
        record.started(FakeConnection.of(1, "a", "mirror2", ENABLED.plusMillis(1)));
        record.stopping(true); // writes, and so does close
        TaskRecord former = record;
        awaitRecorded("a");
        for (int i = 2; i <= 6; i++) {
            record = new TaskRecord(
                    TaskFile.keep(directory.resolve("tasks.json"), true, Set.of("mirror")), () -> now, HOUR);
            record.listening();
            reloader = new TaskReloader(
                    kapacitor.access(), record, new ReloadRules(Set.of("mirror"), false, 3, HOUR), () -> now);
            assertThat(reloader.round()).isEmpty();
            assertThat(kapacitor.changes()).hasSize(2 * (i - 1));
            assertThat(record.open()).isEmpty();
            former.close();
            former = record;
            now = now.plusSeconds(60);
            record.started(FakeConnection.of(i, "a", "mirror2", now));
            awaitRecorded("a");
        }
    }

    private void awaitRecorded(String task) {
        while (TaskFile.read(directory.resolve("tasks.json")).stream()
                .noneMatch(known ->
                        known.task().equals(task) && known.nodes().stream().anyMatch(RecordedTask.Node::connected))) {
            Thread.onSpinWait();
        }
    }

    @Test
    void aReloadThatEndsTheServerCountsThoughTheEndBeforeWasPlanned() throws Exception {
        restartWith("a");
        record.started(FakeConnection.of(1, "a", "mirror2", now));
        record.stopping(true);
        restart();
        record.reloading("a");
        assertThat(record.open().get(0).reloads()).isEmpty();
        restart();
        record.reloading("a");
        assertThat(record.open().get(0).reloads()).containsExactly(now);
    }

    private void restartAsPlanned() throws IOException {
        restartWith("a");
        record.started(FakeConnection.of(1, "a", "mirror2", ENABLED.plusMillis(1)));
        record.stopping(true);
        restart();
    }

    @ParameterizedTest
    @ValueSource(strings = {"PATCH tasks/a disabled", "PATCH tasks/a enabled"})
    void aPlannedReloadThatFailsStaysPlannedUntilItSucceeds(String failing) throws Exception {
        restartAsPlanned();
        kapacitor.misbehave((exchange, call) -> {
            boolean fails = call.equals(failing);
            if (fails) {
                KapacitorStandIn.answer(exchange, 500, "{\"error\":\"not now\"}");
            }
            return fails;
        });
        roundsFor(Duration.ofMinutes(20));
        assertThat(reloader.counts().failed()).isGreaterThan(3);
        kapacitor.behave();
        assertThat(roundsFor(Duration.ofMinutes(10))).isEmpty();
        assertThat(reloader.counts().reloaded()).isEqualTo(1);
        assertThat(TaskFile.read(directory.resolve("tasks.json")))
                .allSatisfy(task -> assertThat(task.reloads()).isEmpty());
    }

    @Test
    void aTaskThatWasReloadedAsOftenAsAllowedIsStillEnabledAgainIfThatWasPlanned() throws Exception {
        restartWith("a");
        for (int i = 1; i <= 3; i++) {
            assertThat(reloader.round()).isEmpty();
            now = now.plusSeconds(60);
            record.started(FakeConnection.of(i, "a", "mirror2", now));
            restart();
        }
        record.started(FakeConnection.of(4, "a", "mirror2", now));
        record.stopping(true);
        restart();
        kapacitor.misbehave((exchange, call) -> {
            boolean fails = call.equals("PATCH tasks/a enabled");
            if (fails) {
                KapacitorStandIn.answer(exchange, 500, "{\"error\":\"not now\"}");
            }
            return fails;
        });
        assertThat(reloader.round()).isPresent();
        kapacitor.behave();
        assertThat(roundsFor(Duration.ofMinutes(1))).isEmpty();
        assertThat(reloader.counts().reloaded()).isEqualTo(1);
    }

    /** It may be what crashes Kapacitor. */
    @Test
    void aPlannedReloadWhoseEnableBreaksOffCountsFromThenOn() throws Exception {
        restartAsPlanned();
        kapacitor.misbehave((exchange, call) -> {
            if (!call.equals("PATCH tasks/a enabled")) {
                return false;
            }
            exchange.sendResponseHeaders(200, 1_000);
            exchange.getResponseBody().flush();
            throw new IOException("as a Kapacitor that ends");
        });
        roundsFor(Duration.ofMinutes(30));
        assertThat(reloader.counts().failed()).isEqualTo(4);
    }

    @Test
    void aKapacitorThatIsDownIsWaitedForAndItsTasksMayThenConnectByThemselves() throws Exception {
        restartWith("a", "b");
        kapacitor.goDown();
        assertThat(roundsFor(Duration.ofMinutes(5)))
                .hasValueSatisfying(next -> assertThat(next).isBeforeOrEqualTo(now.plusSeconds(30)));
        kapacitor.comeUp();
        int before = kapacitor.requests();
        Instant next = reloader.round().orElseThrow();
        assertThat(next).isEqualTo(now.plus(TaskReloader.SETTLE));
        assertThat(kapacitor.requests()).isEqualTo(before + 1);
        record.started(FakeConnection.of(1, "a", "mirror2", now));
        now = next;
        assertThat(reloader.round()).isEmpty();
        assertThat(kapacitor.changes()).containsExactly("PATCH tasks/b disabled", "PATCH tasks/b enabled");
    }

    @Test
    void aPauseDoublesUpToHalfAMinute() throws Exception {
        restartWith("a");
        kapacitor.goDown();
        Duration longest = Duration.ZERO;
        for (int i = 0; i < 12; i++) {
            Instant next = reloader.round().orElseThrow();
            assertThat(Duration.between(now, next)).isGreaterThanOrEqualTo(longest);
            longest = Duration.between(now, next);
            now = next;
        }
        assertThat(longest).isEqualTo(Duration.ofSeconds(30));
    }

    @Test
    void aTaskThatCannotBeLookedAtKeepsNoOtherFromComingBack() throws Exception {
        restartWith("a", "b");
        kapacitor.misbehave((exchange, call) -> {
            boolean broken = call.equals("GET tasks/a");
            if (broken) {
                KapacitorStandIn.answer(exchange, 500, "{\"error\":\"invalid task stored in db\"}");
            }
            return broken;
        });
        assertThat(reloader.round()).isPresent();
        assertThat(kapacitor.changes()).containsExactly("PATCH tasks/b disabled", "PATCH tasks/b enabled");
        kapacitor.behave();
        assertThat(roundsFor(Duration.ofMinutes(1))).isEmpty();
        assertThat(reloader.counts()).isEqualTo(new TaskKeeper.Counts(2, 1, 0, 0));
    }

    @Test
    void aTaskThatCannotBeLookedAtKeepsNoOtherFromComingBackAfterAnOutage() throws Exception {
        restartWith("a", "b");
        kapacitor.misbehave((exchange, call) -> {
            KapacitorStandIn.answer(exchange, 503, "{\"error\":\"starting\"}");
            return true;
        });
        assertThat(reloader.round()).isPresent();
        kapacitor.misbehave((exchange, call) -> {
            boolean broken = call.equals("GET tasks/a");
            if (broken) {
                KapacitorStandIn.answer(exchange, 500, "{\"error\":\"invalid task stored in db\"}");
            }
            return broken;
        });
        roundsFor(Duration.ofMinutes(1));
        assertThat(kapacitor.changes()).containsExactly("PATCH tasks/b disabled", "PATCH tasks/b enabled");
        kapacitor.behave();
        assertThat(roundsFor(Duration.ofMinutes(10))).isEmpty();
        assertThat(reloader.counts().reloaded()).isEqualTo(2);
    }

    @Test
    void whatHasBeenDisabledIsEnabledAgainWhenThatFailsAtFirst() throws Exception {
        restartWith("a");
        kapacitor.misbehave((exchange, call) -> {
            boolean enabling = call.equals("PATCH tasks/a enabled");
            if (enabling) {
                KapacitorStandIn.answer(exchange, 500, "{\"error\":\"not now\"}");
            }
            return enabling;
        });
        assertThat(reloader.round()).isPresent();
        kapacitor.behave();
        assertThat(roundsFor(Duration.ofMinutes(1))).isEmpty();
        assertThat(kapacitor.changes())
                .containsExactly("PATCH tasks/a disabled", "PATCH tasks/a enabled", "PATCH tasks/a enabled");
        assertThat(reloader.counts()).isEqualTo(new TaskKeeper.Counts(1, 1, 0, 0));
    }

    @Test
    void whatTheServerBeforeHadDisabledIsEnabled() throws Exception {
        restartWith("a");
        record.reloading("a");
        kapacitor.set("a", "status", "disabled");
        restart();
        assertThat(reloader.round()).isEmpty();
        assertThat(kapacitor.changes()).containsExactly("PATCH tasks/a enabled");
    }

    @Test
    void aTaskWhoseDisableBreaksOffIsNotEnabled() throws Exception {
        restartWith("a");
        kapacitor.misbehave((exchange, call) -> {
            if (!call.equals("PATCH tasks/a disabled")) {
                return false;
            }
            kapacitor.set("a", "status", "disabled");
            exchange.sendResponseHeaders(200, 1_000);
            exchange.getResponseBody().flush();
            throw new IOException("as a handler that panics");
        });
        assertThat(reloader.round()).isEmpty();
        assertThat(reloader.counts()).isEqualTo(new TaskKeeper.Counts(0, 1, 0, 0));
        kapacitor.behave();
        restart();
        assertThat(reloader.round()).isEmpty();
        assertThat(kapacitor.changes()).containsExactly("PATCH tasks/a disabled");
    }

    @Test
    void nothingIsBegunOnceItIsStopped() throws Exception {
        restartWith("a");
        reloader.stop();
        assertThat(reloader.round()).isEmpty();
        assertThat(kapacitor.requests()).isZero();
        assertThat(record.open()).hasSize(1);
    }

    @Test
    void aTaskThatAlsoUsesOthersFunctionsStaysOnRecord() throws Exception {
        restartWith("a");
        kapacitor.task("a", ENABLED, "mirror", "other");
        assertThat(reloader.round()).isEmpty();
        assertThat(kapacitor.changes()).isEmpty();
        assertThat(record.open()).hasSize(1);
    }
}
