package org.kapacitorudf.internal.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.kapacitorudf.Context;
import org.kapacitorudf.Description;
import org.kapacitorudf.Handler;
import org.kapacitorudf.Output;
import org.kapacitorudf.Point;
import org.kapacitorudf.agent.AgentConfig;
import org.kapacitorudf.errors.FailurePolicy;
import org.kapacitorudf.internal.snapshot.SnapshotSeed;
import org.kapacitorudf.internal.snapshot.StateBackend;
import org.kapacitorudf.state.Expiry;
import org.kapacitorudf.state.GroupState;
import org.kapacitorudf.state.State;

/** The contract of a host also holds for one whose state is in a backend, except for the state after a restart. */
final class BackedHandlerHostTest extends HandlerHostTest {
    /** The key is the state, a space, and the group. */
    private final Map<String, byte[]> stored = new TreeMap<>();

    private int puts;
    private boolean isFull;
    private boolean isSavedOnRequest;

    private final StateBackend backend = new StateBackend() {
        @Override
        public void readAll(ValueTaker taker) {
            stored.forEach((key, value) -> {
                int end = key.indexOf(' ');
                taker.take(key.substring(0, end), key.substring(end + 1), value.clone());
            });
        }

        @Override
        public void put(String state, String group, byte[] value) {
            if (isFull) {
                throw new IllegalStateException("full");
            }
            puts++;
            stored.put(state + " " + group, value);
        }

        @Override
        public void remove(String state, String group) {
            stored.remove(state + " " + group);
        }
    };

    @Override
    HandlerHost.Builder prepared(HandlerHost.Builder builder) {
        return isSavedOnRequest ? builder.state(backend).savedOnRequest() : builder.state(backend);
    }

    private Hosted started(Made udf) {
        return started(udf, AgentConfig.defaults());
    }

    private static Made stream(Making making) {
        return new Made(Description.stream("f", ""), making);
    }

    private static Point at(long time) {
        return Point.of("m", time).withField("v", time);
    }

    private static Point sum(long time, long value) {
        return Point.of("sum", time).withField("v", value);
    }

    private static Handler summing(Context context) {
        GroupState<long[]> sums = context.groupState("sum", long[].class, () -> new long[1]);
        return (point, output) -> {
            long[] sum = sums.of("all");
            sum[0] += point.intField("v");
            if (point.timeNanos() == 9) {
                throw new IllegalStateException("nine");
            }
            output.point(sum(point.timeNanos(), sum[0]));
        };
    }

    @Test
    @Override
    public void stateGoesFromOneHandlerToTheNext() {
        try (Hosted hosted = started(stream(BackedHandlerHostTest::summing))) {
            assertThat(stored).as("without data").isEmpty();
            hosted.give(at(1), at(2));
            assertThat(puts).as("once for each call").isEqualTo(2);
        }
        try (Hosted hosted = started(stream(BackedHandlerHostTest::summing))) {
            assertThat(hosted.counts().groups()).isEqualTo(1);
            hosted.give(at(4));
            assertThat(hosted.out()).containsExactly(sum(4, 7).toString());
        }
    }

    @Test
    @Override
    public void aCallThatThrowsIsFollowedByANewHandlerWithTheLastStateByPolicy() {
        AgentConfig config =
                AgentConfig.builder().onError(FailurePolicy.RESTART).build();
        try (Hosted hosted = started(stream(BackedHandlerHostTest::summing), config)) {
            hosted.give(at(1), at(2), at(9), at(4));
            assertThat(hosted.out())
                    .as("from the state after the last successful call")
                    .containsExactly(
                            sum(1, 1).toString(),
                            sum(2, 3).toString(),
                            sum(4, 7).toString());
            assertThat(hosted.counts().restarts()).isEqualTo(1);
        }
    }

