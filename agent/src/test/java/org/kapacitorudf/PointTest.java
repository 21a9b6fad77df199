package org.kapacitorudf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.entry;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnknownFieldSet;
import java.io.ByteArrayOutputStream;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.kapacitorudf.errors.FieldException;
import org.kapacitorudf.internal.wire.MalformedMessageException;

class PointTest {
    private static final String HALF_A_PAIR = "a\uD83D";

    private final Point point = Point.of("cpu", 1_700_000_000_000_000_000L)
            .withDatabase("telegraf")
            .withRetentionPolicy("autogen")
            .withGroup("host=a")
            .withDimensions(false, List.of("host"))
            .withTag("host", "a")
            .withTag("region", "eu")
            .withField("value", 1.5)
            .withField("count", 3)
            .withField("state", "ok")
            .withField("up", true);

    @Test
    void allOfAPointIsReadable() {
        assertThat(point.timeNanos()).isEqualTo(1_700_000_000_000_000_000L);
        assertThat(point.time()).isEqualTo("2023-11-14T22:13:20Z");
        assertThat(point.name()).isEqualTo("cpu");
        assertThat(point.database()).isEqualTo("telegraf");
        assertThat(point.retentionPolicy()).isEqualTo("autogen");
        assertThat(point.group()).isEqualTo("host=a");
        assertThat(point.dimensions()).containsExactly("host");
        assertThat(point.byName()).isFalse();
        assertThat(point.tags()).containsExactly(entry("host", "a"), entry("region", "eu"));
        assertThat(point.tag("region")).contains("eu");
        assertThat(point.tag("rack")).isEmpty();
        assertThat(point.fields())
                .containsOnly(entry("value", 1.5), entry("count", 3L), entry("state", "ok"), entry("up", true));
        assertThat(point.field("count")).contains(3L);
        assertThat(point.field("rack")).isEmpty();
    }

    @Test
    void everyTimeHasAnInstant() {
        for (long nanos : new long[] {Long.MIN_VALUE, -1, 0, Long.MAX_VALUE}) {
            Instant time = Point.of("cpu", nanos).time();
            assertThat(time).isEqualTo(Instant.EPOCH.plusNanos(nanos));
            assertThat(Batch.of("cpu", nanos, List.of()).tmax()).isEqualTo(time);
            assertThat(new BatchEnd("cpu", "", nanos, Map.of()).tmax()).isEqualTo(time);
        }
    }

    @Test
    void aFieldOfTheRightTypeIsGiven() {
        assertThat(point.doubleField("value")).isEqualTo(1.5);
        assertThat(point.intField("count")).isEqualTo(3);
        assertThat(point.stringField("state")).isEqualTo("ok");
        assertThat(point.boolField("up")).isTrue();
    }

    @Test
    void anIntIsWidenedToADouble() {
        assertThat(point.doubleField("count")).isEqualTo(3.0);
    }

    @Test
    void aMissingFieldIsNamed() {
        assertThatThrownBy(() -> point.doubleField("load"))
                .isInstanceOf(FieldException.class)
                .hasMessage("field \"load\": missing (expected: a number)");
        assertThatThrownBy(() -> point.intField("load")).hasMessage("field \"load\": missing (expected: an int)");
        assertThatThrownBy(() -> point.stringField("load")).hasMessage("field \"load\": missing (expected: a string)");
        assertThatThrownBy(() -> point.boolField("load")).hasMessage("field \"load\": missing (expected: a bool)");
    }

