package org.kapacitorudf.internal.snapshot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.kapacitorudf.Description;
import org.kapacitorudf.errors.SnapshotException;
import org.kapacitorudf.errors.UdfException;
import org.kapacitorudf.state.Expiry;
import org.kapacitorudf.state.GroupState;
import org.kapacitorudf.state.Migration;
import org.kapacitorudf.state.SavedValue;

/** State that had another meaning in an older version of the function. */
class MigrationTest {
    private static final int MAX = 10_000_000;

    record Seconds(long age, String name) {}

    record Millis(long age, String label) {}

    private static final Migration SECONDS_TO_MILLIS = value -> {
        Map<String, Object> fields = value.fields();
        fields.put("age", ((Number) fields.get("age")).longValue() * 1_000);
        fields.put("label", fields.remove("name"));
    };

    private static States states(int version) {
        return new States(Description.stream("f", "").version(version), MAX, () -> 0);
    }

    private static States states(int version, Migration migration) {
        return new States(Description.stream("f", "").version(version, migration), MAX, () -> 0);
    }

    private static byte[] seconds() {
        States before = states(1);
        GroupState<Seconds> groups = TestStates.groups(before, "ages", Seconds.class, () -> null);
        groups.put("a", new Seconds(1, "first"));
        groups.put("b", new Seconds(2, "second"));
        before.state("age", Seconds.class, () -> null).set(new Seconds(3, "single"));
        return TestStates.snapshot(before, new byte[] {1, 2});
    }

    @Test
    void everyValueOfALowerVersionIsMigrated() {
        States after = states(2, SECONDS_TO_MILLIS);
        GroupState<Millis> groups = TestStates.groups(after, "ages", Millis.class, () -> null);
        var single = after.state("age", Millis.class, () -> null);
        assertThat(after.restore(seconds()).handlerBytes()).containsExactly(1, 2);
        assertThat(groups.of("a")).isEqualTo(new Millis(1_000, "first"));
        assertThat(groups.of("b")).isEqualTo(new Millis(2_000, "second"));
        assertThat(groups.size()).isEqualTo(2);
        assertThat(single.get()).isEqualTo(new Millis(3_000, "single"));
    }

    @Test
    void theMigrationKnowsStateAndVersion() {
        List<String> seen = new ArrayList<>();
        States after = states(4, value -> seen.add(value.state() + " " + value.version()));
        TestStates.groups(after, "ages", Seconds.class, () -> null);
        after.state("age", Seconds.class, () -> null);
        after.restore(seconds());
        assertThat(seen).containsExactly("ages 1", "ages 1", "age 1");
    }

    @Test
    void whatIsOfThisVersionIsNotMigrated() {
        States after = states(1, value -> {
            throw new IllegalStateException();
        });
        GroupState<Seconds> groups = TestStates.groups(after, "ages", Seconds.class, () -> null);
        after.restore(seconds());
        assertThat(groups.of("a")).isEqualTo(new Seconds(1, "first"));
    }

    @Test
    void aStateThatIsNoLongerDeclaredIsNotMigrated() {
        States after = states(2, value -> {
            throw new IllegalStateException();
        });
        assertThat(after.restore(seconds()).notes()).hasSize(2);
    }

    @Test
    void lastUsesStayWithTheirGroups() {
        Expiry expiry = Expiry.afterEventTime(Duration.ofNanos(10));
        States before = states(1);
        GroupState<Seconds> saved = before.groupState("ages", Seconds.class, () -> null, expiry, null);
        before.advance(100);
        saved.put("a", new Seconds(1, ""));
        before.advance(105);
        saved.put("b", new Seconds(2, ""));
        States after = states(2, SECONDS_TO_MILLIS);
        GroupState<Millis> groups = after.groupState("ages", Millis.class, () -> null, expiry, null);
        after.restore(TestStates.snapshot(before));
        after.advance(110);
        assertThat(after.nextExpired()).isNull();
        assertThat(groups.size()).isEqualTo(1);
        assertThat(groups.of("b").age()).isEqualTo(2_000);
    }

    @Test
    void aValueMayBecomeSomethingElseAltogether() {
        States before = states(1);
        TestStates.groups(before, "s", Long.class, () -> 0L).put("a", 7L);
        States after = states(2, value -> value.set(Map.of("age", value.value(), "label", "was a number")));
        GroupState<Millis> groups = TestStates.groups(after, "s", Millis.class, () -> null);
        after.restore(TestStates.snapshot(before));
        assertThat(groups.of("a")).isEqualTo(new Millis(7, "was a number"));
    }