    @Test
    @Override
    public void aStateThatIsForeignIsRefused() {
        stored.put("sum all", new byte[] {2, 2, 0, 0, 0, 1, 0});
        try (Hosted hosted = host(stream(BackedHandlerHostTest::summing), AgentConfig.defaults(), List.of())) {
            assertThat(hosted.start()).isEqualTo("f: stored state \"sum\": stored value: format 2 (expected: 1)");
        }
    }

    @Test
    void aCallThatEndsTheTaskChangesNothingInTheBackend() {
        try (Hosted hosted = started(stream(BackedHandlerHostTest::summing))) {
            hosted.give(at(1), at(9));
            assertThat(hosted.error()).contains("nine");
            assertThat(puts).isEqualTo(1);
        }
    }

    @Test
    void aSkippedCallIsSavedAsItLeftTheState() {
        AgentConfig config = AgentConfig.builder().onError(FailurePolicy.SKIP).build();
        try (Hosted hosted = started(stream(BackedHandlerHostTest::summing), config)) {
            hosted.give(at(1), at(9));
        }
        try (Hosted hosted = started(stream(BackedHandlerHostTest::summing), config)) {
            hosted.give(at(2));
            assertThat(hosted.out()).containsExactly(sum(2, 12).toString());
        }
    }

    @Test
    void changesAreWrittenOnRequest() {
        isSavedOnRequest = true;
        try (Hosted hosted = started(stream(BackedHandlerHostTest::summing))) {
            hosted.give(at(1), at(2));
            assertThat(puts).isZero();
            assertThat(latest.unsavedGroups()).isEqualTo(1);
            latest.saveChanges();
            latest.saveChanges();
            assertThat(puts).isEqualTo(1);
            assertThat(latest.unsavedGroups()).isZero();
            hosted.give(at(4));
        }
        try (Hosted hosted = started(stream(BackedHandlerHostTest::summing))) {
            hosted.give(at(5));
            assertThat(hosted.out())
                    .as("what was not written is not there")
                    .containsExactly(sum(5, 8).toString());
        }
    }

    @Test
    void changesAreWrittenAfterEachCallIfAFailureMayLeadToARestart() {
        isSavedOnRequest = true;
        AgentConfig config =
                AgentConfig.builder().onError(FailurePolicy.RESTART).build();
        try (Hosted hosted = started(stream(BackedHandlerHostTest::summing), config)) {
            hosted.give(at(1), at(2), at(9), at(4));
            assertThat(puts).isEqualTo(3);
            assertThat(hosted.out()).endsWith(sum(4, 7).toString());
        }
    }

    @Test
    void aRequestThatTheBackendCannotFulfilEndsTheTask() {
        isSavedOnRequest = true;
        try (Hosted hosted = started(stream(BackedHandlerHostTest::summing))) {
            hosted.give(at(1));
            isFull = true;
            latest.saveChanges();
            assertThat(hosted.error()).contains("state: java.lang.IllegalStateException: full");
            assertThat(latest.isRunning()).isFalse();
        }
    }

    /** The point's string field selects the action of a call: put, remove, or visit. */
    private static Handler acting(Context context) {
        GroupState<Integer> ages = context.groupState("ages", Integer.class, () -> 0);
        State<String> last = context.state("last", String.class, () -> "none");
        return (point, output) -> {
            switch (point.stringField("act")) {
                case "put" -> ages.put(point.stringField("who"), 1);
                case "again" -> {
                    ages.remove(point.stringField("who"));
                    ages.put(point.stringField("who"), 2);
                }
                case "remove" -> ages.remove(point.stringField("who"));
                case "visit" -> ages.forEach((who, age) -> {});
                default -> last.set(point.stringField("act"));
            }
        };
    }

    private static Point act(String act, String who) {
        return Point.of("m", 1).withField("act", act).withField("who", who);
    }