    @Test
    void aFieldThatMayBeMissingIsFoundWithItsType() {
        assertThat(point.findDouble("value")).hasValue(1.5);
        assertThat(point.findDouble("count")).as("widened").hasValue(3);
        assertThat(point.findInt("count")).hasValue(3);
        assertThat(point.findString("state")).contains("ok");
        assertThat(point.findBool("up")).contains(true);
        assertThat(point.findDouble("load")).isEmpty();
        assertThat(point.findInt("load")).isEmpty();
        assertThat(point.findString("load")).isEmpty();
        assertThat(point.findBool("load")).isEmpty();
        assertThatThrownBy(() -> point.findDouble("state"))
                .isInstanceOf(FieldException.class)
                .hasMessage("field \"state\": a string (expected: a number)");
        assertThatThrownBy(() -> point.findInt("value")).isInstanceOf(FieldException.class);
        assertThatThrownBy(() -> point.findString("up")).isInstanceOf(FieldException.class);
        assertThatThrownBy(() -> point.findBool("count")).isInstanceOf(FieldException.class);
    }

    @Test
    void aFieldOfAnotherTypeIsNamedWithBothTypes() {
        assertThatThrownBy(() -> point.doubleField("state"))
                .isInstanceOf(FieldException.class)
                .hasMessage("field \"state\": a string (expected: a number)");
        assertThatThrownBy(() -> point.intField("value")).hasMessage("field \"value\": a double (expected: an int)");
        assertThatThrownBy(() -> point.stringField("up")).hasMessage("field \"up\": a bool (expected: a string)");
        assertThatThrownBy(() -> point.boolField("count")).hasMessage("field \"count\": an int (expected: a bool)");
    }

    @Test
    void ofANameInSeveralTypedMapsTheLastInKapacitorsOrderWins() {
        org.kapacitorudf.proto.Point.Builder message = org.kapacitorudf.proto.Point.newBuilder();
        message.putFieldsString("x", "text");
        assertThat(decode(message).field("x")).contains("text");
        message.putFieldsInt("x", 1);
        assertThat(decode(message).field("x")).contains(1L);
        message.putFieldsDouble("x", 2.5);
        assertThat(decode(message).field("x")).contains(2.5);
        message.putFieldsBool("x", true);
        assertThat(decode(message).field("x")).contains(true);
        assertThat(decode(message).fields()).containsExactly(entry("x", true));
        assertThatThrownBy(() -> decode(message).doubleField("x"))
                .hasMessage("field \"x\": a bool (expected: a number)");
    }

    @Test
    void aNewFieldTakesTheNameOutOfAllTypedMaps() throws Exception {
        Point changed = decode(org.kapacitorudf.proto.Point.newBuilder()
                        .putFieldsString("x", "text")
                        .putFieldsInt("x", 1)
                        .putFieldsDouble("x", 2.5)
                        .putFieldsBool("x", true)
                        .putFieldsBool("y", true))
                .withField("x", 7);
        org.kapacitorudf.proto.Point message = org.kapacitorudf.proto.Point.parseFrom(changed.encoded());
        assertThat(message.getFieldsIntMap()).containsExactly(entry("x", 7L));
        assertThat(message.getFieldsBoolMap()).containsExactly(entry("y", true));
        assertThat(message.getFieldsStringMap()).isEmpty();
        assertThat(message.getFieldsDoubleMap()).isEmpty();
    }

    @Test
    void addedFieldsReplaceThoseOfTheSameName() {
        Point made = Point.of("m", 1).withField("x", "text").withField("y", 1);
        Point changed = made.withAddedFields(
                Fields.of("x", 2.5).and("z", 3).and("w", true).and("z", "last"));
        assertThat(changed.fields())
                .containsOnly(entry("x", 2.5), entry("y", 1L), entry("z", "last"), entry("w", true));
        assertThat(made.withAddedFields(Fields.none())).isEqualTo(made);
        assertThat(Point.of("m", 1).withAddedFields(Fields.of("x", 1)).isSound())
                .isTrue();
    }

