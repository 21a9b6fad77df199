package org.kapacitorudf.internal.snapshot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.kapacitorudf.Description;
import org.kapacitorudf.OnExpire;
import org.kapacitorudf.state.Expiry;
import org.kapacitorudf.state.GroupState;

class ExpiryTest {
    private static final Expiry EVENT_10 = Expiry.afterEventTime(Duration.ofNanos(10));
    private static final Expiry WALL_10 = Expiry.afterWallTime(Duration.ofNanos(10));

    /** States with one state, and its notifications. */
    private static final class Subject {
        private final List<String> expired = new ArrayList<>();
        private long wallNanos;
        private final States states = new States(Description.stream("f", ""), 1_000_000, () -> wallNanos);
        private final GroupState<Text> groups;

        Subject(Expiry expiry) {
            this(expiry, true);
        }

        Subject(Expiry expiry, boolean told) {
            OnExpire<Text> onExpire = (group, value, output) -> expired.add(group + value.text);
            groups = states.groupState("s", Text.class, Text::new, expiry, told ? onExpire : null);
        }

        List<String> expire() throws Exception {
            Expired next;
            while ((next = states.nextExpired()) != null) {
                next.tell(null);
            }
            List<String> result = List.copyOf(expired);
            expired.clear();
            return result;
        }

        List<String> advance(long eventNanos) throws Exception {
            states.advance(eventNanos);
            return expire();
        }

        List<String> wallTime(long nanos) throws Exception {
            wallNanos = nanos;
            states.wallTime(nanos);
            return expire();
        }

        void use(String... names) {
            for (String name : names) {
                groups.of(name);
            }
        }

        Set<String> names() {
            Set<String> names = new TreeSet<>();
            groups.forEach((group, value) -> names.add(group));
            return names;
        }

        Subject restored(Expiry expiry) {
            return restored(new Subject(expiry));
        }

        Subject restored(Subject later) {
            later.states.restore(TestStates.snapshot(states));
            return later;
        }
    }

    static final class Text {
        private String text = "";
    }

    // ---- event time

    @Test
    void aGroupGoesWhenEventTimeHasComeThatFarAfterItsLastUse() throws Exception {
        Subject subject = new Subject(EVENT_10);
        subject.advance(100);
        subject.groups.of("a").text = "=1";
        subject.advance(105);
        subject.use("b");
        assertThat(subject.advance(109)).isEmpty();
        assertThat(subject.advance(110)).containsExactly("a=1");
        assertThat(subject.names()).containsExactly("b");
        assertThat(subject.groups.of("a").text).as("created again").isEmpty();
    }

    @Test
    void eachUseKeepsAGroup() throws Exception {
        Subject subject = new Subject(EVENT_10);
        subject.advance(100);
        subject.use("of", "put", "neither");
        subject.advance(108);
        subject.use("of");
        subject.groups.put("put", new Text());
        assertThat(subject.names()).as("a visit is no use").hasSize(3);
        assertThat(subject.groups.find("neither")).as("nor is a look").isPresent();
        assertThat(subject.advance(117)).containsExactly("neither");
        assertThat(subject.advance(118)).containsExactly("of", "put");
    }

    @Test
    void eventTimeNeverGoesBack() throws Exception {
        Subject subject = new Subject(EVENT_10);
        subject.advance(100);
        subject.advance(50);
        assertThat(subject.states.eventNanos()).isEqualTo(100);
        subject.use("late");
        assertThat(subject.advance(109)).isEmpty();
        assertThat(subject.advance(110)).containsExactly("late");
    }

    @Test
    void whatIsUsedBeforeThereIsAnEventTimeCountsFromTheFirstOne() throws Exception {
        Subject subject = new Subject(EVENT_10);
        assertThat(subject.states.eventNanos()).isEqualTo(Long.MIN_VALUE);
        subject.use("a");
        assertThat(subject.expire()).isEmpty();
        assertThat(subject.advance(1_000)).isEmpty();
        assertThat(subject.advance(1_009)).isEmpty();
        assertThat(subject.advance(1_010)).containsExactly("a");
    }

