package org.kapacitorudf.internal.snapshot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.kapacitorudf.Description;
import org.kapacitorudf.errors.SnapshotException;
import org.kapacitorudf.state.Expiry;
import org.kapacitorudf.state.GroupState;
import org.kapacitorudf.state.State;

/** A snapshot that is written bit by bit contains the state as of its begin. */
class StateSnapshotTest {
    private static final int MAX = 10_000_000;
    private static final BooleanSupplier ONE_MORE = () -> false;

    static final class Counter {
        private long count;

        Counter() {}

        Counter(long count) {
            this.count = count;
        }
    }

    private static final class Subject {
        private final States states;
        private final GroupState<Counter> counters;
        private final GroupState<Counter> ageing;
        private final State<Counter> total;

        Subject() {
            this(MAX);
        }

        Subject(int maxBytes) {
            states = new States(Description.stream("f", ""), maxBytes, () -> 0);
            counters = TestStates.groups(states, "counters", Counter.class, Counter::new);
            Expiry expiry = Expiry.afterEventTime(Duration.ofNanos(1_000)).andAtMost(50);
            ageing = states.groupState("ageing", Counter.class, Counter::new, expiry, null);
            total = states.state("total", Counter.class, Counter::new);
        }

        StateSnapshot begin() {
            return states.begin(new byte[0], false);
        }

        Contents contents() {
            return new Contents(counts(counters), counts(ageing), total.get().count);
        }
    }

    private record Contents(Map<String, Long> counters, Map<String, Long> ageing, long total) {}

    private static Map<String, Long> counts(GroupState<Counter> counters) {
        Map<String, Long> counts = new HashMap<>();
        counters.forEach((group, counter) -> counts.put(group, counter.count));
        return counts;
    }

    private static byte[] finished(StateSnapshot snapshot) {
        while (!snapshot.goOn(ONE_MORE)) {
            // One group per call.
        }
        return snapshot.toBytes();
    }

    private static Contents read(byte[] bytes) {
        Subject subject = new Subject();
        subject.states.restore(bytes);
        return subject.contents();
    }

    /** The contents of a snapshot of ten groups if something happens after this many of them have been written. */
    private static Contents whenMeanwhile(int written, Consumer<Subject> happening) {
        Subject subject = tenGroups();
        StateSnapshot snapshot = subject.begin();
        for (int i = 0; i < written; i++) {
            assertThat(snapshot.goOn(ONE_MORE)).isFalse();
        }
        happening.accept(subject);
        return read(finished(snapshot));
    }

    private static Subject tenGroups() {
        Subject subject = new Subject();
        subject.states.advance(100);
        for (int i = 0; i < 10; i++) {
            subject.counters.of("g" + i).count = i;
            subject.ageing.of("g" + i).count = 100 + i;
        }
        subject.total.get().count = 1_000;
        return subject;
    }

    private static void assertUnchangedBy(Consumer<Subject> happening) {
        Contents expected = tenGroups().contents();
        for (int written = 0; written <= 20; written++) {
            assertThat(whenMeanwhile(written, happening))
                    .as("after %d groups", written)
                    .isEqualTo(expected);
        }
    }

    @Test
    void aValueThatIsFoundAndChangedMeanwhileIsWrittenAsItWas() {
        assertUnchangedBy(subject -> {
            for (int i = 0; i < 10; i++) {
                subject.counters.find("g" + i).orElseThrow().count = -1;
                subject.ageing.find("g" + i).orElseThrow().count = -1;
            }
        });
    }

    @Test
    void aValueThatIsChangedMeanwhileIsWrittenAsItWas() {
        assertUnchangedBy(subject -> {
            for (int i = 0; i < 10; i++) {
                subject.counters.of("g" + i).count = -1;
                subject.ageing.of("g" + i).count = -1;
            }
        });
    }

    @Test
    void aValueThatIsReplacedMeanwhileIsWrittenAsItWas() {
        assertUnchangedBy(subject -> {
            for (int i = 0; i < 10; i++) {
                subject.counters.put("g" + i, new Counter(-1));
                subject.ageing.put("g" + i, new Counter(-1));
            }
        });
    }