    @Test
    void addedFieldsThatAreNotFiniteAreKnown() {
        Point made = Point.of("m", 1).withField("x", Double.NaN).withField("y", 1);
        assertThat(made.withAddedFields(Fields.of("z", Double.POSITIVE_INFINITY))
                        .nonFiniteFields())
                .containsExactly("x", "z");
        assertThat(made.withAddedFields(Fields.of("x", 1.0)).isSound()).isTrue();
        assertThat(made.withAddedFields(Fields.none()).nonFiniteFields()).containsExactly("x");
        assertThat(made.withoutField("x")
                        .withoutField("y")
                        .withAddedFields(Fields.none())
                        .brokenRule(false))
                .contains("fields: none (expected: at least one)");
    }

    @Test
    void aChangedCopyLeavesTheOriginalAlone() {
        assertThat(point.withField("value", 2.5).withoutTag("host").withName("mem"))
                .isNotEqualTo(point);
        assertThat(point.doubleField("value")).isEqualTo(1.5);
        assertThat(point.tag("host")).contains("a");
        assertThat(point.name()).isEqualTo("cpu");
    }

    @Test
    void whatIsUnknownTravelsOnThroughChanges() throws Exception {
        UnknownFieldSet unknown = UnknownFieldSet.newBuilder()
                .addField(
                        99,
                        UnknownFieldSet.Field.newBuilder()
                                .addVarint(5)
                                .addLengthDelimited(ByteString.copyFromUtf8("new"))
                                .build())
                .build();
        Point changed = decode(org.kapacitorudf.proto.Point.newBuilder()
                        .putFieldsDouble("x", 1)
                        .setUnknownFields(unknown))
                .withFields(Fields.of("y", 2.0))
                .withTags(Map.of("a", "b"))
                .withTimeNanos(5);
        assertThat(org.kapacitorudf.proto.Point.parseFrom(changed.encoded()).getUnknownFields())
                .isEqualTo(unknown);
    }

    @Test
    void newPartsAreWrittenInAscendingOrder() throws Exception {
        byte[] canonical =
                org.kapacitorudf.proto.Point.parseFrom(point.encoded()).toByteArray();
        assertThat(point.encoded()).isEqualTo(canonical);
    }

    @Test
    void defaultValuesTakeNoBytes() {
        Point empty = point.withTimeNanos(0)
                .withName("")
                .withDatabase("")
                .withRetentionPolicy("")
                .withGroup("")
                .withDimensions(false, List.of())
                .withTags(Map.of())
                .withFields(Fields.none());
        assertThat(empty.encodedSize()).isZero();
        assertThat(empty).isEqualTo(Point.of("", 0));
    }

    @Test
    void textsThatAreNoUtf8GoBackAsTheyCame() {
        Point strange = decode(hex("1202C328 3A0A 0A0161 1205 68C3286F6F 42020A00"));
        ByteArrayOutputStream sent = new ByteArrayOutputStream();
        strange.withTimeNanos(1).encodedTo(sent::write);
        assertThat(HexFormat.of().withUpperCase().formatHex(sent.toByteArray()))
                .isEqualTo("0801" + "1202C328" + "3A0A0A0161120568C3286F6F" + "42020A00");
    }

    @Test
    void readingATextThatIsNoUtf8FailsAndSaysWhich() {
        Point strange =
                decode(hex("1202C328 3A08 0A0161 1203 C3286F 5209 0A0173 1204 C3286F6F 3205 686F7374FF 2A01FF"));
        assertThatThrownBy(strange::name)
                .isInstanceOf(FieldException.class)
                .hasMessage("name: \"\\xc3(\" (expected: valid UTF-8)");
        assertThatThrownBy(() -> strange.tag("a")).hasMessage("tag \"a\": \"\\xc3(o\" (expected: valid UTF-8)");
        assertThatThrownBy(strange::tags).hasMessage("tag \"a\": \"\\xc3(o\" (expected: valid UTF-8)");
        assertThatThrownBy(() -> strange.stringField("s"))
                .hasMessage("field \"s\": \"\\xc3(oo\" (expected: valid UTF-8)");
        assertThatThrownBy(strange::fields).hasMessage("field \"s\": \"\\xc3(oo\" (expected: valid UTF-8)");
        assertThatThrownBy(strange::dimensions).hasMessage("dimension: \"host\\xff\" (expected: valid UTF-8)");
        assertThatThrownBy(strange::group).hasMessage("group: \"\\xff\" (expected: valid UTF-8)");
    }