    @Test
    void whatIsTouchedIsWrittenAndWhatIsRemovedIsForgotten() {
        try (Hosted hosted = started(stream(BackedHandlerHostTest::acting))) {
            hosted.give(act("put", "a"), act("put", "b"), act("put", "c"));
            assertThat(stored).containsOnlyKeys("ages a", "ages b", "ages c");
            assertThat(puts).isEqualTo(3);
            hosted.give(act("remove", "b"), act("again", "c"));
            assertThat(stored).containsOnlyKeys("ages a", "ages c");
            assertThat(puts).isEqualTo(4);
            hosted.give(act("visit", ""));
            assertThat(puts).as("a visitor may change values").isEqualTo(6);
            hosted.give(act("value of the whole handler", ""));
            assertThat(stored).containsOnlyKeys("ages a", "ages c", "last ");
            assertThat(puts).isEqualTo(7);
        }
    }

    @Test
    void aFieldThatIsMissingChangesNothing() {
        try (Hosted hosted = started(stream(BackedHandlerHostTest::summing))) {
            hosted.give(Point.of("m", 1).withField("other", 1));
            // The group was accessed before the field: it may have been changed.
            assertThat(hosted.counts().skipped()).isEqualTo(1);
            assertThat(puts).isEqualTo(1);
        }
    }

    private static Handler expiring(Context context) {
        GroupState<Long> last = context.groupState(
                "last",
                Long.class,
                () -> 0L,
                Expiry.afterEventTime(Duration.ofSeconds(1)),
                (group, value, output) -> output.point(Point.of("gone", value).withField("v", 1)));
        return (point, output) -> last.put(point.stringField("g"), point.timeNanos());
    }

    @Test
    void lastUsesAndEventTimeComeFromTheBackend() {
        long second = Duration.ofSeconds(1).toNanos();
        try (Hosted hosted = started(stream(BackedHandlerHostTest::expiring))) {
            hosted.give(Point.of("m", second).withField("g", "z"));
            hosted.give(Point.of("m", second + 5).withField("g", "a"));
        }
        try (Hosted hosted = started(stream(BackedHandlerHostTest::expiring))) {
            hosted.give(Point.of("m", 2 * second + 1).withField("g", "b"));
            assertThat(hosted.out())
                    .containsExactly(Point.of("gone", second).withField("v", 1).toString());
            assertThat(stored).containsOnlyKeys("last a", "last b");
        }
    }

    @Test
    void aStoredGroupReplacesTheOneThatCreateHasPut() {
        long second = Duration.ofSeconds(1).toNanos();
        try (Hosted hosted = started(stream(BackedHandlerHostTest::expiring))) {
            hosted.give(Point.of("m", second).withField("g", "a"));
        }
        Making putting = context -> {
            GroupState<Long> last = context.groupState(
                    "last",
                    Long.class,
                    () -> 0L,
                    Expiry.afterEventTime(Duration.ofSeconds(1)),
                    (group, value, output) ->
                            output.point(Point.of("gone", value).withField("v", 1)));
            last.put("a", 7L);
            return (point, output) -> last.put(point.stringField("g"), point.timeNanos());
        };
        try (Hosted hosted = started(stream(putting))) {
            hosted.give(Point.of("m", 2 * second + 1).withField("g", "b"));
            hosted.give(Point.of("m", 4 * second).withField("g", "c"));
            assertThat(hosted.out())
                    .containsExactly(
                            Point.of("gone", second).withField("v", 1).toString(),
                            Point.of("gone", 2 * second + 1).withField("v", 1).toString());
            assertThat(stored).containsOnlyKeys("last c");
        }
    }

    @Test
    void groupsOfAStateThatDidNotExpireBeforeCountAsUsedAtTheLatestTime() {
        try (Hosted hosted = started(stream(context -> {
            GroupState<Long> last = context.groupState("last", Long.class, () -> 0L);
            return (point, output) -> last.put(point.stringField("g"), point.timeNanos());
        }))) {
            hosted.give(Point.of("m", 1).withField("g", "a"));
        }
        long second = Duration.ofSeconds(1).toNanos();
        try (Hosted hosted = started(stream(BackedHandlerHostTest::expiring))) {
            hosted.give(Point.of("m", second).withField("g", "b"));
            assertThat(hosted.out()).isEmpty();
            hosted.give(Point.of("m", 2 * second).withField("g", "c"));
            assertThat(hosted.out()).hasSize(2);
        }
    }

