package org.kapacitorudf.server.tasks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.kapacitorudf.server.tasks.RecordedTask.Failure;
import org.kapacitorudf.server.tasks.RecordedTask.Node;
import org.kapacitorudf.server.tasks.ReloadDecision.Action;
import org.kapacitorudf.server.tasks.ReloadDecision.Facts;

class ReloadDecisionTest {
    private static final Instant ENABLED = Instant.parse("2026-01-01T00:00:00Z");
    private static final Instant OPENED = ENABLED.plusMillis(5);
    private static final Instant NOW = ENABLED.plus(Duration.ofHours(3));
    private static final ReloadRules RULES =
            new ReloadRules(Set.of("movingAvg", "mirror"), false, 3, Duration.ofHours(1));

    private static final Task DEAD = task(true, true, ENABLED, List.of("movingAvg"), "movingAvg2");
    private static final RecordedTask LOST = recorded("movingAvg2");

    private static Task task(
            boolean enabled, boolean executing, Instant startedAt, List<String> functions, String... nodes) {
        return new Task("t", enabled, executing, "", startedAt, List.of(nodes), functions);
    }

    private static RecordedTask recorded(String... nodes) {
        return RecordedTask.of("t")
                .withNodes(Stream.of(nodes)
                        .map(node -> new Node(node, node.replaceAll("\\d+$", ""), OPENED, false, false))
                        .toList());
    }

    private static RecordedTask reloaded(RecordedTask task, Duration... ago) {
        RecordedTask reloaded = task;
        for (Duration before : ago) {
            reloaded = reloaded.reloading(NOW.minus(before)).reloaded();
        }
        return reloaded;
    }

    private static RecordedTask planned(RecordedTask task) {
        return task.withNodes(
                task.nodes().stream().map(node -> node.withPlanned(true)).toList());
    }

    private static Duration minutes(long minutes) {
        return Duration.ofMinutes(minutes);
    }

    static Stream<Arguments> cases() {
        Task two = task(true, true, ENABLED, List.of("movingAvg", "mirror"), "stream0", "movingAvg2", "mirror3");
        Task ended = new Task("t", true, false, "broken pipe", ENABLED, DEAD.nodes(), DEAD.functions());
        Task mixed = task(true, true, ENABLED, List.of("movingAvg", "other"), "other1", "movingAvg2");
        Task foreign = task(true, true, ENABLED, List.of("other"), "other1");
        Task off = task(false, false, ENABLED, DEAD.functions(), "movingAvg2");
        Task young = task(true, true, NOW.minus(minutes(2)), two.functions(), "movingAvg2", "mirror3");
        RecordedTask youngLost = RecordedTask.of("t")
                .withNodes(List.of(new Node("movingAvg2", "movingAvg", NOW.minus(minutes(1)), false, false)));
        RecordedTask halfway = LOST.reloading(NOW.minus(minutes(1)));
        return Stream.of(
                of("it is dead, and looks alive", LOST, DEAD, Action.RELOAD, "movingAvg2 lost the connection"),
                of("it is dead, and a point has come since", LOST, ended, Action.RELOAD, "movingAvg2 lost"),
                of(
                        "the server was stopped",
                        planned(LOST),
                        DEAD,
                        Action.RELOAD,
                        "movingAvg2 was connected to the previous server"),
                of(
                        "three reloads, and then the server was stopped",
                        planned(reloaded(LOST, minutes(3), minutes(2), minutes(1))),
                        DEAD,
                        Action.RELOAD,
                        "was connected"),
                of("both nodes are lost", recorded("movingAvg2", "mirror3"), two, Action.RELOAD, "movingAvg2, mirror3"),
                of("it was enabled in the instant of the connection", LOST, at(OPENED), Action.RELOAD, ""),
                of("it was enabled after it", LOST, at(OPENED.plusNanos(1)), Action.LEAVE, "connects by itself"),
                of("it is disabled", LOST, off, Action.LEAVE, "disabled"),
                of("Kapacitor does not have it", LOST, null, Action.LEAVE, "no such task"),
                of("nothing is known of it", recorded(), DEAD, Action.LEAVE, "may be dialling"),
                of("it ended before", recorded(), ended, Action.LEAVE, "its error is: broken pipe"),
                of("an error of ours ended it", failed(LOST), DEAD, Action.LEAVE, "boom"),
                of("it is of others", recorded(), foreign, Action.LEAVE, "uses no function known to this server"),
                of("it is of others, too", LOST, mixed, Action.REFUSE, "also uses other"),
                of(
                        "its function is gone",
                        recorded("movingAvg2", "gone4"),
                        two,
                        Action.REFUSE,
                        "gone is no longer served"),
                of("its other node may be dialling", youngLost, young, Action.WAIT, "mirror3 may be dialling"),
                of("its other node has long given up", LOST, two, Action.RELOAD, "movingAvg2 lost"),
                of("twice in this hour", reloaded(LOST, minutes(59), minutes(1)), DEAD, Action.RELOAD, ""),
                of("three times", reloaded(LOST, minutes(59), minutes(2), minutes(1)), DEAD, Action.WAIT, "3 times"),
                of(
                        "the first is an hour ago",
                        reloaded(LOST, minutes(60), minutes(2), minutes(1)),
                        DEAD,
                        Action.RELOAD,
                        ""),
                of("the server before got only half way", halfway, off, Action.ENABLE, "not enabled again"),
                of(
                        "somebody else has enabled and disabled it since",
                        halfway,
                        disabledAfter(NOW),
                        Action.LEAVE,
                        "disabled"),
                of("half way for the third time", halfwayTooOften(), off, Action.WAIT, "3 times"));
    }

