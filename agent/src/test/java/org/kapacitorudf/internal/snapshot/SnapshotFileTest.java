package org.kapacitorudf.internal.snapshot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.regex.Pattern;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.kapacitorudf.Description;
import org.kapacitorudf.errors.SnapshotException;
import org.kapacitorudf.state.Expiry;
import org.kapacitorudf.state.GroupState;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class SnapshotFileTest {
    private static final int MAX = 1_000_000;
    private static final int ALL = Integer.MAX_VALUE;

    record Mean(double sum, long count, byte[] raw) {}

    /** Contains a single value, groups, and groups with their last use. */
    private static byte[] snapshot(int groups) {
        States states = TestStates.of("mean", 3, MAX);
        states.state("one", Mean.class, () -> null).set(new Mean(Double.NaN, 1, new byte[] {1, 2}));
        GroupState<Mean> plain = TestStates.groups(states, "plain", Mean.class, () -> null);
        Expiry expiry = Expiry.afterEventTime(Duration.ofHours(1));
        GroupState<Integer> used = states.groupState("used", Integer.class, () -> 0, expiry, null);
        states.advance(1_500_000_000L);
        for (int i = 0; i < groups; i++) {
            plain.put("host=" + i, new Mean(1.5, i, new byte[0]));
            used.put("host=" + i, i);
        }
        return TestStates.snapshot(states, new byte[] {(byte) 0xCA, (byte) 0xFE});
    }

    private static SnapshotFile file(byte[]... parts) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            out.writeBytes(part);
        }
        return new SnapshotFile(ByteBuffer.wrap(out.toByteArray()), MAX);
    }

    private static JsonNode json(SnapshotView view, int maxGroups) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        view.writeJson(out, maxGroups);
        assertThat(out.toString(StandardCharsets.UTF_8)).endsWith("}\n");
        return new JsonMapper().readTree(out.toByteArray());
    }

    private static byte[] noise(int bytes) {
        byte[] noise = new byte[bytes];
        new Random(bytes).nextBytes(noise);
        return noise;
    }

    @Test
    void aSnapshotIsShownWithoutItsClasses() {
        byte[] snapshot = snapshot(1);
        SnapshotFile file = file(snapshot);
        assertThat(file.isSnapshot()).isTrue();
        String head = "{'function':'mean','version':3,'format':1,'bytes':%d,'plainBytes':%d,'checksum':'ok',"
                + "'handlerBytes':{'bytes':2,'base64':'yv4='},'states':[";
        String one = "{'name':'one','kind':'one value','value':{'sum':'NaN','count':1,'raw':'AQI='}},";
        String plain = "{'name':'plain','kind':'a value for each group','groupCount':1,'groups':"
                + "[{'group':'host=0','value':{'sum':1.5,'count':0,'raw':''}}]},";
        String used = "{'name':'used','kind':'a value for each group, with its last use','clock':'event',"
                + "'groupCount':1,'groups':[{'group':'host=0','lastUse':'1970-01-01T00:00:01.500Z','value':0}]}]}";
        String withoutLengths = Pattern.compile("(\"kind\":\"[^\"]*\"),\"bytes\":\\d+")
                .matcher(json(file.whole(), ALL).toString())
                .replaceAll("$1");
        assertThat(withoutLengths)
                .isEqualTo((head.formatted(snapshot.length, snapshot.length) + one + plain + used).replace('\'', '"'));
    }

    /** Found by fuzzing: it was detected only after half of it had been shown. */
    @Test
    void aTextThatIsNoUtf8IsSeenBeforeAnythingIsShown() {
        States states = TestStates.of("text", 1, MAX);
        states.state("one", String.class, () -> "").set("abc");
        byte[] snapshot = TestStates.snapshot(states);
        snapshot[snapshot.length - 2] = (byte) 0xFF;
        CRC32C checksum = new CRC32C();
        checksum.update(snapshot, Envelope.HEAD_BYTES, snapshot.length - Envelope.HEAD_BYTES);
        ByteBuffer.wrap(snapshot).putInt(Envelope.HEAD_BYTES - Integer.BYTES, (int) checksum.getValue());
        assertThatExceptionOfType(SnapshotException.class)
                .isThrownBy(() -> SnapshotView.of(snapshot, MAX))
                .withMessageStartingWith("snapshot: damaged, state \"one\": ");
    }

    @Test
    void aDeflatedSnapshotIsShownInFull() {
        byte[] snapshot = snapshot(1_000);
        JsonNode json = json(file(snapshot).whole(), ALL);
        assertThat(json.get("format").asInt()).isEqualTo(2);
        assertThat(json.get("bytes").asInt()).isEqualTo(snapshot.length);
        assertThat(json.get("plainBytes").asInt()).isGreaterThan(2 * snapshot.length);
        assertThat(json.get("states").get(1).get("groups").size()).isEqualTo(1_000);
    }

    @Test
    void aLastUseIsATimeWhereItsClockIsOne() {
        States states = new States(Description.stream("f", ""), MAX, () -> 2_000_000_000L);
        states.groupState("wall", Long.class, () -> 0L, Expiry.afterWallTime(Duration.ofHours(1)), null)
                .put("a", 1L);
        states.groupState("count", Long.class, () -> 0L, Expiry.atMost(5), null).put("a", 1L);
        states.wallTime(2_000_000_000L);
        JsonNode shown = json(file(TestStates.snapshot(states)).whole(), ALL).get("states");
        assertThat(shown.get(0).get("clock").asString()).isEqualTo("wall");
        assertThat(shown.get(0).get("groups").get(0).get("lastUse").asString()).isEqualTo("1970-01-01T00:00:02Z");
        assertThat(shown.get(1).get("clock").asString()).isEqualTo("count");
        assertThat(shown.get(1).get("groups").get(0).get("lastUse").isIntegralNumber())
                .isTrue();
    }

    record Deep(Deep inner) {}

    @Test
    void aValueAsDeepAsAnyIsShown() {
        States states = TestStates.of("f", 1, MAX);
        Deep deep = null;
        for (int i = 0; i < 498; i++) {
            deep = new Deep(deep);
        }
        TestStates.groups(states, "deep", Deep.class, () -> null).put("a", deep);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        file(TestStates.snapshot(states)).whole().writeJson(out, ALL);
        assertThat(out.toString(StandardCharsets.UTF_8).split("\"inner\"", -1)).hasSize(499);
    }

    @Test
    void asManyGroupsAreShownAsAreAskedForAndAllAreCounted() {
        for (int shown : new int[] {0, 2, 3}) {
            JsonNode plain =
                    json(file(snapshot(3)).whole(), shown).get("states").get(1);
            assertThat(plain.get("groupCount").asInt()).isEqualTo(3);
            assertThat(plain.get("groups").size()).isEqualTo(shown);
        }
    }

    @Test
    void theHandlersBytesAreShownWhenTheyAreFew() {
        for (int bytes : new int[] {0, 1, 1024, 1025}) {
            byte[] snapshot = TestStates.snapshot(TestStates.of("f", 1, MAX), noise(bytes));
            if (bytes > 0) {
                JsonNode shown = json(file(snapshot).whole(), ALL).get("handlerBytes");
                assertThat(shown.get("bytes").asInt()).isEqualTo(bytes);
                assertThat(shown.has("base64")).isEqualTo(bytes <= 1024);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 1_000})
    void snapshotsInsideAFileAreFound(int groups) {
        byte[] snapshot = snapshot(groups);
        byte[] other = TestStates.snapshot(TestStates.of("other", 1, MAX), noise(10));
        SnapshotFile file = file(noise(4099), snapshot, noise(1001), "KUDF".getBytes(StandardCharsets.UTF_8), other);
        int otherAt = 4099 + snapshot.length + 1001 + 4;
        assertThat(file.isSnapshot()).isFalse();
        assertThat(file.all())
                .isEqualTo(List.of(
                        new SnapshotFile.Found(4099, snapshot.length, "mean", 3, ""),
                        new SnapshotFile.Found(otherAt, other.length, "other", 1, "")));
        assertThat(json(file.at(4099), ALL)).isEqualTo(json(file(snapshot).whole(), ALL));
        assertThat(file.at(otherAt).udf()).isEqualTo("other");
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 1_000})
    void noDamagedSnapshotIsFoundOrShown(int groups) {
        byte[] snapshot = snapshot(groups);
        for (int at = 0; at < snapshot.length; at += Math.max(1, snapshot.length / 500)) {
            byte[] damaged = snapshot.clone();
            damaged[at] ^= 1;
            assertThat(file(noise(7), damaged, noise(9)).all()).isEmpty();
            assertThatExceptionOfType(SnapshotException.class)
                    .isThrownBy(() -> file(damaged).whole());
        }
        for (int length = 0; length < snapshot.length; length += Math.max(1, snapshot.length / 500)) {
            byte[] cut = Arrays.copyOf(snapshot, length);
            assertThat(file(noise(7), cut).all()).isEmpty();
            assertThatExceptionOfType(SnapshotException.class)
                    .isThrownBy(() -> file(cut).whole());
        }
    }

    @Test
    void whatIsWrongIsSaid() {
        byte[] damaged = snapshot(1);
        damaged[20] ^= 1;
        assertRefused(() -> file(damaged).whole(), "snapshot: damaged, checksum ");
        assertRefused(() -> file(noise(100)).whole(), "snapshot: foreign, 100 bytes (expected: \"KUDF\" at its ");
        assertRefused(() -> file(noise(100)).at(5), "snapshot: none at 5 (expected: \"KUDF\" there)");
        assertRefused(() -> file(noise(100)).at(-1), "snapshot: none at -1 (expected: ");
        assertRefused(() -> file(noise(100)).at(1L << 40), "snapshot: none at 1099511627776 (expected: ");
        assertRefused(() -> file(noise(5), damaged).at(5), "snapshot: damaged, at 5 (expected: an end ");
    }

    @Test
    void oneThatIsTooLargeIsListedButNotRead() {
        byte[] snapshot = snapshot(1_000);
        int plainBytes = json(file(snapshot).whole(), 0).get("plainBytes").asInt();
        SnapshotFile exact = new SnapshotFile(ByteBuffer.wrap(snapshot), plainBytes);
        assertThat(exact.whole().udf()).isEqualTo("mean");
        SnapshotFile under = new SnapshotFile(ByteBuffer.wrap(snapshot), plainBytes - 1);
        String problem = "snapshot: " + plainBytes + " bytes (expected: <= " + (plainBytes - 1) + ")";
        assertRefused(under::whole, problem);
        assertThat(under.all()).isEqualTo(List.of(new SnapshotFile.Found(0, snapshot.length, "", 0, problem)));
    }

    private static void assertRefused(Runnable call, String message) {
        assertThatExceptionOfType(SnapshotException.class).isThrownBy(call::run).withMessageStartingWith(message);
    }
}