    @Test
    void theHandlersOwnBytesAreKeptWhenTheyChange() {
        Making making = context -> new Handler() {
            private byte count;

            @Override
            public void point(Point point, Output output) {
                count += (byte) point.intField("v");
                output.point(sum(point.timeNanos(), count));
            }

            @Override
            public byte[] snapshot(Output output) {
                return count == 0 ? new byte[0] : new byte[] {count};
            }

            @Override
            public void restore(byte[] snapshot, Output output) {
                count = snapshot[0];
            }
        };
        try (Hosted hosted = started(stream(making))) {
            hosted.give(at(2), at(0), at(3));
            assertThat(puts).isEqualTo(2);
        }
        try (Hosted hosted = started(stream(making))) {
            hosted.give(at(4));
            assertThat(hosted.out()).containsExactly(sum(4, 9).toString());
        }
    }

    private Made migrating(int version) {
        Description description = Description.stream("f", "");
        return new Made(
                version == 1
                        ? description
                        : description.version(version, value -> {
                            if (value.state().equals("sum")) {
                                value.set(((Number) value.value()).longValue() * 100);
                            }
                        }),
                context -> {
                    GroupState<Long> sums = context.groupState("sum", Long.class, () -> 0L);
                    return (point, output) -> {
                        String group = point.group();
                        sums.put(group, sums.of(group) + point.intField("v"));
                        output.point(sum(point.timeNanos(), sums.of(group)));
                    };
                });
    }

    @Test
    void eachValueIsMigratedFromItsOwnVersion() {
        Point other = at(7).withGroup("host=b");
        try (Hosted hosted = started(migrating(1))) {
            hosted.give(at(1), other);
        }
        try (Hosted hosted = started(migrating(2))) {
            hosted.give(at(2));
            assertThat(hosted.out()).containsExactly(sum(2, 102).toString());
        }
        try (Hosted hosted = started(migrating(2))) {
            hosted.give(at(3), other);
            assertThat(hosted.out())
                    .as("one of version 2, one of version 1")
                    .containsExactly(sum(3, 105).toString(), sum(7, 707).toString());
        }
        try (Hosted hosted = host(migrating(1), AgentConfig.defaults(), List.of())) {
            assertThat(hosted.start())
                    .isEqualTo("f: stored state \"sum\": value: of version 2 of UDF \"f\" (expected: 1)");
        }
    }

    @Test
    void aBackendThatCannotKeepAValueEndsTheTask() {
        try (Hosted hosted = started(stream(BackedHandlerHostTest::summing))) {
            isFull = true;
            hosted.give(at(1));
            assertThat(hosted.error())
                    .isEqualTo("f (task task, node node2): state: java.lang.IllegalStateException: full");
        }
    }

    @Test
    void aSnapshotOfKapacitorGivesEachBackendItsOwnGroups() {
        byte[] snapshot;
        try (Hosted hosted =
                new HandlerHostTest().started(stream(BackedHandlerHostTest::acting), AgentConfig.defaults())) {
            hosted.give(act("put", "a"), act("put", "b"), act("everybody's", ""));
            snapshot = hosted.snapshot();
        }
        SnapshotSeed seed = SnapshotSeed.of(snapshot, Description.stream("f", ""), 1_000);
        assertThat(seed.writeTo(backend, group -> group.equals("b"))).isEqualTo(1);
        assertThat(stored).containsOnlyKeys("ages b", "last ");
        try (Hosted hosted = started(stream(BackedHandlerHostTest::acting))) {
            assertThat(hosted.counts().groups()).isEqualTo(1);
        }
        assertThatThrownBy(() -> SnapshotSeed.of(snapshot, Description.stream("g", ""), 1_000))
                .hasMessage("snapshot: of UDF \"f\" (expected: \"g\")");
    }
}