    @Test
    void aGroupThatIsRemovedMeanwhileIsWrittenAsItWas() {
        assertUnchangedBy(subject -> {
            for (int i = 0; i < 10; i++) {
                subject.counters.remove("g" + i);
                subject.ageing.remove("g" + i);
            }
        });
    }

    @Test
    void aGroupThatIsRemovedAndMadeAgainMeanwhileIsWrittenAsItWas() {
        assertUnchangedBy(subject -> {
            for (int i = 0; i < 10; i++) {
                subject.counters.remove("g" + i);
                subject.counters.of("g" + i).count = -1;
                subject.ageing.remove("g" + i);
                subject.ageing.of("g" + i).count = -1;
            }
        });
    }

    @Test
    void aGroupThatIsMadeMeanwhileIsNotWritten() {
        assertUnchangedBy(subject -> {
            subject.counters.of("new").count = -1;
            subject.counters.put("newer", new Counter(-1));
            subject.ageing.of("new").count = -1;
        });
    }

    @Test
    void aGroupThatExpiresMeanwhileIsWrittenAsItWas() {
        assertUnchangedBy(subject -> {
            subject.states.advance(10_000);
            assertThat(subject.states.nextExpired()).isNull();
            assertThat(subject.ageing.size()).isZero();
        });
        assertUnchangedBy(subject -> {
            for (int i = 0; i < 50; i++) {
                subject.ageing.of("new" + i).count = -1;
            }
        });
    }

    @Test
    void whatAVisitChangesMeanwhileIsWrittenAsItWas() {
        assertUnchangedBy(subject -> {
            subject.counters.forEach((group, counter) -> counter.count = -1);
            subject.ageing.forEach((group, counter) -> counter.count = -1);
        });
    }

    @Test
    void aSingleValueThatIsChangedMeanwhileIsWrittenAsItWas() {
        assertUnchangedBy(subject -> {
            subject.total.get().count = -1;
            subject.total.set(new Counter(-2));
        });
    }