    @Test
    void timesAtTheEdgesOfALongDoNoHarm() throws Exception {
        Subject subject = new Subject(EVENT_10);
        subject.advance(Long.MIN_VALUE + 1);
        subject.use("first");
        assertThat(subject.advance(0)).containsExactly("first");
        subject.advance(Long.MAX_VALUE);
        subject.use("last");
        assertThat(subject.expire()).as("cannot come to its end").isEmpty();
    }

    @Test
    void wallTimeAloneMovesNoEventTime() throws Exception {
        Subject subject = new Subject(EVENT_10);
        subject.advance(100);
        subject.use("a");
        assertThat(subject.wallTime(1_000_000)).isEmpty();
        assertThat(subject.states.wallExpiryNanos()).isEqualTo(Long.MAX_VALUE);
    }

    // ---- wall time

    @Test
    void aGroupGoesWhenWallTimeHasComeThatFarAfterItsLastUse() throws Exception {
        Subject subject = new Subject(WALL_10);
        assertThat(subject.states.wallExpiryNanos()).isEqualTo(Long.MAX_VALUE);
        subject.wallTime(100);
        subject.use("a", "b");
        assertThat(subject.states.wallExpiryNanos()).isEqualTo(110);
        subject.wallNanos = 105;
        subject.use("a");
        assertThat(subject.wallTime(109)).isEmpty();
        assertThat(subject.wallTime(110)).containsExactly("b");
        assertThat(subject.states.wallExpiryNanos()).isEqualTo(115);
        assertThat(subject.advance(1_000_000))
                .as("no matter what the points say")
                .isEmpty();
        assertThat(subject.wallTime(115)).containsExactly("a");
    }

    @Test
    void aClockThatGoesBackDoesNotDelayExpiry() throws Exception {
        Subject subject = new Subject(WALL_10);
        subject.wallTime(1_000);
        subject.use("a", "b");
        subject.wallTime(100);
        subject.use("c", "a");
        assertThat(subject.wallTime(109)).isEmpty();
        assertThat(subject.wallTime(110)).containsExactly("b", "c", "a");
    }

    @Test
    void aClockThatIsSetBackBetweenWakeUpsExpiresNothing() throws Exception {
        Subject subject = new Subject(WALL_10);
        subject.wallTime(995);
        subject.use("a", "b", "c");
        assertThat(subject.wallTime(1_000)).isEmpty();
        subject.wallNanos = 500;
        subject.use("a");
        assertThat(subject.expire()).isEmpty();
        assertThat(subject.names()).containsExactly("a", "b", "c");
        assertThat(subject.wallTime(509)).isEmpty();
        assertThat(subject.wallTime(510)).containsExactly("b", "c", "a");
    }

    @Test
    void aClockThatIsSetBackAfterTheLastGroupHasGoneExpiresNoNewGroup() throws Exception {
        Subject subject = new Subject(WALL_10);
        subject.wallTime(990);
        subject.use("a");
        assertThat(subject.wallTime(1_000)).containsExactly("a");
        subject.wallNanos = 500;
        subject.groups.of("a").text = "=1";
        assertThat(subject.expire()).isEmpty();
        assertThat(subject.groups.of("a").text).isEqualTo("=1");
        assertThat(subject.states.wallExpiryNanos()).isEqualTo(510);
        assertThat(subject.wallTime(510)).containsExactly("a=1");
    }

    // ---- number

    @Test
    void theGroupThatWasNotUsedForLongestMakesRoom() throws Exception {
        Subject subject = new Subject(Expiry.atMost(2));
        subject.groups.of("a").text = "=1";
        subject.use("b");
        assertThat(subject.expire()).as("at the limit").isEmpty();
        subject.use("a", "c");
        assertThat(subject.names()).as("at once").containsExactly("a", "c");
        assertThat(subject.expire()).containsExactly("b");
        subject.groups.put("d", new Text());
        assertThat(subject.expire()).containsExactly("a=1");
        assertThat(subject.groups.size()).isEqualTo(2);
    }

    @Test
    void timeAndNumberGoTogether() throws Exception {
        Subject subject = new Subject(EVENT_10.andAtMost(2));
        subject.advance(100);
        subject.use("a", "b", "c");
        assertThat(subject.expire()).containsExactly("a");
        subject.advance(105);
        subject.use("b");
        assertThat(subject.advance(110)).containsExactly("c");
        assertThat(subject.advance(115)).containsExactly("b");
    }