    @Test
    void textsThatAreNoUtf8AreComparedByTheirBytesAndShownSomehow() {
        Point one = decode(hex("1201FF 0801"));
        assertThat(one).isEqualTo(decode(hex("0801 1201FF"))).isNotEqualTo(decode(hex("1201FE 0801")));
        assertThat(one).hasSameHashCodeAs(decode(hex("0801 1201FF")));
        assertThat(one).hasToString("\uFFFD  1");
    }

    @Test
    void aReplacementCharacterThatWasSentIsATextLikeAnyOther() {
        assertThat(point.withName("a\uFFFDb").name()).isEqualTo("a\uFFFDb");
    }

    @Test
    void halfASurrogatePairIsRefusedWhereverATextIsGiven() {
        assertRefused(() -> point.withName(HALF_A_PAIR), "name");
        assertRefused(() -> point.withDatabase(HALF_A_PAIR), "database");
        assertRefused(() -> point.withRetentionPolicy(HALF_A_PAIR), "retention policy");
        assertRefused(() -> point.withGroup(HALF_A_PAIR), "group");
        assertRefused(() -> point.withDimensions(true, List.of(HALF_A_PAIR)), "dimension");
        assertRefused(() -> point.withTags(Map.of("x", HALF_A_PAIR)), "tag");
        assertRefused(() -> point.withTag(HALF_A_PAIR, "x"), "tag");
        assertRefused(() -> point.withField(HALF_A_PAIR, 1.0), "field");
        assertRefused(() -> point.withField(HALF_A_PAIR, 1), "field");
        assertRefused(() -> point.withField(HALF_A_PAIR, true), "field");
        assertRefused(() -> point.withField("x", HALF_A_PAIR), "field");
        assertRefused(() -> Point.of(HALF_A_PAIR, 0), "name");
    }

    private static void assertRefused(ThrowingCallable call, String what) {
        assertThatThrownBy(call)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(what + ": \"a\\ud83d\" (expected: valid Unicode)");
    }

    @Test
    void noPointHasANameThatIsHalfASurrogatePair() {
        Point question = point.withField("é?", 1.0).withTag("é?", "x");
        assertThat(question.field("é\uD83D")).isEmpty();
        assertThat(question.tag("é\uD83D")).isEmpty();
        assertThat(question.withoutTag("é\uD83D")).isEqualTo(question);
    }

    @Test
    void bytesThatAreNoUtf8AreNoName() {
        Point strange = decode(hex("3A04 0A02C3A9 3A05 0A03C3A9FF"));
        assertThat(strange.tag("é")).contains("");
        assertThat(strange.tag("é\uFFFD")).isEmpty();
    }

    @Test
    void longTextsAndNegativeNumbersSurvive() {
        String text = "日本\uD83D\uDE00".repeat(10_000);
        Point changed =
                point.withField("long", text).withField("least", Long.MIN_VALUE).withTimeNanos(-1);
        assertThat(changed.stringField("long")).isEqualTo(text);
        assertThat(changed.intField("least")).isEqualTo(Long.MIN_VALUE);
        assertThat(changed.timeNanos()).isEqualTo(-1);
    }

    @Test
    void doublesKeepEveryBit() {
        for (Double value : List.of(Double.NaN, -0.0, Double.MIN_VALUE, Double.NEGATIVE_INFINITY)) {
            assertThat(point.withField("x", value).doubleField("x")).isEqualTo(value);
        }
    }