    @Test
    void lastUsesAreWrittenAsTheyWere() {
        Subject subject = tenGroups();
        StateSnapshot snapshot = subject.begin();
        subject.states.advance(500);
        for (int i = 0; i < 10; i++) {
            subject.ageing.of("g" + i);
        }
        Subject later = new Subject();
        later.states.restore(finished(snapshot));
        assertThat(later.states.eventNanos()).isEqualTo(100);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void whateverHappensMeanwhileTheSnapshotHoldsWhatThereWas(long seed) {
        Random random = new Random(seed);
        Subject subject = new Subject();
        for (int round = 0; round < 200; round++) {
            disturb(subject, random, random.nextInt(100));
            Contents expected = subject.contents();
            StateSnapshot snapshot = subject.begin();
            do {
                disturb(subject, random, random.nextInt(4));
            } while (!snapshot.goOn(random::nextBoolean));
            disturb(subject, random, random.nextInt(4));
            assertThat(read(snapshot.toBytes())).as("round %d", round).isEqualTo(expected);
            assertThat(counts(subject.counters)).isEqualTo(model(subject));
        }
    }

    /** The current contents, looked up one by one. */
    private static Map<String, Long> model(Subject subject) {
        Map<String, Long> model = new LinkedHashMap<>();
        counts(subject.counters).keySet().forEach(group -> model.put(group, subject.counters.of(group).count));
        return model;
    }

    private static void disturb(Subject subject, Random random, int times) {
        for (int i = 0; i < times; i++) {
            GroupState<Counter> state = random.nextBoolean() ? subject.counters : subject.ageing;
            String group = "g" + random.nextInt(80);
            switch (random.nextInt(12)) {
                case 0, 1, 2, 3, 4 -> state.of(group).count = random.nextInt();
                case 5, 6 -> state.put(group, new Counter(random.nextInt()));
                case 7, 8 -> state.remove(group);
                case 9 -> {
                    subject.states.advance(subject.states.eventNanos() + 1 + random.nextInt(300));
                    subject.states.nextExpired();
                }
                case 10 -> subject.total.get().count = random.nextInt();
                default -> {
                    if (random.nextInt(20) == 0) {
                        state.forEach((name, counter) -> counter.count++);
                    }
                }
            }
        }
    }

    @Test
    void eachStepWritesAtLeastAGroup() {
        Subject subject = tenGroups();
        StateSnapshot snapshot = subject.begin();
        int steps = 1;
        while (!snapshot.goOn(ONE_MORE)) {
            steps++;
        }
        assertThat(steps).isBetween(20, 25);
    }

    @Test
    void aSnapshotThatIsGivenUpLeavesNoTrace() {
        Subject subject = tenGroups();
        StateSnapshot first = subject.begin();
        first.goOn(ONE_MORE);
        first.end();
        subject.counters.of("g1").count = 77;
        Contents expected = subject.contents();
        StateSnapshot second = subject.begin();
        subject.counters.of("g1").count = 78;
        first.end();
        subject.counters.of("g2").count = 79;
        assertThat(read(finished(second))).isEqualTo(expected);
    }

    @Test
    void aFailureIsTheSnapshotsNotTheCallsThatTouchesTheGroup() {
        States states = TestStates.of("f", 1, MAX);
        GroupState<Counter> counters = TestStates.groups(states, "counters", Counter.class, Counter::new);
        counters.of("a").count = 1;
        counters.of("\ud800").count = 2;
        StateSnapshot snapshot = states.begin(new byte[0], false);
        assertThatCode(() -> counters.of("\ud800").count = 3).doesNotThrowAnyException();
        counters.of("a").count = 4;
        assertThatExceptionOfType(SnapshotException.class)
                .isThrownBy(() -> finished(snapshot))
                .withMessageStartingWith("state \"counters\": group \"");
        counters.remove("\ud800");
        assertThat(TestStates.snapshot(states)).isNotEmpty();
    }

    @Test
    void theLimitIsForAllStatesTogetherAndHoldsInTheMiddle() {
        Subject subject = tenGroups();
        int bytes = TestStates.snapshot(subject.states).length;
        assertThat(TestStates.snapshot(filled(new Subject(bytes)).states)).hasSize(bytes);
        assertThatExceptionOfType(SnapshotException.class)
                .isThrownBy(() -> TestStates.snapshot(filled(new Subject(bytes - 1)).states))
                .withMessageContaining(
                        "snapshot: more than " + (bytes - 1) + " bytes (expected: <= " + (bytes - 1) + ")");
    }

    private static Subject filled(Subject subject) {
        subject.states.advance(100);
        Subject source = tenGroups();
        source.counters.forEach((group, counter) -> subject.counters.put(group, counter));
        source.ageing.forEach((group, counter) -> subject.ageing.put(group, counter));
        subject.total.set(source.total.get());
        return subject;
    }

    @Test
    void withNothingLeftOnlyAReplacementIsWritten() {
        Subject subject = new Subject();
        subject.counters.of("a");
        subject.counters.remove("a");
        assertThat(subject.states.begin(new byte[0], false).toBytes()).isEmpty();
        StateSnapshot replacement = subject.states.begin(new byte[0], true);
        assertThat(replacement.goOn(ONE_MORE)).isTrue();
        assertThat(replacement.toBytes()).isNotEmpty();
        Subject later = new Subject();
        assertThat(later.states.restore(replacement.toBytes()).notes()).isEmpty();
        assertThat(later.counters.size()).isZero();
    }

    @Test
    void bytesAndGroupsAreCounted() {
        Subject subject = tenGroups();
        StateSnapshot snapshot = subject.begin();
        byte[] bytes = finished(snapshot);
        assertThat(snapshot.plainBytes()).isEqualTo(bytes.length);
        assertThat(snapshot.groups()).isEqualTo(20);
    }

    /** Jackson writes it in chunks, each of which must be valid text. */
    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3})
    void aLongTextOfPairsOfSurrogatesComesBack(int before) {
        String text = "x".repeat(before) + "\uD83D\uDE00".repeat(100_000);
        States states = TestStates.of("f", 1, MAX);
        states.state("one", String.class, () -> "").set(text);
        byte[] snapshot = TestStates.snapshot(states);
        States others = TestStates.of("f", 1, MAX);
        State<String> restored = others.state("one", String.class, () -> "");
        others.restore(snapshot);
        assertThat(restored.get()).isEqualTo(text);
    }
}
