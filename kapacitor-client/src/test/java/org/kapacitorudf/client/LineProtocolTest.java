package org.kapacitorudf.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import java.util.Locale;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.kapacitorudf.proto.Point;

class LineProtocolTest {
    @Test
    void aLineHasNameTagsFieldsOfAllTypesAndATime() {
        assertThat(LineProtocol.parse("cpu,host=a,rack=r1 d=1.5,i=-3i,s=\"x\",t=true,f=F 1700000000000000001"))
                .isEqualTo(Point.newBuilder()
                        .setName("cpu")
                        .putTags("host", "a")
                        .putTags("rack", "r1")
                        .putFieldsDouble("d", 1.5)
                        .putFieldsInt("i", -3)
                        .putFieldsString("s", "x")
                        .putFieldsBool("t", true)
                        .putFieldsBool("f", false)
                        .setTime(1700000000000000001L)
                        .build());
    }

    @Test
    void aMissingTimeIsZeroOrTheGivenOne() {
        assertThat(LineProtocol.parse("cpu value=1").getTime()).isZero();
        assertThat(LineProtocol.parse("cpu value=1", 7).getTime()).isEqualTo(7);
        assertThat(LineProtocol.parse("cpu value=1 5", 7).getTime()).isEqualTo(5);
    }

    @Test
    void aBackslashEscapesOnlyWhatHasAMeaning() {
        Point point =
                LineProtocol.parse("a\\,b\\ c\\=d,t\\,\\=\\ k=v\\,\\=\\ w\\x f\\,\\=\\ \\\"g=\"q\\\"b\\\\n\\n\" 1");

        assertThat(point.getName()).isEqualTo("a,b c\\=d");
        assertThat(point.getTagsMap()).containsOnlyKeys("t,= k").containsEntry("t,= k", "v,= w\\x");
        assertThat(point.getFieldsStringMap()).containsOnlyKeys("f,= \"g").containsEntry("f,= \"g", "q\"b\\n\\n");
    }

    @Test
    void aStringMayHoldSeparatorsAndLineBreaks() {
        assertThat(LineProtocol.parseAll("a s=\"x, y=z\n#w\" 1\nb v=1 2"))
                .extracting(Point::getName, point -> point.getFieldsStringOrDefault("s", ""))
                .containsExactly(tuple("a", "x, y=z\n#w"), tuple("b", ""));
    }

    @Test
    void commentsAndEmptyLinesAreSkipped() {
        assertThat(LineProtocol.parseAll("# one\n\n  \r\na v=1 1\r\n  # two\n b v=2 2\n"))
                .extracting(Point::getName)
                .containsExactly("a", "b");
    }

    @ParameterizedTest
    @CsvSource({
        "1,1",
        "-1.,-1",
        ".5,0.5",
        "1e3,1000",
        "1.5E-3,0.0015",
        "-0,-0.0",
        "5e-324,4.9E-324",
        "NaN,NaN",
        "+Inf,Infinity"
    })
    void numbersAreDoubles(String written, double value) {
        assertThat(LineProtocol.parse("a v=" + written).getFieldsDoubleMap()).containsEntry("v", value);
    }

    @ParameterizedTest
    @ValueSource(strings = {"t", "T", "true", "True", "TRUE", "f", "F", "false", "False", "FALSE"})
    void boolsAreReadInAllTheirSpellings(String written) {
        assertThat(LineProtocol.parse("a v=" + written).getFieldsBoolMap())
                .containsEntry("v", written.toLowerCase(Locale.ROOT).startsWith("t"));
    }

    @ParameterizedTest
    @CsvSource({
        "0i,0",
        "-0009223372036854775808i,-9223372036854775808",
        "0009223372036854775807i,9223372036854775807",
        "0000u,0",
        "9223372036854775807u,9223372036854775807"
    })
    void intsAndUnsignedIntsAreInts(String written, long value) {
        assertThat(LineProtocol.parse("a v=" + written).getFieldsIntMap()).containsEntry("v", value);
    }

