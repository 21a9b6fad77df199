package org.kapacitorudf.internal.snapshot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.kapacitorudf.errors.SnapshotException;

/** A snapshot is written by one version of a class and read by a later one. */
class SchemaEvolutionTest {
    static final class Before {
        private int kept = 1;
        private String lost = "lost";
        private List<Integer> alsoLost = new ArrayList<>(List.of(1));
        private int widened = 7;
        private Part part = new Part(3, "lost");
        private Map<String, Part> parts = new HashMap<>(Map.of("x", new Part(4, "lost")));
    }

    record Part(int kept, String lost) {}

    static final class After {
        private int kept;
        private double gained;
        private final List<String> gainedList = new ArrayList<>(List.of("fresh"));
        private long widened;
        private LaterPart part;
        private Map<String, LaterPart> parts;

        After(double gained) {
            this.gained = gained;
        }
    }

    record LaterPart(Optional<String> gained, int kept, int gainedNumber, List<String> gainedList) {}

    @Test
    void aClassMayGainAndLoseFields() {
        After after = migrate(Before.class, new Before(), After.class, () -> new After(2.5));
        assertThat(after.kept).isEqualTo(1);
        assertThat(after.gained).isEqualTo(2.5);
        assertThat(after.gainedList).containsExactly("fresh");
        assertThat(after.widened).isEqualTo(7);
        // A nested record has no fresh instance: added components are 0, null or empty.
        LaterPart expected = new LaterPart(Optional.empty(), 3, 0, null);
        assertThat(after.part).isEqualTo(expected);
        assertThat(after.parts.get("x")).isEqualTo(new LaterPart(Optional.empty(), 4, 0, null));
    }

    record Mean(double sum, long count, String lost) {}

    record LaterMean(long count, double sum, double weight, List<String> names) {}

    @Test
    void aRecordGainsWhatTheFreshOneHas() {
        Supplier<LaterMean> fresh = () -> new LaterMean(0, 0, 0.5, List.of("n"));
        assertThat(migrate(Mean.class, new Mean(1, 2, "x"), LaterMean.class, fresh))
                .isEqualTo(new LaterMean(2, 1, 0.5, List.of("n")));
    }

    @Test
    void eachGroupGainsWhatTheFreshOneHas() {
        States before = TestStates.of("udf", 1, 10_000);
        TestStates.groups(before, "s", Mean.class, () -> null).put("a", new Mean(1, 2, null));
        States after = TestStates.of("udf", 1, 10_000);
        var means = TestStates.groups(after, "s", LaterMean.class, () -> new LaterMean(0, 0, 0.5, List.of()));
        after.restore(TestStates.snapshot(before));
        assertThat(means.of("a")).isEqualTo(new LaterMean(2, 1, 0.5, List.of()));
    }

    record IntegerField(long value) {}

    record DoubleField(double value) {}

    record StringField(String value) {}

    record BoolField(boolean value) {}

    record InstantField(Instant value) {}

    record BoxedField(Double value) {}

    record ListField(List<Double> value) {}

    enum Old {
        KEPT,
        DROPPED
    }

    enum New {
        ADDED,
        KEPT
    }

    record OldField(Old value) {}

    record NewField(New value) {}

    @Test
    void anIntegerMayBecomeADouble() {
        assertThat(migrate(IntegerField.class, new IntegerField(3), DoubleField.class, () -> null))
                .isEqualTo(new DoubleField(3));
    }

    @Test
    void anythingElseIsRefusedNotGuessed() {
        assertRefused(new DoubleField(3.5), IntegerField.class);
        assertRefused(new DoubleField(3), IntegerField.class);
        assertRefused(new StringField("3"), IntegerField.class);
        assertRefused(new StringField("3"), DoubleField.class);
        assertRefused(new DoubleField(3), StringField.class);
        assertRefused(new IntegerField(3), StringField.class);
        assertRefused(new BoolField(true), StringField.class);
        assertRefused(new BoolField(true), IntegerField.class);
        assertRefused(new IntegerField(1), BoolField.class);
        assertRefused(new StringField(""), InstantField.class);
        assertRefused(new StringField(""), ListField.class);
        assertRefused(new ListField(List.of()), InstantField.class);
        assertRefused(new DoubleField(3), ListField.class);
        assertRefused(new ListField(List.of(3.0)), DoubleField.class);
        assertRefused(new BoxedField(null), DoubleField.class);
        assertRefused(new OldField(Old.DROPPED), NewField.class);
        assertRefused(new IntegerField(1), NewField.class);
        assertRefused(new StringField(""), NewField.class);
    }

    static final class Holding {
        private Before value = new Before();
    }

    @Test
    void whatIsNoObjectDoesNotPassForOneWithoutFields() {
        assertThatExceptionOfType(SnapshotException.class)
                .isThrownBy(() -> migrate(String.class, "x", Before.class, Before::new))
                .withMessage("snapshot: state \"s\": VALUE_STRING (expected: an object)");
        for (Record wrong :
                List.of(new StringField("x"), new StringField(""), new ListField(List.of()), new BoolField(true))) {
            assertRefused(wrong, Holding.class, Holding::new);
        }
    }

    @Test
    void anEnumMayGainConstants() {
        assertThat(migrate(OldField.class, new OldField(Old.KEPT), NewField.class, () -> null))
                .isEqualTo(new NewField(New.KEPT));
    }

    @Test
    void aRecordMayBecomeAClass() {
        Before migrated = migrate(Part.class, new Part(9, "x"), Before.class, Before::new);
        assertThat(migrated.kept).isEqualTo(9);
        assertThat(migrated.lost).isEqualTo("x");
        assertThat(migrated.widened).isEqualTo(7);
        assertThat(migrated.alsoLost).containsExactly(1);
    }

    record Simple(int kept, String lost, double gained) {}

    @Test
    void aClassMayBecomeARecord() {
        assertThat(migrate(Before.class, new Before(), Simple.class, () -> new Simple(0, "", 0.5)))
                .isEqualTo(new Simple(1, "lost", 0.5));
    }

    private static void assertRefused(Record before, Class<?> after) {
        assertRefused(before, after, () -> null);
    }

    @SuppressWarnings("unchecked")
    private static <B> void assertRefused(Record before, Class<B> after, Supplier<B> fresh) {
        Class<Record> type = (Class<Record>) before.getClass();
        assertThatExceptionOfType(SnapshotException.class)
                .as("%s as %s", before, after)
                .isThrownBy(() -> migrate(type, before, after, fresh))
                .withMessageStartingWith("snapshot: state \"s\": no " + after.getName() + ": ");
    }

    private static <A, B> B migrate(Class<A> before, A value, Class<B> after, Supplier<? extends B> fresh) {
        States old = TestStates.of("udf", 1, 10_000);
        old.state("s", before, () -> value).set(value);
        States later = TestStates.of("udf", 1, 10_000);
        var state = later.state("s", after, fresh);
        later.restore(TestStates.snapshot(old));
        return state.get();
    }
}