    // ---- notification

    @Test
    void aGroupThatIsRemovedIsNotTold() throws Exception {
        Subject subject = new Subject(EVENT_10);
        subject.advance(100);
        subject.use("a", "b", "c");
        subject.groups.remove("b");
        subject.groups.remove("none");
        assertThat(subject.advance(110)).containsExactly("a", "c");
    }

    @Test
    void withoutAnybodyToTellGroupsGoAllTheSame() throws Exception {
        Subject subject = new Subject(EVENT_10.andAtMost(3), false);
        subject.advance(100);
        subject.use("a", "b", "c", "d");
        assertThat(subject.names()).containsExactly("b", "c", "d");
        assertThat(subject.advance(110)).isEmpty();
        assertThat(subject.groups.size()).isZero();
    }

    @Test
    void aFailureTakesNoOtherGroupAlongAndIsNotTriedAgain() throws Exception {
        States states = new States(Description.stream("f", ""), 1_000, () -> 0);
        List<String> told = new ArrayList<>();
        GroupState<String> groups = states.groupState("s", String.class, () -> "", EVENT_10, (group, value, output) -> {
            told.add(group);
            throw new IllegalStateException(group);
        });
        states.advance(100);
        groups.of("a");
        groups.of("b");
        states.advance(110);
        assertThatExceptionOfType(IllegalStateException.class)
                .isThrownBy(() -> states.nextExpired().tell(null))
                .withMessage("a");
        assertThat(groups.size()).isEqualTo(1);
        assertThatExceptionOfType(IllegalStateException.class)
                .isThrownBy(() -> states.nextExpired().tell(null))
                .withMessage("b");
        assertThat(states.nextExpired()).isNull();
        assertThat(told).containsExactly("a", "b");
    }

    @Test
    void whoIsToldMayUseTheStateAgain() throws Exception {
        States states = new States(Description.stream("f", ""), 1_000, () -> 0);
        List<GroupState<String>> self = new ArrayList<>();
        self.add(states.groupState(
                "s",
                String.class,
                () -> "",
                Expiry.atMost(1),
                (group, value, output) -> self.get(0).of("x")));
        self.get(0).of("a");
        self.get(0).of("b");
        Expired a = states.nextExpired();
        assertThat(a.group()).isEqualTo("a");
        a.tell(null);
        assertThat(states.nextExpired().group()).isEqualTo("b");
    }

    @Test
    void statesExpireEachForItself() throws Exception {
        Subject subject = new Subject(EVENT_10);
        GroupState<String> others = subject.states.groupState(
                "other",
                String.class,
                () -> "",
                Expiry.afterEventTime(Duration.ofNanos(5)),
                (group, value, output) -> subject.expired.add("other " + group));
        subject.advance(100);
        subject.use("a");
        others.of("a");
        assertThat(subject.advance(105)).containsExactly("other a");
        assertThat(subject.advance(110)).containsExactly("a");
    }

    // ---- over a restart

    @Test
    void eventTimeBeginsWithTheLastUseThatWasSaved() throws Exception {
        Subject before = new Subject(EVENT_10);
        before.advance(100);
        before.use("a");
        before.advance(106);
        before.use("b");
        before.advance(107);
        Subject after = before.restored(EVENT_10);
        assertThat(after.states.eventNanos()).isEqualTo(106);
        assertThat(after.expire()).isEmpty();
        assertThat(after.advance(110)).containsExactly("a");
        assertThat(after.advance(116)).containsExactly("b");
    }

    @Test
    void whatExpiredByTheWallWhileNothingRanIsRemovedAtTheStart() throws Exception {
        Subject before = new Subject(WALL_10);
        before.wallTime(100);
        before.use("a");
        before.wallNanos = 105;
        before.use("b");
        Subject after = new Subject(WALL_10);
        after.wallNanos = 112;
        before.restored(after);
        assertThat(after.wallTime(112)).containsExactly("a");
        assertThat(after.wallTime(115)).containsExactly("b");
    }