    @ParameterizedTest
    @ValueSource(strings = {"9223372036854775808u", "18446744073709551615u", "18446744073709551616u"})
    void anUnsignedIntThatIsNoIntIsRefusedWithTheReason(String written) {
        assertThatThrownBy(() -> LineProtocol.parse("a v=" + written))
                .hasMessage("line 1, column 5: " + written
                        + " (expected: <= 9223372036854775807u, because Kapacitor has no unsigned type, only int)");
    }

    /** The series as written; name, tag key and tag value as intended. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    foo\\,bar,t=v           | foo,bar      | t       | v
                    cpu\\ load,t=v          | cpu load     | t       | v
                    cpu\\=load,t=v          | cpu\\=load    | t       | v
                    cpu=load,t=v            | cpu=load     | t       | v
                    "cpu","t"="v"           | "cpu"        | "t"     | "v"
                    m,a\\,b=v               | m            | a,b     | v
                    m,a\\ b=v               | m            | a b     | v
                    m,a\\\\=b=v              | m            | a\\=b    | v
                    m,t=a\\,b               | m            | t       | a,b
                    m,t=a\\ b               | m            | t       | a b
                    m,t=\\\\ b               | m            | t       | \\ b
                    m,t=a\\\\ b              | m            | t       | a\\ b
                    m,t=a\\tb               | m            | t       | a\\tb
                    m,t=\\\\,\\,\\=a           | m            | t       | \\,,=a
                    m=l,a\\=b=c\\=d         | m=l          | a=b     | c=d
                    m,t="a                  | m            | t       | "a
                    """)
    void whatInfluxDbReads(String series, String name, String key, String value) {
        Point point = LineProtocol.parse(series + " v=1 1");
        assertThat(point.getName()).isEqualTo(name);
        assertThat(point.getTagsMap()).containsOnly(Map.entry(key, value));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    m \\a="x"             | \\a    | x
                    m a\\,b="1,0"         | a,b   | 1,0
                    m a\\ b="foo\\,bar"   | a b   | foo\\,bar
                    m a"b="x=y"           | a"b   | x=y
                    m "a"="foo \\" bar"   | "a"   | foo " bar
                    m a="test\\\\\\""       | a     | test\\"
                    m a="test\\\\"         | a     | test\\
                    m a="{H\\"{\\,}\\" W}"  | a     | {H"{\\,}" W}
                    m a="\u00fc\u4e16"    | a     | \u00fc\u4e16
                    """)
    void stringsThatInfluxDbReads(String line, String key, String value) {
        assertThat(LineProtocol.parse(line).getFieldsStringMap()).containsOnly(Map.entry(key, value));
    }

    @Test
    void aTagThatEndsInABackslashCannotBeWritten() {
        assertThatThrownBy(() -> LineProtocol.parse("m,path=C:\\ v=1"))
                .hasMessage("line 1, column 13: \"=1\" (expected: a comma or a space after the tag's value;"
                        + " \\= for a = in it)");
    }

    @Test
    void spacesAndTabsMayStandWhereASpaceMay() {
        assertThat(LineProtocol.parse("\t cpu  \t value=1   \t5  ").getTime()).isEqualTo(5);
    }

    @Test
    void aNameWithALineBreakStaysOnOneLine() {
        Point point = Point.newBuilder().setName("a\nb").putFieldsInt("v", 1).build();
        assertThat(LineProtocol.format(point)).isEqualTo("a\\nb v=1i 0");
    }

    @Test
    void theLastOfTwoFieldsWithOneNameWins() {
        assertThat(LineProtocol.format(LineProtocol.parse("a v=1,v=2i 3"))).isEqualTo("a v=2i 3");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "a",
                "a ",
                "a v",
                "a v=",
                "a v=1,",
                "a v= 1",
                "a v=x",
                "a v=1d",
                "a v=0x1p3",
                "a v=1e999",
                "a v=-1u",
                "a v=1.5u",
                "a v=1uu",
                "a v=1ii",
                "a v=9ie10",
                "a v=9e10i",
                "a v=1e",
                "a v=1e+",
                "a v=-",
                "a v=.",
                "a v=-.",
                "a v=1.1.1",
                "a v=42+3",
                "a v=+1",
                "a v=1-",
                "a v=tRUE",
                "a v=truer",
                "a v=falsch",
                "a v=\"x\"=1",
                "a v=1i,b",
                "a v=1,,b=2",
                "a,b =1",
                "a,b=1\\ v=1",
                "a,b=1,c=2,b=3 v=1",
                "a,b=c,=d v=1",
                "a,b=c,d=,e=f v=1",
                "a v=1 1i",
                "a v=1 1.5",
                "a v=1 -",
                "a v=1 0\\",
                "a v=1\t1",
                "a\tv=1",
                "a b\\\\=1",
                "a v=\"x\\\"",
                "a v=1.5i",
                "a v=9223372036854775808i",
                "a v=\"x",
                "a v=\"x\"y",
                "a v=1 x",
                "a v=1 1 2",
                "a v=1 9223372036854775808",
                "a,=b v=1",
                "a,b= v=1",
                "a,b v=1",
                "a,b=c=d v=1",
                "a,b=1,b=2 v=1",
                ",b=c v=1",
                "a =1",
                "",
                "a v=1\nb v=1"
            })
    void whatIsNoPointIsRefused(String line) {
        assertThatThrownBy(() -> LineProtocol.parse(line))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("line")
                .hasMessageContaining("expected: ");
    }

    @Test
    void aRefusalNamesTheLineAndThePlace() {
        assertThatThrownBy(() -> LineProtocol.parseAll("a v=1\nb v=x 1\n"))
                .hasMessage(
                        "line 2, column 5: \"x 1\" (expected: a double (1.5), an int (1i), a string (\"a\") or a bool"
                                + " (true))");
    }

    @Test
    void whatIsWrittenIsSortedAndHasATime() {
        assertThat(LineProtocol.format(LineProtocol.parse("cpu,b=2,a=1 z=1,y=1i,x=\"s\",w=t")))
                .isEqualTo("cpu,a=1,b=2 w=true,x=\"s\",y=1i,z=1.0 0");
    }

    @Test
    void aPointWithoutFieldsAndOneWithAFieldOfTwoTypesCanBeShown() {
        Point.Builder point = Point.newBuilder().setName("a").setTime(1);
        assertThat(LineProtocol.format(point.build())).isEqualTo("a  1");
        point.putFieldsDouble("v", 1).putFieldsInt("v", 2);
        assertThat(LineProtocol.format(point.build())).isEqualTo("a v=1.0,v=2i 1");
    }

    @Test
    void whatIsWrittenReadsTheSame() {
        Random random = new Random(1);
        for (int i = 0; i < 5_000; i++) {
            Point point = point(random);
            assertThat(LineProtocol.parse(LineProtocol.format(point))).isEqualTo(point);
        }
    }

    @Test
    void oneByteOrderMarkIsSkipped() {
        assertThat(LineProtocol.parse("\uFEFFcpu v=1 1").getName()).isEqualTo("cpu");
        assertThat(LineProtocol.parse("\uFEFF\uFEFFcpu v=1 1").getName()).isEqualTo("\uFEFFcpu");
    }

    private static Point point(Random random) {
        Point.Builder point = Point.newBuilder().setName(word(random)).setTime(random.nextLong());
        for (int i = random.nextInt(3); i > 0; i--) {
            point.putTags(word(random), word(random));
        }
        point.putFieldsDouble("d" + word(random), Double.longBitsToDouble(random.nextLong()));
        for (int i = random.nextInt(3); i > 0; i--) {
            point.putFieldsInt("i" + word(random), random.nextLong());
            point.putFieldsString("s" + word(random), word(random) + "\n\\\\" + word(random));
            point.putFieldsBool("b" + word(random), random.nextBoolean());
        }
        return point.build();
    }

    /**
     * A word of characters with a meaning in the syntax, without a backslash before them or at the end, which line
     * protocol cannot represent.
     */
    private static String word(Random random) {
        String letters = "ab,= \"#ü\u4e16it1";
        StringBuilder word = new StringBuilder("w");
        for (int i = random.nextInt(6); i > 0; i--) {
            word.append(letters.charAt(random.nextInt(letters.length())));
        }
        return word.toString();
    }
}