    private static Arguments of(String what, RecordedTask recorded, Task task, Action action, String reason) {
        return Arguments.of(what, recorded, Optional.ofNullable(task), action, reason);
    }

    private static Task at(Instant startedAt) {
        return task(true, true, startedAt, DEAD.functions(), "movingAvg2");
    }

    private static Task disabledAfter(Instant startedAt) {
        return task(false, false, startedAt, DEAD.functions(), "movingAvg2");
    }

    private static RecordedTask failed(RecordedTask task) {
        return task.withFailure(new Failure(NOW, "boom"));
    }

    private static RecordedTask halfwayTooOften() {
        return reloaded(LOST, minutes(3), minutes(2)).reloading(NOW.minus(minutes(1)));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("cases")
    void whatIsDoneFollowsFromTheFacts(
            String what, RecordedTask recorded, Optional<Task> task, Action action, String reason) {
        ReloadDecision decision = ReloadDecision.of(new Facts(recorded, task, Set.of(), NOW), RULES);
        assertThat(decision.action()).as(decision.reason()).isEqualTo(action);
        assertThat(decision.reason()).contains(reason);
    }

    private static String told(RecordedTask recorded, Task task) {
        return ReloadDecision.of(new Facts(recorded, Optional.ofNullable(task), Set.of(), NOW), RULES)
                .text("t", "http://k:9092");
    }

    @Test
    void whatStaysDeadIsToldWithTheCommandThatHelps() {
        String command = ": kapacitor -url http://k:9092 reload t";
        Task mixed = task(true, true, ENABLED, List.of("movingAvg", "other"), "other1", "movingAvg2");
        assertThat(told(failed(LOST), DEAD))
                .isEqualTo("ended by an error at " + NOW + ": boom. To reload it once its cause is gone" + command);
        assertThat(told(LOST, mixed)).endsWith("would crash Kapacitor. To reload it once it is served" + command);
        assertThat(told(recorded("gone4"), DEAD))
                .isEqualTo("gone is no longer served. To reload it once it is served again" + command);
        assertThat(told(recorded("gone4"), task(true, true, ENABLED, List.of("gone"), "gone4")))
                .as("it uses no other function")
                .isEqualTo("gone is no longer served. To reload it once it is served again" + command);
        assertThat(told(recorded("gone4"), task(true, true, NOW, List.of("gone"), "gone4")))
                .as("another server may serve it now")
                .isEqualTo("uses no function known to this server");
        assertThat(told(reloaded(LOST, minutes(3), minutes(2), minutes(1)), DEAD))
                .endsWith(". To reload it now" + command);
    }

    @Test
    void whatNeedsNothingIsToldWithoutACommand() {
        assertThat(told(LOST, task(false, false, ENABLED, DEAD.functions(), "movingAvg2")))
                .isEqualTo("disabled");
        assertThat(told(LOST, null)).isEqualTo("Kapacitor has no such task");
        assertThat(told(LOST, DEAD)).isEqualTo("movingAvg2 lost the connection when the server ended");
    }

    @Test
    void whatIsConnectedIsLeftAlone() {
        assertThat(ReloadDecision.of(new Facts(LOST, Optional.of(DEAD), Set.of("movingAvg2"), NOW), RULES))
                .isEqualTo(new ReloadDecision(Action.LEAVE, "connected", Instant.MAX, null));
    }

    @Test
    void aTaskOfWhichOneNodeIsConnectedIsReloadedForTheOther() {
        Task two = task(true, true, ENABLED, List.of("movingAvg", "mirror"), "movingAvg2", "mirror3");
        Facts facts = new Facts(LOST, Optional.of(two), Set.of("mirror3"), ENABLED.plusSeconds(10));
        assertThat(ReloadDecision.of(facts, RULES).action()).isEqualTo(Action.RELOAD);
    }

    @Test
    void aMixedTaskIsReloadedWhenThatIsAllowed() {
        Task mixed = task(true, true, ENABLED, List.of("movingAvg", "other"), "other1", "movingAvg2");
        ReloadRules rules = new ReloadRules(RULES.served(), true, 3, RULES.interval());
        assertThat(ReloadDecision.of(new Facts(LOST, Optional.of(mixed), Set.of(), NOW), rules)
                        .action())
                .isEqualTo(Action.RELOAD);
    }

    @Test
    void afterTheLimitItWaitsForTheOldestToBeLongAgo() {
        RecordedTask task = reloaded(LOST, minutes(50), minutes(40), minutes(30));
        assertThat(ReloadDecision.of(new Facts(task, Optional.of(DEAD), Set.of(), NOW), RULES)
                        .at())
                .isEqualTo(NOW.plus(minutes(10)));
    }

    @Test
    void theLimitsHaveLimits() {
        assertThat(new ReloadRules(Set.of(), false, 1, Duration.ofNanos(1)).maxReloads())
                .isEqualTo(1);
        assertThat(new ReloadRules(Set.of(), false, 1_000, Duration.ofDays(1)).maxReloads())
                .isEqualTo(1_000);
        for (int wrong : new int[] {0, 1_001}) {
            assertThatThrownBy(() -> new ReloadRules(Set.of(), false, wrong, Duration.ofHours(1)))
                    .hasMessage("max task reloads: " + wrong + " (expected: >= 1 and <= 1000)");
        }
        assertThatThrownBy(() -> new ReloadRules(Set.of(), false, 3, Duration.ZERO))
                .hasMessageContaining("(expected: > 0)");
    }
}