    @Test
    void aLastUseByAClockThatWasAheadIsNow() throws Exception {
        Subject before = new Subject(WALL_10);
        before.wallTime(1_000_000);
        before.use("a");
        Subject after = new Subject(WALL_10);
        after.wallNanos = 100;
        before.restored(after);
        assertThat(after.states.wallExpiryNanos()).isEqualTo(110);
    }

    @Test
    void theOrderOfUseComesBack() throws Exception {
        Subject before = new Subject(Expiry.atMost(100));
        for (int i = 0; i < 100; i++) {
            before.use("g" + i);
        }
        before.use("g0");
        Subject after = before.restored(Expiry.atMost(100));
        after.use("new");
        assertThat(after.expire()).containsExactly("g1");
        after.use("newer");
        assertThat(after.expire()).containsExactly("g2");
    }

    @Test
    void theOrderOfUseComesBackAlthoughGroupsWereUsedWhileTheSnapshotWasMade() throws Exception {
        Subject before = new Subject(Expiry.atMost(4));
        before.use("a", "b", "c", "d");
        StateSnapshot snapshot = before.states.begin(new byte[0], false);
        before.use("d", "c");
        snapshot.goOn(() -> true);
        Subject after = new Subject(Expiry.atMost(2));
        after.states.restore(snapshot.toBytes());
        assertThat(after.expire()).containsExactly("a", "b");
    }

    @Test
    void usesAreCountedOnOverARestart() throws Exception {
        Subject before = new Subject(Expiry.atMost(4));
        before.use("a", "b", "c", "d");
        Subject between = before.restored(Expiry.atMost(4));
        between.use("c", "a");
        StateSnapshot snapshot = between.states.begin(new byte[0], false);
        between.use("c");
        snapshot.goOn(() -> true);
        Subject after = new Subject(Expiry.atMost(1));
        after.states.restore(snapshot.toBytes());
        assertThat(after.expire()).containsExactly("b", "d", "c");
    }

    @Test
    void whatIsTooManyForALowerNumberGoesAtTheStart() throws Exception {
        Subject before = new Subject(Expiry.atMost(4));
        before.use("d", "c", "b", "a");
        Subject after = before.restored(Expiry.atMost(2));
        assertThat(after.names()).containsExactly("a", "b");
        assertThat(after.expire()).containsExactly("d", "c");
    }

    @Test
    void anExpiryThatIsNewTakesOldGroupsForUsedNow() throws Exception {
        Subject before = new Subject(Expiry.never());
        before.use("a", "b");
        Subject byEvent = before.restored(EVENT_10);
        assertThat(byEvent.advance(100)).isEmpty();
        assertThat(byEvent.advance(110)).containsExactlyInAnyOrder("a", "b");
        Subject byWall = new Subject(WALL_10);
        byWall.wallNanos = 100;
        before.restored(byWall);
        assertThat(byWall.states.wallExpiryNanos()).isEqualTo(110);
        Subject byNumber = before.restored(Expiry.atMost(1));
        assertThat(byNumber.expire()).hasSize(1);
    }

    @Test
    void anExpiryMayTurnToAnotherClockAndKeepsTheOrder() throws Exception {
        Subject before = new Subject(EVENT_10);
        before.advance(1_000_000);
        before.use("a");
        before.advance(1_000_001);
        before.use("b");
        Subject after = new Subject(WALL_10);
        after.wallNanos = 100;
        before.restored(after);
        assertThat(after.states.eventNanos()).isEqualTo(Long.MIN_VALUE);
        assertThat(after.wallTime(110)).containsExactly("a", "b");
        assertThat(before.restored(Expiry.never()).names()).containsExactly("a", "b");
    }

    @Test
    void whatIsRestoredWithoutATimeBesideWhatHasOneCountsFromThatOne() throws Exception {
        Subject before = new Subject(EVENT_10);
        before.states
                .groupState("t", String.class, () -> "", Expiry.never(), null)
                .of("b");
        before.advance(100);
        before.use("a");
        Subject after = new Subject(EVENT_10);
        after.states.groupState(
                "t", String.class, () -> "", EVENT_10, (group, value, output) -> after.expired.add(group));
        before.restored(after);
        assertThat(after.advance(109)).isEmpty();
        assertThat(after.advance(110)).containsExactly("a", "b");
    }
}