    @Test
    void whatIsNoPointIsRefusedWithThePosition() {
        assertMalformed("08", "varint at byte 1: cut off (expected: an end by byte 1)");
        assertMalformed("0880", "varint at byte 1: cut off (expected: an end by byte 2)");
        assertMalformed(
                "08 FFFFFFFFFFFFFFFFFFFF 01", "varint at byte 1: longer than 10 bytes (expected: at most as many)");
        assertMalformed("0800 1205 6162", "length at byte 3: 5 (expected: <= 2, the bytes that are left)");
        assertMalformed("12 FFFFFFFF0F", "length at byte 1: 4294967295 (expected: <= 0, the bytes that are left)");
        assertMalformed("0001", "field number at byte 0: 0 (expected: >= 1)");
        assertMalformed("0F", "wire type at byte 0: 7 (expected: 0 to 5)");
        assertMalformed("0C", "end of group at byte 0: 1 (expected: only within a group)");
        assertMalformed("0B 14", "end of group at byte 1: 2 (expected: 1)");
        assertMalformed("0B 0800", "group at byte 0: 1 without an end (expected: one by byte 3)");
        assertMalformed("0D 000000", "number at byte 1: 3 bytes (expected: 4)");
        assertMalformed("4203 0A0261", "length at byte 3: 2 (expected: <= 1, the bytes that are left)");
        assertMalformed("4208 11 00000000000000", "number at byte 3: 7 bytes (expected: 8)");
    }

    private static void assertMalformed(String hex, String message) {
        assertThatThrownBy(() -> decode(hex(hex)))
                .isInstanceOf(MalformedMessageException.class)
                .hasMessage(message);
    }

    @Test
    void groupsNestAsDeepAsProtobufLetsThem() throws Exception {
        byte[] deep = hex("A301".repeat(100) + "A401".repeat(100));
        byte[] tooDeep = hex("A301".repeat(101) + "A401".repeat(101));
        assertThat(Oracle.parse(org.kapacitorudf.proto.Point.parser(), deep)).isPresent();
        assertThat(Oracle.parse(org.kapacitorudf.proto.Point.parser(), tooDeep)).isEmpty();
        assertThat(decode(deep).timeNanos()).isZero();
        assertMalformed(
                "A301".repeat(101) + "A401".repeat(101), "group at byte 200: level 101 (expected: at most 100)");
    }

    @Test
    void groupsInAMapNestOneLessDeep() {
        for (int levels : new int[] {99, 100}) {
            String groups = "A301".repeat(levels) + "A401".repeat(levels);
            byte[] bytes = hex("42" + (levels == 99 ? "8C03" : "9003") + groups);
            boolean isAccepted =
                    Oracle.parse(org.kapacitorudf.proto.Point.parser(), bytes).isPresent();
            assertThat(isAccepted).isEqualTo(levels == 99);
            if (isAccepted) {
                assertThat(decode(bytes).fields()).containsExactly(entry("", 0.0));
            } else {
                assertThatThrownBy(() -> decode(bytes)).isInstanceOf(MalformedMessageException.class);
            }
        }
    }

    @Test
    void aRangeOutsideTheArrayIsRefused() {
        assertThatThrownBy(() -> Point.decode(new byte[3], 2, 2)).isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> Point.decode(new byte[] {0x0A, 3}))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("point: ");
    }

    @Test
    void looksLikeLineProtocol() {
        assertThat(point)
                .hasToString("cpu,host=a,region=eu count=3i,state=\"ok\",up=true,value=1.5 1700000000000000000");
        assertThat(Point.of("a b,c", 0).withTag("d=e", "f g").withField("h,i", "j\"k\\l m"))
                .hasToString("a\\ b\\,c,d\\=e=f\\ g h\\,i=\"j\\\"k\\\\l m\" 0");
    }

    private static Point decode(org.kapacitorudf.proto.Point.Builder message) {
        return decode(message.build().toByteArray());
    }

    private static Point decode(byte[] bytes) {
        return Point.decode(bytes, 0, bytes.length);
    }

    private static byte[] hex(String hex) {
        return HexFormat.of().parseHex(hex.replace(" ", ""));
    }
}