    record Everything(
            byte[] bytes,
            double real,
            float shortReal,
            long integer,
            BigInteger large,
            BigDecimal decimal,
            boolean bool,
            List<Integer> list,
            Map<String, String> map,
            String nothing,
            String text) {}

    @Test
    void whateverAMigrationLeavesAloneComesBackAsItWas() {
        Everything everything = new Everything(
                new byte[] {0, -1},
                -0.1,
                0.1f,
                Long.MIN_VALUE,
                BigInteger.TEN.pow(40),
                new BigDecimal("1.10"),
                true,
                List.of(1, 2),
                new LinkedHashMap<>(Map.of("k", "v")),
                null,
                "ö\n");
        States before = states(1);
        TestStates.groups(before, "s", Everything.class, () -> null).put("a", everything);
        List<Object> types = new ArrayList<>();
        States after = states(
                2,
                value -> value.fields().values().forEach(field -> {
                    if (field != null) {
                        types.add(field.getClass().getSimpleName());
                    }
                }));
        GroupState<Everything> groups = TestStates.groups(after, "s", Everything.class, () -> null);
        after.restore(TestStates.snapshot(before));
        assertThat(groups.of("a")).usingRecursiveComparison().isEqualTo(everything);
        assertThat(types)
                .containsExactly(
                        "byte[]",
                        "Double",
                        "Float",
                        "Long",
                        "BigInteger",
                        "BigDecimal",
                        "Boolean",
                        "ArrayList",
                        "LinkedHashMap",
                        "String");
    }

    @Test
    void withoutAMigrationALowerVersionIsRefused() {
        assertRefused(states(2), "snapshot: of version 1 of UDF \"f\" (expected: 2, or a migration from 1)");
    }

    @Test
    void aHigherVersionIsRefused() {
        byte[] later = TestStates.snapshot(states(3), new byte[1]);
        assertThatExceptionOfType(SnapshotException.class)
                .isThrownBy(() -> states(2).restore(later))
                .withMessage("snapshot: of version 3 of UDF \"f\" (expected: 2)");
        assertThatExceptionOfType(SnapshotException.class)
                .isThrownBy(() -> states(2, SECONDS_TO_MILLIS).restore(later))
                .withMessage("snapshot: of version 3 of UDF \"f\" (expected: <= 2)");
    }

    @Test
    void aMigrationThatFailsFailsTheRestoreAndSaysWhere() {
        States after = states(2, value -> {
            throw new IllegalStateException("cannot");
        });
        TestStates.groups(after, "ages", Millis.class, () -> null);
        assertRefused(
                after,
                "snapshot: state \"ages\": group \"a\": migration from version 1: java.lang.IllegalStateException: cannot");
        States single = states(2, value -> {
            throw new UdfException("cannot");
        });
        single.state("age", Millis.class, () -> null);
        assertRefused(single, "snapshot: state \"age\": migration from version 1: cannot");
    }

    @Test
    void whatAMigrationReturnsHasToFit() {
        States after = states(2, value -> value.fields().put("age", "old"));
        TestStates.groups(after, "ages", Millis.class, () -> null);
        assertThatExceptionOfType(SnapshotException.class)
                .isThrownBy(() -> after.restore(seconds()))
                .withMessageStartingWith("snapshot: state \"ages\": group \"a\": no " + Millis.class.getName());
    }

    @Test
    void fieldsAreForObjects() {
        assertThatExceptionOfType(UdfException.class)
                .isThrownBy(() -> new SavedValue(1, "s", 7).fields())
                .withMessage("state \"s\": Integer (expected: an object with fields)");
    }

    @Test
    void manyGroupsAreMigrated() {
        States before = states(1);
        GroupState<Seconds> saved = TestStates.groups(before, "ages", Seconds.class, () -> null);
        for (int i = 0; i < 100_000; i++) {
            saved.put("g" + i, new Seconds(i, "n"));
        }
        States after = states(2, SECONDS_TO_MILLIS);
        GroupState<Millis> groups = TestStates.groups(after, "ages", Millis.class, () -> null);
        after.restore(TestStates.snapshot(before));
        assertThat(groups.size()).isEqualTo(100_000);
        assertThat(groups.of("g99999").age()).isEqualTo(99_999_000);
    }

    private static void assertRefused(States states, String message) {
        assertThatExceptionOfType(SnapshotException.class)
                .isThrownBy(() -> states.restore(seconds()))
                .withMessage(message);
    }
}
